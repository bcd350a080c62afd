"""Every sentence of the pages has its Japanese, and the catalogue keeps nothing that no page says."""

import re

from tests.hub.pages import messages


def test_the_catalogue_has_exactly_what_pages_say() -> None:
    said = {one if isinstance(one, str) else one[0] for one, _where in messages.sentences()}
    kept = {one.id if isinstance(one.id, str) else one.id[0] for one in messages.catalogue() if one.id}
    assert kept - said == set()
    assert said - kept == set(), "run: python -m tests.hub.pages.messages"


def test_every_sentence_is_translated_with_its_placeholders() -> None:
    for one in messages.catalogue():
        if one.id:
            english = one.id if isinstance(one.id, str) else one.id[1]
            japanese = one.string if isinstance(one.string, str) else one.string[0]
            assert japanese, english
            assert set(re.findall(r"%\(\w+\)[sd]", japanese)) == set(re.findall(r"%\(\w+\)[sd]", english)), english
