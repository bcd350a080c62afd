"""Cases and knowledge at rest: findings, cases, STIX 2.1 objects (Django app)."""
