"""税务名单, 退统名单, 年度数据: sources stand side by side."""

import pytest

from core.models import User
from enterprises.models import AnnualFigure, DelistedEntry, Enterprise
from intake.services.sheet_types import sheet_type
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db


def test_the_tax_list_is_kept_beside_what_districts_collect(nantong):
    firm = factories.enterprise()
    send(
        "annual", [{**firm_cells(firm), "年度": "2021", "应税销售(万元)": "1500", "自有用地(亩)": "3.4"}]
    ).take()
    sent = send(
        "tax_list",
        [{**firm_cells(firm), "年度": "2021", "应税销售(万元)": "2000"}],
        region="320600",
        period="2021",
    )
    assert sent.take()["new"] == 1
    by_source = {figure.source: figure for figure in AnnualFigure.objects.all()}
    assert by_source["survey"].taxable_sales_wan == 150000
    assert by_source["tax"].taxable_sales_wan == 200000
    assert by_source["survey"].land_own_mu == 340
    assert by_source["tax"].land_own_mu is None


def test_amounts_outside_the_band_are_not_this_lists_question(nantong):
    firm = factories.enterprise()
    for sales in ("499.99", "500", "2000", "2000.01"):
        assert (
            send("tax_list", [{**firm_cells(firm), "年度": "2021", "应税销售(万元)": sales}], "320600").told
            == []
        )


def test_how_old_an_exit_may_be_is_not_this_lists_question(nantong):
    firm = factories.enterprise()
    rows = [
        {**firm_cells(firm), "退统年度": year, "退统原因": "规模不达标"} for year in ("2018", "2019", "2021")
    ]
    sent = send("delisted", rows, region="320600", as_of="2022-03-15")
    assert sent.told == []
    assert sent.take()["new"] == 3
    assert list(DelistedEntry.objects.values_list("year", flat=True)) == [2018, 2019, 2021]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("tax_list", {"年度": "2021", "应税销售(万元)": "800"}),
        ("delisted", {"退统年度": "2021"}),
        ("annual", {"年度": "2021", "税收(万元)": "12.5"}),
    ],
)
def test_unknown_firms_are_taken_as_pending(nantong, name, cells):
    sent = send(name, [{**firm_cells(uscc=factories.uscc(901)), **cells}], region="320600")
    assert sent.told == [(2, "D", "FIRM_UNKNOWN")]
    assert sent.preview.unknown == 1
    assert sent.take()["unknown"] == 1
    assert Enterprise.objects.get().verification == Enterprise.Verification.PENDING


def test_a_correction_of_one_quantity_is_told_and_the_rest_stays(nantong):
    firm = factories.enterprise()
    first = {**firm_cells(firm), "年度": "2021", "税收(万元)": "12.5", "综合能耗(吨标煤)": "30"}
    send("annual", [first]).take()
    again = send("annual", [{**firm_cells(firm), "年度": "2021", "税收(万元)": "13.5"}])
    assert [(c.heading, c.old, c.new) for c in again.preview.changes] == [("税收(万元)", "12.50", "13.50")]
    again.take()
    figure = AnnualFigure.objects.get()
    assert (figure.tax_wan, figure.energy_tce) == (1350, 3000)


HEADINGS = {
    "registry": "统一社会信用代码*, 企业名称*, 所属县区*, 乡镇(园区), 行政区划, 行业代码, 成立日期, 投产日期, 企业状态, "
    "登记注册类型, 注册资本(万元), 联系人, 联系电话",
    "listed": "统一社会信用代码*, 企业名称*, 所属县区*, 变动(在库/入库/退库)*, 月份*, 审批库年度*, 入库类型, 退库原因",
    "monthly": "统一社会信用代码*, 企业名称*, 所属县区*, 统计月份*, 营业收入(万元)*, 实缴税金(万元)*, 应税销售(万元), "
    "用电量(万千瓦时), 从业人员(人), 入库日期",
    "tax_list": "统一社会信用代码*, 企业名称*, 所属县区*, 年度*, 应税销售(万元)*",
    "delisted": "统一社会信用代码*, 企业名称*, 所属县区*, 退统年度*, 退统原因",
    "annual": "统一社会信用代码*, 企业名称*, 所属县区*, 年度*, 自有用地(亩), 租入用地(亩), 租出用地(亩), 税收(万元), "
    "应税销售(万元), 营业收入(万元), 主营业务收入(万元), 工业增加值(万元), 综合能耗(吨标煤), 用电量(万千瓦时), "
    "主要污染物排放量(吨), 年平均职工人数(人), 研发经费(万元)",
}


@pytest.mark.parametrize("name", HEADINGS)
def test_headings_are_the_agreed_ones(name):
    columns = sheet_type(name).spec.columns
    assert ", ".join(column.heading + "*" * column.required for column in columns) == HEADINGS[name]


@pytest.mark.parametrize(
    ("name", "department"),
    [
        ("registry", "industry"),
        ("monthly", "industry"),
        ("annual", "industry"),
        ("listed", "statistics"),
        ("delisted", "statistics"),
        ("tax_list", "tax"),
    ],
)
def test_each_list_has_its_duty_department(name, department):
    sheet = sheet_type(name)
    assert sheet.duty == department
    officer = User(role="department_officer", department=department)
    stranger = User(role="department_officer", department="power")
    assert sheet.may_send(officer)
    assert not sheet.may_send(stranger)
