"""Lists of unknown layout: what each column is taken for, from its heading and from what stands in it."""

from __future__ import annotations

import pytest

from enterprises.sheets import DepartmentList
from intake.rules.mapping import (
    Survey,
    dated_heading,
    normal_heading,
    remembered,
    stated_unit,
    survey_workbook,
)
from intake.rules.text import region_forms
from intake.workbooks.raw import RawSheet, RawWorkbook
from tests.intake.monthly_rows import REGIONS, code

MEASURES = DepartmentList().measures()


def survey(*rows, known=frozenset(), merges=(), more=()) -> Survey:
    sheets = [RawSheet("表一", rows=[list(row) for row in rows], merges=list(merges)), *more]
    found = survey_workbook(
        RawWorkbook(sheets, "xlsx"),
        MEASURES,
        region_forms(REGIONS),
        lambda names: {n for n in names if n in known},
    )
    assert found is not None
    return found


def taken(found: Survey) -> list[tuple[str, str]]:
    return [(choice.target, choice.unit) for _, choice in sorted(found.choices.items())]


def power_list(month="5月"):
    return [
        ["南通供电公司工业用户电量表"],
        ["序号", "户号", "户名", f"2022年{month}用电量", "1-5月累计", "同比%", "用电类别"],
        *([n, 1000 + n, f"启东第{n}号机械有限公司", 35000.5 + n, 170000, 3.2, "大工业"] for n in range(1, 6)),
    ]


def test_a_power_list_is_understood_and_what_is_guessed_is_said():
    found = survey(*power_list())
    assert (found.page, found.first, found.last) == ("表一", 2, 2)
    assert taken(found) == [
        ("", ""), ("", ""), ("name", ""), ("power", "千瓦时"), ("", ""), ("", ""), ("", ""),
    ]  # fmt: skip
    power = found.choices[4]
    assert not power.is_sure and "像是千瓦时" in power.why and "35,004" in power.why
    assert "累计" in found.choices[5].why and "同比" in found.choices[6].why
    assert found.columns[3].dated == "2022-05"


def test_codes_are_known_by_what_stands_in_them_whatever_the_heading():
    rows = [[code(n), "启东市", f"{1000 + n}.5"] for n in range(1, 6)]
    found = survey(["证照号", "属地", "计税销售额（万元）"], *rows)
    assert taken(found) == [("uscc", ""), ("region", ""), ("taxable_sales", "万元")]
    assert found.choices[1].is_sure


def test_codes_that_a_spreadsheet_made_numbers_are_still_the_code_column():
    rows = [[913206810000000000 + n, f"启东第{n}号五金厂", 12.5] for n in range(1, 6)]
    assert taken(survey(["代码", "名称", "入库税金(万元)"], *rows))[0] == ("uscc", "")


def test_names_are_known_by_the_registry_too():
    rows = [["老张工坊", 12], ["小李作坊", 13]]
    plain = ["甲方", "开票金额(元)"]
    assert taken(survey(plain, *rows))[0] == ("", "")
    assert taken(survey(plain, *rows, known={"老张工坊", "小李作坊"}))[0] == ("name", "")


def test_the_longest_name_of_a_measure_counts():
    found = survey(
        ["企业名称", "主营业务收入(万元)", "营业收入(万元)", "全部从业人员数(人)"], ["启东甲厂", 1, 2, 30]
    )
    assert taken(found)[1:] == [("main_revenue", "万元"), ("revenue", "万元"), ("staff", "人")]
    assert found.choices[2].is_sure


def test_money_far_too_large_for_wan_is_taken_for_yuan_and_asked():
    found = survey(["纳税人名称", "应税销售额"], *([f"启东第{n}号厂", 12_345_678.9] for n in range(5)))
    assert taken(found)[1] == ("taxable_sales", "元")
    assert not found.choices[2].is_sure


def test_twelve_months_beside_one_another_are_twelve_periods_of_one_measure():
    heading = ["企业名称", *(f"2022年{month}月" for month in range(1, 4))]
    found = survey(
        ["企业名称", "用电量(万千瓦时)", None, None], heading, ["启东甲厂", 1, 2, 3], ["启东乙厂", 4, 5, 6],
        merges=[(1, 1, 2, 1), (1, 2, 1, 4)],
    )  # fmt: skip
    assert taken(found)[1:] == [("power", "万千瓦时")] * 3
    assert [column.dated for column in found.columns[1:]] == ["2022-01", "2022-02", "2022-03"]


def test_other_sheets_with_rows_are_named():
    other = RawSheet("说明页", rows=[["名称", "数量"], ["x", 1]])
    assert survey(*power_list(), more=[other]).others == ["说明页"]


def test_a_file_without_any_table_is_none():
    book = RawWorkbook([RawSheet("一", rows=[["请各单位尽快报送"], [None]])], "xlsx")
    assert survey_workbook(book, MEASURES, {}, lambda names: set()) is None


@pytest.mark.parametrize(
    ("heading", "normal", "dated", "unit"),
    [
        ("2022年5月用电量（千瓦时）", "用电量(千瓦时)", "2022-05", "千瓦时"),
        ("5月份开票金额", "开票金额", "-05", ""),
        ("2021年度应税销售(万元)", "度应税销售(万元)", "2021", "万元"),
        ("2022-05 税金", "税金", "2022-05", ""),
        ("入库税金 单位：元", "入库税金单位:元", "", "元"),
        ("13月", "", "", ""),
    ],
)
def test_a_heading_is_split_into_what_when_and_unit(heading, normal, dated, unit):
    assert (normal_heading(heading), dated_heading(heading), stated_unit(heading)) == (normal, dated, unit)


def confirmed(found: Survey):
    return {c.normal: {"target": found.choices[c.number].target, "unit": "千瓦时"} for c in found.columns}


def test_a_confirmed_layout_is_known_again_next_month_and_in_another_order():
    layout = confirmed(survey(*power_list()))
    june = power_list("6月")
    june = [june[0], *([row[2], row[3], *row[:2], *row[4:]] for row in june[1:])]
    found = survey(*june)
    number, choices = remembered(found.columns, [(7, layout)])
    assert number == 7
    assert {n: c.target for n, c in choices.items() if c.target} == {1: "name", 2: "power"}


@pytest.mark.parametrize("change", ["new", "lost", "renamed", "double"])
def test_a_changed_layout_is_asked_again(change):
    layout = confirmed(survey(*power_list()))
    rows = power_list()
    for row in rows[1:]:
        heading = row is rows[1]
        if change == "new":
            row.append("容量" if heading else 315)
        elif change == "lost":
            del row[3]
        elif change == "renamed":
            row[3] = "电费" if heading else row[3]
        else:
            row.append("户名" if heading else "启东另一家")
    assert remembered(survey(*rows).columns, [(7, layout)]) is None
