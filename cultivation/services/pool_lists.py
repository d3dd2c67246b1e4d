"""The result of a screening (筛选建议): its numbers for this reader's regions, and the firms behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column, Frame, Kind
from core.facts import catalogue
from core.models import JobRun, Region, User
from core.periods import Month
from core.policies import Unknown
from core.scoping import regions_visible_to
from cultivation.models import PoolMembership, PoolScreening, ScreenedFirms, Target
from cultivation.policy import PoolRule
from cultivation.policy.pool import Basis, Quota
from cultivation.rules.month_rows import unpacked
from cultivation.rules.months import Table
from cultivation.rules.pool_reasons import Told, reasons_of, told_reasons
from cultivation.rules.screening import NO_TIER_LIST, STATUSES, counts_of, quota_of, selected, selections
from cultivation.services.pool_lines import regions_with_lines
from cultivation.services.pool_pages import PoolPlace
from cultivation.services.pool_screening import screen_pool_key
from cultivation.services.pools import pools_part
from enterprises.models import Enterprise


@dataclass(frozen=True, slots=True)
class ScreenedFirm:
    """A firm of a list: its name today, its region when it was screened; ``may_open`` only where it is visible now."""

    pk: int
    name: str
    uscc: str
    region: str
    may_open: bool
    reasons: list[Told]


@dataclass(frozen=True, slots=True)
class Number:
    """A count and the name of the list that holds exactly its firms."""

    word: str
    which: str
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the funnel: how many firms are left, and their share of the first step's."""

    number: Number
    note: str
    share: Decimal
    is_inner: bool = False


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line of the document with the numbers it leads to."""

    group: str
    label: str
    basis: Basis
    is_open: bool
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class TierPart:
    """Members of the tiers that a number is asked of, and the number."""

    members: int
    quota: int | None

    @property
    def gap(self) -> int | None:
        return None if self.quota is None else max(self.quota - self.members, 0)


@dataclass(frozen=True, slots=True)
class RegionLine:
    """A region's part of the screening, or all of them together. ``quota`` only where the document asks for one."""

    region: Region | None
    candidates: int
    suggested: int
    members: int
    quota: int | None
    #: for each number that the document asks of some tiers: members there, and how many are asked for
    tiers: tuple[TierPart, ...] = ()
    #: a county below a city that has a line itself: part of that line, not of the sum
    is_inner: bool = False

    @property
    def gap(self) -> int | None:
        return None if self.quota is None else max(self.quota - self.members, 0)


class ScreenedList(Sequence[int]):
    """The rows of one list, as numbers; a paginator takes part of it and only those firms are read."""

    def __init__(self, rows: NDArray[np.int64]) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return int(self.rows.size)

    def __getitem__(self, part: Any) -> Any:
        return self.rows[part]


