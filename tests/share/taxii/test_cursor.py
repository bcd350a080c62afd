"""`next` means the same place every time, and nothing else can be made to mean one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hinomi.share.taxii import cursor
from hinomi.share.taxii.cursor import CursorError

KEY = b"a secret of this installation"
places = st.integers(0, 2**63)


@given(places)
def test_it_comes_back_as_often_as_one_likes(place: int) -> None:
    written = cursor.write(place, "minato objects", KEY)

    assert [cursor.read(written, "minato objects", KEY) for _ in range(3)] == [place] * 3


@given(places)
def test_it_tells_nobody_elses_place(place: int) -> None:
    written = cursor.write(place, "minato objects", KEY)

    for scope, key in (("aozora objects", KEY), ("minato objects", b"another installation")):
        with pytest.raises(CursorError):
            cursor.read(written, scope, key)


@given(places, st.integers(0, 31), st.characters(categories=["Ll", "Lu", "Nd"], max_codepoint=127))
def test_a_changed_one_is_refused(place: int, index: int, letter: str) -> None:
    written = cursor.write(place, "scope", KEY)
    changed = written[:index] + letter + written[index + 1 :]

    if changed != written:
        with pytest.raises(CursorError):
            cursor.read(changed, "scope", KEY)


@given(st.text())
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(CursorError):
        cursor.read(text, "scope", KEY)
