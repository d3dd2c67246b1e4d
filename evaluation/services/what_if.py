"""What if (试算): the firms of a round under other weights, baselines or bands; grades before and after, kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.models import Region, User
from core.scoping import regions_visible_to
from enterprises.models import Enterprise
from evaluation.models import Round
from evaluation.policy import Scheme
from evaluation.rules.changes import Changes, better_rows, changes, final_letters
from evaluation.rules.figures import FirmYears, Ints
from evaluation.rules.rounds import CannotScore, evaluate
from evaluation.rules.what_if import WhatIfRefused, levers, pulled
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import firms_of
from evaluation.services.versions import matrix_rows

#: firms told by name; the counts are of all
FIRMS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RegionMoves:
    region: str
    firms: int
    up: int
    down: int
    #: into a ranking or out of one: neither better nor worse
    other: int


@dataclass(frozen=True, slots=True)
class FirmMove:
    name: str
    uscc: str
    region: str
    before: str
    after: str


@dataclass(frozen=True, eq=False)
class WhatIf:
    grades: Changes
    regions: list[RegionMoves]
    firms: list[FirmMove]
    moved: int

    @property
    def matrix(self) -> list[tuple[str, list[tuple[int, bool]]]]:
        return matrix_rows(self.grades)


def tried(round_: Round, values: Mapping[str, Decimal], user: User) -> WhatIf:
    """The round's own firms by its own method and by the other one. Raises ``RoundRefused``."""
    _document, scheme = scheme_of(round_.edition)
    kept = firms_of(round_)
    try:
        other = pulled(scheme, values)
        before = final_letters(scheme, evaluate(kept.firms, scheme, kept.previous, partly=True))
        after = final_letters(other, evaluate(kept.firms, other, kept.previous, partly=True))
    except (WhatIfRefused, CannotScore) as refused:
        raise RoundRefused(str(refused)) from refused
    return moves_between(kept.firms, kept.regions, before, after, user)


def moves_between(
    firms: FirmYears, codes: tuple[str, ...], before: np.ndarray, after: np.ndarray, user: User
) -> WhatIf:
    """Two columns of grades of the same firms, within the reader's regions; two queries."""
    regions = {region.code: region for region in regions_visible_to(user)}
    mine = np.flatnonzero(
        np.isin(firms.region, [place for place, code in enumerate(codes) if code in regions])
    )
    found = changes(before[mine], after[mine])
    rows = mine[found.rows]
    better, worse = better_rows(before[rows], after[rows]), better_rows(after[rows], before[rows])
    return WhatIf(
        found,
        _by_region(firms.region, codes, mine, (rows[better], rows[worse], rows[~better & ~worse]), regions),
        _named(firms.keys(), rows[:FIRMS_SHOWN], before, after),
        int(rows.size),
    )


def _by_region(
    region: Ints,
    codes: tuple[str, ...],
    mine: Ints,
    kinds: tuple[Ints, Ints, Ints],
    regions: Mapping[str, Region],
) -> list[RegionMoves]:
    size = len(codes)
    counts = [np.bincount(region[each], minlength=size) for each in (mine, *kinds)]
    return [
        RegionMoves(regions[code].name, *(int(count[place]) for count in counts))
        for place, code in enumerate(codes)
        if code in regions and counts[0][place]
    ]


def _named(keys: Ints, rows: Ints, before: np.ndarray, after: np.ndarray) -> list[FirmMove]:
    firms = Enterprise.objects.filter(pk__in=keys[rows].tolist()).select_related("region")
    named = {firm.pk: firm for firm in firms}
    told = []
    for row in rows.tolist():
        firm = named[int(keys[row])]
        told.append(FirmMove(firm.name, firm.uscc, firm.region.name, str(before[row]), str(after[row])))
    return told


def other_numbers(scheme: Scheme, asked: Mapping[str, str]) -> dict[str, Decimal]:
    """What a reader wrote beside the levers, where it differs. Raises ``RoundRefused`` for what is no number."""
    found = {}
    for lever in levers(scheme):
        text = asked.get(lever.key, "").strip()
        if not text or text == lever.text:
            continue
        try:
            value = Decimal(text)
        except ArithmeticError as fault:
            raise RoundRefused(f"{lever.group}{lever.label}“{text[:20]}”不是数字。") from fault
        if not value.is_finite() or abs(value) > 10**9 or value.as_tuple().exponent < -8:
            raise RoundRefused(f"{lever.group}{lever.label}最多 9 位整数、8 位小数。")
        found[lever.key] = value
    return found
