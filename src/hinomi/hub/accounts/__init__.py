"""Who may sign in: accounts with a role and an organisation, API tokens, one-time sign-in links."""
