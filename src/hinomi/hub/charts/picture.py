"""A drawing: SVG whose colours are the page's tokens, so that one drawing serves light, dark, paper and export."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from django.utils.safestring import SafeString, mark_safe

# The light palette of `static/hub/css/tokens.css`, for files that leave the page; a test compares the two.
PALETTE: dict[str, str] = {
    "paper": "#faf8f4",
    "sheet": "#ffffff",
    "sunk": "#f2eee6",
    "ink": "#1a2430",
    "quiet": "#54606d",
    "line": "#e3ddd1",
    "edge": "#857d6f",
    "accent": "#b0301a",
    "glow": "#f9e7df",
    "band": "#dde5eb",
    "land": "#dbd4c5",
    "calm": "#2f6f5e",
    "heat-0": "#efeae0",
    "heat-1": "#f6d8c6",
    "heat-2": "#eeb08f",
    "heat-3": "#dd7f58",
    "heat-4": "#c24a2a",
    "heat-5": "#8c1f0d",
    "kind-mirai": "#b0301a",
    "kind-masscan": "#7a4a00",
    "kind-zmap": "#00658a",
    "kind-scan": "#4a5b6c",
    "kind-backscatter": "#6d3f91",
    "kind-icmp": "#2f6f5e",
    "kind-udp": "#7c6a1f",
    "kind-other": "#6b675f",
}
_TOKEN = re.compile(r"var\(--([a-z0-9-]+)\)")


def element(tag: str, inner: str = "", /, **attributes: object) -> str:
    """One SVG element; `stroke_width` is written `stroke-width`, numbers as short as they can be, text escaped."""
    written = "".join(f' {name.rstrip("_").replace("_", "-")}="{_value(value)}"' for name, value in attributes.items())
    return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"


def _value(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 10_000 else escape(str(value))


def title(text: str) -> str:
    """What a pointer or a screen reader is told of a part."""
    return f"<title>{escape(text)}</title>"


@dataclass(frozen=True)
class Picture:
    """A drawing of `width` × `height` units; `label` says in words what it shows.

    `stretch` lets it fill its place. `fluid` does so too, for parts placed in per cent: its letters keep their size.
    """

    width: float
    height: float
    label: str
    parts: tuple[str, ...]
    stretch: bool = False
    fluid: bool = False

    def inline(self) -> SafeString:
        """As part of a page."""
        role = "group" if any(part.startswith("<a ") for part in self.parts) else "img"  # an image holds no links
        look = "picture stretch" if self.stretch or self.fluid else "picture"
        drawn = self._drawn(f' class="{look}" role="{role}"', "" if self.fluid else self._box)
        return mark_safe(drawn)  # noqa: S308 -- every part is made by `element`, which escapes what it is given

    def svg(self) -> bytes:
        """As a file: with a size, and with colours instead of tokens."""
        size = f' xmlns="http://www.w3.org/2000/svg" width="{self.width:g}" height="{self.height:g}" font-family="sans-serif"'
        return _TOKEN.sub(lambda token: PALETTE[token[1]], self._drawn(size, self._box)).encode()

    def png(self) -> bytes:
        """As pixels, twice the size."""
        import vl_convert

        drawn: bytes = vl_convert.svg_to_png(self.svg().decode(), scale=2)
        return drawn

    @property
    def _box(self) -> str:
        stretch = ' preserveAspectRatio="none"' if self.stretch else ""
        return f' viewBox="0 0 {self.width:g} {self.height:g}"{stretch}'

    def _drawn(self, extra: str, box: str) -> str:
        return f'<svg{box}{extra} aria-label="{escape(self.label)}">{"".join(self.parts)}</svg>'


def picture(
    width: float, height: float, label: str, parts: Iterable[str], *, stretch: bool = False, fluid: bool = False
) -> Picture:
    """A drawing from its parts."""
    return Picture(width, height, label, tuple(parts), stretch, fluid)
