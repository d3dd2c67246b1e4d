"""A whole round: scope → special → land → item scores → fill missing → bonus → total → rank → bands → moves. Pure, set-based.

The same firms in any order get the same scores and grades. Which step follows which is fixed; what each step does
is the scheme's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.conditions import Column, Frame
from evaluation.policy import Cohort, Scheme, is_missing
from evaluation.policy.choices import GRADES
from evaluation.policy.vocabulary import SCORE
from evaluation.rules.adjusting import adjusted, within
from evaluation.rules.baselines import CannotScore, Given, Population, Statistics
from evaluation.rules.figures import (
    FINE,
    FINE_PLACES,
    NOT_ANY,
    Figures,
    FirmYears,
    Floats,
    Ints,
    Mask,
    rounded,
)
from evaluation.rules.pools import LOCALITY, NO_GRADE, Pool, Ranking, Scored, rank_cohort
from evaluation.rules.scoring import Scores, score_cohort
from evaluation.rules.standing import (
    FOLLOWS,
    GRADED,
    NO_COHORT,
    OUT_OF_SCOPE,
    SPECIAL,
    Standing,
    met,
    standing_of,
)
from evaluation.rules.subjects import head_rows, landlord_rows, merged
from evaluation.rules.values import kept_value, values_of

__all__ = ["LOCALITY", "NO_GRADE", "CannotScore", "Evaluation", "Pool", "evaluate", "letters"]

#: In place of a value or baseline that there is none of.
NOTHING = np.iinfo(np.int64).min


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Row by row; −1 where a firm is not graded. ``items``: one array of (state, raw, points) a row and indicator.

    ``grade`` is the initial one, ``final`` that after all moves. ``values`` and ``baselines`` are whole 10^-8 of the
    indicator's unit, ``NOTHING`` without one; ``adjusted`` holds fine points by adjustment, its last column their sum;
    ``moves`` the band after each move that applied; ``kept`` and ``refilled`` what else changed a grade.
    """

    standing: Standing
    total: Ints
    rank: Ints
    last: Ints
    pool: Ints
    grade: Ints
    items: Ints
    pools: tuple[Pool, ...]
    #: by cohort and indicator, the mean that firms without data got
    means: tuple[tuple[int | None, ...], ...]
    final: Ints
    values: Ints
    baselines: Ints
    adjusted: Ints
    moves: Ints
    kept: Mask
    refilled: Mask
    flags: Mask
    scored: Mask
    levels: tuple[Ranking, ...] = ()
    merged: Evaluation | None = None

    def take(self, rows: Ints) -> Evaluation:
        standing = Standing(
            self.standing.state[rows], self.standing.special[rows], self.standing.cohort[rows]
        )
        arrays = {
            name: getattr(self, name)[rows]
            for name in (
                "total", "rank", "last", "pool", "grade", "items", "final", "values", "baselines", "adjusted", "moves",
                "kept", "refilled", "flags", "scored",
            )
        }  # fmt: skip
        return replace(
            self, standing=standing, **arrays, levels=tuple(level.take(rows) for level in self.levels)
        )

    @property
    def asks(self) -> tuple[Pool, ...]:
        """Rankings too small for the scheme's own rule: somebody decides before anything is published."""
        return tuple(pool for pool in self.pools if pool.asks)


def evaluate(
    firms: FirmYears,
    scheme: Scheme,
    previous: FirmYears | None = None,
    given: Given | None = None,
    *,
    partly: bool = False,
) -> Evaluation:
    """``previous``: the firms of the year before, where a baseline is taken of them; ``given``: frozen baselines.

    Raises ``CannotScore`` when weights or baselines are unknown; ``partly`` leaves such cohorts without scores instead.
    """
    if scheme.unscorable and not partly:
        raise CannotScore(scheme.unscorable)
    subject = scheme.subject
    if subject is None:
        return _evaluate(firms, scheme, previous, given or {})
    tenants = landlord_rows(firms, scheme)
    rule = subject.tenants.known_or("separate")
    follows = (tenants != NOT_ANY) & (rule == "follow_landlord")
    joins = tenants if rule == "merge_and_share" else np.full(firms.size, NOT_ANY, np.int64)
    several = subject.multi_entity.known_or("separate")
    if several == "merge":
        joins = _joined(joins, head_rows(firms))
    result = _as_units(firms, joins, scheme, previous, given or {}, follows)
    if several == "both":
        together = _joined(joins, head_rows(firms))
        takes = "alone" if subject.both_takes is None else subject.both_takes.known_or("alone")
        other = _as_units(firms, together, scheme, previous, given or {}, follows)
        result = _chosen(result, other, together, takes, scheme)
    return _following(result, np.where(follows, tenants, NOT_ANY))


