"""Identity numbers typed where none belongs: told of, never repeated in a message or kept beside it. Pure."""

from __future__ import annotations

import re

_BORN = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_BORN_SHORT = r"\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
#: 18 characters and the former 15 (GB 11643): region, birthday, serial number, check character
_CITIZEN = re.compile(rf"[1-8]\d{{5}}{_BORN}\d{{3}}[\dXx]", re.ASCII)
#: as people type it: full width, in groups, within other text; and as a spreadsheet shows it once it is a number
_WRITTEN = re.compile(
    rf"(?<![\dA-Za-z])([1-8]\d{{5}})[\s-]*(?:{_BORN}[\s-]*\d{{3}}[\dXx]|{_BORN_SHORT}[\s-]*\d{{3}})(?![\dA-Za-z])"
)
_AS_NUMBER = re.compile(r"([1-8]\.\d{5})(?:19|20)\d{2,9}[Ee]\+?17")
_HALF_WIDTH = str.maketrans("０１２３４５６７８９Ｘｘ－　", "0123456789Xx- ")
_STARS = "************"


def is_citizen(code: str) -> bool:
    """Whether a squeezed code has the form of an identity number (18 characters)."""
    return bool(_CITIZEN.fullmatch(code))


def without_identity(text: str) -> str:
    """``320681199001011234`` → ``320681************``: what is left tells the sender which cell is meant, no more."""
    if not any(character.isdigit() for character in text):
        return text
    plain = text.translate(_HALF_WIDTH)
    masked = _WRITTEN.sub(lambda found: found[1] + _STARS, plain)
    if masked == plain:
        masked = text
    return _AS_NUMBER.sub(lambda found: found[1] + _STARS, masked)
