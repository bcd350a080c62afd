"""The pages in the order of the navigation, and who finds them there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hinomi.hub.permission import HUB, SIGNED_IN, Permission, allows


@dataclass(frozen=True)
class Room:
    """One entry of the navigation."""

    name: str
    title: str | Promise
    roles: Permission = SIGNED_IN
    covers: tuple[str, ...] = ()
    path: str = ""
    here: bool = False

    def open_to(self, person: Any) -> bool:
        return allows(self.roles, person)

    def shown(self, here: str, path: str) -> Room:
        return replace(self, path=path, here=here == self.name or here in self.covers)


ROOMS: tuple[Room, ...] = (
    Room("weather", _("Weather")),
    Room("atlas", _("Atlas"), HUB),
    Room("findings", _("Findings"), covers=("finding", "allowances")),
    Room("cases", _("Cases"), covers=("case", "case-new")),
    Room("mine", _("Is it me?")),
    Room("members", _("Members"), covers=("member",)),
    Room("upload", _("Upload"), HUB, covers=("job",)),
    Room("health", _("Health"), HUB),
)
