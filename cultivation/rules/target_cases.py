"""Cases of the ``targets`` part: every goal and sum, attainment of given counts, and a total shared out. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyDocument, PolicyFault, Unknown
from core.policies.cases import CaseFaulty, register_cases
from core.policies.fields import add_fault, as_mapping, read_number
from cultivation.policy.targets import Goal, Targets
from cultivation.rules.levels import topmost
from cultivation.rules.measures import BASIS_NET, due_share, four_places, share
from cultivation.rules.months import SUMMED, MonthLine, ranked, total_of
from cultivation.rules.suggestion import DEFAULT_WEIGHT, suggested_targets

_GIVEN_KEYS = {"year": "年度", "month": "已过月份", "counts": "各地区累计", "suggest": "目标测算"}
_COUNT_KEYS = {"newly_listed": "新增", "delisted": "退规", "total": "规上总数"}
_SUGGEST_KEYS = {"total": "总目标", "weight": "现有规上占比的权重", "regions": "各地区"}
_BASE_KEYS = {"above_scale": "现有规上家数", "newly_listed": "上年新增"}


def work_targets(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """All goals of the document and their sums; with ``counts`` the attainment of a year, with ``suggest`` a
    total shared out.

    ``yearly``: metric → year → ``{"rows": {region: amount}, "sum", "stated_total": {region: amount}}``;
    ``years``: metric → region → sum over the years of its row or 合计; ``totals``: the figures of the text.
    """
    faults: list[PolicyFault] = []
    fields = Fields(given, faults, _GIVEN_KEYS)
    targets = document.parts["targets"]
    assert isinstance(targets, Targets)
    attained = _attainment(document, targets, fields)
    suggested = _suggestion(document, fields)
    if faults:
        raise CaseFaulty(faults)
    above = above_of(document)
    yearly: dict[str, dict[str, Any]] = {}
    over_years: dict[str, dict[str, Any]] = {}
    for metric in dict.fromkeys(goal.metric for goal in targets.goals if goal.is_yearly):
        years = {str(year): _year(targets.yearly(metric, year), above) for year in targets.years(metric)}
        yearly[metric] = {year: told for year, told in years.items() if told}
        rows = [
            goal
            for goal in targets.goals
            if goal.metric == metric and goal.is_yearly and goal.origin in ("row", "stated_total")
        ]
        over_years[metric] = {
            name: _sum(goal.amount for goal in rows if goal.region_name == name)
            for name in dict.fromkeys(goal.region_name for goal in rows)
        }
    return {
        "yearly": yearly,
        "years": over_years,
        "totals": [_total(goal) for goal in targets.totals()],
        "attainment": attained,
        "suggestion": suggested,
    }


def _attainment(document: PolicyDocument, targets: Targets, fields: Fields) -> dict[str, Any] | None:
    """Region → 完成率, 序时差, rank and light of the given counts; 合计 under its own name."""
    node = fields.get("counts")
    if node is None:
        return None
    year, months = fields.whole("year"), fields.whole("month")
    if months is not None and not 1 <= months <= 12:
        add_fault(fields.faults, fields.node.entries["month"], "月份应为 1—12")
    basis = targets.counting.basis
    metric = "net_added" if basis == BASIS_NET else "newly_listed"
    goals = {
        goal.region: int(goal.amount)
        for goal in (targets.yearly(metric, year) if year else ())
        if not isinstance(goal.amount, Unknown)
    }
    due = due_share(targets.counting.due_at(months if months and months <= 12 else 12))
    lines: dict[str, MonthLine] = {}
    others: dict[str, dict[str, Any]] = {}
    block = as_mapping(node, fields.faults)
    for name, value in (block.entries if block else {}).items():
        code = _region(document, name, value, fields.faults)
        counts = as_mapping(value, fields.faults)
        if code is None or counts is None:
            continue
        own = Fields(counts, fields.faults, {**_COUNT_KEYS, **targets.labels()})
        found = {key: own.whole(key) if own.get(key) else 0 for key in _COUNT_KEYS}
        lines[code] = _line(found, goals.get(code), months or 12, basis, due)
        others[code] = _others(targets, code, year or 0, lines[code], own)
    total = total_of(lines.values(), months_passed=months or 12, basis=basis)
    names = {entry.code: entry.name for entry in document.regions or ()}
    told = dict(zip(lines, ranked(list(lines.values())), strict=True))
    return {**{names[code]: _told(line) | others[code] for code, line in told.items()}, "合计": _told(total)}


def _others(targets: Targets, region: str, year: int, line: MonthLine, own: Fields) -> dict[str, Any]:
    """Attainment of the region's other goals: a second goal by the same count (争取目标), else by the count given."""
    main = "net_added" if line.basis == BASIS_NET else "newly_listed"
    counts = {
        "newly_listed": line.newly_listed_ytd,
        "net_added": line.net_added_ytd,
        "total": line.above_scale_total,
        "delisted": line.delisted_ytd,
    }
    told: dict[str, Any] = {}
    for goal in targets.goals:
        if goal.region != region or not goal.is_yearly or goal.first_year != year:
            continue
        metric = targets.metric(goal.metric)
        if metric.code == main:
            continue
        node = None if metric.code in counts else own.get(metric.code)
        given = None if node is None else read_number(node, own.faults)
        counted = counts.get(metric.same_as or metric.code, UNKNOWN) if given is None else given
        told[metric.code] = {"counted": counted, "target": goal.amount, **_reached(counted, goal)}
    return {"others": told} if told else {}


