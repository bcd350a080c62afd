"""The register comes from people's spreadsheets: in their encodings, with their slips, all of which are named at once."""

from datetime import UTC, datetime

import pytest

from hinomi.members.countries import COUNTRIES
from hinomi.members.register import ALWAYS, read
from hinomi.schema.problems import Problem

HEADER = "organisation,sector,country,prefix,dark,valid_from,valid_until\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_a_japanese_name_survives_every_encoding_a_spreadsheet_writes(encoding: str) -> None:
    table = HEADER + "東京火の見電力,electricity,JP,198.51.100.0/24,no,2026-04-01,\n"
    rows, faults = read(table.replace("\n", "\r\n").encode(encoding), "members.csv")
    assert not faults
    assert [(row.organisation, row.cidr, row.valid_from) for row in rows] == [
        ("東京火の見電力", "198.51.100.0/24", datetime(2026, 4, 1, tzinfo=UTC))
    ]


def test_what_is_empty_means_no_telescope_since_always_and_still() -> None:
    rows, faults = read((HEADER + "Minato,port,jp,2001:db8::/32,,,\n").encode(), "members.csv")
    assert not faults
    assert (rows[0].dark, rows[0].valid_from, rows[0].valid_until, rows[0].country) == (False, ALWAYS, None, "JP")


def test_all_slips_are_named_with_their_lines() -> None:
    table = HEADER + (
        "Minato,port,JP,198.51.100.7/24,no,,\n"
        "Minato,harbour,JP,198.51.100.0/24,no,,\n"
        "Minato,port,XX,198.51.100.0/24,no,,\n"
        "Minato,port,JP,198.51.100.0/24,maybe,,\n"
        "Minato,port,JP,198.51.100.0/24,no,1 April,\n"
        "Minato,port,JP,198.51.100.0/24,no,2026-04-01,2026-03-01\n"
        ",port,JP,198.51.100.0/24,no,,\n"
        "Minato,port,JP,0.0.0.0/0,no,,\n"
        "Minato,port,JP,198.51.100.0/33,no,,\n"
        "\n"
        "Minato,port,JP,198.51.100.0/24,yes,2026/04/01,\n"
    )
    rows, faults = read(table.encode(), "members.csv")
    assert [fault.line for fault in faults] == [2, 3, 4, 5, 6, 7, 8, 9, 10]
    told = "\n".join(fault.told("en") for fault in faults)
    for word in (
        "Did you mean 198.51.100.0/24?",
        "harbour",
        "XX",
        "maybe",
        "1 April",
        "not after",
        "no name",
        "larger",
        "not a prefix",
    ):
        assert word in told
    assert all(fault.told("ja") for fault in faults)
    assert [row.line for row in rows] == [12]
    assert rows[0].dark


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"", "missing: organisation"),
        (b"name,prefix\nx,y\n", "missing"),
        (b"\x81\x00\xff,", "not a CSV"),
        (b'a,"b\n', "not a CSV"),
    ],
)
def test_what_is_no_register_is_refused_in_one_sentence(raw: bytes, word: str) -> None:
    with pytest.raises(Problem, match=word):
        read(raw, "members.csv")


def test_the_countries_are_those_of_the_standard() -> None:
    assert len(COUNTRIES) == 249
    assert {"JP", "US", "SG", "GB"} <= COUNTRIES


def test_a_wrong_date_is_quoted_in_both_languages_and_not_in_the_words_of_python() -> None:
    text = HEADER + "Kagami Bank,finance,JP,192.0.2.0/24,,2026-13-01,\n"
    _, faults = read(text.encode(), "register.csv")
    assert [one.told("ja") for one in faults] == [
        "行 2: 日付が誤っています: '2026-13-01'。 2026-04-01 のように書くか、空にしてください。"
    ]


def test_a_japanese_name_and_a_contact_may_be_added() -> None:
    table = (
        HEADER.strip()
        + ",name_ja,contact,email,phone\n"
        + (
            "Minato,port,JP,198.51.100.0/24,,,,港,当直,soc@minato.example,03-0000-0000\n"
            "Minato,port,JP,203.0.113.0/24,,,,,,,\n"
            "Umi,port,JP,192.0.2.0/25,,,,海,当直,,\n"
            "Umi,port,JP,192.0.2.128/25,,,,海,,soc at umi,\n"
        )
    )
    rows, faults = read(table.encode(), "members.csv")
    assert [(row.name_ja, row.contact, row.email, row.phone) for row in rows] == [
        ("港", "当直", "soc@minato.example", "03-0000-0000"),
        ("", "", "", ""),
    ]
    assert [fault.line for fault in faults] == [4, 5]
    assert "cannot be reached" in faults[0].told("en")
    assert "soc at umi" in faults[1].told("ja")


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_spreadsheet_saves_what_stands_between_columns_and_dates_in_its_own_way(delimiter: str) -> None:
    table = (HEADER + "Minato,port,JP,198.51.100.0/24,no,2026/4/1,2026/12/31 9:00\n").replace(",", delimiter)
    rows, faults = read(table.encode("utf-16" if delimiter == "\t" else "utf-8"), "members.csv")
    assert not faults
    assert (rows[0].valid_from, rows[0].valid_until) == (
        datetime(2026, 4, 1, tzinfo=UTC),
        datetime(2026, 12, 31, 9, tzinfo=UTC),
    )


def test_columns_that_would_be_lost_are_refused() -> None:
    renamed = "organisation,sector,country,prefix,dark,from,until\nMinato,port,JP,198.51.100.0/24,no,2026-01-01,2026-02-01\n"
    with pytest.raises(Problem, match="from, until"):
        read(renamed.encode(), "members.csv")
    longer = "organisation,sector,country,prefix,dark\nMinato,port,JP,198.51.100.0/24,no,2026-01-01,\n"
    rows, faults = read(longer.encode(), "members.csv")
    assert not rows
    assert "more cells" in faults[0].told("en")


@pytest.mark.parametrize("cidr", ["::ffff:0:0/96", "::ffff:198.51.100.0/120", "fe80::1%eth0/128"])
def test_all_of_ipv4_in_disguise_and_zones_are_no_prefixes_of_a_member(cidr: str) -> None:
    rows, faults = read(f"{HEADER}Minato,port,JP,{cidr},yes,,\n".encode(), "members.csv")
    assert not rows
    assert "no prefix of a member" in faults[0].told("en")
