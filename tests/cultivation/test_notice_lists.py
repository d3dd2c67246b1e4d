"""The lists of the notice (三.1, 四.4; 九), clause by clause: what a city's officers were promised of them."""

from __future__ import annotations

from datetime import date

import pytest

from core.models import AuditEntry, Role
from core.periods import Month
from cultivation.models import PoolMembership
from cultivation.services.pool_screening import screen_pool
from enterprises.models import AnnualFigure, DelistedEntry, Enterprise, SourceFigure
from enterprises.services.suspects import size_estimates, suspect_places, suspects_at
from intake.models import Batch, Issue
from intake.services.batches import check_batch, commit_batch, receive_upload
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.intake.uploads import workbook

pytestmark = pytest.mark.django_db
TAX = ["统一社会信用代码*", "企业名称*", "所属县区*", "年度*", "应税销售(万元)*"]
LEFT = ["统一社会信用代码*", "企业名称*", "所属县区*", "退统年度*", "退统原因"]


def department(name: str):
    return factories.user(Role.DEPARTMENT_OFFICER, "320600", department=name)


def sent(actor, sheet: str, headings, rows, period: str = "") -> Batch:
    batch = receive_upload(
        actor=actor, sheet=sheet, region=factories.region("320600"), period=period, as_of=date(2022, 3, 15),
        upload_name=f"{sheet}.xlsx", content=[workbook(*rows, headings=headings)],
    )  # fmt: skip
    return commit_batch(batch=check_batch(batch=batch, actor=actor), actor=actor)


def firms(count: int) -> list[Enterprise]:
    return [factories.enterprise(f"启东名单{number}机械有限公司") for number in range(count)]


def cells(firm: Enterprise) -> list[object]:
    return [firm.uscc, firm.name, "启东市"]


def test_s0_04_the_tax_list_loads_rows_outside_500_to_2000_are_flagged_and_boundary_values_kept(edition):
    sales = ["499.99", "500.00", "1200", "2000.00", "2000.01"]
    made = firms(5)
    rows = [[*cells(firm), 2021, amount] for firm, amount in zip(made, sales, strict=True)]
    batch = sent(department("tax"), "tax_list", TAX, rows, "2021")
    stored = dict(AnnualFigure.objects.values_list("enterprise", "taxable_sales_wan"))
    assert [stored[firm.pk] for firm in made] == [49999, 50000, 120000, 200000, 200001], (
        "the list loads, whole"
    )
    flagged = batch.issues.filter(code="OUTSIDE_LINE").order_by("row")
    assert [(issue.row, issue.cls) for issue in flagged] == [(2, "D"), (6, "D")]
    assert "“税务名单”的范围以外" in flagged[0].reason and "500" in flagged[0].reason
    assert "2,000" in flagged[1].reason
    (screening,) = screen_pool(programme=PROGRAMME, actor=factories.user(Role.BUREAU_STAFF, "320600"))
    named = PoolMembership.objects.current().filter(sources="tax_list")
    assert set(named.values_list("enterprise", flat=True)) == {firm.pk for firm in made[1:4]}
    assert screening.changes["admitted"] == 3


def test_s0_05_each_row_of_the_exit_list_carries_its_year_and_rows_older_than_three_years_are_flagged(
    edition,
):
    made = firms(4)
    years = [2018, 2019, 2020, 2021]
    rows = [[*cells(firm), year, "规模不达标"] for firm, year in zip(made, years, strict=True)]
    batch = sent(department("statistics"), "delisted", LEFT, rows)
    assert list(DelistedEntry.objects.order_by("year").values_list("year", flat=True)) == years
    (told,) = batch.issues.all()
    assert (told.row, told.code, told.cls) == (2, "OUTSIDE_LINE", "D")
    assert "“退统名单”的范围以外" in told.reason and "2019" in told.reason


