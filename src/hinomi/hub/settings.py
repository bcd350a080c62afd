"""Django's settings, from `HINOMI_HOME`, the environment and `hinomi.toml`; embedded defaults that need no service."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hinomi.home import home
from hinomi.hub.database import database
from hinomi.hub.options import read_options
from hinomi.hub.secret import secret
from hinomi.hub.security import policy

HERE = Path(__file__).parent
HOME = home()
HINOMI = read_options(HOME.settings, os.environ)
PUBLIC_URL = str(HINOMI["public_url"] or f"http://{HINOMI['host']}:{HINOMI['port']}").rstrip("/")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"

SECRET_KEY = secret(HOME.secret)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", _public.hostname or "", *str(HINOMI["allowed_hosts"]).split(",")]
ALLOWED_HOSTS = [name.strip() for name in ALLOWED_HOSTS if name.strip()]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "hinomi.hub.accounts",  # before allauth, so that the hub's own words win over the package's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "ninja",  # its interactive documentation is served from the package
    "hinomi.members",
    "hinomi.casebook",
    "hinomi.share",
    "hinomi.hub.schedule",
    "hinomi.hub",
]
MIDDLEWARE = [
    "hinomi.hub.api.problems.told",  # outermost: whoever refuses a program, it is told in its own words
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "hinomi.hub.security.headers",
    "hinomi.hub.nul.asked",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hinomi.hub.upload.inbox.emptied",
    "hinomi.hub.permission.deny_by_default",  # before CSRF: a stranger's upload is refused before its body is read
    "django.middleware.csrf.CsrfViewMiddleware",
    "hinomi.hub.nul.filled",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "hinomi.hub.refused.form_only",
]
ROOT_URLCONF = "hinomi.hub.urls"
WSGI_APPLICATION = "hinomi.hub.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.Account"
DATABASES = {"default": database(str(HINOMI["database_url"]), HOME.database)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    # Sign-in limits count over all processes; what is only quick to have again stays in the process.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "hub_cache"},
    "local": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 2000}},
}

# Signing in -----------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_AGE = int(timedelta(hours=int(HINOMI["session_hours"])).total_seconds())
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if HTTPS else ("hinomi-session", "hinomi-csrf")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
ACCOUNT_ADAPTER = "hinomi.hub.accounts.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]  # decides what the sign-in form asks; nobody signs up
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True  # the cookie lives as long as the session, `session_hours`
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = HINOMI["proxies"]
MFA_ADAPTER = "hinomi.hub.accounts.passkeys.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_FORMS = {
    "add_webauthn": "hinomi.hub.accounts.passkeys.PasskeyForm",
    "edit_webauthn": "hinomi.hub.accounts.passkeys.RenameForm",
}
MFA_TOTP_ISSUER = "Hinomi"
MFA_TOTP_TOLERANCE = 1  # one step of 30 s either way: telephones drift (RFC 6238 §5.2)
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Browsers offer passkeys on https and on http://localhost; the library must not be stricter than they are.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS and _public.hostname in ("127.0.0.1", "localhost", "::1")
USERSESSIONS_TRACK_ACTIVITY = False
if HINOMI["oidc_issuer"]:
    INSTALLED_APPS += ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    SOCIALACCOUNT_ADAPTER = "hinomi.hub.accounts.single_sign_on.Adapter"
    SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "oidc",
                    "name": HINOMI["oidc_name"],
                    "client_id": HINOMI["oidc_client"],
                    "secret": HINOMI["oidc_secret"],
                    "settings": {"server_url": HINOMI["oidc_issuer"]},
                }
            ],
        }
    }

# What browsers are told -----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = policy(str(HINOMI["oidc_issuer"]))
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HINOMI["proxies"] else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["hinomi.hub.upload.inbox.Inbox"]

# Languages, time, files -----------------------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = str(HINOMI["language"])
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [HERE / "locale"]
STATIC_URL = "/static/"
STATIC_ROOT = HOME.static
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # filled by `setup.collect`; whitenoise wants it there
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": HOME.inbox}},
    "staticfiles": {"BACKEND": "hinomi.hub.assets.Assets"},
}
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING"},
        "django.request": {"level": "ERROR"},  # what was not found or refused is no news
        "hinomi": {"handlers": ["stderr"], "level": "WARNING"},
    },
}
