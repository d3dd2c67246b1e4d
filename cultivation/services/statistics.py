"""Statistics of a month drawn from the registry: who is in which tier, industry and list, and the sums kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from core.conditions import Column as Fact
from core.models import PolicyEdition
from core.services.policies import document_of
from cultivation.models import IssueStatistics, MonthlyIssue, PoolMembership
from cultivation.policy import OWN_RULES, DispatchRules
from cultivation.rules.findings import FindingFacts, FindingLines, findings_of
from cultivation.rules.forecast_level import MONTHS
from cultivation.rules.month_rows import packed
from cultivation.rules.months import OUTSIDE, Column, Table
from cultivation.rules.running_year import Months, is_told, silent_months
from cultivation.rules.statistics import DEFINITIONS, Statistics, StatisticsFacts, statistics_of
from cultivation.rules.watch import ELIGIBLE, NEAR, watch_lists
from cultivation.services.month_facts import ReadMonth
from cultivation.services.pools import pools_part
from cultivation.services.watch import ReadWatch, Standard, has_risk_rule, read_watch, risk_list, standard_of
from enterprises.models import Enterprise

POOL = "scale_up"
OUT_OF_POOL, NO_TIER = "不在培育库", "未定层级"


@dataclass(frozen=True, slots=True)
class DrawnStatistics:
    """Statistics and findings with the names they need, and the fingerprint of what they were computed from."""

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


def draw_statistics(edition: PolicyEdition, read: ReadMonth, tables: Mapping[str, Table]) -> DrawnStatistics:
    """Tier, industry and lists of the read firms, and the sums over them.

    The pool is that of the day of closing; the lists are judged by what was reported up to the month.
    """
    ids, month, rules = read.firm_ids, read.facts.month, dispatch_rules(edition)
    standard = standard_of(edition.locality)
    above = np.zeros(ids.size, np.bool_)
    above[tables["directory"]["firm"]] = True
    watch = read_watch(ids, month.year, month.month, standard)
    tier, tiers = _tiers(edition, ids)
    firms = {
        "line": read.facts.firms["line"],
        "tier": tier,
        "industry": _industries(edition, ids),
        "member": (tier > 0).astype(np.int64),
        **_lists(edition, read, watch, above, standard),
    }
    facts = StatisticsFacts(month, rules.is_joint, firms, read.facts.figures, tables)
    lines = FindingLines(
        rules.amount("fall"),
        rules.amount("silent"),
        rules.amount("power_gap"),
        standard.hundredths if standard else None,
    )
    findings = findings_of(_finding_facts(read, watch, above, tables["due"], is_joint=rules.is_joint), lines)
    untold = () if standard else ("eligible", "near")
    untold += () if has_risk_rule(edition.locality) else ("risk",)
    digest = _digest(
        read, firms | {f"found_{n}": v for n, v in findings.items()}, [tiers, _words(rules), untold]
    )
    return DrawnStatistics(statistics_of(facts), findings, tiers, rules, untold, digest)


def keep_statistics(*, issue: MonthlyIssue, read: ReadMonth, drawn: DrawnStatistics) -> None:
    """Beside a draft; the same again changes nothing. For callers within the transaction of the closing."""
    if IssueStatistics.objects.filter(issue=issue, inputs_digest=drawn.digest).exists():
        return
    statistics = drawn.statistics
    named = {
        name: {**table, "firm": read.firm_ids[table["firm"]]} for name, table in statistics.tables.items()
    }
    IssueStatistics.objects.update_or_create(
        issue=issue,
        defaults={
            "regions": [region.code for region in read.regions],
            "tiers": list(drawn.tiers),
            "is_joint": drawn.rules.is_joint,
            "findings": packed(
                {"findings": drawn.findings | {"firm": read.firm_ids[drawn.findings["firm"]]}}
            ),
            "thresholds": _words(drawn.rules),
            "untold": list(drawn.untold),
            "inputs_digest": drawn.digest,
            "computed_at": timezone.now(),
            "cells": packed({"cells": statistics.cells}),
            "tables": packed(named),
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
    numbers = (place[members[firm]] if firm in members else 0 for firm in ids.tolist())
    return np.fromiter(numbers, np.int64, ids.size), tiers


def _industries(edition: PolicyEdition, ids: Column) -> Column:
    """Divisions (大类) of GB/T 4754 as numbers; 0 unknown. Firms assessed elsewhere today stand by their key."""
    inside = Enterprise.objects.filter(region__path__startswith=edition.locality.path)
    codes = dict(inside.order_by().values_list("pk", "industry_code"))
    missing = [firm for firm in ids.tolist() if firm not in codes]
    for start in range(0, len(missing), 900):
        chunk = Enterprise.objects.filter(pk__in=missing[start : start + 900])
        codes |= dict(chunk.order_by().values_list("pk", "industry_code"))
    divisions = (codes.get(firm, "")[:2] for firm in ids.tolist())
    return np.fromiter((int(code) if code.isdigit() else 0 for code in divisions), np.int64, ids.size)


def _lists(
    edition: PolicyEdition,
    read: ReadMonth,
    watch: ReadWatch,
    above: NDArray[np.bool_],
    standard: Standard | None,
) -> dict[str, Column]:
    """达规未入库, 临规 and 退规风险 of the firms in scope: in the directory is who is in it at the month's end."""
    year = read.facts.month.year
    facts = replace(watch.facts, above=above)
    lists = watch_lists(facts, year, standard.hundredths if standard else None)
    inside = read.facts.firms["line"] != OUTSIDE
    found = {"eligible": lists[ELIGIBLE].rows, "near": lists[NEAR].rows}
    found["risk"] = risk_list(edition.locality, read.firm_ids, year).rows & above
    return {name: (rows & inside).astype(np.int64) for name, rows in found.items()}


def _finding_facts(
    read: ReadMonth, watch: ReadWatch, above: NDArray[np.bool_], due: Table, *, is_joint: bool
) -> FindingFacts:
    month = read.facts.month.month
    asked = np.zeros(read.firm_ids.size, np.bool_)
    asked[due["firm"]] = True
    first = 1 if is_joint and month == 2 else month
    told = {name: _of_months(watch.months[name], first, month) for name in ("revenue", "power")}
    forecast = watch.facts.forecast
    return FindingFacts(
        line=read.facts.firms["line"],
        above=above,
        due=asked,
        revenue=told["revenue"][0],
        revenue_base=told["revenue"][1],
        power=told["power"][0],
        power_base=told["power"][1],
        silent_months=Fact(*silent_months(watch.months["revenue"], month)),
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