def _reached(counted: Decimal | int | Unknown, goal: Goal) -> dict[str, Any]:
    """完成率, and whether the goal is kept: 退规 and whatever says 以下 is a cap."""
    if isinstance(counted, Unknown) or isinstance(goal.amount, Unknown):
        return {"attainment": UNKNOWN, "reached": UNKNOWN}
    ratio = four_places(share(counted, goal.amount))
    kept = {
        "at_least": counted >= goal.amount,
        "more_than": counted > goal.amount,
        "at_most": counted <= goal.amount,
        "less_than": counted < goal.amount,
    }
    cap = goal.metric == "delisted" and not goal.has_end
    return {
        "attainment": UNKNOWN if ratio is None else ratio,
        "reached": kept["at_most" if cap else goal.comparison],
    }


def _line(counts: dict[str, Any], target: int | None, months: int, basis: str, due: str) -> MonthLine:
    plain = dict.fromkeys(SUMMED, 0) | {
        "newly_listed_ytd": counts["newly_listed"] or 0,
        "delisted_ytd": counts["delisted"] or 0,
        "above_scale_total": counts["total"] or 0,
    }
    return MonthLine(**plain, target=target, rank=None, months_passed=months, basis=basis, due_share=due)


def _told(line: MonthLine) -> dict[str, Any]:
    return {
        "newly_listed": line.newly_listed_ytd,
        "delisted": line.delisted_ytd,
        "net_added": line.net_added_ytd,
        "total": line.above_scale_total,
        "counted": line.counted_ytd,
        "target": UNKNOWN if line.target is None else line.target,
        "attainment": UNKNOWN if line.attainment is None else line.attainment,
        "schedule_gap": UNKNOWN if line.schedule_gap is None else line.schedule_gap,
        "schedule_gap_firms": UNKNOWN if line.schedule_gap_firms is None else line.schedule_gap_firms,
        "rank": line.rank,
        "light": line.light_word if line.target else None,
    }


def _suggestion(document: PolicyDocument, fields: Fields) -> dict[str, int] | None:
    node = fields.get("suggest")
    block = as_mapping(node, fields.faults) if node else None
    if block is None:
        return None
    own = Fields(block, fields.faults, _SUGGEST_KEYS)
    total = own.whole("total")
    weight_node = own.get("weight")
    weight = Decimal(DEFAULT_WEIGHT.numerator) / DEFAULT_WEIGHT.denominator
    if weight_node is not None:
        written = read_number(weight_node, fields.faults)
        if isinstance(written, Decimal) and 0 <= written <= 1:
            weight = written
        else:
            add_fault(fields.faults, weight_node, "权重应在 0 和 1 之间，如 0.5")
    bases: dict[str, tuple[int, int]] = {}
    regions = own.mapping("regions")
    for name, value in (regions.entries if regions else {}).items():
        pair = as_mapping(value, fields.faults)
        if _region(document, name, value, fields.faults) and pair is not None:
            numbers = Fields(pair, fields.faults, _BASE_KEYS)
            bases[name] = (numbers.whole("above_scale") or 0, numbers.whole("newly_listed") or 0)
    return suggested_targets(total or 0, bases, Fraction(weight))


def _region(document: PolicyDocument, word: str, node: Node, faults: list[PolicyFault]) -> str | None:
    entry = document.regions.find(word) if document.regions else None
    if entry is None:
        add_fault(faults, node, f"“{word}”不在地区清单里")
    return entry.code if entry else None


def _year(goals: tuple[Goal, ...], above: dict[str, list[str]]) -> dict[str, Any]:
    rows = {goal.region_name: goal.amount for goal in goals if goal.origin == "row"}
    stated = {goal.region_name: goal.amount for goal in goals if goal.origin == "stated_total"}
    top = topmost((goal.region for goal in goals if goal.origin == "row"), above)
    added = [goal.amount for goal in goals if goal.origin == "row" and goal.region in top]
    return {"rows": rows, "sum": _sum(added), "stated_total": stated} if rows else {}


def above_of(document: PolicyDocument) -> dict[str, list[str]]:
    """Code → the codes above it, of every region of the document."""
    parents = {entry.code: entry.parent for entry in document.regions or ()}
    above: dict[str, list[str]] = {}
    for code in parents:
        chain, parent = [], parents.get(code)
        while parent:
            chain.append(parent)
            parent = parents.get(parent)
        above[code] = chain
    return above


def _total(goal: Goal) -> dict[str, Any]:
    return {
        "metric": goal.metric,
        "region": goal.region_name,
        "from": goal.first_year,
        "until": goal.last_year,
        "amount": goal.amount,
        "unit": goal.unit,
        "comparison": goal.comparison,
    }


def _sum(amounts: Iterable[Decimal | Unknown]) -> Decimal | Unknown:
    """The sum, ``UNKNOWN`` as soon as one amount is."""
    added = Decimal(0)
    for amount in amounts:
        if isinstance(amount, Unknown):
            return UNKNOWN
        added += amount
    return added


register_cases("targets", work_targets)
