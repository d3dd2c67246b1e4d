"""Cases of the ``calendar`` part: the days of a year's work. Pure."""

from __future__ import annotations

from typing import Any

from core.policies import Fields, Mapping, PolicyDocument, PolicyFault
from core.policies.cases import CaseFaulty, register_cases
from cultivation.policy.calendar import WorkCalendar

_GIVEN_KEYS = {"year": "年度"}


def work_calendar(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """``days``: ``2022-05-31 代号`` in order; ``undated``: the steps without a day."""
    faults: list[PolicyFault] = []
    year = Fields(given, faults, _GIVEN_KEYS).whole("year")
    if faults or year is None:
        raise CaseFaulty(faults)
    part = document.parts["calendar"]
    assert isinstance(part, WorkCalendar)
    dated = part.of_year(year)
    named = {step.code for _, step in dated}
    return {
        "days": [f"{day.isoformat()} {step.code}" for day, step in dated],
        "undated": [step.code for step in part.steps if step.code not in named],
    }


register_cases("calendar", work_calendar)
