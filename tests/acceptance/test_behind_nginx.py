"""The nginx text of `docs/howto/run-a-hub.md`, run as it stands: TLS, cookies, client addresses, uploads, TAXII."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from requests.adapters import HTTPAdapter

from hinomi.hub.brake import REFUSALS
from tests.acceptance.serving import free_port, serving
from tests.acceptance.test_accounts import HIDDEN, TAXII
from tests.acceptance.tower import Tower

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "run-a-hub.md"
pytestmark = pytest.mark.skipif(NGINX is None, reason="nginx is not installed (Debian: nginx-light)")
MIB = 1024 * 1024
MAKE_TOKEN = """
import sys
from hinomi.hub.setup import prepare
prepare()
from hinomi.hub.accounts.actions import issue_token
from hinomi.hub.accounts.scopes import Scope
from hinomi.schema.words import Role
print(issue_token("a program", account=None, role=Role.OPERATOR, organisation=None, scopes=[Scope(sys.argv[1])])[1])
"""


@dataclass(frozen=True)
class Public:
    """A hub behind nginx: its public address, the one without TLS, the certificate to trust, the link it printed."""

    base: str
    plain: str
    certificate: str
    link: str
    tower: Tower

    def session(self, source: str = "127.0.0.1") -> requests.Session:
        """A client at an address of this machine's own."""
        session = requests.Session()
        session.trust_env = False  # a CA bundle named by the environment would win over ours
        session.verify = self.certificate
        session.mount("https://", From(source))
        return session

    def token(self, scope: str) -> dict[str, str]:
        command = [sys.executable, "-c", MAKE_TOKEN, scope]
        done = subprocess.run(command, env=self.tower.environment, check=True, capture_output=True, text=True)
        return {"Authorization": f"Bearer {done.stdout.split()[-1]}"}


class From(HTTPAdapter):
    """Connections that leave from one address."""

    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *args: object, **kwargs: object) -> None:
        super().init_poolmanager(*args, **kwargs, source_address=(self._source, 0))  # type: ignore[arg-type]  # passed on as it came


@pytest.fixture(scope="module")
def public(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Public]:
    folder = tmp_path_factory.mktemp("nginx")
    tls, plain, hub = free_port(), free_port(), free_port()
    tower = Tower(folder / "home")
    tower.home.mkdir()
    settings = re.search(r"```toml\n(.*?)```", HOWTO.read_text(), re.DOTALL)
    assert settings is not None
    said = settings[1].replace("https://hub.example.jp", f"https://localhost:{tls}").replace("= 4096", "= 1")
    (tower.home / "hinomi.toml").write_text(f"{said}port = {hub}\nworkers = 1\nscheduler = false\n")
    _certify(folder)
    with _nginx(folder, _text(folder, tls, plain, hub)), serving(tower, folder / "log", hub) as inside:
        trusted = str(folder / "fullchain.pem")
        yield Public(f"https://localhost:{tls}", f"http://localhost:{plain}", trusted, inside.link, tower)


def _text(folder: Path, tls: int, plain: int, hub: int) -> str:
    """The text of the page with this machine's ports, names and files."""
    found = re.search(r"```nginx\n(.*?)```", HOWTO.read_text(), re.DOTALL)
    assert found is not None
    text = "\n".join(line for line in found[1].splitlines() if "[::]" not in line)
    for known, here in (
        ("listen 443", f"listen 127.0.0.1:{tls}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("127.0.0.1:8000", f"127.0.0.1:{hub}"),
        ("/etc/letsencrypt/live/hub.example.jp", str(folder)),
        ("hub.example.jp", "localhost"),
        ("4100m", "5m"),
    ):
        assert known in text, known
        text = text.replace(known, here)
    return text


def _certify(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "privkey.pem").write_bytes(key.private_bytes(*form))


@contextmanager
def _nginx(folder: Path, servers: str) -> Iterator[None]:
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/pid; error_log stderr; worker_processes 1;\nevents {{}}\nhttp {{ access_log off;\n"
        + "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        + f"{servers}\n}}\n"
    )
    command = [str(NGINX), "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    folder.chmod(0o755)
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as server:
        try:
            yield
        finally:
            server.send_signal(signal.SIGQUIT)


def test_the_link_that_is_printed_is_the_public_one_and_signs_in(public: Public) -> None:
    assert public.link.startswith(public.base)
    person = public.session()
    page = person.get(public.link, timeout=30)
    hidden = HIDDEN.search(page.text)
    assert hidden is not None
    sent = {"csrfmiddlewaretoken": hidden[1]}
    answer = person.post(public.link, data=sent, headers={"Referer": public.link, "Origin": public.base}, timeout=30)
    assert answer.ok
    assert answer.url.startswith(public.base)
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    cookies = {cookie.name: cookie for cookie in person.cookies}
    assert set(cookies) >= {"__Host-session", "__Host-csrf"}
    assert all(cookie.secure and cookie.path == "/" for cookie in cookies.values())
    assert "nginx/" not in answer.headers.get("Server", "")


def test_without_tls_one_is_led_to_it(public: Public) -> None:
    answer = requests.get(f"{public.plain}/cases/?span=7d", allow_redirects=False, timeout=30)
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://localhost/cases/?span=7d"


def test_wrong_tokens_are_counted_by_the_address_that_nginx_saw(public: Public) -> None:
    """Who guesses is slowed down whatever it claims to be; its neighbour is not."""
    guesser, neighbour = public.session("127.0.0.2"), public.session("127.0.0.3")
    for number in range(REFUSALS + 1):
        claimed = {"Authorization": "Bearer hin_wrong", "X-Forwarded-For": f"198.51.100.{number}"}
        answer = guesser.get(f"{public.base}/api/v1/me", headers=claimed, timeout=30)
    assert answer.status_code == 429
    assert (
        neighbour.get(f"{public.base}/api/v1/me", headers={"Authorization": "Bearer hin_wrong"}, timeout=30).status_code == 401
    )


def test_a_capture_is_streamed_through_and_one_too_large_is_refused_by_the_hub(public: Public) -> None:
    sensor, where = public.token("observe"), f"{public.base}/api/v1/captures"
    session = public.session()
    sent = session.post(where, files={"capture": ("a.pcap", b"\0" * (MIB // 2))}, headers=sensor, timeout=60)
    assert sent.status_code == 202, sent.text
    large = session.post(where, files={"capture": ("b.pcap", b"\0" * (2 * MIB))}, headers=sensor, timeout=60)
    assert large.status_code == 413
    assert "upload_limit" in large.text
    assert session.post(where, files={"capture": ("c.pcap", b"\0" * (6 * MIB))}, headers=sensor, timeout=60).status_code == 413


def test_taxii_answers_through_the_proxy(public: Public) -> None:
    answer = public.session().get(f"{public.base}/taxii2/", headers=TAXII | public.token("read"), timeout=30)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == TAXII["Accept"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]
