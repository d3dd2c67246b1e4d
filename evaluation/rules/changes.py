"""What changes between two results of the same firms: grade by grade, firm by firm. Pure, set-based."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.policy import Scheme
from evaluation.rules.figures import Ints
from evaluation.rules.rounds import Evaluation, letters

#: how a firm without a grade is written
NO_LETTER = "—"


def final_letters(scheme: Scheme, result: Evaluation) -> NDArray[np.str_]:
    """The final grade of every firm as a word, ``—`` without one."""
    _initial, final = letters(scheme, result)
    words = np.array([word or NO_LETTER for word in final.words])
    found: NDArray[np.str_] = words[final.values]
    return found


@dataclass(frozen=True, eq=False)
class Changes:
    """``rows``: firms whose grade differs; ``matrix``: firms by grade before (row) and after (column)."""

    before: NDArray[np.str_]
    after: NDArray[np.str_]
    rows: Ints
    letters: tuple[str, ...]
    matrix: Ints


def changes(before: NDArray[np.str_], after: NDArray[np.str_]) -> Changes:
    """Of two columns of grades, row by row the same firms."""
    names = tuple(sorted({*before.tolist(), *after.tolist()}, key=grade_order))
    place = {name: number for number, name in enumerate(names)}
    old, new = (_numbers(column, place) for column in (before, after))
    counts = np.bincount(old * len(names) + new, minlength=len(names) ** 2)
    return Changes(before, after, np.flatnonzero(old != new), names, counts.reshape(len(names), len(names)))


def grade_order(name: str) -> tuple[int, str, int, str]:
    """For sorting: A+, A, A1 … before B; then the special classes (T), then no grade."""
    is_letter = name[:1] in "ABCDE" and name != ""
    rest = name[1:]
    return (
        0 if is_letter else 2 if name == NO_LETTER else 1,
        name[:1],
        -1 if rest == "+" else len(rest),
        rest,
    )


def better_rows(before: NDArray[np.str_], after: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Rows whose grade rose. A special class is no grade: who enters or leaves one is neither better nor worse."""
    old, new = np.empty(before.size, np.int64), np.empty(after.size, np.int64)
    ranked = [
        name
        for name in sorted({*before.tolist(), *after.tolist()}, key=grade_order)
        if grade_order(name)[0] == 0
    ]
    place = {name: number for number, name in enumerate(ranked)}
    for column, numbers in ((before, old), (after, new)):
        words, places = np.unique(column, return_inverse=True)
        numbers[:] = np.array([place.get(word, -1) for word in words.tolist()] or [-1], np.int64)[places]
    found: NDArray[np.bool_] = (new < old) & (new >= 0) & (old >= 0)
    return found


def _numbers(column: NDArray[np.str_], place: dict[str, int]) -> Ints:
    words, numbers = np.unique(column, return_inverse=True)
    found: Ints = np.array([place[word] for word in words.tolist()] or [0], np.int64)[numbers]
    return found


def by_region(region: Ints, rows: Ints, count: int) -> Sequence[int]:
    """How many of the rows lie in each of ``count`` regions."""
    found: list[int] = np.bincount(region[rows], minlength=count).tolist()
    return found
