"""Statistics of a month drawn from the registry: who is in which tier, industry and list, and the sums kept."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from django.utils import timezone

from core.models import PolicyEdition
from core.services.policies import document_of
from cultivation.models import IssueStatistics, MonthlyIssue, PoolMembership
from cultivation.policy import OWN_RULES, DispatchRules
from cultivation.rules.month_rows import packed
from cultivation.rules.months import OUTSIDE, Column, Table
from cultivation.rules.statistics import DEFINITIONS, Statistics, StatisticsFacts, statistics_of
from cultivation.rules.watch import ELIGIBLE, NEAR, watch_lists
from cultivation.services.month_facts import ReadMonth
from cultivation.services.pools import pools_part
from cultivation.services.watch import read_watch, risk_list, standard_of
from enterprises.models import Enterprise

POOL = "scale_up"
OUT_OF_POOL, NO_TIER = "不在培育库", "未定层级"


@dataclass(frozen=True, slots=True)
class DrawnStatistics:
    """Statistics with the names of their tiers and the fingerprint of what they were computed from."""

    statistics: Statistics
    tiers: tuple[str, ...]
    is_joint: bool
    digest: str


def dispatch_rules(edition: PolicyEdition) -> DispatchRules:
    """The thresholds of an edition; what it does not print are the portal's own."""
    part = document_of(edition).parts.get("dispatch")
    return part if isinstance(part, DispatchRules) else OWN_RULES


def draw_statistics(edition: PolicyEdition, read: ReadMonth, tables: Mapping[str, Table]) -> DrawnStatistics:
    """Tier, industry and lists of the read firms, and the sums over them.

    The pool is that of the day of closing; the lists are judged by what was reported up to the month.
    """
    firms, tiers = _firms(edition, read, tables["directory"])
    is_joint = dispatch_rules(edition).is_joint
    facts = StatisticsFacts(read.facts.month, is_joint, firms, read.facts.figures, tables)
    return DrawnStatistics(statistics_of(facts), tiers, is_joint, _digest(read, firms, tiers, is_joint))


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
            "is_joint": drawn.is_joint,
            "inputs_digest": drawn.digest,
            "computed_at": timezone.now(),
            "cells": packed({"cells": statistics.cells}),
            "tables": packed(named),
        },
    )


def _firms(edition: PolicyEdition, read: ReadMonth, directory: Table) -> tuple[Table, tuple[str, ...]]:
    ids, line = read.firm_ids, read.facts.firms["line"]
    tier, tiers = _tiers(edition, ids)
    flags = _lists(edition, read, directory)
    columns = {"line": line, "tier": tier, "industry": _industries(edition, ids), **flags}
    return columns | {"member": (tier > 0).astype(np.int64)}, tiers


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


def _lists(edition: PolicyEdition, read: ReadMonth, directory: Table) -> dict[str, Column]:
    """达规未入库, 临规 and 退规风险 of the firms in scope: in the directory is who is in it at the month's end."""
    ids, month = read.firm_ids, read.facts.month
    standard = standard_of(edition.locality)
    above = np.zeros(ids.size, np.bool_)
    above[directory["firm"]] = True
    facts = replace(read_watch(ids, month.year, month.month, standard).facts, above=above)
    lists = watch_lists(facts, month.year, standard.hundredths if standard else None)
    inside = read.facts.firms["line"] != OUTSIDE
    found = {"eligible": lists[ELIGIBLE].rows, "near": lists[NEAR].rows}
    found["risk"] = risk_list(edition.locality, ids, month.year).rows & above
    return {name: (rows & inside).astype(np.int64) for name, rows in found.items()}


def _digest(read: ReadMonth, firms: Table, tiers: tuple[str, ...], is_joint: bool) -> str:
    """Over the month's own fingerprint and what was added to it, firms in the order of their rows."""
    head = [DEFINITIONS, read.digest, tiers, is_joint]
    digest = hashlib.sha256(msgspec.json.encode(head))
    for name in sorted(firms):
        digest.update(name.encode() + firms[name].astype("<i8").tobytes())
    return digest.hexdigest()