def letters(scheme: Scheme, result: Evaluation) -> tuple[Column, Column]:
    """Initial and final grade of every firm as words: a band, the code of the special class, or an empty text."""
    return letters_of(scheme, result, result.grade), letters_of(scheme, result, result.final)


def letters_of(scheme: Scheme, result: Evaluation, bands: Ints) -> Column:
    graded = [band.grade for cohort in scheme.cohorts for band in cohort.bands]
    special = [clause.grade or clause.id for clause in scheme.special]
    words = tuple(dict.fromkeys([*graded, *special, ""]))
    number = {word: place for place, word in enumerate(words)}
    most = max(len(cohort.bands) for cohort in scheme.cohorts)
    table = np.full((len(scheme.cohorts), most), number[""], np.int64)
    for place, cohort in enumerate(scheme.cohorts):
        table[place, : len(cohort.bands)] = [number[band.grade] for band in cohort.bands]
    classes = np.array([*(number[word] for word in special), number[""]], np.int64)
    standing = result.standing
    by_band = np.where(
        bands == NO_GRADE, number[""], table[np.maximum(standing.cohort, 0), np.maximum(bands, 0)]
    )
    found = np.where(standing.state == SPECIAL, classes[standing.special], by_band)
    return Column(found, np.ones(found.size, np.bool_), words)


# ---------------------------------------------------------------- units


def _joined(joins: Ints, others: Ints) -> Ints:
    """Both ways of joining, a tenant following its landlord into the landlord's group."""
    direct = np.where(others != NOT_ANY, others, joins)
    beyond = np.where(direct != NOT_ANY, direct[direct], NOT_ANY)
    found: Ints = np.where(beyond != NOT_ANY, beyond, direct)
    return found


def _as_units(
    firms: FirmYears, joins: Ints, scheme: Scheme, previous: FirmYears | None, given: Given, follows: Mask
) -> Evaluation:
    if not (joins != NOT_ANY).any():
        return _evaluate(firms, scheme, previous, given, follows)
    units, unit = merged(firms, joins, scheme)
    heads = np.flatnonzero(joins == NOT_ANY)
    return _evaluate(units, scheme, previous, given, follows[heads]).take(unit)


def _chosen(alone: Evaluation, together: Evaluation, joins: Ints, takes: str, scheme: Scheme) -> Evaluation:
    """The grade of firms that were evaluated twice; everything else is that of the firm alone."""
    member = joins != NOT_ANY
    member[joins[member]] = True
    own = np.array([[_number_of(g, cohort) for g in GRADES] for cohort in scheme.cohorts], np.int64)
    theirs = letters_of(scheme, together, together.final)
    numbers = [GRADES.index(word) if word in GRADES else NO_GRADE for word in theirs.words]
    found = np.array(numbers, np.int64)[theirs.values]
    other = np.where(
        found == NO_GRADE, NO_GRADE, own[np.maximum(alone.standing.cohort, 0), np.maximum(found, 0)]
    )
    both = member & (alone.final != NO_GRADE) & (other != NO_GRADE)
    final = {
        "alone": alone.final,
        "merged": other,
        "better": np.minimum(alone.final, other),
        "worse": np.maximum(alone.final, other),
    }[takes]
    return replace(alone, final=np.where(both, final, alone.final), merged=together)


def _number_of(grade: str, cohort: Cohort) -> int:
    """The band of that name, or the next worse that the cohort has."""
    names = [band.grade for band in cohort.bands]
    worse = [name for name in names if GRADES.index(name) >= GRADES.index(grade)]
    return names.index(worse[0]) if worse else len(names) - 1


