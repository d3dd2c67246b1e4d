"""Pages of 目标任务 and 月度调度: the same number everywhere, each a link to exactly its firms, own lines only."""

from __future__ import annotations

import io
import re
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import jobs
from core.models import AuditEntry, Region
from core.panels import alerts_for, todos_for
from core.periods import Month
from cultivation.models import MonthlyIssue, RegionMonth
from cultivation.rules.month_rows import SELECTIONS
from cultivation.services.month_lists import month_list
from cultivation.services.months import close_month, issue_month, month_block, month_table
from enterprises.models import ScaleEvent
from tests import factories
from tests.cultivation.conftest import PROGRAMME

JUNE = Month(2022, 6)
pytestmark = pytest.mark.django_db


def url(name: str, *more: str) -> str:
    return reverse(f"cultivation:{name}", args=[PROGRAMME, JUNE, *more])


def text_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.fixture
def city(edition):
    """启东 with a fall, a zero report and a silent firm; 海安 with an entry; 如皋 with an exit."""
    qidong = [factories.enterprise(f"启东试验{name}厂", "320681") for name in "甲乙丙"]
    haian = factories.enterprise("海安试验丁厂", "320685")
    rugao = factories.enterprise("如皋试验戊厂", "320682")
    factories.monthly_figure(qidong[0], "2022-06", "1180.00", "10.00")
    factories.monthly_figure(qidong[0], "2021-06", "1234.50")
    factories.monthly_figure(qidong[1], "2022-06", "0")
    factories.monthly_figure(haian, "2022-06", "330.50", "11.25")
    factories.monthly_figure(haian, "2022-05", "100.00", "1.00")
    factories.scale_event(haian, ScaleEvent.Kind.LISTED, "2022-02", entry_type="grown")
    factories.scale_event(rugao, ScaleEvent.Kind.IN_DIRECTORY, "2021-01", library_year=2020)
    factories.scale_event(rugao, ScaleEvent.Kind.DELISTED, "2022-06", cause="规模不达标")
    return {"qidong": qidong, "haian": haian, "rugao": rugao}


@pytest.fixture
def issue(city, staff) -> MonthlyIssue:
    return close_month(programme=PROGRAMME, month=JUNE, actor=staff)


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", "320681")


def test_the_same_number_on_page_excel_summary_and_table(client, issue, staff):
    client.force_login(staff)
    total = month_table(issue=issue, user=staff).total
    assert total.revenue_wan == 1510_50
    assert month_block(issue)["revenue_wan"] == "1510.50"
    page = text_of(client.get(url("month")))
    assert "1,510.50" in page
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("month_export")).content)).active
    rows = {row[0]: row for row in sheet.iter_rows(min_row=5, values_only=True) if row[0]}
    assert rows["合计"][5] == 1510.5
    assert rows["海安市"][14] == pytest.approx(0.8)  # 1 of 130
    assert "0.8" in page
    haian = RegionMonth.objects.select_related("issue").get(issue=issue, region="320685")
    assert haian.attainment == Decimal("0.0077")


def test_the_workbook_has_the_statutory_look(client, issue, staff):
    client.force_login(staff)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("month_export")).content)).active
    assert sheet["A1"].value == "南通市2022年6月规上工业企业培育月度调度表"
    assert "A3:A4" in {str(area) for area in sheet.merged_cells.ranges}
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    words = [str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("本数据非统计数据" in word for word in words)
    assert any(word.startswith("单位：") for word in words)
    assert AuditEntry.objects.filter(act="export_month", actor=staff).count() == 1


@pytest.mark.parametrize("which", sorted(SELECTIONS))
def test_every_list_opens_and_its_number_is_the_tables(client, issue, staff, which):
    client.force_login(staff)
    page = client.get(url("month_rows", which))
    assert page.status_code == 200
    total = month_table(issue=issue, user=staff).total
    assert page.context["listed"].number == getattr(total, SELECTIONS[which].number)
    for line in month_table(issue=issue, user=staff).lines:
        listed = month_list(issue=issue, which=which, user=staff, region=line.region)
        assert listed.number == getattr(line, SELECTIONS[which].number)


def test_a_net_number_says_what_it_is_made_of(client, issue, staff):
    client.force_login(staff)
    page = text_of(client.get(url("month_rows", "net_added_ytd")))
    assert "净增（入库减退库） 0 家" in page
    assert "共 2 条：入库 1 减退库 1，按地区" in page


def test_silent_firms_are_named(client, issue, staff):
    client.force_login(staff)
    page = text_of(client.get(url("month_rows", "silent") + "?region=320681"))
    assert "启东市未报企业 1 家" in page
    assert "启东试验丙厂" in page
    assert "启东试验甲厂" not in page


def test_lists_keep_the_firms_of_the_day_they_were_computed(client, issue, city, staff, leader):
    issue_month(issue=issue, actor=leader)
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    client.force_login(staff)
    assert "启东试验丙厂" in text_of(client.get(url("month_rows", "silent")))


def test_a_district_sees_its_own_line_and_nothing_of_others(client, issue, officer):
    client.force_login(officer)
    page = text_of(client.get(url("month")))
    assert "启东市" in page
    assert "海安市" not in page
    assert "合计" not in page
    rows = text_of(client.get(url("month_rows", "newly_listed_ytd")))
    assert "海安试验丁厂" not in rows
    assert client.get(url("month_rows", "silent") + "?region=320685").status_code == 404
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("month_export")).content)).active
    words = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value}
    assert "启东市" in words
    assert "海安市" not in words
    table = text_of(client.get(reverse("cultivation:targets")))
    assert "150" in table
    assert "海安市" not in table


