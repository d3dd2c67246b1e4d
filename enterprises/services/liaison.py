"""责任人 and 包联领导: assigned by list, by choice or all at once, handed over in one action, with their history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Max, QuerySet

from core import audit
from core.models import Region, Role, User
from core.scoping import NO_BUSINESS_DATA, regions_visible_to
from enterprises.models import Liaison
from enterprises.querysets import EnterpriseQuerySet, FollowingQuerySet
from enterprises.services.storing import in_chunks
from intake.models import Batch


@dataclass(frozen=True, slots=True)
class Assignment:
    """From ``since`` on this person has the duty for the firm."""

    firm_id: int
    region: str
    duty: str
    person: str
    unit: str
    user_id: int | None
    since: date


def people_by_username(usernames: Iterable[str]) -> dict[str, User]:
    """Active accounts by name."""
    found = User.objects.filter(username__in=sorted(set(usernames)), is_active=True)
    return {user.username: user for user in found}


def people_of(actor: User) -> QuerySet[User]:
    """Active accounts of people in the actor's region and below who see firms."""
    nobody = [*NO_BUSINESS_DATA, Role.API_CLIENT, Role.SYSTEM]
    inside = User.objects.filter(is_active=True, region__in=regions_visible_to(actor)).exclude(
        role__in=nobody
    )
    return inside.order_by("region__order", "full_name")


def current_by_firm(firm_ids: Iterable[int] | None) -> dict[tuple[int, str], Liaison]:
    """(firm, duty) → who has it now; of all firms where ``None`` is given."""
    current = Liaison.objects.filter(until=None).order_by()
    if firm_ids is None:
        return {(row.enterprise_id, row.duty): row for row in current}
    return {
        (row.enterprise_id, row.duty): row
        for chunk in in_chunks(sorted(set(firm_ids)))
        for row in current.filter(enterprise_id__in=chunk)
    }


@transaction.atomic
def assign(rows: Sequence[Assignment], *, actor: User, batch: Batch | None = None) -> dict[str, int]:
    """Give each firm its person. Who had the duty before has it until the day before; an assignment of the same
    day or an earlier one corrects the present row. Returns counts; the caller's door has checked the scope."""
    now = current_by_firm(row.firm_id for row in rows)
    fresh: list[Liaison] = []
    ended: list[Liaison] = []
    corrected: list[Liaison] = []
    counts = {"new": 0, "changed": 0, "same": 0}
    for row in rows:
        current = now.get((row.firm_id, row.duty))
        if current is not None and _is_same(current, row):
            counts["same"] += 1
            continue
        counts["changed" if current else "new"] += 1
        if current is not None and current.since >= row.since:
            current.person, current.unit, current.user_id = row.person, row.unit, row.user_id
            current.since, current.assigned_by, current.batch = row.since, actor, batch
            corrected.append(current)
            continue
        if current is not None:
            current.until = row.since - timedelta(days=1)
            ended.append(current)
        fresh.append(
            Liaison(
                enterprise_id=row.firm_id,
                duty=row.duty,
                user_id=row.user_id,
                person=row.person,
                unit=row.unit,
                region_id=row.region,
                since=row.since,
                assigned_by=actor,
                batch=batch,
            )
        )
    Liaison.objects.bulk_update(ended, ["until"], batch_size=300)
    Liaison.objects.bulk_update(
        corrected, ["person", "unit", "user", "since", "assigned_by", "batch"], batch_size=100
    )
    Liaison.objects.bulk_create(fresh, batch_size=90)
    return counts


def _is_same(current: Liaison, row: Assignment) -> bool:
    return (current.person, current.unit, current.user_id) == (row.person, row.unit, row.user_id)


@dataclass(frozen=True, slots=True)
class Person:
    """Whom firms are given to: an account, or a name without one."""

    name: str
    unit: str = ""
    user_id: int | None = None

    @classmethod
    def of(cls, user: User) -> Person:
        return cls(user.full_name, user.unit_label, user.pk)


@transaction.atomic
def assign_firms(
    *, actor: User, firms: EnterpriseQuerySet, duty: str, person: Person, since: date, chosen: str
) -> dict[str, int]:
    """Give all these firms (already narrowed to the actor's scope) to one person; ``chosen`` says how they were picked."""
    rows = [
        Assignment(firm_id, region, duty, person.name, person.unit, person.user_id, since)
        for firm_id, region in firms.order_by("pk").values_list("pk", "region_id")
    ]
    counts = assign(rows, actor=actor)
    audit.record(
        actor=actor,
        act="assign_liaison",
        region=actor.region,
        subject=f"{Liaison.Duty(duty).label} {person.name} {chosen}",
        counts={**counts, "since": str(since)},
    )
    return counts


@transaction.atomic
def hand_over(*, actor: User, giver: Person, taker: Person, since: date, region: Region | None = None) -> int:
    """All firms that ``giver`` has now, whatever the duty, to ``taker`` from ``since`` on, in one action.

    Only firms that the actor sees (and of ``region``, where one is given). Returns how many duties were handed over.
    """
    held = held_by(actor, giver)
    if region is not None:
        held = held.filter(enterprise__region__path__startswith=region.path)
    rows = [
        Assignment(row.enterprise_id, row.region_id, row.duty, taker.name, taker.unit, taker.user_id, since)
        for row in held
    ]
    counts = assign(rows, actor=actor)
    audit.record(
        actor=actor,
        act="hand_over_firms",
        region=region or actor.region,
        subject=f"{giver.name} → {taker.name}",
        counts={"firms": len({row.firm_id for row in rows}), **counts, "since": str(since)},
    )
    return counts["changed"]


def held_by(user: User, person: Person) -> FollowingQuerySet:
    """What a person has now among the firms that ``user`` sees."""
    mine = Liaison.objects.visible_to(user).current().exclude(enterprise__ended_as="duplicate")
    return (
        mine.filter(user_id=person.user_id) if person.user_id else mine.filter(user=None, person=person.name)
    )


def responsible_firms() -> QuerySet[Liaison]:
    """Numbers of firms that have a 责任人 now, for a subquery."""
    current = Liaison.objects.filter(duty=Liaison.Duty.RESPONSIBLE, until=None)
    return current.order_by().values("enterprise")


def without_responsible(firms: EnterpriseQuerySet) -> EnterpriseQuerySet:
    """Living firms that have no 责任人 now (S1-45)."""
    return firms.filter(ended_on=None).exclude(pk__in=responsible_firms())


def with_liaisons(firms: EnterpriseQuerySet) -> EnterpriseQuerySet:
    return firms.filter(pk__in=responsible_firms())


def holders(user: User) -> list[tuple[Person, int]]:
    """Everybody who has a firm now among those that ``user`` sees, with how many."""
    mine = Liaison.objects.visible_to(user).current().filter(enterprise__ended_on=None).order_by()
    rows = mine.values_list("user_id", "person").annotate(
        firms=Count("enterprise", distinct=True), at=Max("unit")
    )
    found = [(Person(person, unit, user_id), count) for user_id, person, count, unit in rows]
    return sorted(found, key=lambda row: (-row[1], row[0].name))
