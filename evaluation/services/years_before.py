"""How many years firms have been in a special class or under a move, by the rounds published before. Reads only."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column
from core.models import Region
from evaluation.models import Round, Score
from evaluation.policy import Scheme
from evaluation.rules.figures import Ints
from evaluation.rules.trace import column_of
from evaluation.services.editions import scheme_of


def years_as(scheme: Scheme, locality: Region, firm_ids: Ints) -> dict[str, Column]:
    """By the code of each clause that is limited to some years: the years so far, none for a firm never seen before."""
    limited = [clause.id for clause in (*scheme.special, *scheme.moves) if clause.max_years is not None]
    if not limited:
        return {}
    used = {clause: np.zeros(firm_ids.size, np.int64) for clause in limited}
    rounds = Round.objects.current().filter(region=locality, year__lt=scheme.data_year)
    seen: set[tuple[str, int]] = set()
    for round_ in rounds.select_related("edition").order_by("year", "-published_at"):
        for clause, firms in _concerned(round_, limited):
            # two methods of one year are one year
            if (clause, round_.year) not in seen:
                used[clause] += np.isin(firm_ids, firms)
            seen.add((clause, round_.year))
    everywhere = np.ones(firm_ids.size, np.bool_)
    return {clause: Column(years, everywhere) for clause, years in used.items()}


def _concerned(round_: Round, clauses: list[str]) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Firms of a round by the clause that held for them."""
    _document, before = scheme_of(round_.edition)
    specials = {clause.id: number for number, clause in enumerate(before.special) if clause.id in clauses}
    moves = {move.id: number for number, move in enumerate(before.moves) if move.id in clauses}
    if not specials and not moves:
        return
    rows = list(Score.objects.filter(round=round_).order_by().values_list("enterprise_id", "trace"))
    firms = np.array([firm for firm, _trace in rows], np.int64)
    traces = [bytes(trace) for _firm, trace in rows]
    for clause, number in specials.items():
        yield clause, firms[column_of(traces, round_.trace_columns, "special") == number]
    for clause, number in moves.items():
        yield clause, firms[column_of(traces, round_.trace_columns, f"move_{number}") >= 0]
