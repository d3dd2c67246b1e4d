"""A total shared out as targets (目标测算): by the firms a region has above scale and by what it added last year. Pure.

    建议 = 总目标 × (权重 × 现有规上占比 + (1 − 权重) × 上年新增占比)

Whole firms by largest remainder, so that regions add to the total exactly; of equal remainders the earlier region
gets the firm. Where nobody has any of one base, the other decides alone; where nobody has either, all share alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

#: Half by what there is, half by what came last year: no document prints a weight, officers may set their own.
DEFAULT_WEIGHT = Fraction(1, 2)


def suggested_targets(
    total: int, bases: Mapping[str, tuple[int, int]], weight: Fraction = DEFAULT_WEIGHT
) -> dict[str, int]:
    """Region → suggested target; ``bases``: region → (规上家数, 上年新增). Raises ``ValueError`` for bad input."""
    if total < 0 or not 0 <= weight <= 1 or any(number < 0 for pair in bases.values() for number in pair):
        raise ValueError("总目标和家数不能是负数，权重应在 0 和 1 之间")
    if not bases:
        return {}
    shares = _shares(bases, weight)
    exact = {region: total * share for region, share in shares.items()}
    whole = {region: number.numerator // number.denominator for region, number in exact.items()}
    rest = total - sum(whole.values())
    order = sorted(exact, key=lambda region: whole[region] - exact[region])
    return whole | {region: whole[region] + 1 for region in order[:rest]}


def _shares(bases: Mapping[str, tuple[int, int]], weight: Fraction) -> dict[str, Fraction]:
    present, added = (sum(pair[place] for pair in bases.values()) for place in (0, 1))
    if not present and not added:
        return dict.fromkeys(bases, Fraction(1, len(bases)))
    if not present or not added:
        weight = Fraction(1) if present else Fraction(0)
    return {
        region: (weight * Fraction(here, present) if weight else Fraction(0))
        + ((1 - weight) * Fraction(came, added) if weight != 1 else Fraction(0))
        for region, (here, came) in bases.items()
    }
