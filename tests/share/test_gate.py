"""The door out: one maker of releases, exercise data behind every wall, a line for each disclosure."""

import ast
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import hinomi
from hinomi.casebook import actions
from hinomi.casebook.models import Case
from hinomi.members.actions import leave
from hinomi.schema.release import Item, Reader, Release
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text
from hinomi.share import audit, gate
from hinomi.share.format import named
from hinomi.share.gate import Errand, Held, Refused, is_member, release, release_case, release_document
from hinomi.share.models import Entry
from hinomi.share.policy import Allowed
from tests.casebook.stories import infected, look
from tests.share.stories import member

SOURCE = Path(hinomi.__file__).parent
MINATO = Errand(Reader("minato"), True, "token 1", "test")
OPERATOR = Errand(Reader("", operator=True), False, "operator", "test")


def held(seq: int = 1, *, owner: str = "minato", tlp: Tlp = Tlp.AMBER_STRICT, exercise: bool = False) -> Held:
    return Held(seq, f"indicator--{seq}", "v", int(tlp), owner, exercise, b'{"n":%d}' % seq)


def calls(name: str) -> Iterator[Path]:
    """The source files that call `name`, as a name or as an attribute."""
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
                yield path.relative_to(SOURCE)


class TestTheWall:
    def test_only_the_gate_makes_a_release(self) -> None:
        assert set(calls("Release")) == {Path("share/gate.py")}

    def test_only_the_gate_makes_items_of_a_release(self) -> None:
        assert set(calls("Item")) == {Path("share/gate.py")}

    def test_a_release_cannot_hold_exercise_data(self) -> None:
        played = Item("indicator--1", "v", Tlp.CLEAR, b"{}", exercise=True)

        with pytest.raises(ValueError, match="exercise data never leaves"):
            Release("r", Reader("", operator=True), "any", Text("", ""), datetime.now(UTC), (played,))

    @pytest.mark.parametrize("errand", [MINATO, OPERATOR])
    def test_the_gate_lets_no_exercise_through(self, errand: Errand) -> None:
        made = release(errand, [held(tlp=Tlp.CLEAR, exercise=True)])

        assert made.items == ()
        assert made.removed == ("exercise-never-leaves: 1",)

    def test_even_a_policy_gone_wrong_releases_no_exercise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gate, "decide", lambda *_, **__: Allowed("wrong", Text("", "")))

        with pytest.raises(ValueError, match="exercise data never leaves"):
            release(OPERATOR, [held(exercise=True)])

    def test_what_is_refused_is_left_out_and_counted_without_naming_it(self) -> None:
        made = release(MINATO, [held(1), held(2, owner="aozora"), held(3, owner="aozora", tlp=Tlp.GREEN), held(4, owner="")])

        assert [item.id for item in made.items] == ["indicator--1", "indicator--3"]
        assert made.rule == "community own-organisation"
        assert made.removed == ("own-organisation-only: 2",)
        assert made.reason.ja
        assert made.reason.en

    def test_a_reader_who_left_gets_nothing(self) -> None:
        assert release(MINATO._replace(member=False), [held(tlp=Tlp.CLEAR)]).items == ()


@pytest.mark.django_db
class TestTheLog:
    def lines_of(self, made: Release) -> list[Entry]:
        audit.carry()
        return [line for line in Entry.objects.filter(act="released") if json.loads(line.entry)["release"] == made.id]

    def test_each_release_is_one_line(self) -> None:
        made = release(MINATO, [held(5), held(9)])

        (line,) = self.lines_of(made)
        assert (line.organisation, line.account, line.channel) == ("minato", "token 1", "test")
        assert (line.count, line.first_seq, line.last_seq, line.rule) == (2, 5, 9, "own-organisation")

    def test_nothing_released_is_no_line(self) -> None:
        assert self.lines_of(release(MINATO, [held(owner="aozora")])) == []

    def test_nothing_leaves_when_the_log_cannot_be_written(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Full:
            def append(self, entry: bytes) -> str:
                raise OSError("No space left on device")

        monkeypatch.setattr(gate, "ledger", Full)

        with pytest.raises(OSError, match="No space"):
            release(MINATO, [held()])


@pytest.mark.django_db
class TestDocument:
    def case(self, owner: str, tlp: Tlp = Tlp.AMBER_STRICT, *, exercise: bool = False) -> Case:
        return Case(id=f"incident--{owner}-{tlp}", owner=owner, tlp=int(tlp), exercise=exercise)

    def test_it_goes_whole_and_bears_the_narrowest_marking(self) -> None:
        made = release_document(MINATO, [self.case("minato"), self.case("aozora", Tlp.GREEN)], b"two cases")

        assert [(item.content, item.tlp) for item in made.items] == [(b"two cases", Tlp.AMBER_STRICT)]
        assert made.rule == "community own-organisation"

    @pytest.mark.parametrize("exercise", [True, False])
    def test_or_not_at_all(self, monkeypatch: pytest.MonkeyPatch, exercise: bool) -> None:
        monkeypatch.setattr(gate, "ledger", lambda: pytest.fail("nothing left"))
        other = self.case("minato", exercise=True) if exercise else self.case("aozora")

        with pytest.raises(Refused):
            release_document(MINATO, [self.case("minato", Tlp.GREEN), other], b"two cases")

    def test_one_of_no_case_is_no_line(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(gate, "ledger", lambda: pytest.fail("nothing left"))

        assert release_document(MINATO, [], b"[]").items[0].content == b"[]"


@pytest.mark.django_db
class TestMembership:
    def test_from_joining_until_leaving(self) -> None:
        minato = member("Minato Bank")
        now = datetime.now(UTC)

        assert is_member(minato)
        leave(minato, at=now + timedelta(days=1))
        assert is_member(minato)
        assert not is_member(minato, at=now + timedelta(days=2))
        assert not is_member(minato, at=now - timedelta(days=1))

    def test_an_organisation_of_an_exercise_is_no_member(self) -> None:
        assert not is_member(member("Played Bank", exercise=True))
        assert not is_member("")
        assert not is_member("nobody")


def bundle(case: str, errand: Errand) -> bytes:
    return named("stix-bundle").write(release_case(case, errand))


@pytest.mark.django_db
class TestBundle:
    def case(self, organisation: str, *, exercise: bool = False) -> str:
        found = infected(organisation=organisation, exercise=exercise)
        recorded = actions.record([look(found, detector="member-in-darknet")], exercise=exercise)
        (case,) = actions.propose(recorded.findings)
        if not exercise:
            actions.confirm(case, actor="operator")
        return case

    def test_a_case_with_what_it_refers_to(self) -> None:
        case = self.case(member("Minato"))

        made = json.loads(bundle(case, OPERATOR))

        ids = [one["id"] for one in made["objects"]]
        assert case in ids
        assert len(ids) == len(set(ids)) > 3
        assert made["id"].startswith("bundle--")

    def test_its_organisation_may_have_it_and_another_may_not(self) -> None:
        minato, aozora = member("Minato"), member("Aozora")
        case = self.case(minato)

        def ask(organisation: str) -> bytes:
            return bundle(case, Errand(Reader(organisation), True, "token", "test"))

        assert case.encode() in ask(minato)
        with pytest.raises(Refused):
            ask(aozora)

    def test_a_played_case_never_leaves(self) -> None:
        case = self.case(member("Minato", exercise=True), exercise=True)

        for wanted in (case, "incident--00000000-0000-4000-8000-000000000000"):
            with pytest.raises(Refused, match="no such case"):
                release_case(wanted, OPERATOR)
