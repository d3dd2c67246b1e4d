"""On which day a step of the evaluation year was done, as the rows of the portal show it. Reads only."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from evaluation.models import Project, Round


def step_days(round_: Round) -> dict[str, date]:
    """Steps that are done; whoever reports a step by hand is not asked here."""
    settled, published = _day(round_.settled_at), _day(round_.published_at)
    # a correction is asked about anew, but the year itself was published in time or late by its first version
    told = _first_published(round_) or published
    found = {
        "pre_evaluation": _day(round_.run_at),
        "firm_confirm": settled or published,
        "appeal": settled or published,
        "final_evaluation": settled or published,
        "approve": settled or published,
        "publicity": told,
        "publish": told,
    }
    projects = list(Project.objects.of_year(round_.scheme, round_.year).order_by("accepted_at"))
    if projects and told is not None:
        found["lists"] = _day(min(project.opened_at for project in projects))
        if all(project.state == "accepted" for project in projects):
            found["acceptance"] = found["rectify"] = _day(projects[-1].accepted_at)
        if all(project.reviewed_at is not None for project in projects):
            found["re_evaluation"] = _day(max(project.reviewed_at for project in projects))
    return {step: day for step, day in found.items() if day is not None}


def _first_published(round_: Round) -> date | None:
    """The day of the year's first published version; no query for a first version."""
    if round_.version == 1:
        return None
    versions = Round.objects.of_scheme(round_.scheme, round_.year).filter(state=Round.State.PUBLISHED)
    return _day(versions.order_by("version").values_list("published_at", flat=True).first())


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else timezone.localdate(moment)
