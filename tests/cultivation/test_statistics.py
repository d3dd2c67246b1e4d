"""The statistics of a closed month: kept with its version, the same numbers as its table, each opening its firms."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import User
from core.periods import Month
from core.services.policies import load_edition
from core.tokens import make_token
from cultivation.models import IssueStatistics, MonthAnalysis, PoolMembership
from cultivation.rules.measures import MonthMeasures
from cultivation.rules.statistic_rows import STATISTIC_SELECTIONS
from cultivation.services.months import close_month, issue_month, month_table
from cultivation.services.statistic_pages import Narrowing, statistic_page
from enterprises.models import ScaleEvent
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME

JUNE = Month(2022, 6)
#: number of a month's line → the same number of the statistics
SHARED = {
    "firms": "firms", "reporting": "reporting", "comparable_firms": "comparable", "revenue_wan": "revenue",
    "tax_paid_wan": "tax", "revenue_comparable_wan": "revenue_now", "revenue_base_wan": "revenue_base",
    "revenue_ytd_wan": "revenue_ytd", "tax_paid_ytd_wan": "tax_ytd", "revenue_ytd_comparable_wan": "revenue_ytd_now",
    "revenue_ytd_base_wan": "revenue_ytd_base", "newly_listed": "newly_listed", "newly_listed_ytd": "newly_listed_ytd",
    "delisted": "delisted", "delisted_ytd": "delisted_ytd", "above_scale_total": "above_scale_total",
    "net_added_ytd": "net_added_ytd",
}  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(edition):
    """启东: a member of the pool, one over the line and not in the directory; 海安: an entry that may fall out again."""
    member = factories.enterprise("启东试验甲厂", "320681", industry_code="3484")
    over = factories.enterprise("启东试验乙厂", "320681", industry_code="1711")
    haian = factories.enterprise("海安试验丁厂", "320685", industry_code="")
    factories.monthly_figure(member, "2022-06", "180.00", "10.00", power_wan_kwh="3.00")
    factories.monthly_figure(member, "2022-05", "150.00", "9.00", power_wan_kwh="4.00")
    factories.monthly_figure(member, "2021-06", "200.00", "12.00")
    factories.monthly_figure(over, "2022-06", "2500.00", "60.00")
    factories.monthly_figure(haian, "2022-06", "330.50", "11.25")
    factories.scale_event(haian, ScaleEvent.Kind.LISTED, "2022-06", entry_type="grown")
    PoolMembership.objects.create(
        programme=PROGRAMME, pool="scale_up", enterprise=member, tier="培育", edition=edition,
        since="2022-01-01", admitted_by=edition.loaded_by, updated_at="2022-01-01T00:00:00Z",
    )  # fmt: skip
    return {"member": member, "over": over, "haian": haian}


@pytest.fixture
def issue(city, staff):
    return close_month(programme=PROGRAMME, month=JUNE, actor=staff)


def url(name, *more):
    return reverse(f"cultivation:{name}", args=[PROGRAMME, JUNE, *more])


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def told(issue, user, **asked):
    return statistic_page(issue, user, Narrowing(**asked))


def test_the_statistics_and_the_month_table_tell_the_same_numbers(issue, staff):
    table, figures = month_table(issue=issue, user=staff), told(issue, staff)
    lines: list[tuple[MonthMeasures, object]] = [(table.total, figures.total)]
    rows = {row.value: row.line for row in figures.rows("region")}
    lines += [(line, rows[line.region_id]) for line in table.lines if line.region_id in rows]
    assert len(lines) == 3
    for month_line, line in lines:
        for ours, theirs in SHARED.items():
            assert getattr(month_line, ours) == line.number(theirs), ours


def test_over_the_line_unlisted_entries_members_and_industries_are_counted(issue, staff):
    figures = told(issue, staff)
    qidong = next(row.line for row in figures.rows("region") if row.value == "320681")
    assert (qidong.number("eligible"), qidong.number("member"), qidong.number("power")) == (1, 1, 3_00)
    by_industry = {row.name: row.line.number("revenue") for row in figures.rows("industry")}
    assert by_industry == {"34 通用设备制造业": 180_00, "17 纺织业": 2500_00, "未填行业": 330_50}
    by_tier = {row.name: row.line.number("firms") for row in figures.rows("tier")}
    assert by_tier == {"不在培育库": 2, "培育": 1}
    assert str(qidong.rate("revenue", "mom").ratio) == "0.2000"


def test_every_number_of_the_page_opens_exactly_its_firms(client, issue, staff):
    """待办数、表上数与点开的名单一致 — region by region, and for 合计."""
    client.force_login(staff)
    figures = told(issue, staff)
    lines = [("", figures.total), *((row.value, row.line) for row in figures.rows("region"))]
    # the city's documents say nothing of how risk is told: that is no 0
    assert figures.total.number("risk") is None
    assert client.get(url("statistic_rows", "risk")).status_code == 404
    assert "施行中的文件没有这项规则" in text_of(client.get(url("statistics")))
    for which, selection in STATISTIC_SELECTIONS.items():
        if which == "risk":
            continue
        for region, line in lines:
            page = client.get(url("statistic_rows", which) + (f"?region={region}" if region else ""))
            assert page.context["listed"].number == line.number(selection.number), (which, region)
    narrowed = client.get(url("statistic_rows", "revenue") + "?tier=2&industry=34")
    assert "启东试验甲厂" in text_of(narrowed)
    assert "启东试验乙厂" not in text_of(narrowed)
    assert client.get(url("statistic_rows", "nothing")).status_code == 404
    assert client.get(url("statistics") + "?tier=99").status_code == 404


def test_the_page_shows_growth_or_why_there_is_none(client, issue, staff):
    client.force_login(staff)
    page = text_of(client.get(url("statistics")))
    assert "−10.0" in page
    assert "+20.0" in page
    assert "没有两年同月都报数的企业" in page
    for by in ("tier", "industry"):
        assert client.get(url("statistics") + f"?by={by}").status_code == 200


def test_a_district_is_told_its_own_firms_and_sums_alone(client, issue):
    client.force_login(factories.user("district_officer", "320681"))
    page = text_of(client.get(url("statistics") + "?by=industry"))
    assert "未填行业" not in page
    assert "2,680.00" in page
    assert "3,010.50" not in page
    assert client.get(url("statistics") + "?region=320685").status_code == 404
    assert "海安试验丁厂" not in text_of(client.get(url("statistic_rows", "revenue")))


def test_an_issued_version_keeps_its_statistics_when_firms_change(issue, city, staff, leader):
    issue_month(issue=issue, actor=leader)
    before = IssueStatistics.objects.get(issue=issue).inputs_digest
    PoolMembership.objects.update(until="2022-07-01")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    assert IssueStatistics.objects.get(issue=issue).inputs_digest == before
    assert told(issue, staff).total.number("member") == 1


def test_a_draft_follows_the_pool_and_the_same_again_writes_nothing(issue, staff):
    first = IssueStatistics.objects.get(issue=issue)
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    assert IssueStatistics.objects.get(issue=issue).computed_at == first.computed_at
    PoolMembership.objects.update(until="2022-07-01")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    assert told(issue, staff).total.number("member") == 0


def test_the_page_asks_a_fixed_number_of_times(client, issue, city, staff, django_assert_num_queries):
    client.force_login(staff)
    client.get(url("statistics"))
    with CaptureQueriesContext(connection) as before:
        client.get(url("statistics"))
    for number in range(12):
        firm = factories.enterprise(f"如皋另外{number}厂", "320682", industry_code=f"{20 + number}11")
        factories.monthly_figure(firm, "2022-06", "10.00")
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    with django_assert_num_queries(len(before)):
        client.get(url("statistics"))


@pytest.mark.any_database
def test_where_two_months_are_told_together_board_workbook_brief_and_rest_say_so(client, staff, leader):
    """150 + 90 against 100 + 100: 20 % up in 1—2月, though February alone fell by 10 %."""
    part = "\ndispatch:\n  clause: 四、保障措施 4\n  january_with_february: true\n"
    load_edition(text=POLICY.read_text(encoding="utf-8") + part, actor=User.objects.system())
    firm = factories.enterprise("启东试验甲厂", "320681")
    for month, revenue in (("2021-01", "100"), ("2021-02", "100"), ("2022-01", "150"), ("2022-02", "90")):
        factories.monthly_figure(firm, month, revenue, "1")
    february = Month(2022, 2)
    issue = issue_month(issue=close_month(programme=PROGRAMME, month=february, actor=staff), actor=leader)
    client.force_login(staff)
    board = client.get(reverse("cultivation:month", args=[PROGRAMME, february])).content.decode()
    assert "1—2月同比" in board and "+20.0" in board and "−10.0" not in board
    book = client.get(reverse("cultivation:month_export", args=[PROGRAMME, february])).content
    sheet = openpyxl.load_workbook(io.BytesIO(book)).active
    place = [cell.value for cell in sheet[4]].index("1—2月同比%")
    assert {row[place] for row in sheet.iter_rows(min_row=5, max_row=15, values_only=True)} == {20, "—"}
    paper = MonthAnalysis.objects.get(issue=issue).text
    assert "1—2月营业收入240.00万元，同比增长20.0%。" in paper and "累计" not in paper.split("二、")[0]
    token = make_token(actor=staff, user=staff, region=staff.region, scopes=["months:read"], days=1)
    asked = {"programme": PROGRAMME, "month": "2022-02", "region": "320681"}
    headers = {"Authorization": f"Token {token}"}
    (row,) = client.get(reverse("api:months"), asked, headers=headers).json()["results"]
    assert (row["is_joint"], row["revenue_wan"], row["revenue_yoy"]) == (True, "90.00", "0.2000")
    told = client.get(reverse("api:statistics"), asked, headers=headers).json()
    assert (told["is_joint"], told["results"][0]["numbers"]["revenue"]) == (True, "240.00")
