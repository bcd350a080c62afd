"""What is told of a request that cannot be read: that it was too much, or that it was not understood."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import bad_request

LARGEST = settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def told(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`. What a page takes is bounded; a register may be longer, and the command line takes it."""
    if isinstance(exception, RequestDataTooBig):
        return render(None, "413.html", {"most": LARGEST // (1024 * 1024)}, status=413)
    return bad_request(request, exception)
