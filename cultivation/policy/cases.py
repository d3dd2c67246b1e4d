"""Cases of the ``targets`` part: every goal and every sum of the tables, as the document adds up. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from core.policies import UNKNOWN, Fields, Mapping, PolicyDocument, PolicyFault, Unknown
from core.policies.cases import CaseFaulty, register_cases
from cultivation.policy.targets import Goal, Targets


def work_targets(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """Nothing is given: all goals of the document and their sums.

    ``yearly``: metric → year → ``{"rows": {region: amount}, "sum", "stated_total": {region: amount}}``;
    ``years``: metric → region → sum over the years of its row; ``totals``: the figures of the text.
    """
    faults: list[PolicyFault] = []
    Fields(given, faults, {})
    if faults:
        raise CaseFaulty(faults)
    targets = document.parts["targets"]
    assert isinstance(targets, Targets)
    yearly: dict[str, dict[str, Any]] = {}
    over_years: dict[str, dict[str, Any]] = {}
    for metric in dict.fromkeys(goal.metric for goal in targets.goals if goal.is_yearly):
        years = {str(year): _year(targets.yearly(metric, year)) for year in targets.years(metric)}
        yearly[metric] = {year: told for year, told in years.items() if told}
        rows = [goal for goal in targets.goals if goal.metric == metric and goal.origin == "row"]
        over_years[metric] = {
            name: _sum(goal.amount for goal in rows if goal.region_name == name)
            for name in dict.fromkeys(goal.region_name for goal in rows)
        }
    return {"yearly": yearly, "years": over_years, "totals": [_total(goal) for goal in targets.totals()]}


def _year(goals: tuple[Goal, ...]) -> dict[str, Any]:
    rows = {goal.region_name: goal.amount for goal in goals if goal.origin == "row"}
    stated = {goal.region_name: goal.amount for goal in goals if goal.origin == "stated_total"}
    return {"rows": rows, "sum": _sum(rows.values()), "stated_total": stated} if rows else {}


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
