"""Kana as Latin letters (modified Hepburn), so that a name in kana gives an id that can be read aloud."""

from __future__ import annotations

import unicodedata

# Unicode names its kana in Nihon-shiki; Hepburn writes these as they sound.
_HEPBURN = {"si": "shi", "ti": "chi", "tu": "tsu", "hu": "fu", "zi": "ji", "di": "ji", "du": "zu"}
_LONG = "ー"


def romanise(text: str) -> str:
    """The text with its kana in Latin letters; everything else, kanji too, stays as it is."""
    sounds: list[str] = []
    for letter in text:
        name = unicodedata.name(letter, "")
        kind, _, sound = name.partition(" LETTER ")
        if letter == _LONG:
            continue
        if kind not in ("HIRAGANA", "KATAKANA"):
            sounds.append(letter)
        elif sound.startswith("SMALL "):
            _glide(sounds, sound.removeprefix("SMALL ").lower())
        else:
            sounds.append(_after_stop(sounds, _HEPBURN.get(sound.lower(), sound.lower())))
    return "".join(sound.removesuffix("*") for sound in sounds)


def _glide(sounds: list[str], small: str) -> None:
    """A small kana changes what came before: きゃ is kya, ふぁ is fa; a small tsu (kept as "*") doubles what follows."""
    if small == "tu":
        sounds.append("*")
    elif sounds and sounds[-1][-1:] in "aiueo":
        stem = sounds[-1][:-1]
        sounds[-1] = stem + (small.removeprefix("y") if stem in ("sh", "ch", "j") else small)
    else:
        sounds.append(small)


def _after_stop(sounds: list[str], sound: str) -> str:
    if sounds and sounds[-1] == "*":
        sounds[-1] = "t" if sound.startswith("ch") else sound[0]
    return sound
