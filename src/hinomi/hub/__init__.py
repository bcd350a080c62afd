"""The Django project: settings, accounts, pages, API, scheduler. The outermost ring."""