def _following(result: Evaluation, landlord: Ints) -> Evaluation:
    """Tenants take the landlord's grade, whatever it rests on; they have no place of their own."""
    rows = np.flatnonzero(landlord != NOT_ANY)
    if not rows.size:
        return result
    theirs = landlord[rows]
    standing, final, grade = result.standing, result.final.copy(), result.grade.copy()
    state, special, cohort = standing.state.copy(), standing.special.copy(), standing.cohort.copy()
    final[rows], grade[rows] = result.final[theirs], result.grade[theirs]
    cohort[rows], special[rows] = cohort[theirs], special[theirs]
    state[rows] = np.where(np.isin(state[theirs], (SPECIAL, OUT_OF_SCOPE, NO_COHORT)), state[theirs], FOLLOWS)
    return replace(result, standing=Standing(state, special, cohort), final=final, grade=grade)


# ---------------------------------------------------------------- one evaluation


def _evaluate(
    firms: FirmYears, scheme: Scheme, previous: FirmYears | None, given: Given, follows: Mask | None = None
) -> Evaluation:
    figures = Figures(firms, scheme)
    standing = standing_of(figures)
    if follows is not None and follows.any():
        in_scope = np.isin(standing.state, (GRADED, NO_COHORT)) & follows
        standing = Standing(np.where(in_scope, FOLLOWS, standing.state), standing.special, standing.cohort)
    statistics = Statistics(Population(figures, standing), _population_before(previous, scheme))
    table = _Table(figures)
    means: list[tuple[int | None, ...]] = []
    pools: list[Pool] = []
    levels = [(level, Ranking.empty(figures), list[Pool]()) for level in scheme.levels]
    for number, cohort in enumerate(scheme.cohorts):
        rows = np.flatnonzero((standing.cohort == number) & _is_scored(standing, scheme))
        counts = standing.state[rows] == GRADED
        if not _can_score(cohort, given):
            means.append((None,) * len(cohort.indicators))
            open_frame = figures.frame_with(
                {i.id: kept_value(values_of(i, figures)) for i in cohort.indicators}
            )
            table.keep_flags(scheme, open_frame, np.flatnonzero(standing.cohort == number))
            continue
        scores = score_cohort(cohort, statistics, rows, counts, scheme, given)
        means.append(scores.means)
        fine_total = table.keep(figures, cohort, rows, scores)
        frame = figures.frame_with(_known_after(cohort, scores, fine_total, rows))
        graded = Scored(
            figures, standing, number, cohort, table.total, fine_total, rows[counts], scores.values, frame
        )
        rank_cohort(graded, table.ranking, pools, None)
        for level, ranking, level_pools in levels:
            rank_cohort(graded, ranking, level_pools, level)
        table.keep_flags(scheme, frame, rows)
    table.keep_flags(scheme, figures.frame, np.flatnonzero(~table.flagged))
    ranking = table.ranking
    return Evaluation(
        standing,
        table.total,
        ranking.rank,
        ranking.last,
        ranking.pool,
        ranking.grade,
        table.items,
        tuple(pools),
        tuple(means),
        ranking.final,
        table.values,
        table.baselines,
        table.adjusted,
        ranking.moves,
        ranking.kept,
        ranking.refilled,
        table.flags,
        table.scored,
        tuple(replace(ranking, pools=tuple(found)) for _level, ranking, found in levels),
    )


def _can_score(cohort: Cohort, given: Given) -> bool:
    """Every weight is printed, and every baseline that is needed is printed or given."""
    return bool(cohort.indicators) and all(
        not is_missing(indicator.weight)
        and (
            indicator.baseline is None
            or not is_missing(indicator.baseline)
            or (cohort.id, indicator.id) in given
        )
        for indicator in cohort.indicators
    )


def _population_before(previous: FirmYears | None, scheme: Scheme) -> Population | None:
    """Last year's firms as this year's scheme would have taken them in."""
    if previous is None:
        return None
    figures = Figures(previous, replace(scheme, data_year=scheme.data_year - 1))
    return Population(figures, standing_of(figures))


