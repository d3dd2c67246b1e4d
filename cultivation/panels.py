"""What 培育库, 目标任务 and 月度调度 show on others' pages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.panels import (
    Alert,
    MenuEntry,
    Panel,
    Todo,
    register_alert,
    register_dossier,
    register_menu,
    register_todo,
)
from core.permissions import can
from cultivation.models import Correction, MonthlyIssue, MonthReturn, RegionMonth, ReturnReminder
from cultivation.rules.dispatch import STATE_WORDS
from cultivation.rules.measures import LAGGING, light_rules
from cultivation.rules.month_calendar import reminder_on
from cultivation.services.dispatch_pages import waiting_orders
from cultivation.services.month_completeness import overdue_counts
from cultivation.services.month_pages import latest_with_figures
from cultivation.services.pool_pages import firm_pools
from cultivation.services.programmes import programmes_visible_to
from cultivation.services.return_duties import Duty, duties_of
from cultivation.services.watch_pages import entry_counts, firm_forecast
from enterprises.models import Enterprise

register_menu(
    MenuEntry("培育库", "在库企业", "cultivation:pool", "pool.view", order=1),
    MenuEntry("培育库", "筛选建议", "cultivation:screening", "pool.view", order=2),
    MenuEntry("培育库", "每日清单", "cultivation:watch_home", "pool.view", order=3),
    MenuEntry("培育库", "入库线", "cultivation:pool_lines", "pool.view", order=4),
    MenuEntry("培育库", "申请审核", "cultivation:applications", "pool.view", order=5),
    MenuEntry("培育库", "名单抄送", "cultivation:handovers", "pool.export", order=6),
    MenuEntry("目标任务", "目标任务", "cultivation:targets", "target.view"),
    MenuEntry("月度调度", "月度看板", "cultivation:month_current", "month.view"),
    MenuEntry("月度调度", "更正单", "cultivation:corrections", "month.view", order=9),
    MenuEntry("月度调度", "统计", "cultivation:statistics_current", "month.view", order=2),
    MenuEntry("月度调度", "分析", "cultivation:analysis_current", "month.view", order=3),
    MenuEntry("月度调度", "调度单", "cultivation:dispatch_current", "month.view", order=4),
)


def pool_panel(user: User, firm: Enterprise) -> dict[str, object] | None:
    """The firm's place in each pool, its sources and history; no block for a firm that never was in one."""
    if not can(user, "pool.view"):
        return None
    pools = firm_pools(user, firm)
    may_change = can(user, "pool.change")
    return (
        {"pools": pools, "may_change": may_change, "has_ended": firm.ended_on is not None} if pools else None
    )


def forecast_panel(user: User, firm: Enterprise) -> dict[str, object] | None:
    """The firm's running year with the policy's line; no block for a firm that never reported."""
    if not can(user, "pool.view"):
        return None
    forecast = firm_forecast(user, firm)
    return {"forecast": forecast} if forecast else None


register_dossier(Panel(15, "本年预计", "cultivation/_forecast_panel.html", forecast_panel))
register_dossier(Panel(20, "培育库", "cultivation/_pool_panel.html", pool_panel))


@register_todo
def months_to_close(user: User) -> Iterator[Todo]:
    """Figures have come for a month that nobody has closed yet."""
    if not can(user, "month.close"):
        return
    programme = programmes_visible_to(user).first()
    month = latest_with_figures(user) if programme else None
    if programme is None or month is None:
        return
    if MonthlyIssue.objects.visible_to(user).latest_for(programme.name, month).exists():
        return
    url = reverse("cultivation:month", args=[programme.name, month])
    note = f"{programme.locality.name}　月报已开始入库，统计可以反复进行"
    yield Todo("待统计", f"{month.label}月度统计", note, None, url, "统计")


@register_todo
def months_to_issue(user: User) -> Iterator[Todo]:
    """Drafts that wait for the leader."""
    if not can(user, "month.issue"):
        return
    drafts = MonthlyIssue.objects.visible_to(user).filter(state=MonthlyIssue.State.DRAFT)
    for issue in drafts.select_related("region", "closed_by").newest_first()[:5]:
        url = reverse("cultivation:month", args=[issue.programme, issue.month])
        note = f"{issue.region.name}　{issue.closed_by.full_name} 统计，印发后冻结并锁定月报"
        yield Todo("待印发", f"{issue.month.label}月度调度表第{issue.version}版", note, None, url, "看后印发")


#: step → kind of 待办 and the word on its button
_DUTIES = {"review": ("待审核", "去审核"), "accept": ("待审核", "去审核")}


@register_todo
def returns_in_hand(user: User) -> Iterator[Todo]:
    """The return to fill in, one that came back, and returns that wait for this reader's review."""
    if not can(user, "month.report"):
        return
    today = timezone.localdate()
    for duty in duties_of(user, today):
        place = [duty.cycle.programme, duty.cycle.month]
        title = f"{duty.cycle.month.label}月报"
        if duty.on_behalf:
            yield _for_others(duty, title, today)
            continue
        if duty.step in _DUTIES:
            kind, button = _DUTIES[duty.step]
            url = reverse("cultivation:month_returns", args=place) + f"?state={duty.step}"
            note = "、".join(one.region.name for one in duty.returns)
            yield Todo(kind, f"{title}　{len(duty.returns)} 个地区", note, None, url, button)
            continue
        (own,) = duty.returns
        url = reverse("cultivation:month_return", args=[*place, own.region_id])
        yield _own_return(own, f"{title}　{own.region.name}", url, today)


