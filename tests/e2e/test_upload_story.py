"""Story 1: a district officer fills in the template, mends what is marked, commits, and finds the figure."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
import pytest
from django.utils import timezone

from core.jobs import work_all
from core.periods import Month
from enterprises.models import Enterprise, MonthlyFigure
from intake.rules.faults import ANNOTATION_HEADING
from tests import factories

pytestmark = pytest.mark.browser
RED = "FFC7CE"
FIRMS = 12
LATIN = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture
def last_month() -> Month:
    return Month.of(timezone.localdate()) - 1


@pytest.fixture
def firms(house, last_month) -> list[Enterprise]:
    """Twelve firms of 启东市 that have reported the month before."""
    made = [factories.enterprise(f"启东试验{n}号机械有限公司", "320681") for n in range(1, FIRMS + 1)]
    for n, firm in enumerate(made, 1):
        factories.monthly_figure(firm, last_month - 1, f"{1000 + n}.00", "20.00")
    return made


def columns_of(page) -> dict[str, int]:
    return {str(cell.value).rstrip("*"): cell.column for cell in page[1] if cell.value}


def fill_in(path: Path) -> dict[str, object]:
    """True figures in every row, then five faults of five kinds; what ought to stand in each spoilt cell, by place."""
    book = openpyxl.load_workbook(path)
    page = book.active
    at = columns_of(page)
    for row in range(2, FIRMS + 2):
        page.cell(row, at["营业收入(万元)"], 1100.5 + row)
        page.cell(row, at["实缴税金(万元)"], 21.25)
    code = str(page.cell(2, at["统一社会信用代码"]).value)
    spoilt = {
        (2, "统一社会信用代码"): code[:-1] + ("A" if code[-1] != "A" else "B"),
        (4, "所属县区"): "启冬市",
        (6, "营业收入(万元)"): "无",
        (8, "统计月份"): "2022-13",
        (10, "实缴税金(万元)"): "约21万",
    }
    truth = {}
    for (row, heading), wrong in spoilt.items():
        cell = page.cell(row, at[heading])
        truth[cell.coordinate] = cell.value
        cell.value = wrong
    book.save(path)
    return truth


def red_cells(path: Path) -> set[str]:
    page = openpyxl.load_workbook(path).active
    return {
        cell.coordinate for row in page.iter_rows() for cell in row if str(cell.fill.fgColor.rgb)[-6:] == RED
    }


def mend(path: Path, truth: dict[str, object]) -> None:
    book = openpyxl.load_workbook(path)
    for place in red_cells(path):
        book.active[place].value = truth[place]
    book.save(path)


def test_an_officer_mends_five_faults_and_commits(sit_down, firms, last_month, tmp_path):
    person = sit_down(factories.user("district_officer", "320681", full_name="顾晓岚"))
    page = person.page

    with person.within_budget("send a monthly list"):
        person.goes_to("上传报表")
        blank = person.saves("下载模板", tmp_path)
        truth = fill_in(blank)
        person.choose_file(blank)
        person.presses("上传并校验")
        page.get_by_text("等待校验").wait_for()
        assert work_all() == 1
        page.get_by_role("heading", name="校验问题").wait_for()

    # all five, with row and column, in plain Chinese, on one page
    told = {
        row.locator("td").nth(2).inner_text(): [cell.strip() for cell in row.locator("td").all_inner_texts()]
        for row in page.locator("#h-issues")
        .locator("xpath=ancestor::section")
        .locator("tbody tr:not(.sum)")
        .all()
    }
    assert set(told) == set(truth)
    for place, (_, row, _, firm, value, reason, cure, _) in told.items():
        assert row == re.sub(r"\D", "", place)
        assert firm.startswith("启东试验")
        assert value and reason and cure
        assert not LATIN.search(reason + cure)
    assert len({cells[5] for cells in told.values()}) == 5
    assert page.get_by_role("button", name="提交入库").first.is_disabled()
    assert not MonthlyFigure.objects.filter(month=last_month).exists()

    with person.within_budget("mend it and send it again"):
        marked = person.saves("下载标注文件", tmp_path)
        assert red_cells(marked) == set(truth)
        assert ANNOTATION_HEADING in columns_of(openpyxl.load_workbook(marked).active)
        mend(marked, truth)
        person.goes_to("重新上传")
        person.choose_file(marked)
        person.presses("上传并校验")
        page.get_by_text("等待校验").wait_for()
        assert work_all() == 1
        page.get_by_text("校验通过").first.wait_for()
        person.presses(f"提交入库 {FIRMS} 行")
        page.get_by_text(f"已入库 {FIRMS} 行").first.wait_for()
    assert MonthlyFigure.objects.filter(month=last_month).count() == FIRMS

    with person.within_budget("find a firm's figure"):
        page.get_by_label("查找企业").fill(firms[4].uscc)
        page.get_by_label("查找企业").press("Enter")
        person.goes_to(firms[4].name)
        page.get_by_role("heading", name=firms[4].name).wait_for()
    figure = MonthlyFigure.objects.get(enterprise=firms[4], month=last_month)
    shown = page.locator(
        "#t-months tbody tr", has=page.get_by_role("rowheader", name=f"{last_month.month}月", exact=True)
    )
    assert f"{figure.revenue_wan / 100:,.2f}" in shown.inner_text()
