"""锁定: a lock says why, since when and who can reopen; reopening is scoped and ends by itself; told before the upload."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEntry, Region, User
from core.periods import Month
from cultivation.models import MonthlyCycle, MonthReopening, MonthReturn
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.month_locks import ReopeningRefused, close_reopening, reopen_month
from cultivation.services.months import close_month, issue_month
from enterprises.models import MonthlyFigure
from intake.models import Batch
from intake.services.batches import CommitRefused, check_batch, commit_batch, receive_upload
from intake.services.locks import month_locks, partial_locks
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.doors import MONTHLY_HEADINGS, monthly_row

JUNE = Month(2022, 6)
QIDONG = "320681"
pytestmark = pytest.mark.django_db


@pytest.fixture
def firms(edition):
    return [factories.enterprise(f"启东试验{name}厂", QIDONG) for name in "甲乙丙"]


@pytest.fixture
def issued(firms, staff, leader, time_machine):
    time_machine.move_to("2022-07-15 10:00+08:00", tick=False)
    factories.monthly_figure(firms[0], JUNE, "100.00", "1.00")
    return issue_month(issue=close_month(programme=PROGRAMME, month=JUNE, actor=staff), actor=leader)


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", QIDONG, department="industry")


def workbook(firms, revenue="120.00"):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("月报")
        for number, row in enumerate(
            [MONTHLY_HEADINGS, *(monthly_row(firm, JUNE, revenue) for firm in firms)]
        ):
            page.write_row(number, 0, row)
    return buffer.getvalue()


def checked(actor, firms, region=QIDONG, **fields) -> Batch:
    batch = receive_upload(
        actor=actor,
        sheet="monthly",
        region=Region.objects.get(pk=region),
        period="",
        as_of=date(2022, 7, 15),
        upload_name="月报.xlsx",
        content=workbook(firms, **fields),
    )
    return check_batch(batch=batch, actor=actor)


def reopen(edition, staff, region=QIDONG, firms=(), **fields) -> MonthReopening:
    given = {"sheet": "monthly", "reason": "开票数有误", "last_day": date(2022, 7, 18), **fields}
    where = Region.objects.get(pk=region)
    return reopen_month(programme=edition, month=JUNE, region=where, firms=firms, actor=staff, **given)


def test_the_upload_form_says_so_before_anything_is_sent(client, issued, officer, firms):
    client.force_login(officer)
    url = reverse("intake:upload") + "?sheet=monthly"
    assert "2022年6月（已锁定）" in client.get(url).content.decode()
    sent = {"region": QIDONG, "period": str(JUNE), "file": SimpleUploadedFile("月报.xlsx", workbook(firms))}
    body = client.post(url, sent).content.decode()
    assert "2022年6月自2022年7月15日起已锁定（月报已印发），不能上传" in body
    assert "市局（印发月报的业务科室）" in body
    assert not Batch.objects.filter(upload_name="月报.xlsx").exists()


def test_a_file_of_a_locked_month_is_told_once_and_not_once_a_row(issued, officer, firms):
    batch = checked(officer, firms)
    assert [(issue.row, issue.code) for issue in batch.issues.filter(cls="A")] == [(None, "MONTH_LOCKED")]


def test_reopening_for_a_district_lets_that_district_in_and_ends_by_itself(
    issued, edition, staff, officer, firms, time_machine
):
    reopening = reopen(edition, staff)
    assert not month_locks("monthly", Region.objects.get(pk=QIDONG))
    assert set(month_locks("monthly", Region.objects.get(pk="320685"))) == {JUNE}
    assert set(month_locks("listed", Region.objects.get(pk=QIDONG))) == {JUNE}, "the other list stays shut"
    commit_batch(batch=checked(officer, firms), actor=officer)
    assert MonthlyFigure.objects.filter(month=JUNE, revenue_wan=120_00).count() == 3
    late = checked(officer, firms, revenue="130.00")
    time_machine.move_to("2022-07-18 23:59+08:00", tick=False)
    assert not month_locks("monthly", Region.objects.get(pk=QIDONG))
    time_machine.move_to("2022-07-19 00:00+08:00", tick=False)
    with pytest.raises(CommitRefused, match="已锁定"):
        commit_batch(batch=late, actor=officer)
    with pytest.raises(ReopeningRefused, match="已经结束"):
        close_reopening(reopening=reopening, actor=staff)


def test_reopening_for_firms_lets_those_firms_in_alone(issued, edition, staff, officer, firms):
    reopen(edition, staff, firms=[firms[0].uscc.lower()])
    batch = checked(officer, firms)
    assert sorted(batch.issues.filter(code="MONTH_LOCKED").values_list("row", flat=True)) == [3, 4]
    commit_batch(batch=batch, actor=officer, good_rows_only=True)
    assert list(MonthlyFigure.objects.filter(month=JUNE).values_list("enterprise", "revenue_wan")) == [
        (firms[0].pk, 120_00)
    ]


def test_a_list_of_the_city_may_hold_rows_of_the_reopened_district_alone(issued, edition, staff, firms):
    other = factories.enterprise("海安试验丁厂", "320685")
    reopen(edition, staff)
    staff.department = "industry"
    staff.save()
    batch = checked(staff, [firms[0], other], region="320600")
    assert list(batch.issues.filter(code="MONTH_LOCKED").values_list("row", flat=True)) == [3]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reason": " "}, "请写明重新开放的原因"),
        ({"last_day": date(2022, 7, 14)}, "最长 10 天"),
        ({"last_day": date(2022, 7, 26)}, "最长 10 天"),
        ({"firms": ["91320681MA0000000X"]}, "启东市没有这些企业"),
    ],
)
def test_what_is_not_reopened(issued, edition, staff, given, told):
    with pytest.raises(ReopeningRefused, match=told):
        reopen(edition, staff, **given)


def test_a_month_that_is_open_needs_no_reopening(edition, staff, firms, time_machine):
    time_machine.move_to("2022-07-15 10:00+08:00", tick=False)
    with pytest.raises(ReopeningRefused, match="没有锁定，可以直接报送"):
        reopen(edition, staff)


def test_the_page_says_why_since_when_and_who_and_keeps_what_was_opened(client, issued, staff, officer):
    client.force_login(staff)
    url = reverse("cultivation:month_lock", args=[PROGRAMME, JUNE])
    body = client.get(url).content.decode()
    assert "2022年6月自2022年7月15日起已锁定（月报已印发）" in body and "市局（印发月报的业务科室）" in body
    sent = {
        "sheet": "monthly",
        "region": QIDONG,
        "firms": "",
        "reason": "开票数有误",
        "last_day": "2022-07-18",
    }
    assert "开放中" in client.post(url, sent, follow=True).content.decode()
    made = MonthReopening.objects.get()
    assert (made.opened_by, AuditEntry.objects.filter(act="reopen_month").count()) == (staff, 1)
    client.force_login(officer)
    assert "开票数有误" in client.get(url).content.decode()
    assert client.post(url, sent).status_code == 403
    client.force_login(staff)
    assert "已提前关闭" in client.post(url, {"close": made.pk}, follow=True).content.decode()


def test_what_was_handed_in_is_shut_until_it_is_sent_back(edition, firms, officer):
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    qidong, city = Region.objects.get(pk=QIDONG), Region.objects.get(pk="320600")
    assert not month_locks("monthly", qidong)
    MonthReturn.objects.filter(region=QIDONG).update(step="accept")
    lock = month_locks("monthly", qidong)[JUNE]
    assert lock.words == "2022年6月已锁定（启东市已上报）"
    assert not month_locks("monthly", city)
    (partial,) = partial_locks("monthly", city)[JUNE]
    assert partial.holds("any", QIDONG) and not partial.holds("any", "320685")


def test_a_month_past_its_lock_day_is_shut_though_not_issued(edition, firms, time_machine):
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    MonthlyCycle.objects.update(locks_on=date(2022, 7, 16))
    time_machine.move_to("2022-07-15 23:00+08:00", tick=False)
    assert not month_locks("monthly", Region.objects.get(pk=QIDONG))
    time_machine.move_to("2022-07-16 00:00+08:00", tick=False)
    assert month_locks("monthly", Region.objects.get(pk=QIDONG))[JUNE].reason == "已过锁定日"
