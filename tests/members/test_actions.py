"""The register changes by actions: all of an import or nothing, the same twice, and every change is on record."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hinomi.members import actions
from hinomi.members.lookups import networks, owner
from hinomi.members.models import MemberEvent, Network, Organisation
from hinomi.members.queries import belonging
from hinomi.members.register import Refused
from hinomi.schema import address
from hinomi.schema.findings import Window
from hinomi.schema.lookups import LOOKUPS
from hinomi.schema.problems import Problem

pytestmark = pytest.mark.django_db
HEADER = "organisation,sector,country,prefix,dark,valid_from,valid_until\n"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def spreadsheet(folder: Path, *lines: str) -> Path:
    file = folder / "members.csv"
    file.write_text(HEADER + "".join(line + "\n" for line in lines))
    return file


def test_importing_twice_changes_nothing_the_second_time(tmp_path: Path) -> None:
    file = spreadsheet(
        tmp_path,
        "Minato Port,port,JP,198.51.100.0/24,no,2020-01-01,",
        "Minato Port,port,JP,198.51.100.128/25,yes,2020-01-01,",
        "火の見ガス,gas,JP,203.0.113.0/24,no,2020-01-01,",
    )
    first = actions.import_file(file)
    again = actions.import_file(file)
    assert (first.organisations, first.networks, first.unchanged) == (2, 3, 0)
    assert (again.organisations, again.networks, again.changed, again.unchanged) == (0, 0, 0, 3)
    assert Network.objects.count() == 3


def test_one_wrong_line_and_nothing_is_changed(tmp_path: Path) -> None:
    file = spreadsheet(tmp_path, "Minato Port,port,JP,198.51.100.0/24,no,,", "Minato Port,port,JP,198.51.100.7/24,no,,")
    with pytest.raises(Refused, match="line 3") as refused:
        actions.import_file(file)
    assert len(refused.value.faults) == 1
    assert not Organisation.objects.exists()


def test_the_good_lines_are_taken_when_that_is_asked_for(tmp_path: Path) -> None:
    file = spreadsheet(tmp_path, "Minato Port,port,JP,198.51.100.0/24,no,,", "Minato Port,port,JP,198.51.100.7/24,no,,")
    done = actions.import_file(file, partial=True)
    assert (done.networks, len(done.faults)) == (1, 1)


def test_a_prefix_has_one_holder_at_a_time(tmp_path: Path) -> None:
    both = ("Minato,port,JP,198.51.100.0/24,no,2020-01-01,", "Umi,port,JP,198.51.100.0/24,no,2021-01-01,")
    with pytest.raises(Refused, match="overlaps with Minato"):
        actions.import_file(spreadsheet(tmp_path, *both))
    handed_over = ("Minato,port,JP,198.51.100.0/24,no,2020-01-01,2021-01-01", both[1])
    assert actions.import_file(spreadsheet(tmp_path, *handed_over)).networks == 2
    with pytest.raises(Refused, match="overlaps with Umi"):
        actions.import_file(spreadsheet(tmp_path, "Kawa,port,JP,198.51.100.0/24,no,2025-01-01,"))


def test_one_organisation_has_one_sector(tmp_path: Path) -> None:
    file = spreadsheet(tmp_path, "Minato,port,JP,198.51.100.0/24,no,,", "Minato,gas,JP,203.0.113.0/24,no,,")
    with pytest.raises(Refused, match="on line 2"):
        actions.import_file(file)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_network_changes_hands_in_one_register(tmp_path: Path, order: tuple[int, int]) -> None:
    actions.import_file(spreadsheet(tmp_path, "Alpha,finance,JP,198.51.100.0/24,no,,"))
    both = ("Alpha,finance,JP,198.51.100.0/24,no,,2026-06-01", "Beta,finance,JP,198.51.100.0/24,no,2026-06-01,")
    done = actions.import_file(spreadsheet(tmp_path, *(both[at] for at in order)))
    assert (done.networks, done.changed) == (1, 1)
    holders = [owner("198.51.100.7", at) for at in (NOW.replace(month=5), NOW)]
    assert [one and one.organisation_id for one in holders] == ["alpha", "beta"]


def test_a_prefix_is_dark_or_in_use_and_said_once(tmp_path: Path) -> None:
    for lines, said in (
        (("no,2026-01-01,2026-03-01", "yes,2026-02-01,"), "dark and in use"),
        (("no,,", "yes,,"), "said otherwise on line 2"),
    ):
        with pytest.raises(Refused, match=said):
            actions.import_file(spreadsheet(tmp_path, *(f"Minato,port,JP,198.51.100.0/25,{line}" for line in lines)))


def test_ending_a_network_is_a_change_and_on_record(tmp_path: Path) -> None:
    actions.import_file(spreadsheet(tmp_path, "Minato,port,JP,198.51.100.0/24,no,2020-01-01,"))
    done = actions.import_file(spreadsheet(tmp_path, "Minato,port,JP,198.51.100.0/24,no,2020-01-01,2026-01-01"))
    assert done.changed == 1
    assert [event.kind for event in MemberEvent.objects.all()] == ["joined", "network", "network-changed"]


def test_the_most_specific_prefix_valid_at_the_time_owns_an_address(tmp_path: Path) -> None:
    actions.import_file(
        spreadsheet(
            tmp_path,
            "Provider,information-communication,JP,198.51.0.0/16,no,2020-01-01,",
            "Customer,manufacturing,JP,198.51.100.0/24,no,2020-01-01,2025-01-01",
            "Provider,information-communication,JP,2001:db8::/32,no,2020-01-01,",
        )
    )
    at = {year: owner("198.51.100.7", datetime(year, 6, 1, tzinfo=UTC)) for year in (2019, 2022, 2026)}
    assert [network and network.organisation_id for network in at.values()] == [None, "customer", "provider"]
    six = owner("2001:db8:1::5", NOW)
    assert six is not None
    assert six.cidr == "2001:db8::/32"
    assert owner("192.0.2.1", NOW) is None


def test_detectors_get_the_networks_of_their_window_as_arrow(tmp_path: Path) -> None:
    actions.import_file(
        spreadsheet(
            tmp_path,
            "Minato,port,JP,198.51.100.0/24,yes,2020-01-01,",
            "Umi,port,JP,203.0.113.0/24,no,2020-01-01,2021-01-01",
        )
    )
    table = networks(Window(NOW, NOW.replace(day=23)))
    assert table.schema == LOOKUPS["networks"]
    assert table.to_pylist() == [
        {
            "first": address.pack("198.51.100.0"),
            "last": address.pack("198.51.100.255"),
            "organisation": "minato",
            "sector": "port",
            "country": "JP",
            "dark": True,
            "valid_from": datetime(2020, 1, 1, tzinfo=UTC),
            "valid_until": None,
            "name_en": "Minato",
            "name_ja": "",
        }
    ]
    assert networks().num_rows == 2


def test_nobody_registered_is_an_empty_table_not_an_error() -> None:
    assert networks().schema == LOOKUPS["networks"]
    assert networks().num_rows == 0


def test_exercise_organisations_are_in_no_lookup_for_real_traffic(tmp_path: Path) -> None:
    file = spreadsheet(tmp_path, "Minato,port,JP,198.51.100.0/24,no,2020-01-01,")
    actions.import_file(file)
    actions.import_file(file, exercise=True)
    assert set(Organisation.objects.values_list("id", "exercise")) == {("minato", False), ("exercise-minato", True)}
    assert networks().column("organisation").to_pylist() == ["minato"]
    assert networks(exercise=True).column("organisation").to_pylist() == ["exercise-minato"]
    drilled = owner("198.51.100.7", NOW, exercise=True)
    assert drilled is not None
    assert drilled.organisation_id == "exercise-minato"


def test_who_leaves_takes_the_networks_along_and_leaves_the_record(tmp_path: Path) -> None:
    actions.import_file(spreadsheet(tmp_path, "Minato,port,JP,198.51.100.0/24,no,2020-01-01,"))
    actions.leave("minato", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert owner("198.51.100.7", NOW) is None
    assert owner("198.51.100.7", datetime(2025, 12, 31, tzinfo=UTC)) is not None
    with pytest.raises(Problem, match="no such organisation"):
        actions.leave("nobody")


def test_two_names_with_the_same_letters_have_two_ids() -> None:
    ids = {actions.register(name, "port", "JP").id for name in ("Minato Port", "Minato-Port", "MINATO PORT")}
    assert len(ids) == 3
    assert actions.register("Minato Port", "port", "JP").id == "minato-port"


def test_a_contact_can_be_reached_and_has_a_known_purpose() -> None:
    actions.register("Minato", "port", "JP")
    contact = actions.add_contact("minato", "abuse", "当直", email="abuse@minato.example")
    assert (contact.language, contact.organisation_id) == ("ja", "minato")
    with pytest.raises(Problem, match="neither"):
        actions.add_contact("minato", "abuse", "当直")
    with pytest.raises(Problem, match="technical, abuse"):
        actions.add_contact("minato", "friend", "当直", phone="1")


def test_a_sensor_is_whose_it_was_last_said_to_be() -> None:
    actions.register("Minato", "port", "JP")
    actions.add_sensor("darknet-1", organisation="minato")
    assert actions.add_sensor("darknet-1", organisation="minato", note="moved").note == "moved"


def test_a_file_that_is_not_there_is_a_problem_in_words(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="cannot be read"):
        actions.import_file(tmp_path / "nothing.csv")


def test_a_register_brings_names_and_contacts_once_and_takes_back_who_had_left(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    more = HEADER.strip() + ",name_ja,contact,email\n"
    file.write_text(more + "Minato,port,JP,198.51.100.0/24,no,2020-01-01,,港,当直,soc@minato.example\n")
    assert (actions.import_file(file).organisations, actions.import_file(file).unchanged) == (1, 1)
    minato = Organisation.objects.get()
    assert (minato.name_ja, [one.email for one in minato.contacts.all()]) == ("港", ["soc@minato.example"])
    assert [one.kind for one in MemberEvent.objects.all()] == ["joined", "contact", "network"]
    actions.leave("minato")
    assert not belonging().exists()
    assert actions.import_file(file).changed == 1
    assert belonging().get() == minato


def test_a_contact_can_be_taken_out_and_a_wrong_one_is_refused() -> None:
    actions.register("Minato", "port", "JP")
    contact = actions.add_contact("minato", "abuse", "当直", phone="1")
    actions.drop_contact("minato", contact.pk)
    with pytest.raises(Problem, match="no contact number"):
        actions.drop_contact("minato", contact.pk)
    with pytest.raises(Problem, match="valid email"):
        actions.add_contact("minato", "abuse", "当直", email="nowhere")
