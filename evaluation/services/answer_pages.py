"""企业书面确认: every graded firm of a round with its answer, in the official order. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from core.models import User
from evaluation.models import Confirmation, Round, Score
from evaluation.querysets import ScoreQuerySet

WAITING = "waiting"
ANSWERS = [*Confirmation.Answer.choices, (WAITING, "未确认")]


@dataclass(frozen=True, slots=True)
class AnswerLine:
    score: Score
    score_text: str
    confirmation: Confirmation | None


def narrowed(round_: Round, user: User, answer: str) -> ScoreQuerySet:
    """Graded firms within the reader's regions; of one answer where one is asked for."""
    rows: ScoreQuerySet = (
        Score.objects.visible_to(user)
        .filter(round=round_, standing=Score.Standing.GRADED)
        .exclude(final_grade="")
        .select_related("enterprise", "region")
        .in_official_order()
    )
    own = Confirmation.objects.filter(round=round_, enterprise=OuterRef("enterprise"))
    if answer == WAITING:
        return rows.filter(~Exists(own))
    return rows.filter(Exists(own.filter(answer=answer))) if answer in Confirmation.Answer.values else rows


def answer_lines(round_: Round, scores: Sequence[Score]) -> list[AnswerLine]:
    firms = [score.enterprise_id for score in scores]
    rows = Confirmation.objects.filter(round=round_, enterprise__in=firms).select_related("recorded_by")
    kept = {row.enterprise_id: row for row in rows.defer("file__content")}
    return [
        AnswerLine(
            score,
            "" if score.total is None else f"{round_.score_of(score.total):,.2f}",
            kept.get(score.enterprise_id),
        )
        for score in scores
    ]
