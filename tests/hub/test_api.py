"""The REST API: the shapes of the contract, one page after the other, and each reader its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from hinomi.casebook import actions as casebook
from hinomi.hub.accounts import actions
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.scopes import Scope
from hinomi.members.models import Organisation
from hinomi.schema.findings import Evidence, Finding, Indicator, Outcome, Subject, Window
from hinomi.schema.scope import Tlp
from hinomi.schema.words import IndicatorType, Role, Severity, SubjectKind, Text, Verdict
from tests.hub.conftest import HOST, SignedIn

START = datetime(2026, 11, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
FINDING = {
    *("id", "detector", "subject", "window", "severity", "confidence", "title", "measures", "indicators", "attack"),
    *("organisations", "exercise", "first", "last", "evidence", "suffers", "helps"),
}
CASE = {"id", "title", "status", "severity", "sectors", "attack", "indicators", "created", "modified", "exercise"}
WHOLE = CASE | {"owner", "assignee", "tlp", "first", "last", "organisations", "timeline", "findings", "description"}


@dataclass(frozen=True)
class Program:
    """A program with a token."""

    secret: str

    def get(self, path: str, **query: Any) -> Any:
        return Client(headers=HOST).get(f"/api/v1{path}", query, headers={"authorization": f"Bearer {self.secret}"})

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"authorization": f"Bearer {self.secret}"}
        return Client(headers=HOST).post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    def all(self, path: str, **query: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        while True:
            page = self.get(path, **query).json()
            items += page["items"]
            if page["next"] is None:
                return items
            query["after"] = page["next"]


def found(hour: int, organisations: tuple[str, ...], severity: Severity = Severity.HIGH, exercise: bool = False) -> Finding:
    value = f"198.51.100.{hour}"
    return Finding(
        subject=Subject(SubjectKind.ADDRESS, value),
        window=Window(START + hour * HOUR, START + (hour + 1) * HOUR),
        severity=severity,
        confidence=90,
        title=Text("An infected member", "感染した会員"),
        measures={"packets": 100, "threshold_packets": 10},
        evidence=Evidence("packet", {"src": value, "dst": "198.18.0.1"}, ({"src": value, "dst": "198.18.0.1", "dport": 23},)),
        indicators=(Indicator(IndicatorType.IPV4, value),),
        attack=("T1595",),
        organisations=organisations,
        first=START + hour * HOUR,
        last=START + hour * HOUR,
        detector="member-in-darknet",
        exercise=exercise,
    )


def seen(*findings: Finding) -> list[str]:
    """The cases that these findings made."""
    looks = [Outcome(one.detector, one.window, Verdict.FOUND, (one,)) for one in findings]
    recorded = casebook.record(looks, exercise=findings[0].exercise)
    return list(casebook.propose(recorded.findings))


@pytest.fixture
def hub(db: None) -> Program:
    return Program(actions.issue_token("hub", account=None, role=Role.OPERATOR, organisation=None, scopes=list(Scope))[1])


@pytest.fixture
def power_program(power: Organisation) -> Program:
    return Program(actions.make_token("power", organisation="power"))


@pytest.fixture
def water_program(water: Organisation) -> Program:
    return Program(actions.make_token("water", organisation="water"))


def test_a_finding_has_the_keys_of_the_contract(hub: Program, power: Organisation) -> None:
    seen(found(1, ("power",)))
    (finding,) = hub.get("/findings").json()["items"]
    assert set(finding) == FINDING
    assert finding["window"] == {"start": "2026-11-20T01:00:00Z", "end": "2026-11-20T02:00:00Z"}
    assert finding["title"] == {"en": "An infected member", "ja": "感染した会員"}
    assert hub.get(f"/findings/{finding['id']}").json() == finding


def test_pages_follow_each_other_without_a_gap_or_a_double(hub: Program, power: Organisation) -> None:
    for hour in range(23):
        seen(found(hour, ("power",)))
    items = hub.all("/findings", limit=5)
    starts = [item["window"]["start"] for item in items]
    assert len({item["id"] for item in items}) == len(items) == 23
    assert starts == sorted(starts, reverse=True)


def test_filters_narrow(hub: Program, power: Organisation) -> None:
    seen(found(1, ("power",), Severity.LOW))
    seen(found(2, ("power",), Severity.CRITICAL))
    assert [one["severity"] for one in hub.all("/findings", least="high")] == ["critical"]
    assert hub.all("/findings", detector="backscatter") == []
    assert len(hub.all("/findings", detector="member-in-darknet")) == 2
    assert len(hub.all("/findings", since="2026-11-20T02:00:00Z")) == 1
    assert len(hub.all("/findings", until="2026-11-20T02:00:00Z")) == 1


def test_a_detector_that_is_no_longer_installed_is_still_a_question(
    hub: Program, power: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(found(1, ("power",)))
    monkeypatch.setattr("hinomi.hub.api.findings.detectors", dict)
    assert len(hub.all("/findings", detector="member-in-darknet")) == 1
    answer = hub.get("/findings", detector="nope")
    assert (answer.status_code, "no such detector" in answer.json()["title"]) == (422, True)


def test_a_member_gets_its_own_findings_and_no_others(
    power_program: Program, water_program: Program, power: Organisation, water: Organisation
) -> None:
    seen(found(1, ("power",)))
    seen(found(2, ("water",)))
    (mine,) = power_program.all("/findings")
    (theirs,) = water_program.all("/findings")
    assert mine["organisations"] == ["power"]
    assert power_program.get(f"/findings/{mine['id']}").status_code == 200
    assert power_program.get(f"/findings/{theirs['id']}").status_code == 404
    missing = power_program.get("/findings/finding--none")
    assert power_program.get(f"/findings/{theirs['id']}").json() == missing.json()


def test_a_member_learns_neither_who_else_is_concerned_nor_where_the_sensors_are(
    power_program: Program, hub: Program, power: Organisation, water: Organisation
) -> None:
    seen(found(1, ("power", "water")))
    (finding,) = power_program.all("/findings")
    assert finding["organisations"] == ["power"]
    assert "198.18.0.1" not in str(finding)
    assert finding["evidence"]["rows"] == [{"src": "198.51.100.1", "dport": 23}]
    (whole,) = hub.all("/findings")
    assert whole["organisations"] == ["power", "water"]
    assert "198.18.0.1" in str(whole["evidence"])


def test_exercise_data_is_shown_to_the_hub_when_asked_for_and_to_members_never(
    hub: Program, power_program: Program, power: Organisation
) -> None:
    seen(found(1, ("power",), exercise=True))
    (drill,) = hub.all("/findings", exercise="true")
    assert drill["exercise"] is True
    assert hub.all("/findings") == []
    assert power_program.all("/findings", exercise="true") == []
    assert power_program.get(f"/findings/{drill['id']}").status_code == 404
    assert power_program.all("/cases", exercise="true") == []


def test_a_case_has_the_keys_of_the_contract(hub: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",)))
    (case,) = hub.all("/cases")
    assert set(case) == CASE
    whole = hub.get(f"/cases/{made}").json()
    assert set(whole) == WHOLE
    assert whole["findings"][0]["subject"] == {"kind": "address", "value": "198.51.100.1"}
    assert {"at", "actor", "kind", "what"} == set(whole["timeline"][0])


def test_a_case_is_read_by_its_owner_and_after_a_wider_marking_by_all(
    hub: Program, power_program: Program, water_program: Program, power: Organisation, water: Organisation
) -> None:
    (made,) = seen(found(1, ("power",)))
    assert hub.get(f"/cases/{made}").status_code == 200
    assert water_program.get(f"/cases/{made}").status_code == 404
    assert water_program.all("/cases") == []
    casebook.mark(made, Tlp.GREEN, actor="operator")
    assert [one["id"] for one in water_program.all("/cases")] == [made]
    whole = water_program.get(f"/cases/{made}").json()
    assert whole["findings"] == []
    assert whole["organisations"] == []
    assert {line["actor"] for line in whole["timeline"]} == {"hub"}


def test_a_bundle_is_a_release_and_holds_stix(hub: Program, water_program: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",)))
    answer = hub.get(f"/cases/{made}/bundle")
    assert answer.headers["Content-Type"].startswith("application/stix+json")
    bundle = answer.json()
    assert bundle["type"] == "bundle"
    assert made in {one["id"] for one in bundle["objects"]}
    assert water_program.get(f"/cases/{made}/bundle").status_code == 404


def test_an_exercise_case_has_no_bundle(hub: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",), exercise=True))
    assert hub.get(f"/cases/{made}/bundle").status_code == 404


def test_the_hub_moves_a_case_and_a_member_does_not(hub: Program, power_program: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",)))
    assert hub.post(f"/cases/{made}/status", {"status": "confirmed"}).json()["status"] == "confirmed"
    assert hub.post(f"/cases/{made}/notes", {"text": "Called them."}).json()["timeline"][-1]["what"]["en"] == "Called them."
    assert power_program.post(f"/cases/{made}/status", {"status": "closed"}).status_code == 403
    member = Program(
        actions.issue_token("w", account=None, role=Role.MEMBER, organisation="power", scopes=[Scope.READ, Scope.WRITE])[1]
    )
    assert member.post(f"/cases/{made}/status", {"status": "closed"}).status_code == 403


def test_what_cannot_be_is_refused_without_inviting_to_try_again(hub: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",)))
    for path, body in (("status", {"status": "confirmed"}), ("notes", {"text": "x"}), ("marking", {"tlp": "TLP:RED"})):
        missing = hub.post(f"/cases/incident--none/{path}", body)
        assert (missing.status_code, missing.json()["title"]) == (404, "there is no such case."), path
    refused = hub.post(f"/cases/{made}/status", {"status": "contained"})
    assert refused.status_code == 409
    assert "It can become confirmed, closed." in refused.json()["detail"]
    assert hub.post(f"/cases/{made}/notes", {"text": " "}).status_code == 422
    assert hub.post("/cases", {"title": "x", "findings": ["finding--none"]}).status_code == 422


def test_a_case_of_others_and_none_at_all_are_told_alike(water_program: Program, power: Organisation) -> None:
    (made,) = seen(found(1, ("power",)))
    for path in ("", "/bundle"):
        theirs, none = (water_program.get(f"/cases/{one}{path}") for one in (made, "incident--none"))
        assert theirs.status_code == none.status_code == 404
        assert theirs.content.replace(made.encode(), b"") == none.content.replace(b"incident--none", b"")


def test_outcomes_are_for_the_hub(hub: Program, power_program: Program, power: Organisation) -> None:
    seen(found(1, ("power",)))
    span = {"since": "2026-11-20T00:00:00Z", "until": "2026-11-21T00:00:00Z"}
    (look,) = hub.get("/outcomes", **span).json()
    assert (look["detector"], look["verdict"], look["findings"]) == ("member-in-darknet", "found", 1)
    assert power_program.get("/outcomes", **span).status_code == 404


def test_a_member_sees_itself_among_the_members_and_less_of_health(
    hub: Program, power_program: Program, power: Organisation, water: Organisation
) -> None:
    assert {one["id"] for one in hub.get("/members").json()} == {"power", "water"}
    assert {one["id"] for one in power_program.get("/members").json()} == {"power"}
    assert {one["check"] for one in power_program.get("/health").json()} < {one["check"] for one in hub.get("/health").json()}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/findings", {"least": "terrible"}),
        ("/findings", {"detector": "nope"}),
        ("/findings", {"limit": "0"}),
        ("/findings", {"limit": "100000"}),
        ("/findings", {"after": "rubbish"}),
        ("/findings", {"after": "' OR 1=1 --"}),
        ("/findings", {"since": "yesterday"}),
        ("/findings", {"since": "2026-11-20T00:00:00"}),
        ("/cases", {"status": "sleeping"}),
        ("/cases", {"after": "!!!"}),
        ("/outcomes", {}),
    ],
)
def test_a_wrong_question_is_answered_with_what_is_wrong(hub: Program, path: str, query: dict[str, str]) -> None:
    answer = hub.get(path, **query)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert {"type", "title", "status", "detail"} == set(answer.json())


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}])
@pytest.mark.parametrize(
    "path", ["/me", "/findings", "/cases", "/members", "/health", "/outcomes", "/jobs/1", "/cases/x/bundle"]
)
def test_a_stranger_hears_401_everywhere(stranger: Client, path: str, header: dict[str, str]) -> None:
    answer = stranger.get(f"/api/v1{path}", headers=header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.json()["status"] == 401


def test_a_session_reads_as_its_person_does(browser: SignedIn, member: Account, water: Organisation) -> None:
    seen(found(1, ("power",)))
    seen(found(2, ("water",)))
    items = browser(member).get("/api/v1/findings").json()["items"]
    assert [one["organisations"] for one in items] == [["power"]]


def test_a_member_without_an_organisation_sees_nothing(browser: SignedIn, member: Account) -> None:
    seen(found(1, ("power",)))
    Account.objects.filter(pk=member.pk).update(organisation=None)
    member.refresh_from_db()
    client = browser(member)
    assert client.get("/api/v1/findings").json() == {"items": [], "next": None}
    assert client.get("/api/v1/cases").json() == {"items": [], "next": None}


def test_the_description_names_every_answer(stranger: Client, operator: Account, browser: SignedIn) -> None:
    said = browser(operator).get("/api/v1/openapi.json").json()
    assert {"/api/v1/findings", "/api/v1/cases/{case}", "/api/v1/captures", "/api/v1/cases/{case}/bundle"} <= set(said["paths"])
    assert set(said["components"]["schemas"]["Finding"]["properties"]) == FINDING
    for path, methods in said["paths"].items():
        for method in methods.values():
            assert method["security"], path
            assert method["description"] or method["summary"], path


def test_the_description_names_every_refusal_once(analyst: Account, browser: SignedIn) -> None:
    said = browser(analyst).get("/api/v1/openapi.json").json()
    kept = said["components"]["responses"]
    assert all(list(one["content"]) == ["application/problem+json"] for one in kept.values())
    declared = {
        f"{name} {path.removeprefix('/api/v1')}": set(method["responses"])
        for path, methods in said["paths"].items()
        for name, method in methods.items()
    }
    refs = {
        one["$ref"].rsplit("/", 1)[1]
        for methods in said["paths"].values()
        for method in methods.values()
        for one in method["responses"].values()
        if "$ref" in one
    }
    assert refs <= set(kept)
    assert all({"400", "401", "403", "429", "503"} < statuses for statuses in declared.values())
    assert {"201", "413", "422"} <= declared["post /cases"]
    assert {"202", "413", "422", "507"} <= declared["post /captures"]
    assert {"200", "404"} <= declared["get /findings/{finding}"] & declared["get /outcomes"]
    assert {"200", "404", "409", "422"} <= declared["post /cases/{case}/status"]
    assert "422" in declared["get /findings"]
    assert "404" not in declared["get /findings"]
    bundle = said["paths"]["/api/v1/cases/{case}/bundle"]["get"]["responses"]["200"]["content"]
    assert list(bundle) == ["application/stix+json;version=2.1"]


def test_the_description_for_people_is_a_page_of_the_hub_in_both_languages(analyst: Account, browser: SignedIn) -> None:
    page = browser(analyst).get("/api/v1/docs", headers={"accept-language": "en"}).content.decode()
    assert "What can a program ask of this hub?" in page
    assert "/api/v1/openapi.json" in page
    assert "<script>" not in page
    japanese = browser(analyst).get("/api/v1/docs", headers={"accept-language": "ja"}).content.decode()
    assert "プログラムはこのハブに" in japanese


def test_every_operation_has_its_title_in_both_languages(analyst: Account, browser: SignedIn) -> None:
    def titles(language: str) -> list[str]:
        said = browser(analyst).get("/api/v1/openapi.json", headers={"accept-language": language}).json()
        return [method["summary"] for methods in said["paths"].values() for method in methods.values()]

    assert "Open a case by hand" in titles("en")
    assert "事案を手で登録" in titles("ja")
    assert not set(titles("en")) & set(titles("ja"))