def _for_others(duty: Duty, title: str, today: date) -> Todo:
    """Of regions that have nobody of their own for this step: who is next above hands in, or reviews, for them."""
    place, due = [duty.cycle.programme, duty.cycle.month], duty.cycle.due_on
    url = reverse("cultivation:month_returns", args=place) + "?state=behalf"
    names = "、".join(one.region.name for one in duty.returns[:5])
    more = "等" if len(duty.returns) > 5 else ""
    word, kind = ("代审", "待审核") if duty.step == "review" else ("代报", "待上报")
    tone = "bad" if due and due < today else "info"
    note = f"{names}{more}没有经办人，由您{word}"
    return Todo(kind, f"{title}　{word} {len(duty.returns)} 个地区", note, due, url, f"去{word}", tone)


def _own_return(own: MonthReturn, title: str, url: str, today: date) -> Todo:
    due = own.cycle.due_on
    if own.was_sent_back:
        return Todo("被退回", title, "改好标记的数再提交", due, url, "去修改", "bad")
    standing = reminder_on(due, today)
    note = ReturnReminder.Kind(standing).label if standing else own.cycle.note
    tone = {"late": "bad", "due": "warn", "before": "warn"}.get(standing or "", "info")
    return Todo("待上报", title, note, due, url, "去报送", tone)


@register_todo
def orders_waiting(user: User) -> Iterator[Todo]:
    """Dispatch orders that wait for this person's side; each line opens exactly as many orders as it says."""
    if not can(user, "dispatch.step"):
        return
    for one in waiting_orders(user):
        url = reverse("cultivation:dispatch", args=[one.programme, one.month]) + f"?state={one.state}"
        tone = "bad" if one.first_due and one.first_due < timezone.localdate() else "info"
        title = f"调度单 {one.count} 件{STATE_WORDS[one.state]}"
        yield Todo(
            STATE_WORDS[one.state], title, "一月一调度，办结前逐月结转", one.first_due, url, "办理", tone
        )


@register_todo
def corrections_to_decide(user: User) -> Iterator[Todo]:
    """更正单 that wait for the second person; the page lists exactly these."""
    if not can(user, "month.approve"):
        return
    count = Correction.objects.visible_to(user).waiting().count()
    if count:
        url = reverse("cultivation:corrections") + "?state=waiting"
        yield Todo("待批准", f"更正单　{count} 张", "批准前看对已印发数字的影响", None, url, "去看")


@register_alert
def latest_month_alerts(user: User) -> Iterator[Alert]:
    """Of the latest closed month, within the user's regions: who has not reported, where progress lags."""
    if not can(user, "month.view"):
        return
    issue = MonthlyIssue.objects.visible_to(user).newest_first().first()
    if issue is None:
        return
    lines = list(RegionMonth.objects.visible_to(user).filter(issue=issue).select_related("region"))
    for line in lines:
        line.issue = issue
    place = [issue.programme, issue.month]
    silent = [line for line in lines if line.silent]
    if silent:
        most = max(silent, key=lambda line: line.silent)
        note = f"最多的是{most.region.name} {most.silent} 家" if len(lines) > 1 else "未报不等于零"
        url = reverse("cultivation:month_rows", args=[*place, "silent"])
        yield Alert("warn", f"{issue.month.label}月报未报", note, sum(line.silent for line in silent), url)
    lagging = [line for line in lines if line.light == LAGGING]
    if lagging:
        names = "、".join(line.region.name for line in lagging)
        url = reverse("cultivation:month", args=place)
        yield Alert(
            "bad",
            f"完成率比序时{dict(light_rules(issue.lagging_hundredths))[LAGGING]}",
            names,
            len(lagging),
            f"{url}?order=rank&light={LAGGING}",
            "个",
        )


@register_alert
def overdue_returns(user: User) -> Iterator[Alert]:
    """Regions whose return is overdue, by month; the page lists exactly these."""
    if not can(user, "month.view"):
        return
    for cycle, count in overdue_counts(user, timezone.localdate()):
        url = reverse("cultivation:month_returns", args=[cycle.programme, cycle.month])
        note = f"{cycle.due_on.month}月{cycle.due_on.day}日截止"
        yield Alert("bad", f"{cycle.month.label}月报逾期未上报", note, count, f"{url}?state=late", "个地区")


@register_alert
def watch_alerts(user: User) -> Iterator[Alert]:
    """Firms on the daily lists that somebody must deal with; one query."""
    if not can(user, "pool.view"):
        return
    counts = entry_counts(user)
    told = (
        ("risk", "bad", "退规风险企业", "每家都要有人答复"),
        ("eligible", "warn", "达规未入库企业", "动员申报，应统尽统"),
    )
    for kind, tone, title, note in told:
        if counts[kind]:
            yield Alert(tone, title, note, counts[kind], reverse("cultivation:watch", args=[kind]))
