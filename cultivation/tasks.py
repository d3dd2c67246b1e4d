"""Job doors of the month and of the pool."""

from __future__ import annotations

from datetime import date
from typing import Any

from core.daily import register_daily
from core.jobs import Progress, job
from core.models import Region
from core.periods import Month
from cultivation.services.month_cycles import ensure_periods, make_reminders
from cultivation.services.months import MonthRefused, close_month
from cultivation.services.pool_screening import screen_pool
from cultivation.services.pools import PoolRefused
from cultivation.services.watch import refresh_watch


@job("close_month", "月度统计")
def close_month_job(progress: Progress) -> dict[str, Any]:
    """A refusal is a result, not a failure: trying again would not change it."""
    arguments = progress.arguments
    try:
        issue = close_month(
            programme=arguments["programme"], month=Month.parse(arguments["month"]), actor=progress.actor
        )
    except MonthRefused as refused:
        return {"refused": str(refused)}
    return {"issue": issue.pk, "version": issue.version, "digest": issue.inputs_digest}


@job("open_months", "开放月报、催报")
def open_months_job(progress: Progress) -> dict[str, Any]:
    """The day's look at the calendar: months that should be open are opened, returns that are not in asked for."""
    day = date.fromisoformat(progress.arguments["day"])
    opened = ensure_periods(up_to=Month.of(day), actor=progress.actor)
    return {"opened": len(opened), "reminders": make_reminders(day=day, actor=progress.actor)}


register_daily("open_months")


@job("screen_pool", "培育库筛选")
def screen_pool_job(progress: Progress) -> dict[str, Any]:
    """Likewise: what the document does not allow is told as the result."""
    arguments = progress.arguments
    try:
        screenings = screen_pool(
            programme=arguments["programme"], year=arguments.get("year"), actor=progress.actor
        )
    except PoolRefused as refused:
        return {"refused": str(refused)}
    return {"screenings": [screening.pk for screening in screenings]}


@job("refresh_watch", "每日清单更新")
def refresh_watch_job(progress: Progress) -> dict[str, Any]:
    """The daily lists of a region."""
    try:
        return refresh_watch(region=Region.objects.get(pk=progress.arguments["region"]), actor=progress.actor)
    except PoolRefused as refused:
        return {"refused": str(refused)}
