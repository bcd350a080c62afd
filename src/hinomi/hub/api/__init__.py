"""The REST API, /api/v1: findings, cases, outcomes, members, health; the shapes of the command line."""
