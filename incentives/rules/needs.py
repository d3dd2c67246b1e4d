"""Which facts a rule asks for in an award year, so that they are loaded once. Pure."""

from __future__ import annotations

from core.conditions import FactKey
from incentives.policy.awards import Rule


def facts_needed(rule: Rule, year: int, as_of: int) -> tuple[FactKey, ...]:
    """Facts with their periods, each once; of later years only those up to ``as_of``."""
    found: dict[FactKey, None] = {}
    years = rule.years(year)
    for condition in rule.judged_once():
        found |= dict.fromkeys(condition.needs(years))
    for quantity in rule.quantities():
        found |= dict.fromkeys(quantity.needs(years))
    for after, condition in rule.judged_later():
        if year + after <= as_of:
            found |= dict.fromkeys(condition.needs(rule.years(year + after)))
    for clawback in rule.clawbacks:
        found |= dict.fromkeys(clawback.when.needs(rule.years(as_of)))
    if rule.is_maximum:
        found[FactKey("decided")] = None
    return tuple(found)
