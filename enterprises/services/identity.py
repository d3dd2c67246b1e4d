"""Events of the registry: stated, looked at with what they would do, recorded, and undone while nothing stands on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from core import audit
from core.models import User
from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure, RegionSpell, RegistryEvent
from enterprises.rules.identity import (
    ASPECTS,
    ENDINGS,
    STATUS_AFTER,
    WITH_OTHER,
    Act,
    EventKind,
    FirmState,
    Objection,
    is_clear,
    objections,
    said,
)
from enterprises.services.followers import carry_over, followers, table_words
from enterprises.services.initials import pinyin_initials
from enterprises.services.moving import move_firm, rows_since
from enterprises.services.registering import former_first, rename_firm
from intake.models import Batch
from intake.rules.text import name_key
from intake.services.locks import month_locks

_CODES_LIMIT = 200
#: what the event may change of the firm itself; an undo writes these back
IDENTITY = (
    "name", "name_key", "former_names", "former_codes", "initials", "uscc", "region_id", "township", "status",
    "ended_as", "successor_id",
)  # fmt: skip


class EventRefused(Exception):
    """Nothing was recorded; ``objections`` say why, field by field."""

    def __init__(self, found: Sequence[Objection]) -> None:
        self.objections = list(found)
        super().__init__("；".join(objection.reason for objection in found))


@dataclass(frozen=True, slots=True)
class Effect:
    """One line of what an event would do: 营业收入等月报 · 3 个月 · 改按海门区统计."""

    label: str
    count: int
    unit: str
    becomes: str


# ---------------------------------------------------------------- reading


def state_of(firm: Enterprise) -> FirmState:
    """The firm as rules see it: one query for its events, one for its spell."""
    latest: dict[str, date] = {}
    mine = RegistryEvent.objects.filter(enterprise=firm).order_by("on", "id")
    for kind, on in mine.values_list("kind", "on"):
        latest[ASPECTS[EventKind(kind)]] = on
    spell = RegionSpell.objects.filter(enterprise=firm, until=None).values_list("since", flat=True).first()
    return FirmState(
        firm.uscc, firm.name, firm.region_id, firm.founded_on, firm.ended_on, firm.ended_as, spell, latest
    )


def resolved(act: Act, actor: User) -> tuple[Act, Enterprise | None]:
    """``act`` with the second firm and the holder of the new code looked up, and that second firm.

    A firm outside the actor's scope is not his to name: it is said to be another region's.
    """
    other = None
    if act.other_code and act.kind in WITH_OTHER:
        other = Enterprise.objects.visible_to(actor).filter(uscc=act.other_code).first()
        if other is not None:
            act = replace(act, other=state_of(other))
    code = act.new_code if act.kind is EventKind.RECODED else act.other_code if other is None else ""
    taken = Enterprise.objects.filter(uscc=code).first() if code else None
    if taken is not None:
        mine = Enterprise.objects.visible_to(actor).filter(pk=taken.pk).exists()
        act = replace(act, taken_by=taken.name if mine else "其他地区的企业，请与市局联系")
    return act, other


def objections_to(act: Act, firm: Enterprise, actor: User, today: date) -> list[Objection]:
    """All that speaks against a resolved act, the actor's scope among it."""
    found = objections(act, state_of(firm), today)
    if act.kind in WITH_OTHER and act.other is None and act.taken_by:
        reason = "对方企业已由其他地区填报"
        found = [one for one in found if one.field not in {"other_code", "other_name"}]
        found.append(Objection("other_code", "FIRM_ELSEWHERE", "A", reason, "请与市局联系"))
    return found


def effects_of(act: Act, firm: Enterprise) -> list[Effect]:
    """What recording the event would do to the firm's figures, places and awards."""
    if act.on is None:
        return []
    effects = []
    ids = [firm.pk]
    if act.kind is EventKind.MOVED:
        rows = rows_since(firm, act.on)
        for table, mine in rows.items():
            count = mine.filter(region_id=firm.region_id).count()
            if count or table == "monthly_figure":
                becomes = f"{said(act.on)}起的改按迁入县区统计"
                effects.append(Effect(table_words(table), count, "条", becomes))
        locked = month_locks("monthly", firm.region).keys() & set(
            rows["monthly_figure"].values_list("month", flat=True)
        )
        if locked:
            months = "、".join(month.label for month in sorted(locked)[:3])
            effects.append(
                Effect(f"已印发的{months}", len(locked), "个月", "印发的数不变，差异列入以后月份的调整")
            )
    else:
        becomes = "跟随本企业，不变" if act.kind not in ENDINGS else "留在原档案，由承继企业查得到"
        effects = [
            Effect("月度报表", MonthlyFigure.objects.filter(enterprise=firm).count(), "个月", becomes),
            Effect("年度数据", AnnualFigure.objects.filter(enterprise=firm).count(), "条", becomes),
        ]
    counted = [(one, one.count(ids)) for one in followers()]
    effects += [Effect(one.label, n, one.unit, one.words(act.kind, n)) for one, n in counted]
    return effects


