"""Every sentence of the account and upload pages has its Japanese."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.pofile import read_po

import hinomi.hub

HUB = Path(hinomi.hub.__file__).parent
CATALOGUE = HUB / "accounts" / "locale" / "ja" / "LC_MESSAGES" / "django.po"
SINGLE = re.compile(r"""{%\s*translate\s+["']([^"']+)["']""")
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
CALL = re.compile(r'\b_\(\s*"([^"]+)"')
VARIABLE = re.compile(r"{{ ?(\w+) ?}}")


def _sentences() -> set[str]:
    found: set[str] = set()
    for folder in ("account", "upload", "mfa"):
        for file in (HUB / "templates" / folder).rglob("*.html"):
            text = file.read_text(encoding="utf-8")
            found.update(SINGLE.findall(text))
            blocks = (VARIABLE.sub(r"%(\1)s", block) for block in BLOCK.findall(text))
            found.update(block.partition("{% plural %}")[0] for block in blocks)
    for module in (
        "accounts/forms.py",
        "accounts/passkeys.py",
        "accounts/single_sign_on.py",
        "accounts/views.py",
        "permission.py",
        "upload/views.py",
    ):
        found.update(CALL.findall((HUB / module).read_text(encoding="utf-8")))
    return found


def test_every_sentence_is_translated_and_nothing_else_is_kept() -> None:
    with CATALOGUE.open("rb") as file:
        told = {
            message.id[0] if isinstance(message.id, tuple) else message.id: message
            for message in read_po(file, "ja")
            if message.id
        }
    assert _sentences() == set(told)
    assert all(message.string for message in told.values())
