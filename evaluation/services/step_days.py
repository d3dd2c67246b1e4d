"""On which day a step of the evaluation year was done, as the rows of the portal show it. Reads only."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from evaluation.models import Project, Round


def step_days(round_: Round) -> dict[str, date]:
    """Steps that are done; whoever reports a step by hand is not asked here."""
    settled, published = _day(round_.settled_at), _day(round_.published_at)
    found = {
        "pre_evaluation": _day(round_.run_at),
        "firm_confirm": settled or published,
        "appeal": settled or published,
        "final_evaluation": settled or published,
        "approve": settled or published,
        "publicity": published,
        "publish": published,
    }
    projects = list(Project.objects.of_year(round_.scheme, round_.year).order_by("accepted_at"))
    if projects and round_.is_frozen:
        found["lists"] = _day(min(project.opened_at for project in projects))
        if all(project.state == "accepted" for project in projects):
            found["acceptance"] = found["rectify"] = _day(projects[-1].accepted_at)
        if all(project.reviewed_at is not None for project in projects):
            found["re_evaluation"] = _day(max(project.reviewed_at for project in projects))
    return {step: day for step, day in found.items() if day is not None}


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else timezone.localdate(moment)
