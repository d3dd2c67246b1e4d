"""Closing and issuing a month, on rows: run again, replaced, a new version, who may issue, what is locked."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from core.management.house_command import UsageFault
from core.models import AuditEntry, Region, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import MonthlyIssue, RegionMonth
from cultivation.services.months import (
    MonthRefused,
    close_month,
    issue_month,
    month_block,
    month_table,
    ranking,
)
from enterprises.models import Enterprise, RegionSpell, ScaleEvent
from intake.services.locks import month_locks
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME

JUNE = Month(2022, 6)
PINGDINGSHAN = POLICY.parents[1] / "pingdingshan/pingdingshan-2022.yaml"
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(edition):
    """启东: two firms reported, one silent; 海安: one newly listed; figures of last June to compare with."""
    qidong = [factories.enterprise(f"启东试验{name}厂", "320681") for name in "甲乙丙"]
    haian = factories.enterprise("海安试验丁厂", "320685")
    factories.monthly_figure(qidong[0], "2022-06", "220.00", "10.00")
    factories.monthly_figure(qidong[0], "2021-06", "200.00")
    factories.monthly_figure(qidong[1], "2022-06", "0")
    factories.monthly_figure(haian, "2022-06", "330.50", "11.25")
    factories.scale_event(haian, ScaleEvent.Kind.LISTED, "2022-02", entry_type="grown")
    return {"qidong": qidong, "haian": haian}


def close(actor: User, month: Month = JUNE) -> MonthlyIssue:
    return close_month(programme=PROGRAMME, month=month, actor=actor)


def line(issue: MonthlyIssue, code: str) -> RegionMonth:
    return RegionMonth.objects.select_related("issue").get(issue=issue, region=code)


def test_a_month_has_a_line_for_each_of_the_ten_regions(city, staff):
    issue = close(staff)
    assert issue.lines.count() == 10
    qidong = line(issue, "320681")
    assert (qidong.firms, qidong.reporting, qidong.zero_reports, qidong.silent) == (3, 2, 1, 1)
    assert qidong.revenue_yoy == Decimal("0.1000")
    haian = line(issue, "320685")
    assert (haian.newly_listed, haian.newly_listed_ytd, haian.above_scale_total) == (0, 1, 1)
    assert (haian.target, haian.rank) == (130, 1)
    assert haian.attainment == Decimal("0.0077")


def test_the_same_inputs_change_nothing(city, staff):
    first = close(staff)
    entries = AuditEntry.objects.filter(act="close_month").count()
    again = close(staff)
    assert (again.pk, again.closed_at) == (first.pk, first.closed_at)
    assert AuditEntry.objects.filter(act="close_month").count() == entries == 1


def test_changed_inputs_replace_the_draft(city, staff):
    first = close(staff)
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    second = close(staff)
    assert (second.pk, second.version) == (first.pk, 1)
    assert second.inputs_digest != first.inputs_digest
    assert second.lines.count() == 10
    assert line(second, "320681").silent == 0


def test_after_issue_changed_inputs_make_a_new_version_beside_the_frozen_one(city, staff, leader):
    issued = issue_month(issue=close(staff), actor=leader)
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    draft = close(staff)
    assert (draft.version, draft.state) == (2, "draft")
    issued.refresh_from_db()
    assert issued.is_frozen
    assert (line(issued, "320681").silent, line(draft, "320681").silent) == (1, 0)


def test_issued_and_unchanged_stays_the_issued_one(city, staff, leader):
    issued = issue_month(issue=close(staff), actor=leader)
    assert close(staff).pk == issued.pk


def test_who_closed_a_month_does_not_issue_it(city, staff):
    with pytest.raises(MonthRefused, match="两个人"):
        issue_month(issue=close(staff), actor=staff)


def test_a_draft_is_not_issued_when_figures_came_after_it(city, staff, leader):
    issue = close(staff)
    factories.monthly_figure(city["qidong"][2], "2022-06", "1.00")
    with pytest.raises(MonthRefused, match="重新统计"):
        issue_month(issue=issue, actor=leader)


def test_a_month_is_issued_once(city, staff, leader):
    issue = close(staff)
    issue_month(issue=issue, actor=leader)
    with pytest.raises(MonthRefused, match="已经印发"):
        issue_month(issue=issue, actor=leader)


def test_issuing_locks_the_lists_of_the_city_and_its_districts_closing_does_not(city, staff, leader):
    issue = close(staff)
    qidong, city_region = Region.objects.get(pk="320681"), Region.objects.get(pk="320600")
    assert not month_locks("monthly", qidong)
    issue_month(issue=issue, actor=leader)
    assert set(month_locks("monthly", qidong)) == {JUNE}
    assert set(month_locks("listed", city_region)) == {JUNE}
    assert not month_locks("registry", qidong)


def test_a_month_that_has_not_begun_and_an_unknown_programme_are_refused(edition, staff):
    with pytest.raises(MonthRefused, match="还没有开始"):
        close(staff, Month(2999, 1))
    with pytest.raises(MonthRefused, match="没有施行中的方案"):
        close_month(programme="nowhere-2022", month=JUNE, actor=staff)


def test_a_firm_that_moves_counts_once_by_the_region_of_each_date(edition, staff):
    firm = factories.enterprise("迁址试验厂", "320681")
    RegionSpell.objects.filter(enterprise=firm).update(until=date(2022, 6, 14))
    RegionSpell.objects.create(enterprise=firm, region_id="320685", since=date(2022, 6, 15))
    Enterprise.objects.filter(pk=firm.pk).update(region="320685")
    may, june = close(staff, Month(2022, 5)), close(staff)
    assert (line(may, "320681").firms, line(may, "320685").firms) == (1, 0)
    assert (line(june, "320681").firms, line(june, "320685").firms) == (0, 1)


def test_a_firm_assessed_by_the_city_itself_does_not_fall_out_of_the_sum(city, staff):
    factories.monthly_figure(factories.enterprise("市直试验厂", "320600"), "2022-06", "9.00")
    issue = close(staff)
    assert issue.lines.count() == 11
    assert month_block(issue)["reporting"] == 4


def test_years_without_a_target_have_no_rank(edition, staff):
    issue = close(staff, Month(2021, 6))
    assert {(row.target, row.rank) for row in issue.lines.all()} == {(None, None)}


def test_a_district_sees_its_own_line_and_its_sum_is_that_line(city, staff):
    issue = close(staff)
    table = month_table(issue=issue, user=factories.user("district_officer", "320681"))
    assert [row.region_id for row in table.lines] == ["320681"]
    assert (table.total.firms, table.total.target) == (3, 150)


def test_the_block_of_the_summary(city, staff):
    block = month_block(close(staff))
    ranking_rows = block.pop("ranking")
    assert block == {
        "reporting": 3,
        "silent": 1,
        "revenue_wan": "550.50",
        "revenue_yoy": "0.1000",
        "newly_listed_ytd": 1,
        "delisted_ytd": 0,
        "net_added_ytd": 1,
    }
    assert ranking_rows[0] == {
        "region": "海安市", "target": 130, "newly_listed": 1, "attainment": "0.0077", "schedule_gap": "-0.4923",
    }  # fmt: skip
    assert [row["region"] for row in ranking_rows[1:4]] == ["如皋市", "如东县", "启东市"]
    assert len(ranking_rows) == 10


def test_ranking_is_by_rank_then_by_the_official_order(city, staff):
    table = month_table(issue=close(staff), user=staff)
    assert [row.rank for row in ranking(table.lines)] == [1, *[2] * 9]


def test_a_changed_policy_makes_a_new_draft_on_its_figures(city, staff):
    first = close(staff)
    text = (
        POLICY.read_text(encoding="utf-8")
        .replace("海安市: [130", "海安市: [131")
        .replace("[1000, 1000", "[1001, 1000")
    )
    text = text.replace("amount: 3000", "amount: 3001")
    load_edition(text=text, actor=User.objects.system())
    second = close(staff)
    assert second.inputs_digest != first.inputs_digest
    assert line(second, "320685").target == 131


def test_the_command_prints_the_block_and_nothing_else(city):
    out = StringIO()
    call_command("close_month", PROGRAMME, "2022-06", json=True, stdout=out)
    assert json.loads(out.getvalue()) == month_block(MonthlyIssue.objects.get())
    assert MonthlyIssue.objects.get().closed_by.username == "system"


def test_the_command_may_issue_what_it_closed(city):
    call_command("close_month", PROGRAMME, "2022-06", issue=True, stdout=StringIO())
    assert MonthlyIssue.objects.get().is_frozen
    call_command("close_month", PROGRAMME, "2022-06", issue=True, stdout=StringIO())
    assert MonthlyIssue.objects.count() == 1


@pytest.mark.parametrize(
    "words", [("nowhere-2022", "2022-06"), (PROGRAMME, "2022-13"), (PROGRAMME, "2999-01")]
)
def test_usage_faults_of_the_command(edition, words):
    with pytest.raises(UsageFault):
        call_command("close_month", *words, stdout=StringIO())


def test_closing_reads_a_fixed_number_of_times(city, staff, django_assert_max_num_queries):
    for number in range(30):
        firm = factories.enterprise(f"启东另外{number}厂", "320681")
        factories.monthly_figure(firm, "2022-06", "10.00")
    with django_assert_max_num_queries(40):
        close(staff)


@pytest.mark.parametrize(
    ("role", "region", "may"),
    [
        ("bureau_staff", "320600", True),
        ("bureau_staff", "410400", False),
        ("district_officer", "320681", False),
        ("api_client", "320600", False),
    ],
)
def test_a_command_closes_as_who_may_close(edition, role, region, may):
    load_edition(text=PINGDINGSHAN.read_text(encoding="utf-8"), actor=User.objects.system())
    person = factories.user(role, region)
    words = {"as_user": person.username, "stdout": StringIO()}
    if may:
        call_command("close_month", PROGRAMME, "2022-06", **words)
    else:
        with pytest.raises(UsageFault, match="不能统计"):
            call_command("close_month", PROGRAMME, "2022-06", **words)
    assert MonthlyIssue.objects.filter(closed_by=person).exists() is may


def test_a_command_issues_as_the_leader(edition, staff, leader):
    close(staff)
    with pytest.raises(UsageFault, match="不能印发"):
        call_command("close_month", PROGRAMME, "2022-06", issue=True, as_user=staff.username)
    call_command("close_month", PROGRAMME, "2022-06", issue=True, as_user=leader.username, stdout=StringIO())
    assert MonthlyIssue.objects.get(month=JUNE).issued_by == leader
