"""Who may know: what the rules promise, for every thing and every reader that can be thought of."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.casebook.stix.envelope import audience_of
from hinomi.casebook.store import markings_of
from hinomi.schema.problems import Problem
from hinomi.schema.release import Reader, Refusal
from hinomi.schema.scope import UNMARKED, Tlp
from hinomi.share.policy import Allowed, Thing, audiences_of, decide
from hinomi.share.rulebook import Rulebook, default_rules, parse

organisations = st.sampled_from(["", "minato", "aozora", "kaigan"])
things = st.builds(Thing, owner=organisations, tlp=st.sampled_from(Tlp), exercise=st.booleans())
readers = st.builds(Reader, organisation=organisations, operator=st.booleans())
markings = st.lists(st.sampled_from([*(tlp.marking for tlp in Tlp), "marking-definition--unknown"]), max_size=4)

SAME = "{id: a, reader: owner, verdict: allow, en: x, ja: x}"


def allowed(thing: Thing, reader: Reader, member: bool = True) -> bool:
    return isinstance(decide(thing, reader, member=member), Allowed)


def marked(object_refs: list[str], granular: list[str]) -> dict[str, object]:
    return {
        "object_marking_refs": object_refs,
        "granular_markings": [{"marking_ref": one, "selectors": ["name"]} for one in granular],
    }


class TestProperties:
    @given(things, readers, st.booleans())
    def test_the_database_filter_and_the_policy_are_one(self, thing: Thing, reader: Reader, member: bool) -> None:
        key = audience_of(thing.owner, thing.tlp, thing.exercise)

        assert (key in audiences_of(reader, member=member)) == allowed(thing, reader, member)

    @given(organisations, readers, st.booleans(), st.lists(st.sampled_from(Tlp), min_size=1), st.sampled_from(Tlp))
    def test_adding_a_marking_never_widens(
        self, owner: str, reader: Reader, member: bool, before: list[Tlp], added: Tlp
    ) -> None:
        narrow, wide = (markings_of(marked([tlp.marking for tlp in tlps], [])) for tlps in ([*before, added], before))

        assert not allowed(Thing(owner, narrow), reader, member) or allowed(Thing(owner, wide), reader, member)

    @given(st.sampled_from(Tlp), st.lists(st.sampled_from(Tlp), min_size=1))
    def test_granular_markings_count_as_their_strictest(self, whole: Tlp, parts: list[Tlp]) -> None:
        thing = marked([whole.marking], [tlp.marking for tlp in parts])

        assert markings_of(thing) == max(whole, *parts)

    @given(things, readers)
    def test_nobody_outside_a_marking_ever_sees(self, thing: Thing, reader: Reader) -> None:
        if allowed(thing, reader) and not reader.operator:
            assert thing.tlp <= Tlp.GREEN or thing.owner == reader.organisation

    @given(things, readers, st.booleans())
    def test_exercise_never_leaves(self, thing: Thing, reader: Reader, member: bool) -> None:
        played = Thing(thing.owner, thing.tlp, exercise=True)

        verdict = decide(played, reader, member=member)

        assert isinstance(verdict, Refusal)
        assert verdict.rule == "exercise-never-leaves"

    @given(things, organisations.filter(bool), st.booleans())
    def test_a_withdrawn_member_sees_nothing(self, thing: Thing, organisation: str, operator: bool) -> None:
        assert not allowed(thing, Reader(organisation, operator=operator), member=False)

    @given(things, readers, st.booleans())
    def test_every_verdict_says_why_in_both_languages(self, thing: Thing, reader: Reader, member: bool) -> None:
        verdict = decide(thing, reader, member=member)

        assert verdict.rule in {rule.id for rule in default_rules().rules}
        assert verdict.reason.en
        assert verdict.reason.ja


class TestDefault:
    def test_own_organisation_only(self) -> None:
        incident = Thing("minato", UNMARKED)

        assert allowed(incident, Reader("minato"))
        assert not allowed(incident, Reader("aozora"))
        assert allowed(incident, Reader("", operator=True))

    @pytest.mark.parametrize("tlp", [Tlp.CLEAR, Tlp.GREEN])
    def test_wide_markings_reach_every_member(self, tlp: Tlp) -> None:
        assert allowed(Thing("minato", tlp), Reader("aozora"))
        assert not allowed(Thing("minato", tlp), Reader("aozora"), member=False)

    @pytest.mark.parametrize("tlp", [Tlp.AMBER, Tlp.AMBER_STRICT, Tlp.RED])
    def test_narrow_markings_stay_with_their_owner(self, tlp: Tlp) -> None:
        assert allowed(Thing("minato", tlp), Reader("minato"))
        assert not allowed(Thing("minato", tlp), Reader("aozora"))

    def test_a_reader_without_organisation_does_not_own_what_is_the_hubs(self) -> None:
        assert not allowed(Thing("", UNMARKED), Reader(""))

    def test_silence_means_own_organisation_only(self) -> None:
        assert markings_of({}) == Tlp.AMBER_STRICT
        assert markings_of(marked(["marking-definition--a-copyright"], [])) == Tlp.AMBER_STRICT

    def test_a_thing_that_is_marked_in_part_is_silent_about_the_rest(self) -> None:
        assert markings_of(marked([], [Tlp.GREEN.marking])) == Tlp.AMBER_STRICT


class TestRulebook:
    def test_a_rulebook_without_rules_refuses_everything(self) -> None:
        nothing = Rulebook("none", ())

        assert isinstance(decide(Thing("minato", Tlp.CLEAR), Reader("minato"), member=True, rules=nothing), Refusal)

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("{version: 1", "is not a rulebook"),
            ("version: 1", "is not a rulebook"),
            ("{version: 1, rules: [{id: a, reader: friend, verdict: allow, en: x, ja: x}]}", "needs a `reader` out of"),
            ("{version: 1, rules: [{id: a, reader: owner, verdict: maybe, en: x, ja: x}]}", "needs `verdict"),
            ("{version: 1, rules: [{id: a, markings: [PINK], reader: owner, verdict: allow, en: x, ja: x}]}", "`markings`"),
            (f"{{version: 1, rules: [{SAME}, {SAME}]}}", "is there twice"),
        ],
    )  # fmt: skip
    def test_a_wrong_file_says_which_rule_and_what_may_stand_there(self, wrong: str, said: str) -> None:
        with pytest.raises(Problem, match=said):
            parse(wrong, "hub.yaml")

    @pytest.mark.parametrize(
        ("rule", "said"),
        [
            ("{id: a, exercise: false, markings: [AMBER], reader: member, verdict: allow, en: x, ja: x}", "go to strangers"),
            (
                "{id: a, exercise: false, markings: [GREEN], reader: owner, verdict: allow, en: x, ja: x}",
                "must not depend on the owner",
            ),
            ("{id: a, exercise: true, reader: operator, verdict: allow, en: x, ja: x}", "would let exercise data out"),
        ],
    )
    def test_rules_that_the_database_could_not_filter_by_are_refused(self, rule: str, said: str) -> None:
        book = parse(f"{{version: 1, rules: [{rule}]}}", "hub.yaml")

        with pytest.raises(Problem, match=said):
            audiences_of(Reader("minato"), member=True, rules=book)

    def test_keys_of_two_organisations_meet_only_in_what_is_for_all(self) -> None:
        keys = [audiences_of(Reader(name), member=True).keys for name in ("minato", "aozora", "kaigan")]

        assert all(a & b == {"TLP:CLEAR", "TLP:GREEN"} for a, b in combinations(keys, 2))
