"""Tiers: one row per firm and year that has a published grade or a place in the pool, the absent side null."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import islice
from typing import Any

from django.utils import timezone

from core.models import User
from reports.services.tier_sides import Grade, Key, Place, Sides, TierQuery

Row = dict[str, Any]
TIER_FIELDS = (
    "uscc",
    "name",
    "region",
    "region_name",
    "year",
    "programme",
    "pool_tier",
    "grade",
    "score",
    "edition",
    "published_at",
    "updated_at",
)


def tier_page(
    *,
    user: User,
    query: TierQuery,
    with_scores: bool,
    size: int,
    after: Key | None = None,
    before: Key | None = None,
) -> tuple[list[tuple[Key, Row]], bool]:
    """Up to ``size`` rows with their keys, in key order, and whether there are more in the way they were read.

    Each side's first ``size + 1`` rows hold the first ``size + 1`` keys of both together. At most five queries.
    """
    sides = Sides(user, query)
    grades = sides.read_grades(sides.grades(after=after, before=before), size + 1)
    places = sides.read_places(sides.places(after=after, before=before), size + 1)
    pairs = _paired(grades, places, backwards=before is not None)
    rows = [(key, _row(key, grade, place, with_scores)) for key, grade, place in islice(pairs, size + 1)]
    more, rows = len(rows) > size, rows[:size]
    return (rows[::-1] if before is not None else rows), more


def all_tiers(*, user: User, query: TierQuery, with_scores: bool) -> Iterator[Row]:
    """The whole scope, one row after another; memory does not grow with it."""
    sides = Sides(user, query)
    pairs = _paired(sides.read_grades(sides.grades()), sides.read_places(sides.places()))
    return (_row(key, grade, place, with_scores) for key, grade, place in pairs)


def score_text(whole: int | None, decimals: int) -> str | None:
    """Whole 1/10^decimals as people write it: ``(12340, 2)`` → ``"123.40"``."""
    if whole is None or not decimals:
        return None if whole is None else str(whole)
    digits = str(abs(whole)).rjust(decimals + 1, "0")
    return f"{'-' if whole < 0 else ''}{digits[:-decimals]}.{digits[-decimals:]}"


@lru_cache(maxsize=4096)
def moment_text(at: datetime | None) -> str | None:
    """With the offset of the house: ``2022-07-08T10:00:00+08:00``. Rows of one act share their moment."""
    return None if at is None else timezone.localtime(at).isoformat()


def _paired(
    grades: Iterator[Grade], places: Iterator[Place], *, backwards: bool = False
) -> Iterator[tuple[Key, Grade | None, Place | None]]:
    """Two sides in key order as one, each key once."""
    grade, place = next(grades, None), next(places, None)
    while grade is not None or place is not None:
        if grade is None or place is None:
            key = (grade or place).key  # type: ignore[union-attr]
        else:
            key = max(grade.key, place.key) if backwards else min(grade.key, place.key)
        mine = grade if grade is not None and grade.key == key else None
        its = place if place is not None and place.key == key else None
        yield key, mine, its
        grade = next(grades, None) if mine else grade
        place = next(places, None) if its else place


def _row(key: Key, grade: Grade | None, place: Place | None, with_scores: bool) -> Row:
    """In the region that the firm was graded in that year, else where it is assessed today; by the edition that
    graded it, else by that of the pool."""
    firm = (grade or place).firm  # type: ignore[union-attr]
    moments = [firm.updated_at]
    row: Row = dict.fromkeys(TIER_FIELDS)
    row["uscc"], row["name"], row["region"], row["region_name"] = firm[:4]
    row["year"] = key[1]
    if place:
        row["programme"], row["pool_tier"], row["edition"] = place.programme, place.tier, place.edition
        moments += [place.moved_at, *([place.regraded_at] if place.regraded_at and not grade else [])]
    if grade:
        row["grade"], row["edition"] = grade.grade, grade.round.edition
        row["score"] = score_text(grade.total, grade.round.decimals) if with_scores else None
        row["published_at"] = moment_text(grade.round.published_at)
        moments += [grade.round.published_at, *([grade.left_at] if grade.left_at else [])]
    row["updated_at"] = moment_text(max(moments))
    return row
