"""The TAXII server as the specification has it, asked in process; numbers are sections of TAXII 2.1."""

import gzip
import json
from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from hinomi.members.actions import leave
from hinomi.schema.scope import UNMARKED, Tlp
from hinomi.share.gate import is_member
from hinomi.share.models import Entry
from hinomi.share.policy import Allowed, Thing, decide
from hinomi.share.taxii import page, resources
from tests.share.stories import COLLECTION, CREATED, Client, address, authenticate, indicator, member

pytestmark = pytest.mark.django_db
LATER = "2026-11-21T00:00:00.000Z"
LATEST = "2026-11-22T00:00:00.000Z"


@pytest.fixture
def minato() -> Client:
    return Client(member("Minato Bank"))


@pytest.fixture
def aozora() -> Client:
    return Client(member("Aozora Bank"))


operator = Client("operator")


class TestWhatThereIs:
    def test_discovery_leads_to_the_collection(self, minato: Client) -> None:
        discovery = minato("/taxii2/").json
        root = minato(discovery["default"]).json
        (collection,) = minato(discovery["api_roots"][0] + "collections/").json["collections"]

        assert root["versions"] == ["application/taxii+json;version=2.1"]
        assert (collection["can_read"], collection["can_write"]) == (True, False)
        assert minato(f"/taxii2/hub/collections/{collection['id']}/").json == collection
        assert minato(f"/taxii2/hub/collections/{collection['alias']}/").json == collection

    @pytest.mark.parametrize(
        "path",
        [
            *("/taxii2/other/", "/taxii2/hub/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/", "/taxii2/hub/status/1/"),
            *("/taxii2/hub/collections/cases/objects/a/b/", "/taxii2/hub/collections/cases/secrets/"),
            *("/taxii2/hub/collections/cases/objects/indicator--1/", "/taxii2/hub/collections/cases/objects/../objects/"),
            f"/taxii2/hub/collections/cases/objects/indicator--{'0' * 36}/",
        ],
    )
    def test_what_is_not_there_is_not_found(self, minato: Client, path: str) -> None:
        answer = minato(path)

        assert answer.status == 404
        assert answer.json["http_status"] == "404"

    def test_answers_are_typed_and_not_kept_by_anyone(self, minato: Client) -> None:
        for path in ("/taxii2/", "objects/", "/nothing/", "objects/x/"):
            headers = minato(path).headers
            assert headers["Content-Type"] == "application/taxii+json;version=2.1"
            assert headers["Cache-Control"] == "private, no-store"
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert "Strict-Transport-Security" not in headers

    def test_an_https_hub_stays_on_https(self, minato: Client, settings: Settings) -> None:
        settings.SECURE_HSTS_SECONDS = 31_536_000

        assert minato("/taxii2/").headers["Strict-Transport-Security"] == "max-age=31536000"


