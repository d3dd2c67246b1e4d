"""Screening a pool (筛选): facts → rule → one short write; who comes in, who goes out, each with its history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.bulk import merge_rows, write_rows
from core.models import PolicyEdition, User
from cultivation.models import PoolMembership, PoolScreening, ScreenedFirms, TierChange
from cultivation.policy.pool import JOIN, PoolRule
from cultivation.policy.targets import YEARS
from cultivation.rules.month_rows import packed
from cultivation.rules.pool_reasons import MOVED_AWAY, STOOD_FOR, reasons_of
from cultivation.rules.screening import (
    NO_TIER,
    NO_YEAR,
    Changes,
    Members,
    Screened,
    changes_of,
    codes_of,
    screen,
)
from cultivation.services.pool_facts import ReadPool, at_latest_month, read_pool
from cultivation.services.pool_lines import lowered_lines
from cultivation.services.pools import PoolRefused, pool_edition
from enterprises.models import Enterprise

_REFRESHED = [
    "tier",
    "planned_year",
    "sources",
    "measure_wan",
    "reasons",
    "proposal",
    "edition_id",
    "updated_at",
]


def screen_pool_key(programme: str, year: int | None) -> str:
    """The key of the job that screens this programme: queued once, however often it is asked for."""
    return f"screen_pool:{programme}:{year or ''}"


def screen_pool(*, programme: str, year: int | None = None, actor: User) -> list[PoolScreening]:
    """Screen every pool of the programme for ``year`` (the document's own unless given).

    The same facts again change nothing and return the screening that stands. Raises ``PoolRefused``.
    """
    edition, part = pool_edition(programme)
    if year is not None and year not in YEARS:
        raise PoolRefused(f"筛选年度 {year} 不对，应是 {YEARS[0]}—{YEARS[-1]} 年。")
    return [_screen_one(edition, rule, year or rule.year, actor) for rule in part.rules]


def _screen_one(edition: PolicyEdition, rule: PoolRule, year: int, actor: User) -> PoolScreening:
    rule = at_latest_month(rule, year)
    read = read_pool(edition, rule, year, lowered_lines(edition.name, rule.kind, year))
    screened, digest = screen(rule, read.frame, year), read.digest
    with transaction.atomic():
        # one screening of a programme at a time; SQLite's transaction is the lock itself
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        newest = PoolScreening.objects.of_pool(edition.name, rule.kind).first()
        if newest and newest.inputs_digest == digest:
            return newest
        work = _Work(edition, rule, year, actor, read, screened)
        counts = work.apply()
        screening = _keep(work, counts, digest)
        record(
            actor=actor,
            act="screen_pool",
            region=edition.locality,
            subject=f"{rule.title} {edition} {year}",
            counts={"firms": read.frame.size, **counts},
            digest=digest,
        )
    return screening


def _keep(work: _Work, counts: dict[str, int], digest: str) -> PoolScreening:
    screening = PoolScreening.objects.create(
        programme=work.edition.name,
        pool=work.rule.kind,
        year=work.year,
        region=work.edition.locality,
        edition=work.edition,
        inputs_digest=digest,
        changes=counts,
        screened_by=work.actor,
        screened_at=work.now,
    )
    columns = work.read.frame.columns
    place = {"firm": work.read.firm_ids, "region": work.read.region}
    ScreenedFirms.objects.create(
        screening=screening,
        regions=list(work.read.regions),
        words={key: list(column.words) for key, column in columns.items() if column.words},
        tables=packed(
            {
                "screened": work.screened.table() | place,
                "facts": {key: column.values for key, column in columns.items()},
                "known": {key: column.known for key, column in columns.items()},
                "at": {"month": np.array([month.number for month in (work.rule.month,) if month], np.int64)},
            }
        ),
    )
    return screening


#: Up to so many members just admitted are looked up by firm.
_BY_KEY = 500


@dataclass(slots=True)
class _Work:
    """One screening against the pool as it stands; used inside its transaction."""

    edition: PolicyEdition
    rule: PoolRule
    year: int
    actor: User
    read: ReadPool
    screened: Screened
    now: Any = None
    #: the column that members are sorted by
    measure_key: str = ""

    def __post_init__(self) -> None:
        if self.rule.measure is not None:
            self.measure_key = str(self.rule.measure.needs(self.rule.given(self.year))[0])

    def apply(self) -> dict[str, int]:
        self.now = timezone.now()
        rows = PoolMembership.objects.of_pool(self.edition.name, self.rule.kind)
        current = list(rows.current().order_by("pk"))
        place = {int(pk): row for row, pk in enumerate(self.read.firm_ids)}
        strays = [member for member in current if member.enterprise_id not in place]
        members = [member for member in current if member.enterprise_id in place]
        columns = self._columns(members, place)
        changes = changes_of(self.screened, columns, self._barred(rows, place), self.rule.movement)
        history = [*self._withdraw(members, place, changes), *self._leave(strays)]
        proposals = self._propose(members, place, changes)
        history += proposals
        history += self._move(members, place, changes)
        self._suggest(members, changes)
        history += self._admit(changes)
        write_rows(history)
        return {
            "admitted": int(changes.admitted.size),
            "withdrawn": int(changes.withdrawn.size) + len(strays),
            "proposed": len(proposals) - int(changes.cleared.size),
            "cleared": int(changes.cleared.size),
            "moved": int(changes.moved.size),
            "waiting": int(changes.waiting.size),
            "suggested": int((changes.suggested != NO_TIER).sum()),
        }

    # -------- what stands

    def _columns(self, members: Sequence[PoolMembership], place: dict[int, int]) -> Members:
        tiers = {tier.name: number for number, tier in enumerate(self.rule.tiers)}
        sources = {line.code: 1 << number for number, line in enumerate(self.rule.sources)}

        def whole(values: Iterable[int]) -> Any:
            return np.fromiter(values, np.int64, len(members))

        def flags(name: str) -> Any:
            return np.fromiter((getattr(member, name) for member in members), np.bool_, len(members))

        return Members(
            row=whole(place[member.enterprise_id] for member in members),
            # a tier that the edition no longer has is another one than any of its own
            tier=whole(tiers.get(member.tier, len(tiers)) if member.tier else NO_TIER for member in members),
            planned_year=whole(member.planned_year or NO_YEAR for member in members),
            named_by=whole(
                sum(sources.get(code, 0) for code in member.sources.split(JOIN)) for member in members
            ),
            tier_by_hand=flags("tier_by_hand"),
            year_by_hand=flags("year_by_hand"),
            admitted_by_hand=flags("admitted_by_hand"),
            is_proposed=flags("is_proposed"),
        )

    def _barred(self, rows: Any, place: dict[int, int]) -> Any:
        """Rows of firms whose last membership a person ended."""
        ended = rows.exclude(until=None).order_by("pk").values_list("enterprise_id", "withdrawn_by_hand")
        last = dict(ended)
        return np.array(
            [place[firm] for firm, by_hand in last.items() if by_hand and firm in place], np.int64
        )

    # -------- what becomes of it

    def _withdraw(
        self, members: Sequence[PoolMembership], place: dict[int, int], changes: Changes
    ) -> list[TierChange]:
        out = [members[number] for number in changes.withdrawn]
        self._end(out)
        return [
            self._entry(member, TierChange.Kind.WITHDRAWN, self.reasons(place[member.enterprise_id]))
            for member in out
        ]

    def _leave(self, strays: Sequence[PoolMembership]) -> list[TierChange]:
        """Members whose firm has moved out of the locality, or for which another stands now: whatever a person
        chose here, it is no longer a firm of ours."""
        self._end(strays)
        asked = Enterprise.objects.filter(pk__in=[member.enterprise_id for member in strays])
        gone = set(asked.stood_for().values_list("pk", flat=True)) if strays else set()
        return [
            self._entry(
                member,
                TierChange.Kind.WITHDRAWN,
                {"year": self.year, "status": STOOD_FOR if member.enterprise_id in gone else MOVED_AWAY},
            )
            for member in strays
        ]

    def _end(self, out: Sequence[PoolMembership]) -> None:
        PoolMembership.objects.filter(pk__among=[member.pk for member in out]).update(
            until=timezone.localdate(self.now),
            withdrawn_by=self.actor,
            is_proposed=False,
            proposal={},
            updated_at=self.now,
        )

    def _propose(
        self, members: Sequence[PoolMembership], place: dict[int, int], changes: Changes
    ) -> list[TierChange]:
        """A firm that a person placed and the rule would take out, or would no longer take out.

        What a person has answered (保留在库) is not asked again while its codes are the same.
        """
        history, touched = [], []
        for number in (*changes.proposed, *changes.cleared):
            member = members[number]
            reasons = self.reasons(place[member.enterprise_id])
            if not member.is_proposed and codes_alone(member.proposal) == codes_alone(reasons):
                continue
            member.is_proposed = not member.is_proposed
            member.proposal = reasons if member.is_proposed else {}
            member.updated_at = self.now
            kind = TierChange.Kind.PROPOSED if member.is_proposed else TierChange.Kind.CLEARED
            history.append(self._entry(member, kind, reasons))
            touched.append(member)
        merge_rows(touched, ["is_proposed", "proposal", "updated_at"])
        return history

    def _move(
        self, members: Sequence[PoolMembership], place: dict[int, int], changes: Changes
    ) -> list[TierChange]:
        """Tiers, planned years and sources that changed; what only reads differently is written without an entry."""
        falls = {*changes.withdrawn.tolist(), *changes.proposed.tolist()}
        moved = set(changes.moved.tolist())
        history, touched = [], []
        for number, member in enumerate(members):
            if number in falls or member.is_proposed:
                continue
            row = place[member.enterprise_id]
            reasons = self.reasons(row)
            if number in moved:
                entry = self._entry(member, TierChange.Kind.MOVED, reasons)
                self._place(member, row, int(changes.tier[number]), int(changes.planned_year[number]))
                entry.tier_after, entry.year_after = member.tier, member.planned_year
                entry.sources_after = member.sources
                history.append(entry)
                member.updated_at = self.now
            elif not member.proposal and member.reasons == reasons and member.edition_id == self.edition.pk:
                continue
            member.proposal = {}
            member.reasons, member.edition, member.measure_wan = reasons, self.edition, self._measure(row)
            touched.append(member)
        merge_rows(touched, _REFRESHED)
        return history

    def _suggest(self, members: Sequence[PoolMembership], changes: Changes) -> None:
        """The tier that the rule finds where the document asks for an application to get there."""
        touched = []
        for member, tier in zip(members, changes.suggested, strict=True):
            name = self.rule.tiers[int(tier)].name if tier != NO_TIER else ""
            if member.suggested_tier != name:
                member.suggested_tier, member.updated_at = name, self.now
                touched.append(member)
        merge_rows(touched, ["suggested_tier", "updated_at"])

    def _admit(self, changes: Changes) -> list[TierChange]:
        new, today = [], timezone.localdate(self.now)
        for row in map(int, changes.admitted):
            member = PoolMembership(
                programme=self.edition.name,
                pool=self.rule.kind,
                enterprise_id=int(self.read.firm_ids[row]),
                reasons=self.reasons(row),
                measure_wan=self._measure(row),
                edition_id=self.edition.pk,
                since=today,
                admitted_by_id=self.actor.pk,
                updated_at=self.now,
            )
            self._place(member, row, int(self.screened.tier[row]), int(self.screened.planned_year[row]))
            new.append(member)
        write_rows(new)
        entered = PoolMembership.objects.of_pool(self.edition.name, self.rule.kind).current()
        # many are read with all the others: of rows just copied in the database knows nothing yet
        if len(new) <= _BY_KEY:
            entered = entered.filter(enterprise_id__among=[member.enterprise_id for member in new])
        numbers = dict(entered.order_by().values_list("enterprise_id", "pk"))
        for member in new:
            member.pk = numbers[member.enterprise_id]
        history = []
        for member in new:
            entry = self._entry(member, TierChange.Kind.ADMITTED, member.reasons)
            entry.tier_before, entry.year_before, entry.sources_before = "", None, ""
            history.append(entry)
        return history

    def _place(self, member: PoolMembership, row: int, tier: int, year: int) -> None:
        if 0 <= tier < len(self.rule.tiers):
            member.tier = self.rule.tiers[tier].name
        elif tier == NO_TIER:
            member.tier = ""
        member.planned_year = year or None
        member.sources = JOIN.join(codes_of(self.rule.sources, int(self.screened.named_by[row])))

    def _measure(self, row: int) -> int | None:
        if self.rule.measure is None:
            return None
        column = self.read.frame.columns[self.measure_key]
        return int(column.values[row]) if column.known[row] else None

    def _entry(self, member: PoolMembership, kind: str, reasons: dict[str, Any]) -> TierChange:
        """An entry by rule that leaves tier, year and sources as they are."""
        return TierChange(
            membership_id=member.pk,
            kind=kind,
            at=self.now,
            actor_id=self.actor.pk,
            by_rule=True,
            tier_before=member.tier,
            tier_after=member.tier,
            year_before=member.planned_year,
            year_after=member.planned_year,
            sources_before=member.sources,
            sources_after=member.sources,
            reasons=reasons,
            edition_id=self.edition.pk,
        )

    def reasons(self, row: int) -> dict[str, Any]:
        return reasons_of(self.rule, self.screened.table(), self.read.frame, row, self.year)


def codes_alone(reasons: dict[str, Any]) -> dict[str, Any]:
    """What was found, without the figures it rests on."""
    return {name: value for name, value in reasons.items() if name not in ("facts", "year")}
