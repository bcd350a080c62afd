"""The questions of pages and clients are answered from an index, on a full casebook and on a new one without statistics."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Max, QuerySet

from hinomi.casebook.allowing import valid
from hinomi.casebook.models import Case, CaseOrganisation, Finding, FindingCount, FindingDay, FindingOrganisation, StixObject
from hinomi.schema.findings import Window

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by statistics of its own"),
]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
QUESTIONS: dict[str, tuple[QuerySet, str]] = {  # type: ignore[type-arg]  # of any model
    "objects by id": (StixObject.objects.filter(stix_id__in=["a", "b", "c"], exercise=False, current=True), "autoindex"),
    "an object's versions": (StixObject.objects.filter(stix_id="a", exercise=False, current=True), "autoindex"),
    "a reader's page": (
        StixObject.objects.filter(audience="TLP:GREEN", current=True, seq__gt=5).order_by("seq")[:100],
        "stix_audience ",
    ),
    "a reader's page of one type": (
        StixObject.objects.filter(audience="TLP:GREEN", type="indicator", current=True, seq__gt=5).order_by("seq")[:100],
        "stix_audience_type",
    ),
    "findings, newest first": (
        Finding.objects.filter(exercise=False, severity=2).order_by("-window_start", "-id")[:50],
        "finding_newest",
    ),
    "findings of a detector": (
        Finding.objects.filter(exercise=False, severity=2, detector="x").order_by("-window_start", "-id")[:50],
        "finding_detector",
    ),
    "findings about a subject": (
        Finding.objects.filter(subject_value="x", subject_kind="y", exercise=False),
        "finding_subject",
    ),
    "findings of an organisation": (
        FindingOrganisation.objects.filter(organisation="x", exercise=False, severity=2).order_by(
            "-window_start", "-finding_id"
        ),
        "finding_organisation",
    ),
    "findings of an organisation, seen in a time": (
        FindingOrganisation.objects.filter(
            organisation="x", exercise=False, severity=2, window_start__lt=NOW, finding__first__lt=NOW
        ).order_by("-window_start", "-finding_id"),
        "finding_organisation",
    ),
    "counts of a month by the day": (
        FindingDay.objects.filter(exercise=False, organisation__in=[""], day__gte=NOW, day__lt=NOW),
        "casebook_findingday_1",
    ),
    "counts of members by the hour": (
        FindingCount.objects.filter(exercise=False, organisation__in=["a", "b"], hour__gte=NOW, hour__lt=NOW),
        "casebook_findingcount_1",
    ),
    "open cases of members": (
        CaseOrganisation.objects.filter(organisation__in=["a", "b"], case__exercise=False, case__status__in=["open"])
        .order_by()
        .values_list("organisation")
        .annotate(Max("case__severity")),
        "caseorganisation_1",
    ),
    "allowances that hold": (valid(Window(NOW, NOW)).order_by(), "allowance_valid"),
    "cases, last changed first": (Case.objects.filter(exercise=False).order_by("-modified", "-id")[:50], "case_newest"),
    "cases of a status": (
        Case.objects.filter(exercise=False, status="closed").order_by("-modified", "-id")[:50],
        "case_status",
    ),
    "cases of a group": (Case.objects.filter(key__in=["a", "b"]), "case_key"),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_is_answered_from_its_index_without_sorting(name: str) -> None:
    question, index = QUESTIONS[name]
    sql, values = question.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", values)
        plan = "; ".join(row[3] for row in cursor.fetchall())
    assert index in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "SCAN" not in plan, plan
