"""A session that ends while somebody writes: nothing is saved, and the way back is the page, not the form's address."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from hinomi.hub import refused
from hinomi.hub.accounts.models import Account
from tests.hub.conftest import SignedIn

TEMPLATES = Path(refused.__file__).parent / "templates"
FORM = re.compile(r'<form method="post"([^>]*(?:{%[^%]*%}[^>]*)*)>(.*?)</form>', re.DOTALL)
WRITTEN = re.compile(r"<textarea|<input name=|<input type=\"text\"")
PAGE = "http://127.0.0.1/cases/incident--1/?span=7d"


def following(client: Client, referer: str = "") -> str:
    """Where a stranger who sends a note is led after signing in."""
    headers = {"referer": referer} if referer else {}
    answer = client.post("/cases/incident--1/note/", {"text": "a long text"}, headers=headers)
    assert answer.status_code == 302
    return parse_qs(urlsplit(answer.headers["location"]).query)["next"][0]


def test_after_signing_in_one_is_back_at_the_page_of_the_form(stranger: Client) -> None:
    assert following(stranger, PAGE) == "/cases/incident--1/?span=7d"


@pytest.mark.parametrize("referer", ["", "https://evil.example/cases/", "http://127.0.0.1.evil.example/x", "//evil.example"])
def test_who_does_not_say_where_the_form_was_is_led_to_the_weather(stranger: Client, referer: str) -> None:
    assert following(stranger, referer) == "/"


def test_a_page_that_was_only_opened_is_opened_after_signing_in(stranger: Client) -> None:
    answer = stranger.get("/cases/?span=7d", headers={"referer": PAGE})
    assert parse_qs(urlsplit(answer.headers["location"]).query)["next"] == ["/cases/?span=7d"]


@pytest.mark.parametrize(("language", "said"), [("en", "nothing was saved"), ("ja", "保存されていません")])
def test_the_sign_in_page_says_that_nothing_was_saved(stranger: Client, language: str, said: str) -> None:
    speaks = {"accept-language": language}
    stranger.post("/cases/incident--1/note/", {"text": "a long text"}, headers={"referer": PAGE} | speaks)
    assert said in stranger.get("/account/login/", headers=speaks).content.decode()
    assert said not in stranger.get("/account/login/", headers=speaks).content.decode()


@pytest.mark.parametrize(
    ("address", "back"),
    [
        ("/cases/incident--1/note/", "/cases/incident--1/"),
        ("/allowances/3/withdraw/", "/allowances/"),
        ("/account/people/1/shut/", "/account/people/"),
        ("/look/", "/"),
    ],
)
def test_an_address_that_only_takes_forms_is_told_as_a_page_with_the_way_back(
    operator: Account, browser: SignedIn, address: str, back: str
) -> None:
    answer = browser(operator).get(address, headers={"accept": "text/html"})
    page = answer.content.decode()
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert f'<a href="{back}">' in page.partition('<main id="main"')[2]
    assert "Nothing was changed" in page


def test_every_form_that_one_writes_into_keeps_what_is_typed_and_no_form_of_secrets_does() -> None:
    forms = [(file, *found) for file in (TEMPLATES / "pages").glob("*.html") for found in FORM.findall(file.read_text())]
    written = [(file.name, "data-kept" in tag) for file, tag, inside in forms if WRITTEN.search(inside)]
    assert sorted(written) == [
        (name, True) for name in ("case.html", "finding.html", "import.html", "member.html", "new_case.html")
    ]
    secret = [file for folder in ("account", "mfa") for file in (TEMPLATES / folder).rglob("*.html")]
    assert [file.name for file in secret if "data-kept" in file.read_text()] == []