class ScreeningResult:
    """The newest screening of a pool, cut to the regions of one reader."""

    def __init__(self, screening: PoolScreening, user: User) -> None:
        self.screening = screening
        self.user = user
        part = pools_part(screening.edition)
        rule = part.of_kind(screening.pool) if part else None
        if rule is None:
            raise LookupError(f"edition {screening.edition_id} has no pool {screening.pool}")
        block = ScreenedFirms.objects.get(screening=screening)
        self._tables = unpacked(bytes(block.tables))
        months = self._tables.get("at", {}).get("month", ())
        self.rule: PoolRule = rule.at(Month.from_number(int(months[0])) if len(months) else None)
        self._words = block.words
        seen = {region.code: region for region in regions_visible_to(user)}
        self.regions = [seen.get(code) for code in block.regions]
        own = [number for number, region in enumerate(self.regions) if region is not None]
        everything = self._tables["screened"]
        # screenings of before documents could keep firms out of help
        everything.setdefault("flagged", np.zeros_like(everything["status"]))
        self._own = np.flatnonzero(np.isin(everything["region"], own))
        self.table: Table = {name: column[self._own] for name, column in everything.items()}
        self.counts = counts_of(rule, self.table)

    def listed(self, name: str, region: Region | None) -> ScreenedList:
        """``KeyError`` for a list there is not; firms of ``region`` and below when given, by region then name key."""
        if name not in selections(self.rule):
            raise KeyError(name)
        mask = selected(self.rule, self.table, name)
        if region is not None:
            inside = [n for n, own in enumerate(self.regions) if own and own.path.startswith(region.path)]
            mask = mask & np.isin(self.table["region"], inside)
        rows = np.flatnonzero(mask)
        order = np.array([own.order if own else 0 for own in self.regions] or [0], np.int64)
        return ScreenedList(rows[np.lexsort((self.table["firm"][rows], order[self.table["region"][rows]]))])

    def firms(self, rows: Sequence[int]) -> list[ScreenedFirm]:
        """Names and reasons of these rows; two queries, however many."""
        ids = [int(self.table["firm"][row]) for row in rows]
        # Not scoped by today's region: the row belongs to the region it was screened in, and that one is the reader's.
        firms = Enterprise.objects.only("pk", "name", "uscc").in_bulk(ids)
        visible = set(
            Enterprise.objects.visible_to(self.user).filter(pk__in=ids).values_list("pk", flat=True)
        )
        frame = self._frame(np.asarray(rows, np.int64))
        kept = [
            reasons_of(
                self.rule,
                {k: v[[row]] for k, v in self.table.items()},
                frame.take(np.array([n])),
                0,
                self.year,
            )
            for n, row in enumerate(rows)
        ]
        shown = []
        for row, pk, told in zip(rows, ids, told_reasons(self.rule, kept), strict=True):
            region, firm = self.regions[int(self.table["region"][row])], firms[pk]
            shown.append(
                ScreenedFirm(pk, firm.name, firm.uscc, region.name if region else "", pk in visible, told)
            )
        return shown

    def number(self, word: str, which: str) -> Number:
        return Number(word, which, self.counts[which])

    @property
    def funnel(self) -> list[Step]:
        """From the registry to the pool, then the pool by tier."""
        whole = max(self.counts["all"], 1)
        steps = [
            ("名录企业", "all", "全部登记企业"),
            ("符合来源条件", "candidates", "至少一份名单"),
            ("建议在库", "in", "满足全部必备条件"),
        ]
        found = [
            Step(self.number(word, which), note, Decimal(self.counts[which]) / whole)
            for word, which, note in steps
        ]
        inside = max(self.counts["in"], 1)
        for tier in self.rule.tiers:
            number = self.number(tier.name, f"tier:{tier.name}")
            found.append(Step(number, tier.bounds, Decimal(number.count) / inside, is_inner=True))
        if self.counts[NO_TIER_LIST]:
            number = self.number("未分层", NO_TIER_LIST)
            found.append(Step(number, "缺判断层级的数据", Decimal(number.count) / inside, is_inner=True))
        return found

    @property
    def lines(self) -> list[LineRow]:
        """Every line of the document, with the firms that it brings in, keeps out, holds or only tells of."""
        groups = (
            ("名单来源", self.rule.sources, (("符合", "source"), ("在名单但不符合", "off"))),
            ("必备条件", self.rule.requires, (("不满足，未入", "out"), ("数据不明，待定", "held"))),
            ("核对事项", self.rule.checks, (("需核对", "check"),)),
            ("不列入帮扶", self.rule.flags, (("在库，不列入一企一策", "flag"),)),
        )
        return [
            LineRow(
                group,
                line.label,
                line.basis,
                isinstance(line.when, Unknown),
                [self.number(word, f"{kind}:{line.code}") for word, kind in numbers],
            )
            for group, lines, numbers in groups
            for line in lines
        ]

    @property
    def statuses(self) -> list[Number]:
        """What became of every firm; they add to all."""
        words = ("建议在库", "未入", "待定", "在名单但不符合", "不在名单")
        return [self.number(word, which) for word, which in zip(words, STATUSES, strict=True)]

    def title_of(self, which: str) -> str:
        """The heading of a list: 规下企业：不满足，未入."""
        for line in self.lines:
            for number in line.numbers:
                if number.which == which:
                    return f"{line.label}：{number.word}"
        words = {number.which: number.word for number in self.statuses}
        words |= {step.number.which: step.number.word for step in self.funnel}
        return words.get(which, "企业")

    @property
    def year(self) -> int:
        return int(self.screening.year)

    def _frame(self, rows: NDArray[np.int64]) -> Frame:
        types, place = {**catalogue(), **self.rule.types}, self._own[rows]
        columns = {}
        for key, values in self._tables["facts"].items():
            kind = types[key.partition("[")[0]].kind
            known = self._tables["known"][key][place].astype(np.bool_)
            own = values[place].astype(np.bool_) if kind is Kind.FLAG else values[place]
            columns[key] = Column(own, known, tuple(self._words.get(key, ())))
        return Frame(len(rows), columns)