class TestWhoMayAsk:
    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic !!!", "Digest x", "nonsense"])
    def test_without_a_token_nothing_is_said(self, minato: Client, header: str) -> None:
        for path in ("/taxii2/", "objects/", "/taxii2/nothing/"):
            answer = minato(path, HTTP_AUTHORIZATION=header)
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith(("Bearer", "Basic"))

    def test_a_token_that_is_right_but_not_for_reading_is_forbidden(self) -> None:
        answer = Client("sensor")("/taxii2/")
        assert (answer.status, answer.json["http_status"]) == (403, "403")
        assert answer.headers["Content-Type"] == "application/taxii+json;version=2.1"

    def test_the_clients_own_word_for_a_token_is_understood(self, minato: Client) -> None:
        assert minato("/taxii2/", HTTP_AUTHORIZATION=f"Token {minato.name}").status == 200

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
    def test_nothing_can_be_changed(self, minato: Client, method: str) -> None:
        answer = minato("/taxii2/hub/collections/cases/", method=method)

        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")

    def test_writing_where_others_write_is_forbidden_as_the_specification_has_it(self, minato: Client) -> None:
        """§5.5 and §5.7: 403 for a collection whose `can_write` is false; 401 without a token comes first."""
        for method, path in (("POST", "objects/"), ("DELETE", f"objects/indicator--{'0' * 8}-0000-4000-8000-{'0' * 12}/")):
            answer = minato(path, method=method, HTTP_ACCEPT="")
            assert (answer.status, answer.json["http_status"]) == (403, "403")
            assert minato(path, method=method, HTTP_AUTHORIZATION="").status == 401

    def test_another_version_is_not_acceptable(self, minato: Client) -> None:
        assert minato(HTTP_ACCEPT="application/taxii+json;version=2.0").status == 406

    def test_each_sees_its_own_and_the_operator_all(self, minato: Client, aozora: Client) -> None:
        ours, theirs = indicator(minato.name), indicator(aozora.name, Tlp.RED)
        shared, hubs = indicator(aozora.name, Tlp.GREEN), indicator("", Tlp.AMBER)

        assert minato().ids == [ours, shared]
        assert aozora().ids == [theirs, shared]
        assert operator().ids == [ours, theirs, shared, hubs]

    def test_what_one_may_not_see_is_answered_like_what_does_not_exist(self, minato: Client, aozora: Client) -> None:
        hidden, nothing = indicator(aozora.name), "indicator--00000000-0000-4000-8000-000000000000"

        for path in ("objects/{}/", "objects/{}/versions/"):
            assert minato(path.format(hidden)).body == minato(path.format(nothing)).body
            assert minato(path.format(hidden)).status == 404
        for filters in (f"match[id]={hidden}", f"match[id]={nothing}"):
            assert minato(query=filters).body == b"{}"
            assert minato("manifest/", filters).body == b"{}"

    def test_a_member_who_left_sees_nothing_at_once(self, minato: Client) -> None:
        own = indicator(minato.name)
        leave(minato.name, at=datetime.now(UTC))

        assert minato("/taxii2/hub/collections/").json == {}
        assert {minato(path).status for path in ("", "objects/", "manifest/", f"objects/{own}/")} == {404}

    def test_exercise_objects_never_appear(self, minato: Client) -> None:
        played = indicator(minato.name, Tlp.CLEAR, exercise=True)
        player = Client(member("Minato Bank", exercise=True))

        for reader in (minato, operator, player):
            assert reader().ids == []
            assert reader(query=f"match[id]={played}&match[version]=all").ids == []
            assert reader(f"objects/{played}/").status == 404

    def test_a_later_narrower_version_takes_the_earlier_back(self, minato: Client, aozora: Client) -> None:
        shared = indicator(minato.name, Tlp.GREEN)
        assert aozora().ids == [shared]

        indicator(minato.name, Tlp.RED, id=shared, modified=LATER)

        assert aozora(query="match[version]=all").ids == []
        assert aozora(f"objects/{shared}/").status == 404
        assert minato(query="match[version]=all").ids == [shared, shared]

    def test_for_every_reader_the_database_gives_what_the_policy_allows(self, minato: Client, aozora: Client) -> None:
        things = {
            indicator(owner, tlp, exercise=exercise): Thing(owner, UNMARKED if tlp is None else tlp, exercise)
            for owner in (minato.name, aozora.name, "")
            for tlp in (*Tlp, None)
            for exercise in (False, True)
        }
        stranger = Client("nobody")

        for client in (minato, aozora, operator, stranger):
            caller = authenticate(f"Bearer {client.name}")
            assert caller is not None
            member = is_member(caller.reader.organisation)
            allowed = [
                name for name, thing in things.items() if isinstance(decide(thing, caller.reader, member=member), Allowed)
            ]
            if client is stranger:
                assert (allowed, client().status) == ([], 404)
            else:
                assert client.walk("limit=5") == client.walk("limit=5&match[version]=all") == allowed
                assert client.walk("limit=4&match[type]=indicator,malware") == allowed


