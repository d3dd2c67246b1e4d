"""How far a round has come: counted from its rows in a fixed number of queries. Reads only."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from evaluation.models import Confirmation, MoveRecord, Round, Score
from evaluation.policy import Move, Scheme
from evaluation.rules.process import Progress
from evaluation.rules.trace import column_of
from evaluation.services.editions import scheme_of


def progress_of(round_: Round, now: datetime | None = None) -> Progress:
    _document, scheme = scheme_of(round_.edition)
    graded = (
        Score.objects.filter(round=round_, standing=Score.Standing.GRADED).exclude(final_grade="").count()
    )
    answered = Confirmation.objects.filter(round=round_).count()
    return Progress(
        round_.stage,
        now or timezone.now(),
        round_.confirm_until,
        round_.public_until,
        max(graded - answered, 0),
        round_.appeals.open().count(),
        len(unproven_moves(round_, scheme)),
    )


def applied_moves(round_: Round, scheme: Scheme) -> list[tuple[Score, Move]]:
    """Firms whose grade was moved, with the move that moved it last."""
    if not scheme.moves:
        return []
    scores = list(Score.objects.filter(round=round_).moved().order_by("region__order", "enterprise_id"))
    traces = [bytes(score.trace) for score in scores]
    columns = [column_of(traces, round_.trace_columns, f"move_{n}") for n in range(len(scheme.moves))]
    found = []
    for row, score in enumerate(scores):
        numbers = [number for number, column in enumerate(columns) if column[row] >= 0]
        if numbers:
            found.append((score, scheme.moves[numbers[-1]]))
    return found


def unproven_moves(round_: Round, scheme: Scheme) -> list[tuple[Score, Move]]:
    """Moves that ask for evidence and have none, or were approved for another change than the present one."""
    rows = MoveRecord.objects.filter(round=round_).order_by()
    proven = set(rows.values_list("enterprise_id", "move", "before", "after"))
    return [
        (score, move)
        for score, move in applied_moves(round_, scheme)
        if move.needs_evidence
        and (score.enterprise_id, move.id, score.initial_grade, score.final_grade) not in proven
    ]
