"""The web application: Django, and the TAXII server beside it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hinomi.hub.settings")
application = get_wsgi_application()
