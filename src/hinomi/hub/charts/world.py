"""The world with what comes from where: points by country on our projection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from hinomi.hub.charts.picture import Picture, element, picture, title
from hinomi.hub.charts.projection import HEIGHT, WIDTH, Point, project
from hinomi.lake.lookups.countries import MIDDLES


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
        """One point for each country, its area by packets; colour and shape by kind come from the page."""
        most = max((one.packets for one in sources), default=1)
        points = [_point(one, most) for one in reversed(sources) if one.country in MIDDLES]
        return picture(WIDTH, HEIGHT, label, points)


@cache
def _names(language: str) -> dict[str, str]:
    from babel import Locale

    return {code: name for code, name in Locale(language).territories.items() if len(code) == 2}


def _point(one: Source, most: int) -> str:
    latitude, longitude = MIDDLES[one.country]
    x, y = project(longitude, latitude)
    radius = 2.5 + 15 * (one.packets / most) ** 0.5
    fill = "var(--accent)"
    said = title(f"{one.name}: {one.packets:,}")
    return element("circle", said, cx=x, cy=y, r=radius, fill=fill, fill_opacity=0.35, stroke=fill, stroke_width=1)


world = World()
