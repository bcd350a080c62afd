"""The world with what comes from where: points by country on our projection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hinomi.hub.charts.picture import Picture, element, picture, title
from hinomi.hub.charts.projection import HEIGHT, WIDTH, Point, project
from hinomi.lake.lookups.countries import MIDDLES

_OUTLINE = Path(__file__).parents[1] / "static" / "hub" / "world.svg"


@dataclass(frozen=True)
class Source:
    """A country, how many packets came from there, and of which kind most are; country "" is unknown."""

    country: str
    name: str
    packets: int
    kind: str


class World:
    """The map: places of countries, their names, and the points drawn on them."""

    def places(self, codes: Iterable[str]) -> dict[str, Point]:
        """Where countries lie on the map."""
        return {code: project(MIDDLES[code][1], MIDDLES[code][0]) for code in codes if code in MIDDLES}

    def names(self, language: str) -> dict[str, str]:
        """What countries are called."""
        return _names("ja" if language.startswith("ja") else "en")

    def draw(self, sources: Sequence[Source], label: str) -> Picture:
        """One point for each country, its area by packets, its colour by the kind that most of them are."""
        most = max((one.packets for one in sources), default=1)
        points = [_point(one, most) for one in reversed(sources) if one.country in MIDDLES]
        return picture(WIDTH, HEIGHT, label, points)

    def whole(self, sources: Sequence[Source], label: str) -> Picture:
        """The same with the land below it: the drawing that leaves the page, where it must stand alone."""
        sea = element("rect", x=0, y=0, width=WIDTH, height=HEIGHT, fill="var(--sunk)")
        land = element("path", d=_land(), fill="var(--land)", stroke="var(--sunk)", stroke_width=0.6)
        return picture(WIDTH, HEIGHT, label, (sea, land, *self.draw(sources, label).parts))


@cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    return {code: name for code, name in Locale(language).territories.items() if len(code) == 2}


@cache
def _land() -> str:
    found = re.search(r' d="([^"]+)"', _OUTLINE.read_text(encoding="ascii"))
    return found[1] if found else ""


def _point(one: Source, most: int) -> str:
    latitude, longitude = MIDDLES[one.country]
    x, y = project(longitude, latitude)
    radius = 2.5 + 15 * (one.packets / most) ** 0.5
    fill = f"var(--kind-{one.kind})"
    said = title(f"{one.name}: {one.packets:,}")
    return element("circle", said, cx=x, cy=y, r=radius, fill=fill, fill_opacity=0.3, stroke=fill, stroke_width=1)


world = World()
