"""Second records of one firm: found over all firms at once, decided once, merged so that no figure is counted twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from typing import Any

from django.core import serializers
from django.db import transaction
from django.db.models import Model, UniqueConstraint
from django.utils import timezone

from core import audit
from core.models import User
from enterprises.models import DuplicateDecision, Enterprise, Liaison, RegionSpell, RegistryEvent
from enterprises.services.firms import KnownFirm, RegionHistory
from enterprises.services.followers import table_words
from enterprises.services.registering import NAME_SEPARATOR, former_first
from enterprises.services.scale import recompute_above_scale
from intake.rules.text import name_key

#: A telephone of more firms than these is a bookkeeper's or a park's: it says nothing of two of them.
MOST_OF_A_PHONE = 4
MOST_OF_A_KEY = 12
SAME_NAME, FORMER_NAME, SAME_CODE, SAME_PLACE, SAME_PHONE = "name", "former", "code", "place", "phone"
REASONS = {
    SAME_NAME: "名称相同",
    FORMER_NAME: "名称是对方的曾用名",
    SAME_CODE: "旧代码相同",
    SAME_PLACE: "地址和法定代表人相同",
    SAME_PHONE: "联系电话相同",
}
_FIELDS = ("pk", "name_key", "former_names", "uscc", "former_codes", "address", "legal_person", "phone")
#: rows that stay with the second record: its own history
_STAY = (RegionSpell, RegistryEvent, DuplicateDecision)


class DuplicateRefused(Exception):
    """The two records were not merged; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two firms (the smaller number first) and why they look like one."""

    first: int
    second: int
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        return "、".join(REASONS[reason] for reason in self.reasons)


@dataclass(slots=True)
class Collision:
    """A row that both records have: ``table``, what it is about, and whether the two say the same."""

    table: str
    key: str
    is_equal: bool


@dataclass(slots=True)
class MergePlan:
    """What merging would do to the rows of the second record."""

    moving: dict[str, int] = field(default_factory=dict)
    collisions: list[Collision] = field(default_factory=list)
    #: rows of other apps, which stay with the second record and are told of
    staying: dict[str, int] = field(default_factory=dict)

    @property
    def conflicts(self) -> list[Collision]:
        return [one for one in self.collisions if not one.is_equal]


# ---------------------------------------------------------------- finding


def suspected_duplicates(user: User) -> list[Suspicion]:
    """Pairs among the firms that the user sees, strongest reasons first; pairs decided upon are left out. Two queries."""
    firms = list(Enterprise.objects.visible_to(user).order_by("pk").values_list(*_FIELDS))
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for pk, key, former_names, uscc, former_codes, address, legal_person, phone in firms:
        groups[SAME_NAME, key].add(pk)
        for former in filter(None, former_names.split(NAME_SEPARATOR)):
            groups[FORMER_NAME, name_key(former)].add(pk)
        for code in (uscc, *filter(None, former_codes.split(NAME_SEPARATOR))):
            groups[SAME_CODE, code].add(pk)
        if address and legal_person:
            groups[SAME_PLACE, f"{name_key(address)}|{name_key(legal_person)}"].add(pk)
        if phone:
            groups[SAME_PHONE, phone].add(pk)
    for (kind, key), members in list(groups.items()):
        if kind == FORMER_NAME:
            members |= groups.get((SAME_NAME, key), set())
    reasons: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (kind, _), members in groups.items():
        if 2 <= len(members) <= (MOST_OF_A_PHONE if kind == SAME_PHONE else MOST_OF_A_KEY):
            for first, second in combinations(sorted(members), 2):
                reasons[first, second].add(kind)
    decided = set(DuplicateDecision.objects.visible_to(user).values_list("first_id", "second_id"))
    order = list(REASONS)
    found = [
        Suspicion(*pair, tuple(sorted(kinds, key=order.index)))
        for pair, kinds in reasons.items()
        if pair not in decided
    ]
    return sorted(found, key=lambda one: ([order.index(r) for r in one.reasons], one.first, one.second))


# ---------------------------------------------------------------- deciding


@transaction.atomic
def keep_apart(*, first: Enterprise, second: Enterprise, note: str, actor: User) -> DuplicateDecision:
    """不是同一家: remembered, so that the pair is not asked about again."""
    return _decided(first, second, DuplicateDecision.Verdict.DIFFERENT, note, actor)


def merge_plan(kept: Enterprise, second: Enterprise) -> MergePlan:
    """What merging ``second`` into ``kept`` would move, drop and leave; writes nothing."""
    plan = MergePlan()
    for model, rows in _rows_by_model(second):
        label = table_words(model._meta.db_table)
        if model._meta.app_label != "enterprises":
            if rows:
                plan.staying[label] = plan.staying.get(label, 0) + len(rows)
            continue
        for row, twin in _paired(model, rows, kept):
            if twin is None:
                plan.moving[label] = plan.moving.get(label, 0) + 1
            else:
                plan.collisions.append(Collision(label, _key_words(row), _says_the_same(row, twin)))
    return plan


@transaction.atomic
def merge_records(
    *,
    kept: Enterprise,
    second: Enterprise,
    note: str,
    actor: User,
    overrule: bool = False,
    on: date | None = None,
) -> RegistryEvent:
    """Make the two records one: rows of the second follow, equal ones are dropped, differing ones only when
    ``overrule`` says that the kept record's stand. The second record stays as a signpost to the first.

    Raises ``DuplicateRefused``; then nothing is written. Everything dropped is kept in the event for an undo.
    """
    firms = Enterprise.objects.select_for_update(of=("self",)).in_bulk([kept.pk, second.pk])
    kept, second = firms[kept.pk], firms[second.pk]
    if second.ended_as == RegistryEvent.Kind.DUPLICATE or kept.ended_as == RegistryEvent.Kind.DUPLICATE:
        raise DuplicateRefused("其中一份档案已经合并过")
    conflicts = merge_plan(kept, second).conflicts
    if conflicts and not overrule:
        words = "、".join(f"{one.table}{one.key}" for one in conflicts[:3])
        raise DuplicateRefused(
            f"两份档案有 {len(conflicts)} 处数据不一致（{words}等），请核对后确认以保留的档案为准"
        )
    day = on or timezone.localdate()
    before: dict[str, Any] = {
        "second": {name: getattr(second, name) for name in ("status", "ended_as", "successor_id")},
        "kept": {name: getattr(kept, name) for name in ("former_names", "former_codes")},
        "moved": {},
        "dropped": "[]",
    }
    before["second"]["ended_on"] = second.ended_on.isoformat() if second.ended_on else None
    _bring_over(kept, second, before)
    kept.former_codes = former_first(second.uscc, kept.former_codes, kept.uscc, 200)
    if second.name_key != kept.name_key:
        kept.former_names = former_first(second.name, kept.former_names, kept.name, 600)
    kept.save(update_fields=["former_codes", "former_names", "updated_at"])
    second.ended_on, second.ended_as, second.successor = day, RegistryEvent.Kind.DUPLICATE, kept
    second.status = "重复档案"
    second.save(update_fields=["ended_on", "ended_as", "successor", "status", "updated_at"])
    recompute_above_scale([kept.pk, second.pk])
    event = RegistryEvent.objects.create(
        enterprise=second,
        other=kept,
        kind=RegistryEvent.Kind.DUPLICATE,
        on=day,
        old=second.uscc,
        new=kept.uscc,
        evidence=note[:200],
        actor=actor,
        before=before,
    )
    _decided(kept, second, DuplicateDecision.Verdict.SAME, note, actor)
    return event


def _decided(
    first: Enterprise, second: Enterprise, verdict: DuplicateDecision.Verdict, note: str, actor: User
) -> DuplicateDecision:
    low, high = sorted((first, second), key=lambda firm: firm.pk)
    decision, _ = DuplicateDecision.objects.update_or_create(
        first=low, second=high, defaults={"verdict": verdict, "note": note[:200], "decided_by": actor}
    )
    audit.record(
        actor=actor,
        act="decide_duplicate",
        region=low.region,
        subject=f"{verdict.label} {low.uscc} {high.uscc}",
        counts={"verdict": verdict.value, "note": note[:200]},
    )
    return decision


@transaction.atomic
def unmerge_records(*, event: RegistryEvent, actor: User) -> None:
    """Take a merging back: rows that followed return, dropped ones are written again. Raises ``DuplicateRefused``
    when a row that followed was changed by a later list."""
    before = event.before
    second = Enterprise.objects.select_for_update(of=("self",)).get(pk=event.enterprise_id)
    kept = Enterprise.objects.get(pk=event.other_id)
    for model, _ in _rows_by_model(kept, own_only=True):
        ids = before["moved"].get(model._meta.db_table, [])
        rows = model._default_manager.filter(pk__in=ids, enterprise=kept)
        if rows.count() != len(ids):
            raise DuplicateRefused("合并以后这些数据又有变动，不能撤销；请联系市局逐项更正")
        rows.update(enterprise=second)
    for row in serializers.deserialize("json", before["dropped"]):
        row.object.pk = None
        row.object.save(force_insert=True)
    for name, value in before["kept"].items():
        setattr(kept, name, value)
    kept.save(update_fields=[*before["kept"], "updated_at"])
    ended = before["second"].pop("ended_on")
    for name, value in before["second"].items():
        setattr(second, name, value)
    second.ended_on = date.fromisoformat(ended) if ended else None
    second.save()
    recompute_above_scale([kept.pk, second.pk])
    DuplicateDecision.objects.filter(first__in=[kept, second], second__in=[kept, second]).delete()
    audit.record(
        actor=actor, act="undo_duplicate", region=kept.region, subject=f"{kept.uscc} {second.uscc}", counts={}
    )
    event.delete()


# ---------------------------------------------------------------- rows of a record


def _rows_by_model(firm: Enterprise, own_only: bool = False) -> Iterator[tuple[type[Model], list[Any]]]:
    """Every table that hangs on a firm, and its rows of this firm."""
    for relation in Enterprise._meta.related_objects:
        model = relation.related_model
        if model in _STAY or model is Enterprise or relation.field.name != "enterprise":
            continue
        if own_only and model._meta.app_label != "enterprises":
            continue
        yield model, list(model._default_manager.filter(enterprise=firm).order_by("pk"))


def _paired(model: type[Model], rows: list[Any], kept: Enterprise) -> Iterator[tuple[Any, Any | None]]:
    """Each row with the row of the kept record under the same key, where there is one."""
    twins = {_key_of(row): row for row in model._default_manager.filter(enterprise=kept)} if rows else {}
    for row in rows:
        yield row, twins.get(_key_of(row))


def _key_of(row: Any) -> tuple[Any, ...] | None:
    """What the table's unique constraint says of a row beside the firm; ``None`` never meets another."""
    if isinstance(row, Liaison):
        return (row.duty,) if row.until is None else (row.duty, row.pk)
    for constraint in row._meta.constraints:
        if isinstance(constraint, UniqueConstraint) and "enterprise" in constraint.fields:
            return tuple(getattr(row, name) for name in constraint.fields if name != "enterprise")
    return (row.pk,)


