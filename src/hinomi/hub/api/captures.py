"""Hand in a capture by program: what a sensor does, with a token that may do nothing else."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import File, Form, Router, Status
from ninja.errors import HttpError

from hinomi.hub.api.auth import OBSERVE, person, token
from hinomi.hub.api.refusals import refusing
from hinomi.hub.api.shapes import Job
from hinomi.hub.api.title import title as _
from hinomi.hub.schedule import models
from hinomi.hub.upload import handing_in
from hinomi.hub.upload.inbox import NO_ROOM, Arrived, too_large
from hinomi.hub.upload.views import shape

router = Router(tags=["captures"])


@router.post(
    "/captures",
    auth=OBSERVE,
    response={202: Job},
    url_name="captures",
    summary=_("Hand in a capture or a log"),
    openapi_extra=refusing(507),
)
def hand_in(
    request: HttpRequest,
    response: HttpResponse,
    capture: File[Any] = None,
    sensor: Form[str] = "",
) -> Status[dict[str, Any]]:
    """Stream a capture (multipart field `capture`) to the hub; it is read in the background, see the job."""
    if too_large(request):
        raise HttpError(413, "this file is larger than the hub takes (upload_limit)")
    if NO_ROOM in request.META:
        raise HttpError(507, f"the file could not be kept: {request.META[NO_ROOM]}")
    if not isinstance(capture, Arrived):
        raise HttpError(422, "send the capture as the multipart field `capture`")
    job = handing_in.hand_in(capture, sensor, person(request), token=token(request))
    response["Location"] = f"/api/v1/jobs/{job.pk}"
    return Status(202, shape(job))


@router.get("/jobs/{job}", auth=OBSERVE, response=Job, summary=_("How far a job is"))
def job(request: HttpRequest, job: int) -> dict[str, Any]:
    """How far a job is and what came of it."""
    found = models.Job.objects.filter(pk=job, kind="capture").first()
    if found is None or (person(request) is None and found.arguments.get("token") != token(request)):
        raise Http404  # a sensor follows what it handed in itself, and nothing else
    return shape(found)