def latest_screening(place: PoolPlace, user: User) -> PoolScreening | None:
    rows = PoolScreening.objects.visible_to(user).of_pool(place.programme, place.rule.kind)
    return rows.select_related("edition", "region", "screened_by").first()


def running_screening(programme: str) -> JobRun | None:
    """The job that screens this programme, while it waits or works, or when it failed or was refused."""
    run = JobRun.objects.filter(key=screen_pool_key(programme, None)).first()
    if run is None or (run.state == JobRun.State.DONE and "refused" not in (run.result or {})):
        return None
    return run


def region_lines(result: ScreeningResult, place: PoolPlace) -> list[RegionLine]:
    """The districts of the locality that this reader sees, in official order, a province's cities each with its
    counties; townships count to their district."""
    locality, table = place.edition.locality, result.table
    may_have = {region.pk for region in regions_with_lines(locality)}
    seen = list(regions_visible_to(result.user).order_by("order", "code"))
    districts = [r for r in seen if r.pk in may_have] or [r for r in seen if r.pk == result.user.region_id]
    named = {region.pk for region in districts}
    members = (
        PoolMembership.objects.visible_to(result.user).of_pool(place.programme, place.rule.kind).current()
    )
    rows = list(members.order_by().values_list("enterprise__region__path", "tier"))
    quotas, _ = _quotas(result, place, place.rule.quota)
    asked = [(one, _quotas(result, place, one)[0]) for one in place.rule.tier_quotas]
    lines = []
    for district in districts:
        inside = [n for n, own in enumerate(result.regions) if own and own.path.startswith(district.path)]
        here = np.isin(table["region"], inside)
        lines.append(
            RegionLine(
                region=district,
                candidates=int((selected(result.rule, table, "candidates") & here).sum()),
                suggested=int((selected(result.rule, table, "in") & here).sum()),
                members=sum(path.startswith(district.path) for path, _ in rows),
                quota=quotas.get(district.pk),
                tiers=tuple(
                    TierPart(
                        sum(path.startswith(district.path) and tier in one.tiers for path, tier in rows),
                        numbers.get(district.pk),
                    )
                    for one, numbers in asked
                ),
                is_inner=district.parent_id in named,
            )
        )
    return lines


def region_sums(lines: Sequence[RegionLine], result: ScreeningResult, place: PoolPlace) -> RegionLine:
    """合计 of the lines; the number that is asked for is rounded as the document says."""
    lines = [line for line in lines if not line.is_inner]
    _, whole = _quotas(result, place, place.rule.quota)
    tiers = tuple(
        TierPart(sum(line.tiers[number].members for line in lines), _quotas(result, place, one)[1])
        for number, one in enumerate(place.rule.tier_quotas)
    )
    return RegionLine(
        None,
        sum(line.candidates for line in lines),
        sum(line.suggested for line in lines),
        sum(line.members for line in lines),
        whole,
        tiers,
    )


def _quotas(
    result: ScreeningResult, place: PoolPlace, quota: Quota | None
) -> tuple[dict[str, int], int | None]:
    if quota is None or quota.is_open:
        return {}, None
    rows = (
        Target.objects.visible_to(result.user).of_programme(place.programme).yearly(quota.metric, result.year)
    )
    found = list(
        rows.exclude(region=place.edition.locality).values_list("region_id", "value", "region__path")
    )
    targets = {code: value for code, value, _ in found}
    above = {code: path.split("/")[:-2] for code, _, path in found}
    return quota_of(quota, targets, above) or ({}, None)
