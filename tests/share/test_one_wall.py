"""One wall: what may be looked at inside the hub is what may leave it, for every case and everybody who can sign in."""

from datetime import UTC, datetime
from itertools import product

import pytest

from hinomi.casebook.audience import readable
from hinomi.casebook.models import Case
from hinomi.hub.accounts.models import Account
from hinomi.hub.accounts.readers import reader_of
from hinomi.members.actions import leave
from hinomi.members.models import Organisation
from hinomi.schema.release import Reader
from hinomi.schema.scope import Tlp
from hinomi.schema.words import CaseStatus, Role
from hinomi.share.gate import is_member
from hinomi.share.policy import Allowed, Reach, Thing, decide, reach
from tests.share.stories import member

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OWNERS = ("", "minato", "aozora", "umi", "exercise-played")
PEOPLE = tuple(product(Role, (None, "minato", "umi", "exercise-played")))


@pytest.fixture
def cases(db: None) -> list[Case]:
    """A case of every owner with every marking, real and played; Umi has left, and Played exists in an exercise only."""
    for name in ("Minato", "Aozora", "Umi"):
        member(name)
    member("Played", exercise=True)
    leave("umi")
    times = dict.fromkeys(("first", "last", "created", "modified"), NOW)
    made = [
        Case(
            id=f"{owner}/{tlp}/{exercise}",
            owner=owner,
            tlp=int(tlp),
            exercise=exercise,
            severity=1,
            status=CaseStatus.CONFIRMED.value,
            **times,
        )
        for owner, tlp, exercise in product(OWNERS, Tlp, (False, True))
    ]
    return Case.objects.bulk_create(made)


def _organisation(name: str | None) -> Organisation | None:
    return None if name is None else Organisation.objects.get(pk=name)


def seen(reader: Reader) -> set[str]:
    return set(Case.objects.filter(readable(reader)).values_list("id", flat=True))


def allowed(reader: Reader, cases: list[Case]) -> set[str]:
    member = is_member(reader.organisation)
    verdicts = {one.id: decide(Thing(one.owner, Tlp(one.tlp), one.exercise), reader, member=member) for one in cases}
    return {id_ for id_, verdict in verdicts.items() if isinstance(verdict, Allowed)}


@pytest.mark.parametrize(("role", "organisation"), PEOPLE)
def test_what_is_readable_is_what_the_policy_allows(cases: list[Case], role: Role, organisation: str | None) -> None:
    person = Account(username="mia", role=role.value, organisation=_organisation(organisation))
    reader = reader_of(person)
    played = {one.id for one in cases if one.exercise} if reader.operator else set()
    assert seen(reader) - played == allowed(reader, cases)
    assert played <= seen(reader), "the hub's own people look at exercises, which never leave"


@pytest.mark.parametrize("organisation", ["umi", "exercise-played"])
@pytest.mark.parametrize("role", Role)
def test_whose_organisation_is_no_member_sees_nothing(cases: list[Case], role: Role, organisation: str) -> None:
    person = Account(username="mia", role=role.value, organisation=_organisation(organisation))
    assert seen(reader_of(person)) == set()


def test_a_reader_of_nobody_owns_nothing_not_even_what_is_the_hubs(cases: list[Case]) -> None:
    assert seen(Reader("")) == set()


def test_how_far_a_case_reaches_is_who_can_read_it(cases: list[Case]) -> None:
    readers = {"minato": Reader("minato"), "aozora": Reader("aozora"), "hub": Reader("", operator=True)}
    who = {name: allowed(reader, cases) for name, reader in readers.items()}
    for one in cases:
        others = {name for name in readers if one.id in who[name] and name != one.owner}
        match reach(Thing(one.owner, Tlp(one.tlp), one.exercise)):
            case Reach.MEMBERS:
                assert others >= {"minato", "aozora", "hub"} - {one.owner}
            case Reach.OWNER:
                assert others == {"hub"}
                assert one.owner
            case Reach.HUB:
                assert others == {"hub"}
                assert not one.owner
            case Reach.NOBODY:
                assert others == set()
                assert one.exercise


def test_the_rulebook_says_of_each_marking_what_its_word_says() -> None:
    for tlp in Tlp:
        assert (reach(Thing("minato", tlp)) is Reach.MEMBERS) == tlp.for_all_members
