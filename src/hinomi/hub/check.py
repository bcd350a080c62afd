"""One thing that was looked at: how it stands and, when not well, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hinomi.schema.words import Text

State = Literal["good", "warning", "bad"]


@dataclass(frozen=True)
class Check:
    """How one thing stands. `public` may be shown to members."""

    name: str
    state: State
    message: Text
    public: bool = False

    @property
    def ok(self) -> bool:
        return self.state != "bad"
