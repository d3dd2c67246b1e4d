"""The two sides of a tier row: the grade that holds, and the place in the pool. Each is read in key order.

A row's key is (firm, year). A grade counts for the year of its round, a membership for the year for which its pool
was last screened. Where several schemes grade a firm's year, the one published last is told; where it sits in
several pools, 小升规培育库 before others, then the one screened last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    Case,
    DateTimeField,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from core.models import User
from cultivation.models import PoolMembership, PoolScreening
from enterprises.querysets import SECOND_RECORD
from evaluation.models import Round, Score

MAIN_POOL = "scale_up"
_CHUNK = 2000
Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TierQuery:
    """What a client asks for; ``None`` and empty mean everything it may see."""

    year: int | None = None
    region: str = ""
    uscc: str = ""
    updated_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """A round that holds: its newest published version."""

    pk: int
    year: int
    edition: str
    decimals: int
    published_at: datetime
    #: an earlier version was published before it
    replaces: bool

    @property
    def q(self) -> Q:
        return Q(round=self.pk)


@dataclass(frozen=True, slots=True)
class Pooled:
    """A pool, the year that it was last screened for, and when it was first screened for that year."""

    programme: str
    pool: str
    year: int
    since: datetime

    @property
    def q(self) -> Q:
        return Q(programme=self.programme, pool=self.pool)


T = TypeVar("T", Graded, Pooled)


class Firm(NamedTuple):
    uscc: str
    name: str
    region: str
    region_name: str
    updated_at: datetime


class Grade(NamedTuple):
    key: Key
    firm: Firm
    grade: str
    total: int | None
    round: Graded
    #: when the firm left a pool of that year, if it did
    left_at: datetime | None


class Place(NamedTuple):
    key: Key
    firm: Firm
    programme: str
    tier: str
    edition: str
    moved_at: datetime
    #: when a newer version of that year's grades was published, which may have taken the firm's grade
    regraded_at: datetime | None


#: a graded firm is told in the region of that year, a member in that of today
_GRADED_FIRM = (
    "enterprise__uscc",
    "enterprise__name",
    "region_id",
    "region__name",
    "enterprise__updated_at",
)
_FIRM = (
    "enterprise__uscc",
    "enterprise__name",
    "enterprise__region_id",
    "enterprise__region__name",
    "enterprise__updated_at",
)


class Sides:
    """Both sides of what ``user`` may see of ``query``; which rounds and pools there are is read at once."""

    def __init__(self, user: User, query: TierQuery) -> None:
        self.query = query
        self.rounds, self.pools = _published(user, query.year), _pools(user, query.year)
        #: year → when a version was published that replaced an earlier one
        self.regraded: dict[int, datetime] = {}
        for graded in self.rounds:
            if graded.replaces:
                known = self.regraded.get(graded.year, graded.published_at)
                self.regraded[graded.year] = max(known, graded.published_at)
        self.members = self._narrowed(PoolMembership.objects.visible_to(user))
        graded_scores = Score.objects.visible_to(user).filter(_any(self.rounds)).exclude(final_grade="")
        # a firm is told once: what was published under a second record of it (重复档案) is no other firm's
        graded_scores = graded_scores.exclude(enterprise__ended_as=SECOND_RECORD)
        self.scores = self._narrowed(graded_scores)

    def grades(self, *, after: Key | None = None, before: Key | None = None) -> QuerySet[Score]:
        rows = _one_a_year(self.scores, self.rounds).annotate(left_at=self._left_at())
        since = self.query.updated_since
        if since is not None:
            fresh = _any(graded for graded in self.rounds if graded.published_at >= since)
            moved = fresh | Q(enterprise__updated_at__gte=since) | Q(left_at__gte=since)
            for year, pools in _by_year(self.pools).items():
                started = _any(pool for pool in pools if pool.since >= since)
                changed = self._current(pools).filter(started | Q(updated_at__gte=since))
                moved |= self._rounds_of(year) & _also_in(changed)
            rows = rows.filter(moved)
        return _between(rows, self.rounds, after, before)

    def places(self, *, after: Key | None = None, before: Key | None = None) -> QuerySet[PoolMembership]:
        rows = _one_a_year(self._current(self.pools), self.pools)
        since = self.query.updated_since
        if since is not None:
            started = _any(pool for pool in self.pools if pool.since >= since)
            moved = started | Q(updated_at__gte=since) | Q(enterprise__updated_at__gte=since)
            moved |= _any(pool for pool in self.pools if self.regraded.get(pool.year, pool.since) >= since)
            for year, pools in _by_year(self.pools).items():
                fresh = [one for one in self.rounds if one.year == year and one.published_at >= since]
                moved |= _any(pools) & _also_in(self.scores.filter(_any(fresh)))
            rows = rows.filter(moved)
        return _between(rows, self.pools, after, before)

    def read_grades(self, rows: QuerySet[Score], limit: int | None = None) -> Iterator[Grade]:
        """Grades in key order; all of them from a cursor on the server, or ``limit`` of them."""
        rounds = {graded.pk: graded for graded in self.rounds}
        columns = ("enterprise_id", "round_id", "final_grade", "total", "left_at", *_GRADED_FIRM)
        for firm_id, round_id, grade, total, left_at, *firm in _read(rows, columns, limit):
            graded = rounds[round_id]
            yield Grade((firm_id, graded.year), Firm(*firm), grade, total, graded, left_at)

    def read_places(self, rows: QuerySet[PoolMembership], limit: int | None = None) -> Iterator[Place]:
        pools = {(pool.programme, pool.pool): pool for pool in self.pools}
        columns = ("enterprise_id", "programme", "pool", "tier", "edition__number", "updated_at", *_FIRM)
        for firm_id, programme, kind, tier, edition, moved_at, *firm in _read(rows, columns, limit):
            pool = pools[programme, kind]
            moved = max(moved_at, pool.since)
            regraded = self.regraded.get(pool.year)
            told = edition_text(programme, edition)
            yield Place((firm_id, pool.year), Firm(*firm), programme, tier, told, moved, regraded)

    def _narrowed(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        if self.query.uscc:
            rows = rows.filter(enterprise__uscc=self.query.uscc)
        return rows.within(self.query.region) if self.query.region else rows  # type: ignore[attr-defined]

    def _current(self, pools: list[Pooled]) -> QuerySet[PoolMembership]:
        return self.members.filter(_any(pools), until=None)

    def _rounds_of(self, year: int) -> Q:
        return _any(graded for graded in self.rounds if graded.year == year)

    def _left_at(self) -> Case | Value:
        """When a graded firm was last taken out of a pool of the same year."""
        whens = []
        years = {graded.year for graded in self.rounds}
        for year, pools in _by_year(self.pools).items():
            if year in years:
                ended = self.members.filter(_any(pools), enterprise=OuterRef("enterprise")).exclude(
                    until=None
                )
                last = ended.order_by().values("enterprise").annotate(at=Max("updated_at")).values("at")
                whens.append(When(self._rounds_of(year), then=Subquery(last)))
        nothing = Value(None, output_field=DateTimeField())
        return Case(*whens, default=nothing, output_field=DateTimeField()) if whens else nothing


def edition_text(name: str, number: int) -> str:
    """A document and its edition in one word: ``nantong-demo-2021/1``."""
    return f"{name}/{number}"


def _published(user: User, year: int | None) -> list[Graded]:
    """Rounds that hold, the one published last first."""
    rounds = Round.objects.visible_to(user).current().order_by("-published_at", "-pk")
    if year is not None:
        rounds = rounds.filter(year=year)
    columns = ("pk", "year", "edition__name", "edition__number", "decimals", "published_at", "version")
    return [
        Graded(pk, of_year, edition_text(name, number), decimals, published_at, version > 1)
        for pk, of_year, name, number, decimals, published_at, version in rounds.values_list(*columns)
    ]


def _pools(user: User, year: int | None) -> list[Pooled]:
    """Pools by preference: 小升规培育库 first, then the one screened last."""
    screenings = PoolScreening.objects.visible_to(user).order_by("pk")
    runs: dict[tuple[str, str], list[tuple[int, datetime]]] = defaultdict(list)
    for programme, kind, run_year, at in screenings.values_list("programme", "pool", "year", "screened_at"):
        runs[programme, kind].append((run_year, at))
    pools = []
    for (programme, kind), screened in runs.items():
        last_year = screened[-1][0]
        since = min(at for run_year, at in screened if run_year == last_year)
        pools.append(
            (kind != MAIN_POOL, -screened[-1][1].timestamp(), Pooled(programme, kind, last_year, since))
        )
    return [pool for _, _, pool in sorted(pools, key=lambda entry: entry[:2]) if year in (None, pool.year)]


def _any(entries: Iterable[Graded | Pooled]) -> Q:
    """Rows of one of these rounds or pools; of none of them, no row."""
    conditions = [entry.q for entry in entries]
    return reduce(or_, conditions) if conditions else Q(pk__in=[])


def _also_in(rows: QuerySet[Any]) -> Q:
    """Firms that one of these rows is about."""
    return Q(Exists(rows.filter(enterprise=OuterRef("enterprise"))))


def _by_year(entries: Iterable[T]) -> dict[int, list[T]]:
    years: dict[int, list[T]] = defaultdict(list)
    for entry in entries:
        years[entry.year].append(entry)
    return years


def _one_a_year(rows: QuerySet[Any], entries: list[T]) -> QuerySet[Any]:
    """Of a firm's rows in one year that of the first entry; ``row_year`` where there are several years."""
    years, unruled = _by_year(entries), rows
    if len(years) > 1:
        whens = [When(_any(of_year), then=Value(year)) for year, of_year in years.items()]
        rows = rows.annotate(row_year=Case(*whens, default=Value(0), output_field=IntegerField()))
    for of_year in years.values():
        for place, entry in enumerate(of_year[1:], start=1):
            rows = rows.exclude(entry.q & _also_in(unruled.filter(_any(of_year[:place]))))
    return rows


