"""Every number of 待办 and 提示 is the number of rows behind it, whoever reads."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.utils import timezone

from core.models import JobRun, User
from core.panels import alerts_for, todos_for
from core.periods import Month
from cultivation.models import Correction, DispatchOrder, MonthReturn
from cultivation.services.dispatch import draft_orders, send_region, take_step
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.months import close_month, issue_month
from cultivation.services.watch import refresh_watch
from tests import factories
from tests.cultivation.conftest import PROGRAMME

MAY, JUNE = Month(2022, 5), Month(2022, 6)
#: a number in a title of 待办: 3 件, 2 个地区, 1 张
_COUNT = re.compile(r"(\d+) ?(?:件|张|个地区)")


@pytest.fixture
def busy(edition, staff, leader, time_machine) -> list[User]:
    """May issued and dispatched, June on its way between the levels, work that failed."""
    time_machine.move_to("2022-07-12 10:00+08:00", tick=False)
    for number, region in enumerate(("320681", "320681", "320685", "320623")):
        firm = factories.enterprise(f"{region}试验{number}厂", region)
        factories.annual_figure(firm, 2021, main_revenue_wan="2500")
        factories.monthly_figure(firm, "2021-05", "200")
        factories.monthly_figure(firm, "2022-05", "90", "1", staff=number)
    issue = issue_month(issue=close_month(programme=PROGRAMME, month=MAY, actor=staff), actor=leader)
    people = [factories.user(role, "320681") for role in ("district_officer", "district_leader")]
    draft_orders(issue=issue, actor=staff)
    for region in ("320681", "320685"):
        send_region(
            programme=PROGRAMME, region=factories.region(region), owner="王某", deadline=date(2022, 7, 15), actor=staff
        )  # fmt: skip
    take_step(
        order=DispatchOrder.objects.get(region="320681", kind="fall"),
        act="answer",
        text="属实。",
        actor=people[0],
    )
    for number in (3, 4):
        Correction.objects.create(
            issue=issue, month=MAY, enterprise=firm, region=firm.region, measure=("staff", "revenue_wan")[number % 2],
            old=1, new=number, reason="漏填", made_by=staff, made_at=timezone.now(),
        )  # fmt: skip
    refresh_watch(region=edition.locality, actor=User.objects.system())
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    MonthReturn.objects.filter(region="320681").update(step="review", submitted_at=timezone.now())
    MonthReturn.objects.filter(region__in=["320685", "320682"]).update(
        step="accept", submitted_at=timezone.now()
    )
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    JobRun.objects.create(
        job="close_month", key="x", arguments={}, state=JobRun.State.FAILED, attempts=3, actor=staff,
        queued_at=timezone.now(),
    )  # fmt: skip
    return [staff, leader, *people, factories.user("sys_admin", None)]


def rows_behind(context) -> int:
    """The rows of the list that a page shows, over all its pages."""
    for name in ("part", "page"):
        shown = context.get(name)
        if hasattr(shown, "paginator"):
            return shown.paginator.count
    return len(context["rows"] if "rows" in context else context["lines"])


@pytest.mark.django_db
@pytest.mark.any_database
def test_every_count_of_a_todo_and_of_an_alert_is_the_length_of_its_list(client, busy):
    counted = {}
    for person in busy:
        client.force_login(person)
        for todo in todos_for(person):
            page = client.get(todo.url)
            assert page.status_code == 200, todo.title
            if count := _COUNT.search(todo.title):
                assert rows_behind(page.context) == int(count[1]), todo.title
                counted[person.role, todo.kind] = int(count[1])
        for alert in alerts_for(person):
            page = client.get(alert.url)
            if alert.url.endswith("light=bad"):
                body = page.content.decode().partition('id="h-progress"')[2].partition("</section>")[0]
                names = re.findall(r'<th scope="row">([^<]+)</th>', body)
                assert len([name for name in names if name.strip() != "合计"]) == alert.count
            else:
                assert rows_behind(page.context) == alert.count, alert.title
            counted[person.role, alert.title] = alert.count
    told = {kind for _, kind in counted}
    assert {"待审核", "待下达", "待反馈", "待批准", "失败", "2022年6月月报未报", "达规未入库企业"} <= told
    assert {"2022年6月月报逾期未上报", "完成率比序时差10个百分点及以上"} <= told
    assert counted["bureau_leader", "待批准"] == 2