class TestFilters:
    def test_by_id_type_and_time(self, minato: Client) -> None:
        first, second = indicator(minato.name), indicator(minato.name)
        third = address(minato.name, Tlp.AMBER)

        assert minato(query=f"match[id]={second},{first}").ids == [first, second]
        assert minato(query="match[type]=ipv4-addr").ids == [third]
        assert minato(query="match[type]=ipv4-addr,indicator").ids == [first, second, third]
        assert minato(query=f"match[id]={first}&match[type]=malware").body == b"{}"

    def test_added_after_is_after(self, minato: Client) -> None:
        indicator(minato.name)
        added = minato("manifest/").json["objects"][0]["date_added"]
        later = indicator(minato.name)

        assert minato(query=f"added_after={added}").ids == [later]

    def test_versions(self, minato: Client) -> None:
        name = indicator(minato.name)
        for modified in (LATER, LATEST):
            indicator(minato.name, id=name, modified=modified)

        def found(asked: str) -> list[str]:
            return [one["modified"] for one in minato(query=asked).json.get("objects", ())]

        assert found("") == found("match[version]=last") == [LATEST]
        assert found("match[version]=first") == [CREATED]
        assert found("match[version]=all") == [CREATED, LATER, LATEST]
        assert found("match[version]=first,last") == [CREATED, LATEST]
        assert found(f"match[version]={LATER}") == [LATER]
        assert found(f"match[version]=all,{LATER},first") == [CREATED, LATER, LATEST]
        assert found("match[version]=2026-11-21T00:00:00Z,last") == [LATER, LATEST]
        assert found("match[version]=2001-01-01T00:00:00Z") == []

    def test_versions_of_one_object(self, minato: Client) -> None:
        name = indicator(minato.name)
        indicator(minato.name, id=name, modified=LATER)

        assert minato(f"objects/{name}/versions/").json["versions"] == [CREATED, LATER]
        assert [one["modified"] for one in minato(f"objects/{name}/").json["objects"]] == [LATER]
        assert len(minato(f"objects/{name}/", "match[version]=all").ids) == 2
        assert minato(f"objects/{name}/", "match[version]=2001-01-01T00:00:00Z").body == b"{}"

    def test_stix_versions(self, minato: Client) -> None:
        own = indicator(minato.name)

        assert minato(query="match[spec_version]=2.1").ids == minato(query="match[spec_version]=2.0,2.1").ids == [own]
        assert minato(query="match[spec_version]=2.0").ids == []

    def test_an_address_that_two_refer_to_is_there_once(self, minato: Client, aozora: Client) -> None:
        common = address(minato.name, Tlp.AMBER)
        assert address(aozora.name, Tlp.RED) == address(minato.name, Tlp.GREEN) == common

        for reader in (minato, aozora, operator):
            assert reader().ids == [common]

    def test_an_indicator_that_two_sent_is_there_once_the_newest(self, minato: Client, aozora: Client) -> None:
        common = indicator(minato.name, Tlp.RED)
        for modified in (CREATED, LATER):
            indicator(aozora.name, Tlp.GREEN, id=common, modified=modified)

        for reader in (minato, aozora, operator):
            assert [one["modified"] for one in reader().json["objects"]] == [LATER]
            assert [one["modified"] for one in reader(query="match[version]=all").json["objects"]] == [CREATED, LATER]

    def test_manifest(self, minato: Client) -> None:
        own = indicator(minato.name)

        answer = minato("manifest/")

        (entry,) = answer.json["objects"]
        assert (entry["id"], entry["version"]) == (own, CREATED)
        assert entry["media_type"] == "application/stix+json;version=2.1"
        assert answer.headers["X-TAXII-Date-Added-First"] == answer.headers["X-TAXII-Date-Added-Last"] == entry["date_added"]

    def test_stored_bytes_leave_as_they_are(self, minato: Client) -> None:
        own = indicator(minato.name, name="探索 tcp/23")
        with connection.cursor() as database:
            database.execute("SELECT content FROM casebook_stixobject WHERE id = %s", [own])
            ((content,),) = database.fetchall()

        assert bytes(content) in minato().body


