"""Rankings of a cohort: by whole locality, region, town, park or industry group; small ones by the scheme's rule. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.conditions import Column, Frame
from evaluation.policy import Band, Cohort, Grading, Level
from evaluation.policy.choices import PROVISIONAL
from evaluation.rules.figures import NOT_ANY, Figures, Ints, Mask
from evaluation.rules.grading import Contest, Gates, PoolLine, grade_pool, quota_base
from evaluation.rules.moves import Moved, entry_moves, moved, outcomes, refilled
from evaluation.rules.standing import SPECIAL, Standing, met
from evaluation.rules.values import Values

#: In place of a region: the pool of the whole locality.
LOCALITY = -1
NO_GRADE = -1


@dataclass(frozen=True, slots=True)
class Pool:
    """One ranking of a cohort in a region (``LOCALITY``: in all). ``listed``: firms of special classes counted in.

    ``place`` names town, park and industry group where it is ranked by them; ``asks``: too small for the scheme's rule.
    """

    cohort: int
    region: int
    listed: int
    line: PoolLine
    place: tuple[str, ...] = ()
    asks: bool = False


@dataclass(frozen=True, eq=False)
class Ranking:
    """Places and grades of all firms at one level; ``grade`` before and ``final`` after the moves."""

    rank: Ints
    last: Ints
    pool: Ints
    grade: Ints
    final: Ints
    moves: Ints
    kept: Mask
    refilled: Mask
    pools: tuple[Pool, ...] = ()

    @classmethod
    def empty(cls, figures: Figures) -> Ranking:
        size = figures.size

        def none() -> Ints:
            return np.full(size, NO_GRADE, np.int64)

        moves = np.full((size, len(figures.scheme.moves)), NOT_ANY, np.int64)
        return cls(
            none(), none(), none(), none(), none(), moves, np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        )

    def take(self, rows: Ints) -> Ranking:
        names = ("rank", "last", "pool", "grade", "final", "moves", "kept", "refilled")
        return replace(self, **{name: getattr(self, name)[rows] for name in names})


@dataclass(frozen=True, eq=False)
class Scored:
    """One cohort with its scores: ``rows`` are the firms that compete; ``frame`` has indicators and score besides."""

    figures: Figures
    standing: Standing
    number: int
    cohort: Cohort
    total: Ints
    fine_total: Ints
    rows: Ints
    values: tuple[Values, ...]
    frame: Frame

    @property
    def known_names(self) -> tuple[str, ...]:
        """What ``frame`` knows beyond the figures."""
        return ("score", *(indicator.id for indicator in self.cohort.indicators))

    def breakers(self, grading: Grading) -> tuple[Ints, ...]:
        """Whole numbers by which equal scores are told apart, larger is better; a firm without one comes last."""
        found: list[Ints] = []
        if self.cohort.is_ranked_directly:
            found.append(self.fine_total)
        ids = [indicator.id for indicator in self.cohort.indicators]
        for breaker in grading.breakers:
            column = (
                self.frame.columns[breaker.name] if breaker.name in ids else self.figures.column(breaker.name)
            )
            sign = -1 if breaker.less_is_better else 1
            found.append(np.where(column.known, sign * column.values, np.iinfo(np.int64).min))
        return tuple(found)


@dataclass(frozen=True, eq=False)
class _Ranked:
    """One pool as it was graded: all ``members``, of whom ``kept`` have their grade from it."""

    members: Ints
    kept: Mask
    grade: Ints
    contest: Contest
    line: PoolLine


def rank_cohort(scored: Scored, ranking: Ranking, pools: list[Pool], level: Level | None) -> None:
    """Fills the cohort's rows of ``ranking`` and appends its pools."""
    scheme, cohort = scored.figures.scheme, scored.cohort
    grading = scheme.grading_of(cohort)
    bands = cohort.bands
    if level is not None:
        grading = replace(grading, rank_within=level.rank_within)
        bands = level.bands.get(cohort.id, bands)
    everybody = outcomes(scheme, scored.figures.firms, scored.frame) if entry_moves(scheme) else []
    barred = np.zeros(scored.figures.size, np.bool_)
    for number in entry_moves(scheme):
        barred |= everybody[number]
    rows = scored.rows[~barred[scored.rows]]
    graded = _grade(scored, rows, scored.rows[barred[scored.rows]], grading, bands, ranking, pools)
    _move(scored, graded, grading, bands, ranking)


