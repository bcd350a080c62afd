"""The examination of every export format, unasked: whoever adds one is told here what it must hold to."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from hinomi.schema.problems import WrongUse
from hinomi.schema.release import Item, Reader, Release
from hinomi.schema.scope import Tlp
from hinomi.schema.words import Text
from hinomi.share.format import Format, formats, named

CONTENTS = tuple(b'{"type":"identity","id":"identity--%d","name":"\xe6\xb9\xaa"}' % number for number in range(3))
MADE = Release(
    id="release--00000000-0000-4000-8000-000000000000",
    reader=Reader("minato"),
    rule="community",
    reason=Text("", ""),
    at=datetime(2026, 11, 20, tzinfo=UTC),
    items=tuple(Item(f"identity--{number}", "v", Tlp.GREEN, content) for number, content in enumerate(CONTENTS)),
)


@pytest.fixture(params=formats().values(), ids=list(formats()))
def form(request: pytest.FixtureRequest) -> Format:
    declared: Format = request.param
    return declared


def test_it_says_what_it_is_in_both_languages(form: Format) -> None:
    assert form.title.en.strip()
    assert form.title.ja.strip()
    assert sys.modules[form.write.__module__].__doc__
    assert form.media.count("/") == 1
    assert form.suffix.startswith(".")


def test_the_same_release_is_the_same_file(form: Format) -> None:
    assert form.write(MADE) == form.write(replace(MADE))


def test_a_release_of_nothing_is_a_file_too_and_tells_nothing(form: Format) -> None:
    empty = form.write(replace(MADE, items=()))
    assert all(item.id.encode() not in empty for item in MADE.items)


def test_a_bundle_holds_the_objects_byte_for_byte() -> None:
    written = named("stix-bundle").write(MADE)
    assert b",".join(CONTENTS) in written
    assert orjson.loads(written)["id"] == "bundle--00000000-0000-4000-8000-000000000000"
    assert "objects" not in orjson.loads(named("stix-bundle").write(replace(MADE, items=())))


def test_an_unknown_format_is_answered_with_those_there_are() -> None:
    with pytest.raises(WrongUse, match="stix-bundle"):
        named("pigeon")