def _between(
    rows: QuerySet[Any], entries: Iterable[Graded | Pooled], after: Key | None, before: Key | None
) -> QuerySet[Any]:
    """Rows behind ``after``, or, backwards, those that come before ``before``."""
    years = {entry.year for entry in entries}
    order = ["enterprise_id", "row_year"] if len(years) > 1 else ["enterprise_id"]
    if before is not None:
        firm, year = before
        same = Q(row_year__lt=year) if len(years) > 1 else _whole(min(years, default=0) < year)
        rows = rows.filter(Q(enterprise__lt=firm) | (Q(enterprise=firm) & same))
        return rows.order_by(*(f"-{column}" for column in order))
    if after is not None:
        firm, year = after
        same = Q(row_year__gt=year) if len(years) > 1 else _whole(max(years, default=0) > year)
        rows = rows.filter(Q(enterprise__gt=firm) | (Q(enterprise=firm) & same))
    return rows.order_by(*order)


def _whole(is_in: bool) -> Q:
    """All of the firm's rows, or none of them."""
    return Q() if is_in else Q(pk__in=[])


def _read(rows: QuerySet[Any], columns: tuple[str, ...], limit: int | None) -> Iterable[tuple[Any, ...]]:
    values = rows.values_list(*columns)
    return values.iterator(chunk_size=_CHUNK) if limit is None else values[:limit]
