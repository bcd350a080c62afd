"""An organisation's id is made of its name, the same every time, in Latin letters as far as they go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.members.romaji import romanise
from hinomi.members.slug import slug


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Tokyo Gas", "tokyo-gas"),
        ("ＮＴＴ", "ntt"),
        ("Šumava  a.s.", "sumava-a-s"),
        ("カシワサッカー", "kashiwasakka"),
        ("みなと", "minato"),
    ],
)
def test_a_name_that_can_be_written_is_written(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_kanji_become_a_short_hash_and_what_can_be_read_stays() -> None:
    assert slug("東京電力").startswith("org-")
    assert slug("ひのみ電力").startswith("hinomi-")
    assert slug("東京電力") != slug("東北電力")


@pytest.mark.parametrize(
    ("kana", "latin"),
    [
        ("しゃちょう", "shachou"),
        ("マッチ", "matchi"),
        ("ファックス", "fakkusu"),
        ("じゅん", "jun"),
        ("ティー", "ti"),
        ("漢字", "漢字"),
    ],
)
def test_kana_are_read_as_they_sound(kana: str, latin: str) -> None:
    assert romanise(kana) == latin


@given(st.text(min_size=1, max_size=200))
def test_every_name_gives_a_usable_id_and_always_the_same(name: str) -> None:
    made = slug(name)
    assert made == slug(name)
    assert 0 < len(made) <= 47
    assert made.isascii()
    assert set(made) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
