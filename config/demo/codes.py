"""Unified social credit codes (统一社会信用代码, GB 32100-2015) for firms that do not exist. Pure.

The organisation codes are drawn from ranges that the register has not handed out (``MAY…`` and digits from
``90``), so that a generated code can be valid without being anybody's.
"""

from __future__ import annotations

from random import Random

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
#: Four firms in ten keep an old all-digit organisation code, as registers show.
_OLD_CODE_SHARE = 0.4


def check_character(first_17: str) -> str:
    """Character 18: 31 − (Σ value × weight mod 31), where 31 is written ``0`` (GB 32100)."""
    total = sum(_VALUE[character] * weight for character, weight in zip(first_17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first_8: str) -> str:
    """Ninth character of an organisation code: 11 − (Σ mod 11), 10 → ``X``, 11 → ``0`` (GB 11714)."""
    total = sum(int(c, 36) * weight for c, weight in zip(first_8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def invent_uscc(rng: Random, offices: tuple[str, ...], taken: set[str]) -> str:
    """A new valid code of an enterprise (91…) registered at one of ``offices``; adds it to ``taken``."""
    while True:
        if rng.random() < _OLD_CODE_SHARE:
            organisation = f"90{rng.randrange(10**6):06d}"
        else:
            organisation = "MAY" + "".join(rng.choices(ALPHABET, k=5))
        first_17 = "91" + rng.choice(offices) + organisation + organisation_check(organisation)
        uscc = first_17 + check_character(first_17)
        if uscc not in taken:
            taken.add(uscc)
            return uscc
