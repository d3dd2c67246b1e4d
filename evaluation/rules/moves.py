"""调档: from the initial to the final grade, move by move in the order of the document, with refilled places. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.conditions import Frame
from evaluation.policy import Band, Cohort, Move, Scheme
from evaluation.rules.figures import NOT_ANY, FirmYears, Ints, Mask
from evaluation.rules.grading import Contest, ranked
from evaluation.rules.standing import has_years_left, met


@dataclass(frozen=True, eq=False)
class Moved:
    """``final``: number of the band; ``each``: band after the move where it changed or held a grade, −1 elsewhere.

    ``kept``: firms that their special class's lowest grade lifted; ``refilled``: firms that took a place left free.
    """

    final: Ints
    each: Ints
    kept: Mask
    refilled: Mask


def entry_moves(scheme: Scheme) -> list[int]:
    return [number for number, move in enumerate(scheme.moves) if move.kind == "entry_threshold"]


def outcomes(scheme: Scheme, firms: FirmYears, frame: Frame) -> list[Mask]:
    """For each move, the firms it concerns, whatever their grade."""
    nobody = np.zeros(firms.size, np.bool_)
    return [
        nobody
        if move.condition is None
        else met(move.condition, frame, scheme.data_year, if_unknown=move.if_unknown)
        & has_years_left(move.id, move.max_years, firms)
        for move in scheme.moves
    ]


def moved(
    scheme: Scheme,
    cohort: Cohort,
    bands: tuple[Band, ...],
    initial: Ints,
    concerned: list[Mask],
    floors: Ints,
    yields: Mask,
) -> Moved:
    """``initial``: −1 where a firm is not ranked (an entry threshold); ``floors``: lowest band of a special class or −1,
    which a veto overrides where the class ``yields`` to it."""
    letters = [band.grade for band in bands]
    last = len(bands) - 1
    grade = initial.copy()
    each = np.full((initial.size, len(scheme.moves)), NOT_ANY, np.int64)
    locked = np.zeros(initial.size, np.bool_)
    vetoed = np.zeros(initial.size, np.bool_)
    for number, move in enumerate(scheme.moves):
        if move.grade and move.grade not in letters:
            continue
        applies = concerned[number] & ~locked
        if move.only_from:
            allowed = [letters.index(name) for name in move.only_from if name in letters]
            applies &= np.isin(grade, allowed)
        after = _after(move, grade, letters, last)
        applies &= (grade == NOT_ANY) == (move.kind == "entry_threshold")
        grade = np.where(applies, after, grade)
        each[:, number] = np.where(applies, after, NOT_ANY)
        if move.locks or move.kind == "entry_threshold":
            locked |= applies
        if move.is_veto:
            vetoed |= applies
    kept = (floors != NOT_ANY) & (grade > floors) & ~(vetoed & yields)
    return Moved(np.where(kept, floors, grade), each, kept, np.zeros(initial.size, np.bool_))


def _after(move: Move, grade: Ints, letters: list[str], last: int) -> Ints:
    """Bands count from the best: a ceiling is the best that is left, a floor the worst."""
    target = letters.index(move.grade) if move.grade else 0
    after: Ints = {
        "set": np.full(grade.size, target, np.int64),
        "entry_threshold": np.full(grade.size, target, np.int64),
        "ceiling": np.maximum(grade, target),
        "floor": np.minimum(grade, target),
        "up": np.maximum(grade - move.steps, 0),
        "down": np.minimum(grade + move.steps, last),
    }[move.kind]
    return after


def refilled(
    scheme: Scheme,
    result: Moved,
    initial: Ints,
    contest: Contest,
    places: tuple[int, ...],
    shares_better: bool,
) -> Moved:
    """Places that a refilling move left free go to the next firms of the pool, who were not moved themselves."""
    backfilling = [number for number, move in enumerate(scheme.moves) if move.backfill]
    leaves = np.zeros(initial.size, np.bool_)
    for number in backfilling:
        leaves |= result.each[:, number] != NOT_ANY
    leaves &= (result.final > initial) & (initial != NOT_ANY)
    if not leaves.any():
        return result
    stays = ~leaves & (initial != NOT_ANY)
    inner = ranked(contest.total[stays], [breaker[stays] for breaker in contest.breakers])
    place = np.full(initial.size, initial.size + 1, np.int64)
    place[stays] = inner.rank if shares_better else inner.last
    final = result.final.copy()
    gained = np.zeros(initial.size, np.bool_)
    untouched = stays & (result.each == NOT_ANY).all(axis=1) & ~result.kept
    for number in reversed(range(len(places) - 1)):
        # a firm that was moved down to this grade or better keeps holding a place in it
        taken = int(np.count_nonzero(leaves & (result.final <= number)))
        better = untouched & (place <= places[number] - taken) & (final > number)
        final = np.where(better, number, final)
        gained |= better
    return Moved(final, result.each, result.kept, result.refilled | gained)