def events_of(firm: Enterprise) -> list[RegistryEvent]:
    """Both the firm's own events and those of firms that went into it, newest first."""
    rows = RegistryEvent.objects.select_related("enterprise", "other", "actor", "batch")
    own = rows.filter(enterprise=firm) | rows.filter(other=firm)
    return list(own.order_by("-on", "-id"))


# ---------------------------------------------------------------- writing


@transaction.atomic
def record_event(
    *, firm: Enterprise, act: Act, actor: User, batch: Batch | None = None, today: date | None = None
) -> RegistryEvent:
    """Record the event and let the firm follow. Raises ``EventRefused``; then nothing is written."""
    firm = Enterprise.objects.select_for_update(of=("self",)).select_related("region").get(pk=firm.pk)
    act, other = resolved(act, actor)
    found = objections_to(act, firm, actor, today or timezone.localdate())
    if not is_clear(found):
        raise EventRefused([one for one in found if one.cls != "D"])
    event = _applied(firm, act, other, batch)
    event.evidence, event.actor, event.batch = act.evidence.strip()[:200], actor, batch
    firm.save()
    event.save()
    if firm.ended_on is not None and event.other_id:
        carry_over(event, actor)
    audit.record(
        actor=actor,
        act="record_registry_event",
        region=firm.region,
        subject=f"{event.get_kind_display()} {firm.uscc} {firm.name}",
        counts={"kind": event.kind, "on": str(event.on), "evidence": event.evidence},
        digest=audit.digest_of([event.kind, str(event.on), event.old, event.new]),
    )
    return event


def _applied(firm: Enterprise, act: Act, other: Enterprise | None, batch: Batch | None) -> RegistryEvent:
    """The firm after the act (not saved) and the event that says so (not saved)."""
    kind = act.kind
    before: dict[str, Any] = {"firm": {name: getattr(firm, name) for name in IDENTITY}}
    before["firm"]["ended_on"] = firm.ended_on.isoformat() if firm.ended_on else None
    event = RegistryEvent(enterprise=firm, kind=kind.value, on=act.on, other=other, before=before)
    if kind is EventKind.RENAMED:
        event.old, event.new = firm.name, act.new_name
        rename_firm(firm, act.new_name)
    elif kind is EventKind.RECODED:
        event.old, event.new = act.old_code or firm.uscc, act.new_code or firm.uscc
        firm.uscc = event.new
        firm.former_codes = former_first(event.old, firm.former_codes, event.new, _CODES_LIMIT)
    elif kind is EventKind.MOVED:
        event.old, event.new = firm.region_id, act.new_region
        before["moved"] = move_firm(firm, act.new_region, act.on, batch)
        firm.township = ""
    else:
        if kind in WITH_OTHER and other is None:
            event.other = other = _entered(firm, act, batch)
            before["entered"] = other.pk
        event.old, event.new = firm.status, firm.status
        _end_or_revive(firm, act, other)
        event.new = firm.status
    return event


def _end_or_revive(firm: Enterprise, act: Act, other: Enterprise | None) -> None:
    if act.kind is EventKind.REVIVED:
        firm.ended_on, firm.ended_as, firm.status = None, "", "存续"
    elif act.kind in ENDINGS or act.ceases:
        firm.ended_on, firm.ended_as, firm.status = act.on, act.kind.value, STATUS_AFTER[act.kind]
        firm.successor = other if act.kind in {EventKind.MERGED, EventKind.CONVERTED} else None


def _entered(firm: Enterprise, act: Act, batch: Batch | None) -> Enterprise:
    """The second firm of a split or a conversion, where the registry did not know it: 待核, in the same region."""
    entered = Enterprise.objects.create(
        uscc=act.other_code,
        name=act.other_name,
        name_key=name_key(act.other_name),
        initials=pinyin_initials(act.other_name),
        region_id=firm.region_id,
        township=firm.township,
        industry_code=firm.industry_code,
        founded_on=act.on,
        batch=batch,
    )
    RegionSpell.objects.create(enterprise=entered, region_id=firm.region_id, batch=batch)
    return entered
