"""A whole round: scope → special → land → item scores → fill missing → total → rank → bands. Pure, set-based.

The same firms in any order get the same scores and grades. Which step follows which is fixed; what each step does
is the scheme's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evaluation.policy import Cohort, Scheme
from evaluation.policy.scheme import PROVISIONAL
from evaluation.rules.figures import FirmYears, Ints, with_land
from evaluation.rules.grading import PoolLine, grade_pool
from evaluation.rules.scoring import Items, score_cohort
from evaluation.rules.standing import GRADED, SPECIAL, Standing, standing_of

#: In place of a region: the pool of the whole locality.
LOCALITY = -1
NO_GRADE = -1


@dataclass(frozen=True, slots=True)
class Pool:
    """One ranking of a cohort in a region (``LOCALITY``: in all). ``listed``: firms of special classes counted in."""

    cohort: int
    region: int
    listed: int
    line: PoolLine


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Row by row; −1 where a firm is not graded. ``items``: one array of (state, raw, points) a row and indicator."""

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


class CannotScore(Exception):
    """Settings without which no score exists are unknown; carries their names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("、".join(names))
        self.names = names


def evaluate(firms: FirmYears, scheme: Scheme) -> Evaluation:
    """Raises ``CannotScore`` when weights, baselines or bands are unknown."""
    if scheme.unscorable:
        raise CannotScore(scheme.unscorable)
    standing = standing_of(firms, scheme)
    result = _empty(firms.size, standing, max(len(cohort.indicators) for cohort in scheme.cohorts))
    means: list[tuple[int | None, ...]] = []
    pools: list[Pool] = []
    for number, cohort in enumerate(scheme.cohorts):
        rows = np.flatnonzero((standing.state == GRADED) & (standing.cohort == number))
        special = np.flatnonzero((standing.state == SPECIAL) & (standing.cohort == number))
        columns = {name: column.take(rows) for name, column in with_land(firms, scheme).items()}
        scores = score_cohort(cohort, columns, scheme.places)
        means.append(scores.means)
        result.total[rows] = scores.total
        _keep_items(result.items, rows, scores.items)
        pools += _grade_cohort(result, number, cohort, scheme, rows, special, firms.region, len(pools))
    return Evaluation(
        standing,
        result.total,
        result.rank,
        result.last,
        result.pool,
        result.grade,
        result.items,
        tuple(pools),
        tuple(means),
    )


def _empty(size: int, standing: Standing, most: int) -> Evaluation:
    def none() -> Ints:
        return np.full(size, NO_GRADE, np.int64)

    items = np.zeros((size, most, 3), np.int64)
    items[:, :, 0] = NO_GRADE
    return Evaluation(standing, np.zeros(size, np.int64), none(), none(), none(), none(), items, (), ())


def _keep_items(items: Ints, rows: Ints, scored: tuple[Items, ...]) -> None:
    for place, item in enumerate(scored):
        items[rows, place, 0] = item.state
        items[rows, place, 1] = item.raw
        items[rows, place, 2] = item.points


def _grade_cohort(
    result: Evaluation,
    number: int,
    cohort: Cohort,
    scheme: Scheme,
    rows: Ints,
    special: Ints,
    region: Ints,
    first_pool: int,
) -> list[Pool]:
    """Grades of one cohort; pools smaller than the least size are graded in the whole locality's ranking."""
    grading = scheme.grading
    pools: list[Pool] = []

    def grade(members: Ints, listed: int, where: int, keep: Ints) -> None:
        grades, ranked, line = grade_pool(result.total[members], cohort.bands, grading, listed)
        kept = np.isin(members, keep)
        result.grade[members[kept]] = grades[kept]
        result.rank[members[kept]] = ranked.rank[kept]
        result.last[members[kept]] = ranked.last[kept]
        result.pool[members[kept]] = first_pool + len(pools)
        pools.append(Pool(number, where, listed, line))

    if not rows.size:
        return pools
    if grading.rank_within.known_or(PROVISIONAL["rank_within"]) == "locality":
        grade(rows, rows.size + special.size, LOCALITY, rows)
        return pools
    joins_parent = grading.small_pool.known_or(PROVISIONAL["small_pool"]) == "parent_pool"
    least = grading.min_size.known_or(0)
    small = []
    for where in np.unique(region[rows]):
        members = rows[region[rows] == where]
        if joins_parent and members.size < least:
            small.append(members)
            continue
        listed = members.size + int(np.count_nonzero(region[special] == where))
        grade(members, listed, int(where), members)
    if small:
        grade(rows, rows.size + special.size, LOCALITY, np.concatenate(small))
    return pools
