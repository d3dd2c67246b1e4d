"""列规前后: a firm's grade where it stands now and where it would stand once it is listed, or delisted. Nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.models import Score
from evaluation.policy import Scheme
from evaluation.rules.changes import final_letters
from evaluation.rules.rounds import Evaluation, evaluate
from evaluation.rules.wording import score_text
from evaluation.services.editions import scheme_of
from evaluation.services.frozen_rounds import firms_of


@dataclass(frozen=True, slots=True)
class Standing:
    """``rank`` and ``size`` 0 and ``cohort`` empty where the firm is not ranked."""

    is_above: bool
    cohort: str
    grade: str
    score: str
    rank: int
    size: int


def listing_effect(score: Score) -> tuple[Standing, Standing]:
    """As it is, and with the other answer to whether the directory holds it; the other firms stay as they are."""
    _document, scheme = scheme_of(score.round.edition)
    kept = firms_of(score.round)
    row = int((kept.firms.keys() == score.enterprise_id).argmax())
    flipped = kept.firms.above_scale.copy()
    flipped[row] = not flipped[row]
    now = evaluate(kept.firms, scheme, kept.previous, partly=True)
    then = evaluate(replace(kept.firms, above_scale=flipped), scheme, kept.previous, partly=True)
    return (
        _standing(scheme, now, row, bool(kept.firms.above_scale[row])),
        _standing(scheme, then, row, bool(flipped[row])),
    )


def told_listing(now: Standing, then: Standing) -> str:
    """``列规后由规下组 C 级变为规上组 B 级。``"""
    act = "列规后" if then.is_above else "退规后"
    if not now.cohort and not then.cohort:
        return f"{act}仍不参加排名。"
    if not then.cohort:
        return f"{act}不再参加排名。"
    if not now.cohort:
        return f"{act}参加{then.cohort}排名，评为 {then.grade} 级。"
    if now.grade == then.grade:
        return f"{act}等级不变，仍是 {then.grade} 级（{now.cohort} → {then.cohort}）。"
    return f"{act}由{now.cohort} {now.grade} 级变为{then.cohort} {then.grade} 级。"


def _standing(scheme: Scheme, result: Evaluation, row: int, is_above: bool) -> Standing:
    cohort, pool = int(result.standing.cohort[row]), int(result.pool[row])
    return Standing(
        is_above,
        scheme.cohorts[cohort].label if cohort >= 0 and pool >= 0 else "",
        str(final_letters(scheme, result)[row]),
        score_text(int(result.total[row]), scheme.places) if pool >= 0 else "",
        int(result.rank[row]) if pool >= 0 else 0,
        result.pools[pool].line.size if pool >= 0 else 0,
    )
