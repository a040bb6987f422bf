"""What goes wrong between a thought and a sent message: a thumb's slips, shouting, another alphabet."""

from __future__ import annotations

import random

SLIPS = 6  # ways in which one sentence is mistyped
PLAIN, SHOUTED, ROMAN = 0, SLIPS + 1, SLIPS + 2
STYLES = SLIPS + 3
STYLE_WEIGHTS = (0.66, *[0.265 / SLIPS] * SLIPS, 0.03, 0.045)
# Letter by letter; where a letter has none, nothing is written.
_UKRAINIAN = (
    "аa бb вv гh ґg дd еe єie жzh зz иy іi їi йi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh "
    "щshch ь юiu яia '"
)
_ARABIC = (
    "اa بb تt ثth جj ح7 خkh دd ذth رr زz سs شsh صs ضd ط6 ظz ع3 "
    "غgh فf ق9 كk لl مm نn هh وw يy ىa ةa ء2 أa إe ؤ2 ئ2 آa ،,"
)
ALPHABETS = {
    # Resolution 55 of the Cabinet of Ministers of Ukraine, 2010, as everywhere but at a word's beginning.
    "uk": {ord(pair[0]): pair[1:] for pair in _UKRAINIAN.split()},
    # The usual chat alphabet: digits for letters that Latin lacks.
    "ar": {ord(pair[0]): pair[1:] for pair in _ARABIC.split()},
}


def in_style(text: str, language: str, style: int) -> str:
    """Return a text as it is sent in a style: PLAIN, one of the slips, SHOUTED or ROMAN."""
    if style == PLAIN:
        return text
    if style == SHOUTED:
        return text.upper()
    if style == ROMAN and language in ALPHABETS:
        return text.lower().translate(ALPHABETS[language])
    return _mistyped(random.Random(f"{style}|{text}"), text)  # noqa: S311 - the same slip every time


def _mistyped(rng: random.Random, text: str) -> str:
    """Swap two neighbouring letters, drop one, or strike one twice."""
    inner = [at for at in range(1, len(text) - 1) if text[at].isalpha() and text[at + 1].isalpha()]
    if not inner:
        return text
    at, kind = rng.choice(inner), rng.randrange(3)
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at] + text[at:]