class TestPages:
    def test_a_walk_finds_each_once_in_order(self, minato: Client, aozora: Client) -> None:
        kept = [indicator(minato.name, Tlp.GREEN if n % 3 else Tlp.RED) for n in range(7)]
        indicator(aozora.name)

        for limit in (1, 2, 3, 7, 100):
            assert minato.walk(f"limit={limit}") == kept
            assert minato.walk(f"limit={limit}", "manifest/") == kept

    def test_the_same_cursor_gives_the_same_page(self, minato: Client) -> None:
        for _ in range(4):
            indicator(minato.name)
        following = minato(query="limit=2").json["next"]

        pages = [minato(query=f"limit=2&next={following}").body for _ in range(3)]

        assert len(set(pages)) == 1
        assert len(minato(query=f"next={following}").ids) == 2

    def test_an_insert_between_pages_loses_and_doubles_nothing(self, minato: Client) -> None:
        kept = [indicator(minato.name) for _ in range(4)]
        first = minato(query="limit=2").json
        kept += [indicator(minato.name), indicator(minato.name, Tlp.GREEN)]

        rest = minato(query=f"limit=100&next={first['next']}").ids

        assert [one["id"] for one in first["objects"]] + rest == kept

    @pytest.mark.parametrize("filters", ["match[type]=indicator", "match[version]=all", "added_after=2020-01-01T00:00:00Z"])
    def test_a_cursor_belongs_to_its_filters_and_its_reader(self, minato: Client, aozora: Client, filters: str) -> None:
        for _ in range(2):
            indicator(minato.name, Tlp.GREEN)
        following = minato(query="limit=1").json["next"]

        for answer in (
            minato(query=f"limit=1&next={following}&{filters}"),
            minato("manifest/", f"limit=1&next={following}"),
            aozora(query=f"limit=1&next={following}"),
        ):
            assert answer.status == 400
            assert answer.json["description"].startswith("next")

    @pytest.mark.parametrize(
        "query",
        [
            *("limit=0", f"limit={'9' * 400}", "added_after=x", "match[id]=%00", f"match[id]={'a' * 7_000}", "next=zzz"),
            *("next=" + "A" * 32, "match[type]=%27%20OR%201%3D1", "match[x]=1", "limit=1&limit=2", "a=" + "b" * 20_000, "%ff"),
        ],
    )
    def test_a_hostile_question_gets_a_clear_answer(self, minato: Client, query: str) -> None:
        for path in ("objects/", "manifest/", f"objects/indicator--{'0' * 8}-0000-4000-8000-{'0' * 12}/"):
            answer = minato(path, query)
            assert answer.status == 400
            assert answer.json["title"] == "Bad Request"
            assert answer.json["description"]

    def test_a_ten_thousand_letter_address_is_refused(self, minato: Client) -> None:
        assert minato(f"objects/{'a' * 10_000}/").status == 400
        assert minato("objects/a\0b/").status == 404

    def test_head_is_get_without_the_body(self, minato: Client) -> None:
        indicator(minato.name)
        got, head = minato(), minato(method="HEAD")

        assert head.body == b""
        assert head.headers == got.headers

    def test_packed_only_if_asked(self, minato: Client) -> None:
        for _ in range(9):
            indicator(minato.name)
        plain, packed = minato(), minato(HTTP_ACCEPT_ENCODING="gzip, deflate")

        assert "Content-Encoding" not in plain.headers
        assert "Content-Encoding" not in minato(HTTP_ACCEPT_ENCODING="gzip;q=0, br").headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body

    @pytest.mark.parametrize("error", [OperationalError("database is locked"), OSError(28, "No space left on device")])
    def test_what_cannot_be_read_or_logged_is_not_answered(
        self, minato: Client, monkeypatch: pytest.MonkeyPatch, error: Exception
    ) -> None:
        def silent(*_: object) -> None:
            raise error

        indicator(minato.name)
        monkeypatch.setattr(page.gate, "release", silent)
        monkeypatch.setattr(connection, "close", lambda: None)

        answer = minato()

        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
        assert answer.ids == []
        assert str(error).encode() not in answer.body


class TestAudit:
    def test_every_page_leaves_a_line(self, minato: Client) -> None:
        from hinomi.share import audit

        audit.carry()
        before = Entry.objects.count()
        kept = [indicator(minato.name) for _ in range(3)]
        minato(query="limit=2")
        minato("manifest/")
        minato(f"objects/{kept[0]}/")
        minato("/taxii2/")
        minato(query="match[type]=malware")

        audit.carry()

        lines = list(Entry.objects.order_by("number"))[before:]
        assert [(line.channel, line.count, line.organisation) for line in lines] == [
            ("taxii objects", 2, minato.name),
            ("taxii manifest", 3, minato.name),
            ("taxii object", 1, minato.name),
        ]
        assert {line.account for line in lines} == {f"token of {minato.name}"}
        assert {line.rule for line in lines} == {"own-organisation"}
        assert json.loads(lines[0].entry)["query"] == "?limit=2"
        assert audit.verify() == []


def test_collection_ids_are_for_ever() -> None:
    assert resources.COLLECTION == "030338b0-e839-50cc-ae8a-4acbf0fff4fd"
    assert COLLECTION.endswith(f"/{resources.ALIAS}/")
