"""Signing in through an issuer of one's own: off by default; on, it opens to those an operator added, and to no others."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import NoReverseMatch, reverse

STORY = """
import json, sys, threading, time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit
import jwt

who = {"sub": "42", "preferred_username": "hanako"}

class Issuer(BaseHTTPRequestHandler):
    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        if self.path.startswith("/.well-known/"):
            self.tell({"issuer": base, "authorization_endpoint": base + "/authorize", "token_endpoint": base + "/token",
                       "userinfo_endpoint": base + "/me", "jwks_uri": base + "/keys"})
        else:
            self.tell(who)
    def do_POST(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        claims = who | {"iss": base, "aud": "hub", "exp": int(time.time()) + 60}
        self.tell({"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode(claims, "k" * 32, algorithm="HS256")})
    def tell(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())
    def log_message(self, *_):
        pass

issuer = HTTPServer(("127.0.0.1", 0), Issuer)
threading.Thread(target=issuer.serve_forever, daemon=True).start()
import os
os.environ["HINOMI_OIDC_ISSUER"] = f"http://127.0.0.1:{issuer.server_port}"
from hinomi.hub.setup import prepare
prepare()
from django.test import Client
from hinomi.hub.accounts.actions import add_account
from hinomi.hub.accounts.models import Account
from hinomi.schema.words import Role

def come_in():
    browser = Client(headers={"host": "127.0.0.1"})
    begun = browser.post("/account/oidc/oidc/login/")
    state = parse_qs(urlsplit(begun.headers["Location"]).query)["state"][0]
    browser.get("/account/oidc/oidc/login/callback/", {"code": "c", "state": state})
    return browser.session.get("_auth_user_id")

said = {"page": "Our Issuer" in Client(headers={"host": "127.0.0.1"}).get("/account/login/").content.decode()}
said["policy"] = Client(headers={"host": "127.0.0.1"}).get("/account/login/").headers["Content-Security-Policy"]
said["stranger"] = come_in()
said["made"] = Account.objects.filter(username="hanako").exists()
hanako = add_account("hanako", Role.ANALYST)
said["added"] = come_in() == str(hanako.pk)
said["again"] = come_in() == str(hanako.pk)
who["preferred_username"] = "renamed"
said["renamed"] = come_in() == str(hanako.pk)
who.update(sub="43", preferred_username="hanako")
said["other subject of the same name"] = come_in()
who.update(sub="42")
Account.objects.update(is_active=False)
said["shut out"] = come_in()
print(json.dumps(said))
"""


def test_it_is_off_by_default() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("openid_connect_login", kwargs={"provider_id": "oidc"})


def test_it_lets_in_whom_an_operator_added_and_nobody_else(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HINOMI", "DJANGO"))}
    given = kept | {
        "HINOMI_HOME": str(tmp_path / "home"),
        "HINOMI_OIDC_CLIENT": "hub",
        "HINOMI_OIDC_SECRET": "secret",
        "HINOMI_OIDC_NAME": "Our Issuer",
    }
    done = subprocess.run([sys.executable, "-c", STORY], env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout)
    assert "form-action 'self' http://127.0.0.1:" in said.pop("policy")
    assert said == {
        "page": True,
        "stranger": None,
        "made": False,
        "added": True,
        "again": True,
        "renamed": True,
        "other subject of the same name": None,
        "shut out": None,
    }
