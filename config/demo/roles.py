"""Which firm of a region plays which part: above scale, listed, delisted, small. Pure, seeded.

The counts come first and the firms are made to fit, so that targets are met in a known share.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from config.demo.cities import City, DemoRegion
from core.periods import Month, months_between

#: 2021 had no targets yet; about four in ten of what 2022 asks were listed then.
_LISTED_BEFORE_TARGETS = 0.42
#: Entries approved in January that still belong to the library of the year before.
_LATE_SHARE = 0.025
#: Share of the stock that leaves in a full year.
_EXIT_SHARE = 0.04
#: Share of all firms that left the directory in the two years before the lists begin.
_DELISTED_SHARE = 0.035
#: Below scale: over the line but unlisted, closing within the period, idle with zero returns.
_SMALL_KINDS = (("small", 940), ("eligible", 30), ("closing", 24), ("idle", 6))

#: Most are admitted in the February batch, which takes every type; then month by month mainly new plants.
_ENTRY_WEIGHT = {1: 4, 2: 44, 3: 14, 4: 12, 5: 12, 6: 14, 7: 6, 8: 6, 9: 6, 10: 6, 11: 10, 12: 8}
_YEARLY_TYPES = (("规下升规上", 78), ("再次升规", 9), ("新建投产", 5), ("转专业", 5), ("迁入", 3))
_MONTHLY_TYPES = (("规下升规上", 52), ("新建投产", 34), ("再次升规", 6), ("转专业", 4), ("迁入", 4))
_EXIT_WEIGHT = {1: 2, 2: 3, 3: 2, 4: 1, 5: 1, 6: 2, 7: 1, 8: 1, 9: 1, 10: 1, 11: 4, 12: 4}
_EXIT_REASONS = (("规模不达标", 46), ("停业", 14), ("注销", 16), ("转专业", 9), ("迁出", 8), ("合并重组", 7))


@dataclass(frozen=True, slots=True)
class Role:
    """``kind``: above, entering, delisted, small, eligible (达规未入库), closing or idle.

    ``entry`` with library year (审批库年度) and type, ``exit`` with reason, or ``delisted_before`` (year, reason).
    """

    kind: str
    entry: Month | None = None
    library_year: int = 0
    entry_type: str | None = None
    exit: Month | None = None
    exit_reason: str | None = None
    delisted_before: tuple[int, str] | None = None


class CityTooSmall(ValueError):
    """A region was given fewer firms than the parts that must be played in it."""

    def __init__(self, region: str, given: int, needed: int) -> None:
        super().__init__(f"{region}: {given} firms for {needed} roles")
        self.region, self.given, self.needed = region, given, needed


def _pick(rng: Random, weighted: tuple[tuple[str, int], ...]) -> str:
    return rng.choices([value for value, _ in weighted], weights=[weight for _, weight in weighted])[0]


def _pick_month(rng: Random, months: list[Month], weight: dict[int, int]) -> Month:
    return rng.choices(months, weights=[weight[month.month] for month in months])[0]


def _event_months(city: City, year: int) -> list[Month]:
    """Months of a year in which the directory changes; the first month only carries the stock."""
    return [month for month in months_between(city.first_month + 1, city.last_month) if month.year == year]


def _entry(rng: Random, city: City, month: Month, library_year: int) -> Role:
    entry_type = _pick(rng, _YEARLY_TYPES if month.month in (1, 2) else _MONTHLY_TYPES)
    before = None
    if entry_type == "再次升规":
        before = (city.first_month.year - rng.choice((1, 2)), "规模不达标")
    return Role("entering", month, library_year, entry_type, delisted_before=before)


def _entries(rng: Random, city: City, region: DemoRegion, size: float) -> list[Role]:
    """Entries of every library year; those of the last one come to exactly ``region.listed`` at full size."""
    last_year = city.last_month.year
    counts = {last_year: round(region.listed * size)}
    if city.first_month.year < last_year:
        counts[last_year - 1] = round(region.target * _LISTED_BEFORE_TARGETS * size)
    roles = [
        _entry(rng, city, _pick_month(rng, _event_months(city, year), _ENTRY_WEIGHT), year)
        for year, count in sorted(counts.items())
        for _ in range(count)
    ]
    january = Month(last_year, 1)
    if january > city.first_month:
        roles += [
            _entry(rng, city, january, last_year - 1)
            for _ in range(round(region.target * _LATE_SHARE * size))
        ]
    return roles


def _stock(rng: Random, city: City, count: int) -> list[Role]:
    """Firms above scale in the first month; some leave later, each with a reason."""
    exits = []
    for year in range(city.first_month.year, city.last_month.year + 1):
        months = _event_months(city, year)
        leaving = round(count * _EXIT_SHARE * len(months) / 12)
        exits += [_pick_month(rng, months, _EXIT_WEIGHT) for _ in range(leaving)]
    gone = [Role("above", exit=month, exit_reason=_pick(rng, _EXIT_REASONS)) for month in exits]
    return gone + [Role("above")] * (count - len(gone))


def region_roles(rng: Random, city: City, region: DemoRegion, count: int, *, size: float) -> list[Role]:
    """``count`` roles in random order. ``size`` (0–1) scales the entries when a city is built smaller."""
    roles = _entries(rng, city, region, size) + _stock(rng, city, round(count * city.stock_share))
    for _ in range(round(count * _DELISTED_SHARE)):
        year = city.first_month.year - rng.choice((1, 2))
        roles.append(Role("delisted", delisted_before=(year, _pick(rng, (("规模不达标", 8), ("转专业", 2))))))
    if len(roles) > count:
        raise CityTooSmall(region.name, count, len(roles))
    roles += [Role(_pick(rng, _SMALL_KINDS)) for _ in range(count - len(roles))]
    rng.shuffle(roles)
    return roles
