"""Who belongs: organisations, networks valid in time, contacts, sensors (Django app)."""
