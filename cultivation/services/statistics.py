"""Statistics of a month drawn from the registry: who is in which tier, industry and list, and the sums kept."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec
import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from core.conditions import Column as Fact
from core.models import PolicyEdition
from core.services.policies import document_of
from cultivation.models import IssueStatistics, MonthlyIssue, PoolMembership
from cultivation.policy import OWN_RULES, DispatchRules
from cultivation.rules.figure_columns import slices
from cultivation.rules.findings import FindingFacts, FindingLines, findings_of, joined_findings
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.month_rows import narrowed, packed
from cultivation.rules.months import (
    OUTSIDE,
    Column,
    MonthFacts,
    MonthStatistics,
    Table,
    joined,
    month_statistics,
)
from cultivation.rules.running_year import Months, is_told, silent_months
from cultivation.rules.statistics import (
    DEFINITIONS,
    LISTS,
    Statistics,
    StatisticsFacts,
    joined_statistics,
    statistics_of,
)
from cultivation.rules.watch import ELIGIBLE, NEAR, WatchFacts, watch_lists
from cultivation.services.month_facts import ReadMonth
from cultivation.services.pools import pools_part
from cultivation.services.watch import (
    Standard,
    cut,
    has_risk_rule,
    risk_list,
    standard_of,
    watch_facts,
    yearly_measures,
)

POOL = "scale_up"
#: Slices of firms that are worked beside each other.
_AT_A_TIME = min(os.cpu_count() or 1, 4)
OUT_OF_POOL, NO_TIER = "不在培育库", "未定层级"


@dataclass(frozen=True, slots=True)
class DrawnStatistics:
    """The month, its statistics and findings with the names they need, firms by their keys; and the fingerprint of
    what the statistics were computed from."""

    month: MonthStatistics
    statistics: Statistics
    findings: Table
    tiers: tuple[str, ...]
    rules: DispatchRules
    untold: tuple[str, ...]
    digest: str


def dispatch_rules(edition: PolicyEdition) -> DispatchRules:
    """The thresholds of an edition; what it does not print are the portal's own."""
    part = document_of(edition).parts.get("dispatch")
    return part if isinstance(part, DispatchRules) else OWN_RULES


@dataclass(frozen=True, slots=True)
class ReadAround:
    """What statistics know beside the month itself, by row of its firms: the pool of the day of closing, last year's
    lists, who is at risk."""

    standard: Standard | None
    tier: Column
    tiers: tuple[str, ...]
    measures: dict[str, Fact]
    risk: NDArray[np.bool_]
    has_risk: bool


def read_around(edition: PolicyEdition, read: ReadMonth) -> ReadAround:
    year = read.month.year
    tier, tiers = _tiers(edition, read.firm_ids)
    return ReadAround(
        standard_of(edition.locality),
        tier,
        tiers,
        yearly_measures(read.firm_ids, year),
        risk_list(edition.locality, read.firm_ids, read.month).rows,
        has_risk_rule(edition.locality),
    )


