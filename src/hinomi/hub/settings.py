"""Django's settings, from `HINOMI_HOME` and a few environment variables; embedded defaults that need no service."""

from __future__ import annotations

import os
import secrets

from hinomi.home import home

HOME = home()


def _secret() -> str:
    """The installation's own key, made at first use: there is no default secret."""
    if not HOME.secret.exists():
        HOME.root.mkdir(parents=True, exist_ok=True)
        with open(os.open(HOME.secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return HOME.secret.read_text()


SECRET_KEY = _secret()
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "hinomi.members",
    "hinomi.casebook",
    "hinomi.share",
    "hinomi.hub.accounts",
    "hinomi.hub",
]
AUTH_USER_MODEL = "accounts.Account"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME.database,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
ROOT_URLCONF = "hinomi.hub.urls"
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
STATIC_URL = "static/"