def test_another_city_has_no_such_month(client, issue):
    Region.objects.create(code="410400", name="平顶山市", kind="city", path="410400/", order=0)
    client.force_login(factories.user("bureau_staff", "410400"))
    assert client.get(url("month")).status_code == 404
    assert client.get(url("month_rows", "silent")).status_code == 404
    assert client.get(url("month_state")).status_code == 404
    assert client.post(url("month_close")).status_code == 404


def test_closing_from_the_page_is_queued_and_the_page_follows_it(client, city, staff):
    client.force_login(staff)
    assert "本月还没有统计" in text_of(client.get(url("month")))
    client.post(url("month_close"))
    assert "data-poll-url" in client.get(url("month")).content.decode()
    assert "data-poll-url" in client.get(url("month_state")).content.decode()
    assert jobs.work_all() == 1
    assert 'data-poll-done="reload"' in client.get(url("month_state")).content.decode()
    assert MonthlyIssue.objects.get().closed_by == staff


def test_who_may_close_and_who_may_issue(client, issue, staff, leader, officer):
    for person, may_close, may_issue in (
        (staff, True, False),
        (leader, False, True),
        (officer, False, False),
    ):
        client.force_login(person)
        page = client.get(url("month"), {"confirm": "issue"}).content.decode()
        assert (url("month_close") in page, url("month_issue") in page) == (may_close, may_issue)
    client.force_login(officer)
    assert client.post(url("month_issue"), {"digest": issue.inputs_digest}).status_code == 403
    client.force_login(leader)
    told = client.post(url("month_issue"), {"digest": issue.inputs_digest}, follow=True)
    assert "2022年6月第1版已印发" in text_of(told)
    issue.refresh_from_db()
    assert issue.is_frozen


def test_the_leader_issues_the_numbers_he_has_seen(client, issue, city, staff, leader):
    seen = issue.inputs_digest
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    client.force_login(leader)
    told = client.post(url("month_issue"), {"digest": seen}, follow=True)
    assert "统计已经更新" in text_of(told)
    assert not MonthlyIssue.objects.get().is_frozen


def test_older_versions_stay_readable(client, issue, city, staff, leader):
    issue_month(issue=issue, actor=leader)
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    client.force_login(staff)
    assert client.get(url("month")).context["page"].issue.version == 2
    first = client.get(url("month") + "?version=1")
    assert first.context["page"].table.total.silent == 2
    assert client.get(url("month") + "?version=9").status_code == 404


def test_the_menu_leads_to_the_latest_closed_month(client, issue, staff):
    client.force_login(staff)
    assert client.get(reverse("cultivation:month_current")).url == url("month")
    chosen = client.get(reverse("cultivation:month_current") + "?month=2022-05").url
    assert chosen == reverse("cultivation:month", args=[PROGRAMME, Month(2022, 5)])
    assert client.get("/months/nantong-2022/2022-13/").status_code == 404


def test_the_target_page_is_the_annex_with_its_totals_and_progress(client, issue, staff):
    client.force_login(staff)
    page = text_of(client.get(reverse("cultivation:targets")))
    assert "启东市 150 150 150 450" in page
    assert "合计 1,000 1,000 1,000 3,000" in page
    assert "3,000 家" in page
    assert "已完成 1 家" in page
    assert "1,000.00 亿元" in page
    assert "入库以来营业收入 0.04 亿元" in page
    assert "附件" in page
    export = client.get(reverse("cultivation:targets_export", args=[PROGRAMME]))
    rows = list(openpyxl.load_workbook(io.BytesIO(export.content)).active.iter_rows(values_only=True))
    assert ("启东市", 150, 150, 150) in rows
    assert ("合计", 1000, 1000, 1000) in rows


def test_three_year_progress_leads_to_the_firms_that_entered(client, issue, staff):
    client.force_login(staff)
    page = client.get(url("month_rows", "plan-2022-2024"))
    assert page.context["listed"].number == 1
    assert "海安试验丁厂" in text_of(page)
    assert client.get(url("month_rows", "nothing")).status_code == 404


def test_pages_ask_the_database_a_fixed_number_of_times(client, issue, city, staff):
    def queries(address: str) -> int:
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    client.force_login(staff)
    addresses = [url("month"), url("month_rows", "firms"), reverse("cultivation:targets")]
    before = [queries(address) for address in addresses]
    for number in range(40):
        firm = factories.enterprise(f"启东另外{number}厂", "320681")
        factories.monthly_figure(firm, "2022-06", "10.00")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    assert [queries(address) for address in addresses] == before
    assert max(before) <= 24


def test_what_waits_and_what_stands_out(issue, city, staff, leader, officer):
    assert "2022年6月月度调度表第1版" in [todo.title for todo in todos_for(leader)]
    factories.monthly_figure(city["qidong"][2], "2022-07", "1.00")
    assert "2022年7月月度统计" in [todo.title for todo in todos_for(staff)]
    (silent,) = [alert for alert in alerts_for(officer) if "未报" in alert.title]
    assert silent.count == 1
    assert not [todo for todo in todos_for(officer) if todo.kind in {"待统计", "待印发"}]


def test_a_closing_that_is_refused_says_why(client, city, staff):
    future = reverse("cultivation:month_close", args=[PROGRAMME, Month(2999, 1)])
    client.force_login(staff)
    client.post(future)
    jobs.work_all()
    page = reverse("cultivation:month", args=[PROGRAMME, Month(2999, 1)])
    assert "2999年1月还没有开始" in text_of(client.get(page))
