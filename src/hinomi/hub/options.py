"""THE table of settings: what a hub can be told, by an environment variable or by a line of `hinomi.toml` in its home.

The environment wins over the file. `docs/reference/settings.md` is made from this table (`reference`) and compared with it
in a test.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from hinomi.schema.problems import WrongUse
from hinomi.schema.words import Text

Value = str | int | bool


@dataclass(frozen=True)
class Option:
    """One setting: its name in `hinomi.toml`, what it means, and what is used when nothing is said."""

    name: str
    default: Value
    meaning: Text

    @property
    def env(self) -> str:
        return f"HINOMI_{self.name.upper()}"

    def read(self, raw: object, where: str) -> Value:
        """The value in the type of the default; text from the environment is understood too."""
        reader = _READERS[type(self.default)]
        try:
            return reader(raw)
        except (ValueError, KeyError):
            what = Text("{name} cannot be {raw}.", "{name} を {raw} にはできません。").fill(name=self.name, raw=repr(raw))
            raise WrongUse(where, what, _TAKES[type(self.default)]) from None


_SWITCH = {"yes": True, "true": True, "1": True, "on": True, "no": False, "false": False, "0": False, "off": False}


def _number(raw: object) -> int:
    if isinstance(raw, bool):
        raise ValueError(raw)
    return int(str(raw))


_READERS: dict[type, Callable[[object], Value]] = {
    str: str,
    int: _number,
    bool: lambda raw: _SWITCH[str(raw).lower()],
}

_TAKES: dict[type, Text] = {
    bool: Text("Write yes or no.", "yes か no を書いてください。"),
    int: Text("Write a whole number.", "整数を書いてください。"),
    str: Text("Write text.", "文字列を書いてください。"),
}

OPTIONS: tuple[Option, ...] = (
    Option("host", "127.0.0.1", Text("address the hub listens on", "待ち受けるアドレス")),
    Option("port", 8000, Text("port the hub listens on", "待ち受けるポート")),
    Option(
        "public_url",
        "",
        Text(
            "the address people type, when it is not host and port, e.g. https://hub.example.jp; https makes cookies secure",
            "利用者が入力するURL（host・portと異なる場合）。例: https://hub.example.jp。httpsならCookieはSecureになる",
        ),
    ),
    Option(
        "allowed_hosts",
        "",
        Text("further host names that are answered, by comma", "応答する追加のホスト名（カンマ区切り）"),
    ),
    Option(
        "proxies",
        0,
        Text(
            "how many reverse proxies stand before the hub; their X-Forwarded-For and X-Forwarded-Proto are believed",
            "前段のリバースプロキシの段数。X-Forwarded-ForとX-Forwarded-Protoを信頼する",
        ),
    ),
    Option(
        "database_url",
        "",
        Text(
            "postgresql://user:password@host/name instead of the SQLite file in the home",
            "ホーム内のSQLiteの代わりに使う postgresql://user:password@host/name",
        ),
    ),
    Option("workers", 2, Text("processes that answer requests", "リクエストに応答するプロセス数")),
    Option("threads", 4, Text("threads in each of them", "各プロセスのスレッド数")),
    Option("scheduler", True, Text("detection and house-keeping run inside the hub", "検知と保守をハブ内で実行する")),
    Option("upload_limit", 4096, Text("largest capture that may be uploaded, MiB", "アップロードできるキャプチャの上限 (MiB)")),
    Option(
        "retention_days",
        0,
        Text(
            "days that events stay in the lake; 0 keeps them for ever (findings and cases always stay)",
            "イベントの保存日数。0は無期限（検知結果と事案は常に残る）",
        ),
    ),
    Option("session_hours", 12, Text("hours after which a person signs in again", "再サインインまでの時間")),
    Option("link_minutes", 30, Text("minutes that a one-time sign-in link lives", "使い捨てサインインリンクの有効時間（分）")),
    Option("language", "en", Text("language before a person chooses: en or ja", "利用者が選ぶ前の表示言語 (en または ja)")),
    Option("oidc_issuer", "", Text("OpenID Connect issuer; empty leaves it off", "OpenID Connectの発行者。空なら無効")),
    Option("oidc_client", "", Text("client id at that issuer", "発行者におけるクライアントID")),
    Option("oidc_secret", "", Text("client secret at that issuer", "発行者におけるクライアントシークレット")),
    Option("oidc_name", "OpenID Connect", Text("what the sign-in button says", "サインインボタンの表示名")),
)


def read_options(file: Path, environ: Mapping[str, str]) -> dict[str, Value]:
    """Every setting with its value: environment, else file, else default; an unknown line in the file is an error."""
    written = _file(file)
    unknown = sorted(set(written) - {option.name for option in OPTIONS})
    if unknown:
        what = Text("no setting is called {names}.", "{names} という設定はありません。").fill(names=", ".join(unknown))
        raise WrongUse(str(file), what, Text("See docs/reference/settings.md.", "docs/reference/settings.md を見てください。"))
    return {option.name: _value(option, written, file, environ) for option in OPTIONS}


def _value(option: Option, written: Mapping[str, object], file: Path, environ: Mapping[str, str]) -> Value:
    if environ.get(option.env):
        return option.read(environ[option.env], option.env)
    if option.name in written:
        return option.read(written[option.name], str(file))
    return option.default


def _file(file: Path) -> Mapping[str, object]:
    if not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        what = Text("{error}.", "{error}。").fill(error=error)
        raise WrongUse(
            str(file), what, Text("Write lines such as: port = 8000", "port = 8000 のような行を書いてください。")
        ) from None


def reference() -> Iterator[str]:
    """`docs/reference/settings.md`, line by line."""
    yield from ("# Settings 設定", "")
    yield "A hub needs none of these. Say one by an environment variable, or by a line such as `port = 8000` in `hinomi.toml`"
    yield "in its home; the environment wins. `HINOMI_HOME` (default `./.hinomi`) is the home itself and comes only from the"
    yield "environment."
    yield ""
    yield from ("| setting | environment | default | meaning | 意味 |", "| --- | --- | --- | --- | --- |")
    for option in OPTIONS:
        default = {True: "yes", False: "no"}[option.default] if isinstance(option.default, bool) else option.default
        shown = f"`{default}`" if default != "" else ""
        yield f"| `{option.name}` | `{option.env}` | {shown} | {option.meaning.en} | {option.meaning.ja} |"