def draw_statistics(edition: PolicyEdition, read: ReadMonth, around: ReadAround) -> DrawnStatistics:
    """The month's own numbers, then tier, industry and lists of its firms and the sums over them; a slice of firms at
    a time. The lists are judged by what was reported up to the month.

    Raises ``AmountOutOfRange`` when a sum leaves 64 bits.
    """
    rules, standard = dispatch_rules(edition), around.standard
    cuts = list(slices(read.firm_ids.size))
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        parts = list(pool.map(lambda rows: _draw_slice(read, around, rules, rows), cuts))
    starts = [rows.start for rows in cuts]
    month = joined([part.month for part in parts], starts)
    statistics = joined_statistics([part.statistics for part in parts], starts)
    findings = joined_findings([part.findings for part in parts], starts)
    flags = {name: np.concatenate([part.firms[name] for part in parts]) for name in LISTS}
    firms = {"line": read.firms["line"], "tier": around.tier, "industry": read.industry, **flags}
    untold = () if standard else ("eligible", "near")
    untold += () if around.has_risk else ("risk",)
    names = [around.tiers, _words(rules), untold]
    digest = _digest(read, firms | {f"found_{n}": v for n, v in findings.items()}, names)
    return DrawnStatistics(
        MonthStatistics(month.lines, _by_key(read, month.tables)),
        Statistics(statistics.cells, _by_key(read, statistics.tables)),
        _by_key(read, {"findings": findings})["findings"],
        around.tiers,
        rules,
        untold,
        digest,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Of one slice, firms numbered from 0. ``firms``: the flags of ``LISTS``."""

    month: MonthStatistics
    statistics: Statistics
    findings: Table
    firms: Table


def _draw_slice(read: ReadMonth, around: ReadAround, rules: DispatchRules, rows: slice) -> _Part:
    """No queries: it may run beside another slice."""
    facts, standard = read.facts_of(rows), around.standard
    month = month_statistics(facts)
    size = facts.firms["line"].size
    above = np.zeros(size, np.bool_)
    above[month.tables["directory"]["firm"]] = True
    months = read.figures.months(rows, read.month.year)
    measures = {name: cut(column, rows) for name, column in around.measures.items()}
    watch = watch_facts(months, measures, read.month.month, standard, above=above)
    tier = around.tier[rows]
    firms = {
        "line": facts.firms["line"],
        "tier": tier,
        "industry": read.industry[rows],
        "member": (tier > 0).astype(np.int64),
        **_lists(watch, read.month.year, facts.firms["line"] != OUTSIDE, around.risk[rows], standard),
    }
    statistics = statistics_of(
        StatisticsFacts(read.month, rules.is_joint, firms, facts.figures, month.tables)
    )
    lines = FindingLines(
        rules.amount("fall"),
        rules.amount("silent"),
        rules.amount("power_gap"),
        standard.hundredths if standard else None,
    )
    found = findings_of(_finding_facts(facts, watch, months, month.tables["due"], rules.is_joint), lines)
    return _Part(
        MonthStatistics(month.lines, _narrowed(month.tables)),
        Statistics(statistics.cells, _narrowed(statistics.tables)),
        found,
        {name: firms[name] for name in LISTS},
    )


def _narrowed(tables: Mapping[str, Table]) -> dict[str, Table]:
    """In as few bytes as hold them: all slices' rows are held until they are stored."""
    return {
        name: {key: narrowed(column) for key, column in table.items()}  # type: ignore[misc]
        for name, table in tables.items()
    }


def _by_key(read: ReadMonth, tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables with firms by their keys, as they are kept."""
    return {name: {**table, "firm": read.firm_ids[table["firm"]]} for name, table in tables.items()}


def keep_statistics(*, issue: MonthlyIssue, read: ReadMonth, drawn: DrawnStatistics) -> None:
    """Beside a draft; the same again changes nothing. For callers within the transaction of the closing."""
    if IssueStatistics.objects.filter(issue=issue, inputs_digest=drawn.digest).exists():
        return
    IssueStatistics.objects.update_or_create(
        issue=issue,
        defaults={
            "regions": [region.code for region in read.regions],
            "tiers": list(drawn.tiers),
            "is_joint": drawn.rules.is_joint,
            "findings": packed({"findings": drawn.findings}),
            "thresholds": _words(drawn.rules),
            "untold": list(drawn.untold),
            "inputs_digest": drawn.digest,
            "computed_at": timezone.now(),
            "cells": packed({"cells": drawn.statistics.cells}),
            "tables": packed(drawn.statistics.tables),
        },
    )


def _tiers(edition: PolicyEdition, ids: Column) -> tuple[Column, tuple[str, ...]]:
    part = pools_part(edition)
    rule = part.of_kind(POOL) if part else None
    members = dict(
        PoolMembership.objects.current()
        .of_pool(edition.name, POOL)
        .order_by()
        .values_list("enterprise_id", "tier")
    )
    known = [tier.name for tier in rule.tiers] if rule else []
    known += sorted({name for name in members.values() if name and name not in known})
    tiers = (OUT_OF_POOL, *known, NO_TIER)
    place = {name: number for number, name in enumerate(tiers)} | {"": len(tiers) - 1}
    firms = np.fromiter(members, np.int64, len(members))
    numbers = np.fromiter((place[name] for name in members.values()), np.int64, len(members))
    here = np.isin(firms, ids)
    tier = np.zeros(ids.size, np.int64)
    tier[np.searchsorted(ids, firms[here])] = numbers[here]
    return tier, tiers


def _lists(
    watch: WatchFacts,
    year: int,
    inside: NDArray[np.bool_],
    at_risk: NDArray[np.bool_],
    standard: Standard | None,
) -> dict[str, Column]:
    """达规未入库, 临规 and 退规风险 of the firms in scope: in the directory is who is in it at the month's end."""
    lists = watch_lists(watch, year, standard.hundredths if standard else None)
    found = {"eligible": lists[ELIGIBLE].rows, "near": lists[NEAR].rows, "risk": at_risk & watch.above}
    return {name: (rows & inside).astype(np.int64) for name, rows in found.items()}


def _finding_facts(
    facts: MonthFacts, watch: WatchFacts, months: Mapping[str, Months], due: Table, is_joint: bool
) -> FindingFacts:
    month = facts.month.month
    asked = np.zeros(facts.firms["line"].size, np.bool_)
    asked[due["firm"]] = True
    first = 1 if is_joint and month == 2 else month
    told = {name: _of_months(months[name], first, month) for name in ("revenue", "power")}
    forecast = watch.forecast
    return FindingFacts(
        line=facts.firms["line"],
        above=watch.above,
        due=asked,
        revenue=told["revenue"][0],
        revenue_base=told["revenue"][1],
        power=told["power"][0],
        power_base=told["power"][1],
        silent_months=Fact(*silent_months(months["revenue"], month)),
        expected=Fact(forecast.expected.astype(np.int64), is_told(forecast)),
    )


def _of_months(months: Months, first: int, last: int) -> tuple[Fact, Fact]:
    """The sum of ``first`` to ``last`` of the year and of the year before, known where every month is."""
    told = []
    for start in (-MONTHS, -2 * MONTHS):
        place = slice(start + first - 1, (start + last) or None)
        known = months.known[:, place].all(axis=1)
        told.append(Fact(np.where(known, months.values[:, place].sum(axis=1), 0), known))
    return told[0], told[1]


def _words(rules: DispatchRules) -> dict[str, dict[str, str]]:
    """The thresholds as they are kept and shown: number with unit, and where it comes from."""
    return {
        code: {"label": one.label, "words": one.words, "origin": one.origin}
        for code, one in rules.thresholds.items()
    }


def _digest(read: ReadMonth, columns: Table, names: list[object]) -> str:
    """Over the month's own fingerprint and what was added to it, firms in the order of their rows."""
    digest = hashlib.sha256(msgspec.json.encode([DEFINITIONS, read.digest, *names]))
    for name in sorted(columns):
        digest.update(name.encode() + columns[name].astype("<i8").tobytes())
    return digest.hexdigest()
