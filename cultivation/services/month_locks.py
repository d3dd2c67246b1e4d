"""Locked months: issued, past their lock day, or handed in; and what is opened again for a while, for whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, Region, User
from core.periods import SHANGHAI, Month
from core.scoping import may_reach
from cultivation.models import MonthlyCycle, MonthlyIssue, MonthReopening, MonthReturn
from cultivation.querysets import related_to
from cultivation.rules.return_steps import FILL
from cultivation.services.month_cycles import open_cycles
from enterprises.models import Enterprise
from intake.services.locks import MonthLock

#: The lists that a month is computed from.
LOCKED_SHEETS = frozenset({"monthly", "listed"})
REOPENED_BY = "市局（印发月报的业务科室）"
#: A month is not opened again for longer than this.
LONGEST_DAYS = 10
REASON_LIMIT = 200


class ReopeningRefused(Exception):
    """The month is not opened again; the message says why."""


def month_locks_of(sheet: str, region: Region) -> Iterable[MonthLock]:
    """Every lock that meets a list of this region; the issue's first."""
    if sheet not in LOCKED_SHEETS:
        return
    reopened = _reopened(sheet, region)
    for month, at in _issued(region):
        since = timezone.localdate(at) if at else None
        lock = _unless_reopened(
            MonthLock(month, "月报已印发", since, REOPENED_BY), region, reopened.get(month, ())
        )
        if lock:
            yield lock
    if sheet == "monthly":
        yield from _past_lock_day(region, reopened)
        yield from _handed_in(region)


def reopen_month(
    *,
    programme: PolicyEdition,
    month: Month,
    sheet: str,
    region: Region,
    firms: Sequence[str],
    reason: str,
    last_day: date,
    actor: User,
) -> MonthReopening:
    """Open a locked month for a region or for firms of it, until the end of ``last_day``. Raises ``ReopeningRefused``."""
    today = timezone.localdate()
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise ReopeningRefused(f"请写明重新开放的原因，最多 {REASON_LIMIT} 个字。")
    if not today <= last_day <= today + timedelta(days=LONGEST_DAYS):
        raise ReopeningRefused(f"到期日从今天起，最长 {LONGEST_DAYS} 天。")
    if sheet not in MonthReopening.Sheet.values:
        raise ReopeningRefused("请选择要重新开放的报表。")
    if not may_reach(actor, region) or not region.path.startswith(programme.locality.path):
        raise ReopeningRefused("请选择本辖区的地区。")
    if not _is_locked(programme.name, month):
        raise ReopeningRefused(f"{month.label}没有锁定，可以直接报送。")
    codes = sorted({code.strip().upper() for code in firms if code.strip()})
    known = set(
        Enterprise.objects.visible_to(actor)
        .within(region.pk)
        .filter(uscc__in=codes)
        .values_list("uscc", flat=True)
    )
    if set(codes) - known:
        raise ReopeningRefused(f"{region.name}没有这些企业：{'、'.join(sorted(set(codes) - known)[:3])}。")
    with transaction.atomic():
        made = MonthReopening.objects.create(
            programme=programme.name,
            month=month,
            sheet=sheet,
            region=region,
            firms=codes,
            reason=reason,
            opened_by=actor,
            opened_at=timezone.now(),
            until=datetime.combine(last_day + timedelta(days=1), time(), SHANGHAI),
        )
        record(
            actor=actor,
            act="reopen_month",
            region=region,
            subject=f"{programme.name} {month} {made.get_sheet_display()}",
            counts={"firms": len(codes), "until": last_day.isoformat()},
        )
    return made


def close_reopening(*, reopening: MonthReopening, actor: User) -> None:
    """End it before its time. Raises ``ReopeningRefused`` when it has ended."""
    with transaction.atomic():
        running = MonthReopening.objects.running(timezone.now()).filter(pk=reopening.pk)
        if not running.update(closed_by=actor, closed_at=timezone.now()):
            raise ReopeningRefused("这次开放已经结束。")
        subject = f"{reopening.programme} {reopening.month}"
        record(actor=actor, act="close_reopening", region=reopening.region, subject=subject)


def lock_of(programme: str, month: Month) -> MonthLock | None:
    """The lock on the whole month, as its page tells it; ``None`` while it is open."""
    issued = MonthlyIssue.objects.filter(programme=programme, month=month, state=MonthlyIssue.State.ISSUED)
    first = issued.order_by("version").first()
    if first:
        return MonthLock(month, "月报已印发", timezone.localdate(first.issued_at), REOPENED_BY)
    cycle = MonthlyCycle.objects.of_month(programme, month).filter(locks_on__lte=timezone.localdate()).first()
    return MonthLock(month, "已过锁定日", cycle.locks_on, REOPENED_BY) if cycle else None


def _is_locked(programme: str, month: Month) -> bool:
    return lock_of(programme, month) is not None


def _issued(region: Region) -> Iterable[tuple[Month, datetime | None]]:
    issued = MonthlyIssue.objects.filter(related_to(region.path), state=MonthlyIssue.State.ISSUED)
    return issued.order_by("month").values_list("month").annotate(first=Min("issued_at"))


def _past_lock_day(region: Region, reopened: dict[Month, list[MonthReopening]]) -> Iterable[MonthLock]:
    today = timezone.localdate()
    for cycle in open_cycles().filter(related_to(region.path), locks_on__lte=today).order_by("month"):
        lock = MonthLock(cycle.month, "已过锁定日", cycle.locks_on, REOPENED_BY)
        left = _unless_reopened(lock, region, reopened.get(cycle.month, ()))
        if left:
            yield left


def _handed_in(region: Region) -> Iterable[MonthLock]:
    """A return that was handed in is shut until it is sent back; of a list of more regions, for its rows alone."""
    returns = (
        MonthReturn.objects.exclude(step=FILL)
        .filter(related_to(region.path), cycle__in=open_cycles())
        .select_related("region", "cycle")
        .order_by("cycle__month", "region__path")
    )
    below = (
        dict(Region.objects.filter(path__startswith=region.path).values_list("path", "pk")) if returns else {}
    )
    for one in returns:
        since = timezone.localdate(one.submitted_at) if one.submitted_at else None
        holds = region.path.startswith(one.region.path)
        own = (code for path, code in below.items() if path.startswith(one.region.path))
        regions = None if holds else frozenset(own)
        reason = f"{one.region.name}{one.get_step_display()}"
        yield MonthLock(one.cycle.month, reason, since, "上级（先退回，再修改）", regions=regions)


def _unless_reopened(lock: MonthLock, region: Region, reopened: Iterable[MonthReopening]) -> MonthLock | None:
    """What is left of a lock: nothing where the whole region is open, else with the regions and firms that are."""
    regions: set[str] = set()
    firms: set[str] = set()
    for one in reopened:
        if one.firms:
            firms.update(one.firms)
        elif region.path.startswith(one.region.path):
            return None
        else:
            regions.update(_codes_below(one.region))
    return MonthLock(
        lock.month,
        lock.reason,
        lock.since,
        lock.reopened_by,
        open_regions=frozenset(regions),
        open_firms=frozenset(firms),
    )


def _reopened(sheet: str, region: Region) -> dict[Month, list[MonthReopening]]:
    running = MonthReopening.objects.running(timezone.now()).filter(related_to(region.path), sheet=sheet)
    found: dict[Month, list[MonthReopening]] = {}
    for one in running.select_related("region"):
        found.setdefault(one.month, []).append(one)
    return found


def _codes_below(region: Region) -> Iterable[str]:
    return Region.objects.filter(path__startswith=region.path).values_list("pk", flat=True)
