"""One firm's published grade explained for a client: the very words and numbers of its page, notice and workbook."""

from __future__ import annotations

from typing import Any

from core.models import User
from evaluation.models import Round, Score
from evaluation.querysets import ScoreQuerySet
from evaluation.services.frozen_rounds import has_snapshot
from evaluation.services.listing_effect import listing_effect
from evaluation.services.survey_gaps import missing_figures, missing_firms
from evaluation.services.trace_pages import TracePage, trace_page

Told = dict[str, Any]


def explained_scores(rows: ScoreQuerySet, user: User, *, with_listing: bool) -> list[Told]:
    """``rows`` are few: one firm's. With ``with_listing`` each round is computed twice more, on its own firms."""
    whole = rows.select_related(
        "round__edition", "round__region", "round__published_by", "region", "pool__region", "enterprise"
    )
    ordered = whole.order_by("-round__year", "round__scheme")
    return [_told(trace_page(user, score), with_listing) for score in ordered]


#: what tells a score, or lets one be worked out
_SCORES: Told = {"score": None, "rank": None, "items": [], "steps": [], "gap": None, "listing": None}


def without_scores(told: Told) -> Told:
    """For clients that may read grades alone."""
    return {**told, **_SCORES}


def survey_gaps(user: User, *, scheme: str, year: int) -> Told:
    """少评漏评 of the newest version that the reader may see; empty where there is none with its firms kept."""
    rounds = Round.objects.visible_to(user).of_scheme(scheme, year).select_related("edition", "region")
    found = next((one for one in rounds if has_snapshot(one)), None)
    if found is None:
        return {"scheme": scheme, "year": year, "version": None, "firms": [], "figures": []}
    return {
        "scheme": scheme,
        "year": year,
        "version": found.version,
        "firms": [
            {
                "uscc": one.enterprise.uscc,
                "name": one.enterprise.name,
                "region": one.enterprise.region_id,
                "region_name": one.enterprise.region.name,
                "reasons": list(one.reasons),
            }
            for one in missing_firms(found, user)
        ],
        "figures": [
            {"label": one.label, "department": one.department, "missing": one.firms, "of": one.of}
            for one in missing_figures(found, user)
        ],
    }


def _told(page: TracePage, with_listing: bool) -> Told:
    score = page.score
    return {
        "uscc": score.enterprise.uscc,
        "name": score.enterprise.name,
        "region": score.region_id,
        "region_name": score.region.name,
        "scheme": page.round.scheme,
        "title": page.title,
        "year": page.round.year,
        "version": page.round.version,
        "standing": score.standing,
        "ranked_in": page.where or None,
        "initial_grade": score.initial_grade or None,
        "grade": score.final_grade or None,
        "grade_label": page.band_label if score.pool_id else None,
        "score": page.total or None,
        "rank": score.rank,
        "ranked_firms": score.pool.size if score.pool else None,
        "items": [
            {
                "indicator": line.indicator.label,
                "value": line.value or None,
                "unit": line.unit,
                "baseline": line.baseline or None,
                "weight": line.weight,
                "points": line.points or None,
                "why": line.why,
                "remark": line.remark,
            }
            for line in page.lines
        ],
        "steps": page.steps,
        "gap": _gap(page),
        "policies": [policy.sentence for policy in page.policies],
        "listing": _listing(score) if with_listing else None,
        "published_at": page.round.published_at,
    }


def _gap(page: TracePage) -> Told | None:
    gap = page.gap
    if gap is None:
        return None
    return {
        "grade": gap.grade,
        "points": gap.points or None,
        "unit": gap.unit,
        "sentence": gap.sentence,
        "ways": [
            {
                "indicator": step.indicator.label,
                "now": step.now,
                "needed": step.needed,
                "more": step.more,
                "is_enough": not step.short,
                "points_short": step.short_text if step.short else None,
            }
            for step in gap.steps
        ],
    }


def _listing(score: Score) -> list[Told] | None:
    """Where the firm stands now and where it would stand on the other side of the line, the other firms as they are."""
    if score.standing == Score.Standing.OUT or not has_snapshot(score.round):
        return None
    return [
        {
            "above_scale": line.is_above,
            "is_now": number == 0,
            "cohort": line.cohort or None,
            "grade": line.grade,
            "score": line.score or None,
            "rank": line.rank or None,
            "ranked_firms": line.size or None,
        }
        for number, line in enumerate(listing_effect(score))
    ]