def test_s0_06_one_enterprise_in_both_lists_is_one_record_with_two_source_marks(edition):
    """汇总筛选: the overlap, a conflict of names and an unmatched row are all shown."""
    both, only = firms(2)
    tax, statistics = department("tax"), department("statistics")
    sent(tax, "tax_list", TAX, [[*cells(both), 2021, "1200"], [*cells(only), 2021, "900"]], "2021")
    stranger = [factories.uscc(980), "启东名单以外五金厂", "启东市"]
    batch = sent(
        statistics,
        "delisted",
        LEFT,
        [[both.uscc, "启东旧名厂", "启东市", 2020, None], [*stranger, 2021, None]],
    )
    assert Enterprise.objects.filter(uscc=both.uscc).count() == 1
    told = {(issue.row, issue.code) for issue in batch.issues.all()}
    assert {(2, "NAME_DIFFERS"), (3, "FIRM_UNKNOWN")} <= told, "the conflict and the unmatched row"
    screen_pool(programme=PROGRAMME, actor=factories.user(Role.BUREAU_STAFF, "320600"))
    marks = dict(PoolMembership.objects.current().values_list("enterprise__uscc", "sources"))
    assert (marks[both.uscc], marks[only.uscc]) == ("tax_list+delisted", "tax_list")
    assert Enterprise.objects.get(uscc=stranger[0]).verification == Enterprise.Verification.PENDING


def test_s0_42_an_implausible_return_is_asked_and_who_changed_what_can_be_told(edition):
    officer = factories.user(full_name="陆小芸")
    firm = firms(1)[0]
    for month in ("2022-03", "2022-04"):
        factories.monthly_figure(firm, month, "100", "5")
    headings = [*TAX[:3], "统计月份", "营业收入(万元)", "实缴税金(万元)"]

    def returned(revenue: str) -> Batch:
        batch = receive_upload(
            actor=officer, sheet="monthly", region=factories.region(), period="2022-05", as_of=date(2022, 6, 8),
            upload_name=f"{revenue}.xlsx", content=[workbook([*cells(firm), "2022-05", revenue, "5"], headings=headings)],
        )  # fmt: skip
        return check_batch(batch=batch, actor=officer)

    odd = returned("1000000")
    assert odd.counts["blocked"] == 1 and Issue.objects.filter(batch=odd, cls="C").exists()
    commit_batch(batch=returned("110"), actor=officer)
    corrected = returned("112.5")
    (change,) = corrected.changes
    assert (change["old"], change["new"]) == ("110.00", "112.50")
    commit_batch(batch=corrected, actor=officer)
    trail = AuditEntry.objects.filter(act="commit_batch").order_by("pk")
    assert [(entry.actor, entry.counts["changed"]) for entry in trail] == [(officer, 0), (officer, 1)]


def test_s4_16_sizes_are_estimated_from_several_sources_with_a_score_and_a_list_of_suspects(edition):
    bureau = factories.user(Role.BUREAU_STAFF, "320600")
    large, small = firms(2)
    for month in ("2022-01", "2022-02", "2022-03"):
        factories.monthly_figure(large, month, "300")
        factories.monthly_figure(small, month, "20")
    line = 2000_00
    estimated = size_estimates(bureau, Month(2022, 3))
    (suspect,) = suspects_at(estimated, suspect_places(estimated, line), line)
    assert suspect.firm_id == large.pk, "the one that seems over the line, and no other"
    assert (suspect.reached, suspect.known) == (1, 1), "the score: signals over the line, of those known"
    (signal,) = suspect.signals
    assert (signal.label, signal.value, signal.is_over) == ("自报营业收入折年", 3600_00, True)
    assert "3 个月的数，合计 900.00 万元" in signal.basis
    # the tax bureau's word comes beside it, and the other firm's meters do not make it a suspect
    SourceFigure.objects.create(
        enterprise=large, period="2022-03", measure="taxable_sales", source="tax", value=250_00,
        region_id="320681", batch=factories.batch("department_list"),
    )  # fmt: skip
    estimated = size_estimates(bureau, Month(2022, 3))
    (suspect,) = suspects_at(estimated, suspect_places(estimated, line), line)
    assert (suspect.reached, suspect.known) == (2, 2)
