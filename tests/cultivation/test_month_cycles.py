"""一月一统计: months open and are asked for by themselves; who has reported and who has not, at a glance (S0-11)."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from core import daily, jobs
from core.models import JobRun, Region, User
from core.panels import alerts_for
from core.periods import Month
from cultivation.models import MonthlyCycle, MonthReturn, ReturnReminder
from cultivation.services.month_completeness import returns_table, silent_firms
from cultivation.services.month_cycles import dated_steps, ensure_periods, make_reminders
from cultivation.services.months import close_month, issue_month, month_table
from enterprises.models import Enterprise
from tests import factories
from tests.cultivation.conftest import PROGRAMME

MAY, JUNE, JULY = Month(2022, 5), Month(2022, 6), Month(2022, 7)
pytestmark = pytest.mark.django_db


@pytest.fixture
def system(edition) -> User:
    return User.objects.system()


@pytest.fixture
def cycle(system) -> MonthlyCycle:
    return ensure_periods(up_to=JUNE, since=JUNE, actor=system)[0]


def text_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def test_a_missed_night_is_caught_up_and_nothing_is_made_twice(system):
    made = ensure_periods(up_to=JULY, since=MAY, actor=system)
    assert [cycle.month for cycle in made] == [MAY, JUNE, JULY]
    assert ensure_periods(up_to=JULY, since=MAY, actor=system) == []
    assert MonthReturn.objects.count() == 3 * 10
    # the plan ends with 2024: nobody is asked for 2025
    later = ensure_periods(up_to=Month(2025, 3), since=Month(2024, 11), actor=system)
    assert [str(cycle.month) for cycle in later] == ["2024-11", "2024-12"]


def test_a_region_that_comes_later_is_asked_for_open_months_alone(system, staff, leader):
    ensure_periods(up_to=JUNE, since=MAY, actor=system)
    issue = close_month(programme=PROGRAMME, month=MAY, actor=staff)
    MonthReturn.objects.update(step=MonthReturn.Step.DONE)
    issue_month(issue=issue, actor=leader)
    town = Region.objects.create(
        code="320681100",
        name="汇龙镇",
        kind="township",
        parent_id="320681",
        path="320600/320681/320681100/",
        order=99,
    )
    ensure_periods(up_to=JUNE, since=MAY, actor=system)
    assert [one.cycle.month for one in MonthReturn.objects.filter(region=town)] == [JUNE]


def test_reminders_come_once_and_only_to_those_who_have_not_reported(system, cycle):
    assert cycle.due_on == date(2022, 7, 10)
    MonthReturn.objects.filter(region="320681").update(step=MonthReturn.Step.ACCEPT)
    for day, made in ((6, 0), (7, 9), (7, 0), (8, 0), (10, 9), (13, 9), (14, 0)):
        assert make_reminders(day=date(2022, 7, day), actor=system) == made, day
    kinds = ReturnReminder.objects.filter(returned__region="320685").values_list("kind", flat=True)
    assert list(kinds) == ["before", "due", "late"]
    assert not ReturnReminder.objects.filter(returned__region="320681").exists()


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        # 15:59 and 16:00 in Greenwich are 23:59 and 0:00 in Shanghai; New York is a day behind
        (datetime(2022, 6, 30, 15, 59, tzinfo=ZoneInfo("UTC")), "2022-06-30"),
        (datetime(2022, 6, 30, 16, 0, tzinfo=ZoneInfo("UTC")), "2022-07-01"),
        (datetime(2022, 6, 30, 12, 0, tzinfo=ZoneInfo("America/New_York")), "2022-07-01"),
    ],
)
def test_midnight_of_the_first_is_shanghais_whatever_the_servers_zone(edition, monkeypatch, moment, day):
    monkeypatch.setattr(daily, "_seen", {})
    queued = [run.key for run in daily.queue_daily(moment)]
    assert f"open_months:{day}" in queued
    monkeypatch.setattr(daily, "_seen", {})  # another process looks too
    assert daily.queue_daily(moment) == []
    edition.in_force_at = datetime(2022, 6, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    edition.save()
    jobs.work_all()
    run = JobRun.objects.get(key=f"open_months:{day}")
    assert run.state == JobRun.State.DONE, run.error
    assert MonthlyCycle.objects.latest("opened_at").month == Month.parse(day[:7])


def test_the_table_says_due_reported_zero_silent_and_who_filled_in_for_whom(cycle, staff):
    officer = factories.user("district_officer", "320681")
    own, zero, silent, filled = (factories.enterprise(f"启东试验{name}厂", "320681") for name in "甲乙丙丁")
    factories.enterprise("启东待核厂", "320681", verification=Enterprise.Verification.PENDING)
    factories.enterprise("启东注销厂", "320681", status="注销")
    factories.enterprise("启东新厂", "320681", founded_on=date(2022, 7, 2))
    sent = factories.batch("monthly", "320681", sent_by=officer)
    factories.monthly_figure(own, JUNE, "5.00", batch=sent)
    factories.monthly_figure(zero, JUNE, "0", batch=sent)
    factories.monthly_figure(filled, JUNE, "7.00", batch=factories.batch("monthly", "320681", sent_by=staff))
    table = returns_table(cycle=cycle, user=staff, today=date(2022, 7, 12))
    line = next(line for line in table.lines if line.region.pk == "320681")
    assert (line.firms, line.reporting, line.zero_reports, line.silent) == (4, 3, 1, 1)
    assert line.fillers == {staff.full_name: 1}
    assert (line.is_late, line.late) == (True, 2)
    assert list(silent_firms(cycle=cycle, region=line.region, user=staff)) == [silent]
    # the same as the month's statistics say at this moment
    frozen = month_table(issue=close_month(programme=PROGRAMME, month=JUNE, actor=staff), user=staff)
    same = ("firms", "reporting", "zero_reports", "silent")
    assert [getattr(table.total, name) for name in same] == [getattr(frozen.total, name) for name in same]


def test_the_list_of_districts_not_yet_reported_is_its_count(client, cycle, staff, django_assert_num_queries):
    """S0-11 T: list of districts not yet reported for month M."""
    MonthReturn.objects.filter(region__in=["320681", "320685"]).update(step=MonthReturn.Step.ACCEPT)
    client.force_login(staff)
    url = reverse("cultivation:month_returns", args=[PROGRAMME, JUNE])
    page = client.get(url + "?state=late")
    assert len(page.context["lines"]) == 8
    told = [alert for alert in alerts_for(staff) if "逾期未上报" in alert.title]
    assert [(alert.count, alert.url) for alert in told] == [(8, url + "?state=late")]
    body = text_of(page)
    assert "如皋市" in body and "启东市" not in body
    assert "7月10日截止" in body
    with django_assert_num_queries(3):
        returns_table(cycle=page.context["table"].cycle, user=staff)


def test_a_district_sees_its_own_return_alone(client, cycle):
    factories.enterprise("启东试验丙厂", "320681")
    factories.enterprise("海安试验丁厂", "320685")
    client.force_login(factories.user("district_officer", "320681"))
    body = text_of(client.get(reverse("cultivation:month_returns", args=[PROGRAMME, JUNE])))
    assert "启东市" in body and "海安市" not in body
    own = text_of(client.get(reverse("cultivation:month_return", args=[PROGRAMME, JUNE, "320681"])))
    assert "启东试验丙厂" in own and "海安试验丁厂" not in own
    assert (
        client.get(reverse("cultivation:month_return", args=[PROGRAMME, JUNE, "320685"])).status_code == 404
    )


def test_a_month_that_was_never_opened_says_so(client, staff):
    client.force_login(staff)
    body = text_of(client.get(reverse("cultivation:month_returns", args=[PROGRAMME, MAY])))
    assert "这个月没有开放报送" in body


def test_the_calendars_days_are_there_for_others(edition):
    days = [one.day for one in dated_steps(edition, "dispatch", 2022)]
    assert days[1] == date(2022, 6, 30)
    assert dated_steps(edition, "bulletin", 2022) == []
