"""Hand in a capture, and follow what becomes of it; leaving the page changes nothing."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hinomi.hub.accounts.models import Account
from hinomi.hub.schedule import queue
from hinomi.hub.schedule.models import Job
from hinomi.hub.schedule.work import written
from hinomi.hub.upload.handing_in import hand_in
from hinomi.hub.upload.inbox import NO_ROOM, Arrived, limit, too_large
from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

RECENT = 20


@never_cache
def upload(request: HttpRequest) -> HttpResponse:
    """GET shows the form and what was handed in before; POST streams one file to the inbox and queues its reading."""
    if request.method != "POST":
        return _form(request)
    arrived = None if too_large(request) else request.FILES.get("capture")
    if too_large(request):
        return _form(request, _("This file is larger than %(limit)s.") % {"limit": filesizeformat(limit())}, 413)
    if NO_ROOM in request.META:
        return _form(request, _("The file could not be kept: %(error)s") % {"error": request.META[NO_ROOM]}, 507)
    if not isinstance(arrived, Arrived):
        return _form(request, _("Choose a file first."), 422)
    try:
        job = hand_in(arrived, request.POST.get("sensor", ""), cast(Account, request.user))
    except WrongUse as wrong:
        return _form(request, wrong.told(get_language() or "en"), 422)
    where = reverse("job", args=[job.pk])
    if request.accepts("text/html"):
        return HttpResponse(status=303, headers={"Location": where})
    return JsonResponse(shape(job), status=202, headers={"Location": where})


def _form(request: HttpRequest, error: str = "", status: int = 200) -> HttpResponse:
    person = cast(Account, request.user)
    jobs = Job.objects.filter(kind="capture") if person.sees_all else Job.objects.filter(kind="capture", account=person)
    recent = [_shown(job) for job in jobs[:RECENT]]
    if status != 200 and not request.accepts("text/html"):
        return JsonResponse({"title": error, "status": status}, status=status, content_type="application/problem+json")
    context = {"error": error, "jobs": recent, "limit": filesizeformat(limit())}
    return render(request, "upload/upload.html", context, status=status)


@require_safe
@never_cache
def job(request: HttpRequest, job: int) -> HttpResponse:
    """How far a job is: a page, the fragment that the page asks for again every second, or JSON at the same address."""
    found = get_object_or_404(Job, pk=job)
    person = cast(Account, request.user)
    if not person.sees_all and found.account != person:
        raise PermissionDenied
    if not request.accepts("text/html"):
        return JsonResponse(shape(found))
    part = "upload/progress.html" if request.headers.get("HX-Request") else "upload/job.html"
    return render(request, part, {"job": _shown(found)})


def shape(job: Job) -> dict[str, Any]:
    """A job as JSON; part of the contract of the API."""
    return {
        "id": job.pk,
        "kind": job.kind,
        "state": job.state,
        "name": job.arguments.get("sent_as", ""),
        "created": written(job.created),
        "finished": written(job.finished),
        "progress": job.progress,
        "result": job.result,
        "problem": job.problem or None,
    }


def _shown(job: Job) -> dict[str, Any]:
    """A job in the reader's language."""
    language = (get_language() or "en")[:2]
    share = job.progress.get("share")
    return shape(job) | {
        "over": job.over,
        "what": _told(job.progress.get("what") or queue.works()[job.kind].title._asdict(), language),
        "percent": None if share is None else round(100 * share),
        "problem": _told(job.problem, language),
        "read": [_line(line, language) for line in job.result.get("read", ())],
        "failed": [
            failure | {"reason": _told(failure["reason"], language)}
            for failure in job.result.get("detection", {}).get("failed", ())
        ],
    }


def _line(line: dict[str, Any], language: str) -> dict[str, Any]:
    misfits = [misfit | {"reason": _told(misfit["reason"], language)} for misfit in line.get("misfits", ())]
    told = {name: _told(line.get(name), language) for name in ("problem", "remedy")}
    return line | told | {"misfits": misfits}


def _told(text: dict[str, str] | None, language: str) -> str:
    both = Text(**text) if text else Text("", "")
    return both.ja if language == "ja" else both.en