# ---------------------------------------------------------------- places and initial grades


def _grade(
    scored: Scored,
    rows: Ints,
    barred: Ints,
    grading: Grading,
    bands: tuple[Band, ...],
    ranking: Ranking,
    pools: list[Pool],
) -> list[_Ranked]:
    scheme, standing = scored.figures.scheme, scored.standing
    special = np.flatnonzero((standing.state == SPECIAL) & (standing.cohort == scored.number))
    breakers = scored.breakers(grading)
    gates = _gates(scored, bands)
    least = grading.min_size.known_or(0)
    small_rule = grading.small_pool.known_or(PROVISIONAL["small_pool"])
    graded: list[_Ranked] = []

    def grade(
        dimensions: tuple[str, ...], place: tuple[int, ...], words: tuple[str, ...], members: Ints, keep: Mask
    ) -> None:
        inside = _in_place(scored.figures, dimensions, place, special)
        also = _in_place(scored.figures, dimensions, place, barred)
        is_small = bool(dimensions or least) and members.size < least
        value = scored.fine_total[members] if scored.cohort.is_ranked_directly else None
        contest = Contest(scored.total[members], tuple(breaker[members] for breaker in breakers), value)
        grades, ranked, line = grade_pool(
            contest,
            bands,
            grading,
            _base(scored, grading, members.size, inside, also),
            scheme.places,
            "threshold" if is_small and small_rule == "threshold" else "",
            None if gates is None else Gates(tuple(mask[members] for mask in gates.passes), gates.refill),
        )
        kept = keep[members]
        ranking.grade[members[kept]] = grades[kept]
        ranking.rank[members[kept]] = ranked.rank[kept]
        ranking.last[members[kept]] = ranked.last[kept]
        ranking.pool[members[kept]] = len(pools)
        graded.append(_Ranked(members, kept, grades, contest, line))
        where = place[dimensions.index("region")] if "region" in dimensions else LOCALITY
        pools.append(
            Pool(
                scored.number,
                where,
                members.size + inside.size,
                line,
                words,
                is_small and small_rule == "ask",
            )
        )

    def split(dimensions: tuple[str, ...], keep: Mask) -> None:
        """By the dimensions; firms of pools that are too small are ranked one dimension wider."""
        if not dimensions:
            grade((), (), (), rows, keep)
            return
        columns = [_dimension(scored.figures, name) for name in dimensions]
        small = np.zeros(keep.size, np.bool_)
        for members in _groups(rows, [column for column, _words in columns]):
            if not keep[members].any():
                continue
            if small_rule == "parent_pool" and members.size < least:
                small[members] = keep[members]
                continue
            place = tuple(int(column[members[0]]) for column, _words in columns)
            words = tuple(
                names[number] if 0 <= number < len(names) else ""
                for number, (_column, names), name in zip(place, columns, dimensions, strict=True)
                if name != "region"
            )
            grade(dimensions, place, words, members, keep)
        if small.any():
            split(dimensions[:-1], small)

    if rows.size:
        split(grading.dimensions, np.ones(scored.figures.size, np.bool_))
    return graded


def _groups(rows: Ints, columns: list[Ints]) -> list[Ints]:
    """The rows by equal numbers in all columns, in the order of those numbers; each group in the order of ``rows``."""
    code = np.zeros(rows.size, np.int64)
    for column in columns:
        numbers = column[rows] + 1
        code = code * (int(numbers.max(initial=0)) + 1) + numbers
    order = np.argsort(code, kind="stable")
    starts = np.flatnonzero(np.diff(code[order])) + 1
    return list(np.split(rows[order], starts))


def _dimension(figures: Figures, name: str) -> tuple[Ints, tuple[str, ...]]:
    """A number a firm, and the names that the numbers stand for; regions are named by whoever numbered them."""
    if name == "region":
        return figures.firms.region, ()
    column = figures.column(name)
    names = tuple(sorted(set(column.words)))
    numbers = np.array([*(names.index(word) for word in column.words), NOT_ANY], np.int64)
    found = np.where(column.known, numbers[column.values] if column.words else NOT_ANY, NOT_ANY)
    return found, names


