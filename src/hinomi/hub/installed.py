"""What `hinomi doctor` looks at beside the health page: what was installed, and what somebody may have taken away."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hinomi.home import home
from hinomi.hub.check import Check
from hinomi.schema.words import Text

if TYPE_CHECKING:
    from babel.messages.catalog import Message


def translations() -> Check:
    """Whether every catalogue is compiled, and says what its source says."""
    import hinomi

    bad = [source for source in sorted(Path(hinomi.__file__).parent.rglob("*.po")) if not _compiled(source)]
    if bad:
        return Check(
            "translations",
            "bad",
            Text(
                f"{bad[0].with_suffix('.mo')} is missing or older than its source: install Hinomi again (make setup).",
                f"{bad[0].with_suffix('.mo')} がないか古くなっています。再インストールしてください (make setup)。",
            ),
        )
    return Check("translations", "good", Text("Every catalogue is compiled.", "翻訳はすべて最新です。"))


def _compiled(source: Path) -> bool:
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    target = source.with_suffix(".mo")
    if not target.is_file():
        return False
    with source.open("rb") as written, target.open("rb") as made:
        wanted, found = read_po(written), read_mo(made)
    return all(_strings(found.get(one.id, one.context)) == _strings(one) for one in wanted if one.id and all(_strings(one)))


def _strings(message: Message | None) -> tuple[str, ...]:
    """What a message says, in each of its forms; a fuzzy one is not compiled, and says nothing."""
    if message is None or message.fuzzy:
        return ("",)
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))


def assets() -> Check:
    """Whether the files that pages need are where they were collected."""
    from django.conf import settings

    manifest = settings.STATIC_ROOT / "staticfiles.json"
    if not manifest.is_file():
        return Check("assets", "good", Text("They are collected when the hub starts.", "ハブの起動時に収集されます。"))
    names = json.loads(manifest.read_text("utf-8"))["paths"].values()
    missing = [name for name in names if not (settings.STATIC_ROOT / name).is_file()]
    if missing:
        return Check(
            "assets",
            "bad",
            Text(
                f"{len(missing)} files of the pages are missing, the first is {settings.STATIC_ROOT / missing[0]}: "
                f"remove {settings.STATIC_ROOT} and start the hub again.",
                f"画面用ファイルが {len(missing)} 個ありません (最初: {settings.STATIC_ROOT / missing[0]})。"
                f"{settings.STATIC_ROOT} を削除してハブを起動し直してください。",
            ),
        )
    return Check("assets", "good", Text("Every file of the pages is there.", "画面用ファイルはそろっています。"))


def exercise_marks() -> Check:
    """Whether exercise lakes carry their mark, and the real one does not: by it alone the two are told apart."""
    from hinomi.lake.tables import Layout

    played = [Layout(folder) for folder in sorted(home().exercise("").glob("*/"))]
    lost = next((lake for lake in played if lake.database.exists() and not lake.exercise.exists()), None)
    if lost is not None:
        advice = Text(
            f"{lost.root} holds exercise data without its mark: make the file {lost.exercise} again, or remove the folder.",
            f"演習データ {lost.root} に印がありません。ファイル {lost.exercise} を作り直すか、フォルダを削除してください。",
        )
        return Check("exercise-marks", "bad", advice)
    if (mark := Layout(home().lake).exercise).exists():
        advice = Text(
            f"This lake is marked as an exercise, and nothing of it is shared; if it is real, remove {mark}.",
            f"このデータレイクには演習の印があり、共有されません。実データなら {mark} を削除してください。",
        )
        return Check("exercise-marks", "bad", advice)
    return Check("exercise-marks", "good", Text("Real and exercise data are apart.", "実データと演習データは分かれています。"))


def places() -> Check:
    """Whether the user's own address databases can be read."""
    from hinomi.lake.lookups.places import locate

    locate([bytes(10) + b"\xff\xff" + bytes([192, 0, 2, 1])])
    return Check("places", "good", Text("Addresses are found on the map.", "アドレスの所在を調べられます。"))


def build_clock(now: datetime | None = None) -> Check:
    """Whether the clock stands behind the day on which Hinomi's own files were written."""
    import hinomi

    built = datetime.fromtimestamp(Path(hinomi.__file__).stat().st_mtime, UTC)
    seen = now or datetime.now(UTC)
    if (built - seen).total_seconds() > 86_400:
        return Check(
            "build-clock",
            "bad",
            Text(
                f"The clock says {seen:%Y-%m-%d}, but Hinomi was installed on {built:%Y-%m-%d}: set it, and check NTP.",
                f"時計は {seen:%Y-%m-%d} ですが、インストール日は {built:%Y-%m-%d} です。時刻を合わせ、NTPを確認してください。",
            ),
        )
    return Check("build-clock", "good", Text("The clock is later than the installation.", "時計はインストール日より後です。"))


CHECKS: tuple[Callable[[], Check], ...] = (translations, assets, exercise_marks, places, build_clock)
