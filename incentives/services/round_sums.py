"""The table by region: how many, how much, borne by whom; the regions sum to the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from core.models import Region, User
from core.scoping import regions_visible_to
from incentives.models import Award
from incentives.services.round_lines import Money


@dataclass(slots=True)
class Tally:
    """Counts, and sums in fen."""

    count: int = 0
    by_part: dict[str, int] = field(default_factory=dict)
    fen: int = 0
    shares: dict[str, int] = field(default_factory=dict)

    def add(self, award: Award) -> None:
        self.count += 1
        self.fen += award.amount_fen
        for trace in award.parts:
            if trace["outcome"] == 1:
                key = f"{award.rule}/{trace['part']}"
                self.by_part[key] = self.by_part.get(key, 0) + 1
        for level, fen in award.shares.items():
            self.shares[level] = self.shares.get(level, 0) + fen


@dataclass(frozen=True, slots=True)
class Bar:
    """A piece of a region's bar, in per cent of the largest region."""

    start: str
    width: str


@dataclass(frozen=True, slots=True)
class RegionRow:
    code: str
    name: str
    target: int | None
    count: int
    by_part: tuple[int, ...]
    amount: Decimal
    shares: tuple[Decimal, ...]
    bars: tuple[Bar, ...]
    sharing: str


@dataclass(frozen=True, slots=True)
class Columns:
    """What the table has columns for: parts as ``rule/part``, levels, and the unit of its money."""

    parts: tuple[str, ...]
    levels: tuple[str, ...]
    money: Money


def tallies_by_region(awards: Sequence[Award], regions: Sequence[Region]) -> dict[str, Tally]:
    """A tally for each of ``regions``; an award of a township belongs to its district."""
    tallies = {region.code: Tally() for region in regions}
    for award in awards:
        above = award.region.path.strip("/").split("/")
        tallies[next(code for code in reversed(above) if code in tallies)].add(award)
    return tallies


def region_row(
    tally: Tally, region: Region | None, columns: Columns, *, target: int | None, sharing: str, largest: int
) -> RegionRow:
    shares = [tally.shares.get(level, 0) for level in columns.levels]
    return RegionRow(
        code=region.code if region else "",
        name=region.name if region else "合计",
        target=target,
        count=tally.count,
        by_part=tuple(tally.by_part.get(part, 0) for part in columns.parts),
        amount=columns.money.of(tally.fen),
        shares=tuple(columns.money.of(fen) for fen in shares),
        bars=_bars(shares, largest),
        sharing=sharing,
    )


def lines_of(locality: Region, user: User) -> list[Region]:
    """The districts that the user sees, the locality itself last; or his township alone."""
    found = list(regions_visible_to(user).filter(path__startswith=locality.path).order_by("order", "code"))
    districts = [region for region in found if region.parent_id == locality.pk or region.pk == locality.pk]
    return sorted(districts, key=lambda region: region.pk == locality.pk) or found


def _bars(shares: Sequence[int], largest: int) -> tuple[Bar, ...]:
    bars, start = [], Decimal(0)
    for fen in shares:
        width = Decimal(fen) * 100 / largest if largest else Decimal(0)
        bars.append(Bar(f"{start:.2f}", f"{width:.2f}"))
        start += width
    return tuple(bars)