def _in_place(figures: Figures, dimensions: tuple[str, ...], place: tuple[int, ...], rows: Ints) -> Ints:
    mask = np.ones(rows.size, np.bool_)
    for name, number in zip(dimensions, place, strict=True):
        mask &= _dimension(figures, name)[0][rows] == number
    return rows[mask]


def _base(scored: Scored, grading: Grading, size: int, special: Ints, barred: Ints) -> int:
    """Of how many firms the shares are taken: the ranked ones, and whoever the scheme counts besides."""
    scheme = scored.figures.scheme
    base = quota_base(grading)
    codes = scored.standing.special[special]
    if base.kind == "listed":
        without = [n for n, clause in enumerate(scheme.special) if clause.id in base.without]
        more = int(np.count_nonzero(~np.isin(codes, without))) + barred.size
    else:
        counted = [number for number, clause in enumerate(scheme.special) if clause.in_quota_base]
        more = int(np.count_nonzero(np.isin(codes, counted)))
        if any(scheme.moves[number].in_quota_base for number in entry_moves(scheme)):
            more += barred.size
    return size + more


def _gates(scored: Scored, bands: tuple[Band, ...]) -> Gates | None:
    if not any(band.gate for band in bands):
        return None
    passes = []
    for band in bands:
        mask = np.ones(scored.figures.size, np.bool_)
        if band.gate is not None:
            year = scored.figures.scheme.data_year
            mask = met(band.gate.condition, scored.frame, year, if_unknown=band.gate.if_unknown)
        passes.append(mask)
    return Gates(tuple(passes), any(band.gate.refill for band in bands if band.gate))


# ---------------------------------------------------------------- moves


def _move(
    scored: Scored, graded: list[_Ranked], grading: Grading, bands: tuple[Band, ...], ranking: Ranking
) -> None:
    scheme = scored.figures.scheme
    rows = scored.rows
    ranking.final[rows] = ranking.grade[rows]
    floors, yields = _floors(scored, bands)
    if not scheme.moves and not (floors[rows] != NOT_ANY).any():
        return
    concerned = outcomes(scheme, scored.figures.firms, _frame_with_grade(scored, bands, ranking))

    def moves_of(members: Ints, initial: Ints) -> Moved:
        return moved(
            scheme,
            scored.cohort,
            bands,
            initial,
            [mask[members] for mask in concerned],
            floors[members],
            yields[members],
        )

    unranked = rows[ranking.grade[rows] == NO_GRADE]
    _keep(ranking, unranked, moves_of(unranked, ranking.grade[unranked]), np.ones(unranked.size, np.bool_))
    for pool in graded:
        result = moves_of(pool.members, pool.grade)
        result = refilled(scheme, result, pool.grade, pool.contest, pool.line.places, grading.shares_better)
        _keep(ranking, pool.members, result, pool.kept)


def _keep(ranking: Ranking, rows: Ints, result: Moved, kept: Mask) -> None:
    where = rows[kept]
    ranking.final[where] = result.final[kept]
    ranking.moves[where] = result.each[kept]
    ranking.kept[where] = result.kept[kept]
    ranking.refilled[where] = result.refilled[kept]


def _floors(scored: Scored, bands: tuple[Band, ...]) -> tuple[Ints, Mask]:
    """The lowest band that a firm's special class leaves it, −1 without one; and whether a veto overrides it."""
    names = [band.grade for band in bands]
    table = [
        names.index(clause.floor) if clause.floor in names else NOT_ANY
        for clause in scored.figures.scheme.special
    ]
    numbers = np.array([*table, NOT_ANY], np.int64)
    yields = np.array([*(clause.veto_beats_floor for clause in scored.figures.scheme.special), True])
    return numbers[scored.standing.special], yields[scored.standing.special]


def _frame_with_grade(scored: Scored, bands: tuple[Band, ...], ranking: Ranking) -> Frame:
    words = tuple(band.grade for band in bands)
    number = ranking.grade
    inside = np.zeros(number.size, np.bool_)
    inside[scored.rows] = True
    known = inside & (number != NO_GRADE)
    columns = {name: scored.frame.columns[name] for name in scored.known_names}
    columns["initial_grade"] = Column(np.where(known, number, 0), known, words)
    return scored.figures.frame_with(columns)