def _key_words(row: Any) -> str:
    return " ".join(str(part) for part in _key_of(row) or () if part not in ("", None))


def _says_the_same(row: Any, twin: Any) -> bool:
    aside = {"id", "enterprise", "batch", "region", "assigned_by", "recorded_at"}
    names = [f.attname for f in row._meta.concrete_fields if f.name not in aside]
    return all(getattr(row, name) == getattr(twin, name) for name in names)


def _bring_over(kept: Enterprise, second: Enterprise, before: dict[str, Any]) -> None:
    dropped: list[Any] = []
    known = KnownFirm(kept.pk, kept.uscc, kept.name, kept.name_key, kept.region_id)
    history = RegionHistory([known])
    for model, rows in _rows_by_model(second, own_only=True):
        moving = []
        for row, twin in _paired(model, rows, kept):
            (moving if twin is None else dropped).append(row)
        before["moved"][model._meta.db_table] = [row.pk for row in moving]
        for row in moving:
            row.enterprise = kept
            month = getattr(row, "month", None)
            if month is not None:
                row.region_id = history.region_on(kept.pk, month.last_day)
        names = ["enterprise", "region"] if hasattr(model, "region") else ["enterprise"]
        model._default_manager.bulk_update(moving, names, batch_size=200)
    before["dropped"] = serializers.serialize("json", dropped)
    for row in dropped:
        row.delete()


def firms_of(pairs: Iterable[Suspicion]) -> dict[int, Enterprise]:
    numbers = {number for pair in pairs for number in (pair.first, pair.second)}
    return Enterprise.objects.select_related("region").in_bulk(numbers)