def _is_scored(standing: Standing, scheme: Scheme) -> Mask:
    """Graded firms, and those of special classes that are scored without a grade."""
    scored = [number for number, clause in enumerate(scheme.special) if clause.score]
    mask: Mask = (standing.state == GRADED) | (
        (standing.state == SPECIAL) & np.isin(standing.special, scored)
    )
    return mask


def _known_after(cohort: Cohort, scores: Scores, fine_total: Ints, rows: Ints) -> dict[str, Column]:
    """The indicators' values and the score, for gates, moves and flags."""
    known = np.zeros(fine_total.size, np.bool_)
    known[rows] = True
    found = _values_known(cohort, scores)
    found["score"] = Column(fine_total // 10 ** (FINE_PLACES - SCORE.places), known)
    return found


def _values_known(cohort: Cohort, scores: Scores) -> dict[str, Column]:
    return {
        indicator.id: kept_value(values)
        for indicator, values in zip(cohort.indicators, scores.values, strict=True)
    }


class _Table:
    """What a round fills, cohort by cohort."""

    def __init__(self, figures: Figures) -> None:
        scheme, size = figures.scheme, figures.size
        most = max(len(cohort.indicators) for cohort in scheme.cohorts)
        self.total: Ints = np.zeros(size, np.int64)
        self.items: Ints = np.zeros((size, most, 3), np.int64)
        self.items[:, :, 0] = NO_GRADE
        self.values: Ints = np.full((size, most), NOTHING, np.int64)
        self.baselines: Ints = np.full((size, most), NOTHING, np.int64)
        self.adjusted: Ints = np.zeros((size, len(scheme.adjusting.items) + 1), np.int64)
        self.flags: Mask = np.zeros((size, len(scheme.flags)), np.bool_)
        self.scored: Mask = np.zeros(size, np.bool_)
        self.flagged: Mask = np.zeros(size, np.bool_)
        self.ranking = Ranking.empty(figures)

    def keep(self, figures: Figures, cohort: Cohort, rows: Ints, scores: Scores) -> Ints:
        """Items, bonus and penalty, and the score; returns fine totals of all rows."""
        scheme = figures.scheme
        for place, item in enumerate(scores.items):
            self.items[rows, place, 0] = item.state
            self.items[rows, place, 1] = item.raw
            self.items[rows, place, 2] = item.points
            if not scheme.is_plain:  # the trace divides a plain scheme's figures again
                self.values[rows, place] = _fine_or_nothing(item.value)
            self.baselines[rows, place] = _fine_or_nothing(item.baseline)
        fine_total: Ints = np.zeros(figures.size, np.int64)
        fine_total[rows] = scores.total
        if not cohort.is_ranked_directly:
            if scheme.adjusting.items:
                change = adjusted(
                    scheme, figures, figures.frame_with(_values_known(cohort, scores)), fine_total
                )
                self.adjusted[rows, :-1] = change.each[rows]
                self.adjusted[rows, -1] = change.total[rows]
                fine_total[rows] += change.total[rows]
            fine_total[rows] = within(fine_total[rows], scheme)
        self.total[rows] = rounded(fine_total[rows], scheme.places, scheme.rounding.known_or("half_up"))
        self.scored[rows] = True
        return fine_total

    def keep_flags(self, scheme: Scheme, frame: Frame, rows: Ints) -> None:
        self.flagged[rows] = True
        for number, flag in enumerate(scheme.flags):
            if flag.condition is not None and rows.size:
                self.flags[rows, number] = met(flag.condition, frame, scheme.data_year)[rows]


def _fine_or_nothing(numbers: Floats) -> Ints:
    """10^-8 of the unit, half up; a number too large to be kept is left out."""
    if numbers.size > 1 and (numbers == numbers[0]).all():
        return np.full(numbers.size, _fine_or_nothing(numbers[:1])[0])
    small = np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < _WIDEST_VALUE)
    scaled = np.where(small, np.nan_to_num(numbers), 0.0) * FINE
    whole: Ints = (np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)).astype(np.int64)
    return np.where(small, whole, NOTHING)


_WIDEST_VALUE = 9e10
