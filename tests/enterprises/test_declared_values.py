"""补充数据: what documents declare is asked for by a sheet of its own, kept with its source, found by conditions."""

from __future__ import annotations

from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from core.conditions import FactKey, FactType, Kind
from core.facts import load_frame
from core.models import Region, Role, User
from core.periods import Month
from core.services.policies import load_edition
from enterprises.models import DeclaredValue
from enterprises.rules.declared import (
    PeriodColumn,
    fact_column,
    fact_values,
    kind_of_period,
    read_value,
    shown_fact,
)
from intake.rules.columns import Cells
from intake.rules.findings import Finding
from intake.services.batches import check_batch, commit_batch, receive_upload
from intake.services.sheet_types import sheet_type
from intake.services.templates import make_template
from tests import factories
from tests.enterprises.lists import firm_cells, send

FACTS = """\
schema: 1
id: {id}
title: 补充数据示例
locality: "{locality}"
issuer: 市人民政府
number: 示例〔2022〕1号
issued_on: 2022-01-01
in_force: {{from: 2022-01-01, until: null}}
source: {{document: 示例〔2022〕1号}}
facts:
  {prefix}full_load: {{label: 连续满负荷生产, kind: flag, per: quarter, source: 工信部门认定, clause: 正文 二}}
  {prefix}loans: {{label: 贷款余额增量, kind: amount, per: year, source: 人行}}
  {prefix}rating: {{label: 信用等级, kind: text, words: [A, B, C], source: 税务}}
  {prefix}steam: {{label: 蒸汽用量, kind: quantity, unit: 吨, places: 3, per: month, source: 供热企业}}
  {prefix}share: {{label: 研发占比, kind: ratio, per: year, source: 统计}}
"""


def cells(unit=None):
    return Cells([], unit, None, lambda i, finding: None)  # type: ignore[arg-type]


def fact(kind: Kind, unit: str = "", places: int = -1, words: tuple[str, ...] = ()) -> FactType:
    return FactType("f", "数据", kind, unit, places, words=words)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (fact(Kind.FLAG), "√", "是"),
        (fact(Kind.FLAG), "无", "否"),
        (fact(Kind.AMOUNT), "1,234.565", "1234.57"),
        (fact(Kind.AMOUNT), "0.5亿元", "5000"),
        (fact(Kind.AMOUNT), -3, "-3"),
        (fact(Kind.MONEY), "1.2万元", "12000"),
        (fact(Kind.QUANTITY, "吨", 3), "12.3456", "12.346"),
        (fact(Kind.QUANTITY, "吨标煤"), "1万吨标煤", "10000"),
        (fact(Kind.RATIO), "9.99%", "9.99"),
        (fact(Kind.RATIO), 9.99, "9.99"),
        (fact(Kind.COUNT), "12", "12"),
        (fact(Kind.DATE), "2022年3月1日", "2022-03-01"),
        (fact(Kind.MONTH), "202205", "2022-05"),
        (fact(Kind.QUARTER), "2022年第三季度", "2022Q3"),
        (fact(Kind.YEAR), "2022年", "2022"),
        (fact(Kind.TEXT, words=("A", "B")), "A", "A"),
        (fact(Kind.TAGS, words=("高企", "小巨人")), "高企，小巨人；高企", "高企、小巨人"),
    ],
)
def test_a_cell_is_kept_in_one_canonical_form(kind, written, kept):
    assert read_value(written, kind, cells()) == kept


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (fact(Kind.FLAG), "大概", "FLAG_TEXT"),
        (fact(Kind.COUNT), "1.5", "NUMBER_FRACTION"),
        (fact(Kind.AMOUNT), "很多", "NUMBER_TEXT"),
        (fact(Kind.TEXT, words=("A", "B")), "D", "CHOICE"),
        (fact(Kind.TAGS, words=("高企",)), "高企、巨人", "CHOICE"),
        (fact(Kind.QUARTER), "2022", "QUARTER_TEXT"),
        (fact(Kind.DATE), "2022-02-30", "DATE_IMPOSSIBLE"),
        (fact(Kind.AMOUNT), "1e15", "NUMBER_SCIENTIFIC"),
    ],
)
def test_a_cell_that_is_none_of_its_kind_is_told(kind, written, code):
    found = read_value(written, kind, cells())
    assert isinstance(found, Finding) and found.code == code and found.cure


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2022", "2022"),
        (2022, "2022"),
        ("2022年3季度", "2022Q3"),
        ("2022-05", "2022-05"),
        ("202205", "2022-05"),
    ],
)
def test_a_period_is_a_year_a_quarter_or_a_month(written, kept):
    assert PeriodColumn().read(written, cells()) == kept
    assert kind_of_period(kept) is {4: Kind.YEAR, 6: Kind.QUARTER, 7: Kind.MONTH}[len(kept)]


def test_kept_texts_become_the_columns_that_conditions_read():
    ratio = fact_values(fact(Kind.RATIO), ["9.99", None])
    assert (ratio.values.tolist(), ratio.known.tolist()) == ([99900, 0], [True, False])
    assert fact_values(fact(Kind.AMOUNT), ["1234.5"]).values.tolist() == [123450]
    assert fact_values(fact(Kind.FLAG), ["是", "否"]).values.tolist() == [True, False]
    quarters = fact_values(fact(Kind.QUARTER), ["2022Q3", "2022", "2022Q4"])
    assert quarters.known.tolist() == [True, False, True]
    assert quarters.values[2] - quarters.values[0] == 1
    tags = fact_values(fact(Kind.TAGS), ["甲、乙", "乙"])
    assert (tags.words, tags.values.tolist()) == (("甲", "乙"), [[True, True], [False, True]])


def test_what_a_fact_can_no_longer_mean_is_unknown():
    """The name was an amount; now it is a flag, a date, an amount with fewer places."""
    for kind, text in (
        (Kind.FLAG, "12.5"),
        (Kind.DATE, "12.5"),
        (Kind.AMOUNT, "12.345"),
        (Kind.AMOUNT, "是"),
    ):
        assert fact_values(fact(kind), [text]).known.tolist() == [False]


def test_the_unit_stands_in_the_heading_and_behind_the_value():
    assert fact_column(fact(Kind.QUANTITY, "吨", 3)).heading == "数据(吨)"
    assert shown_fact("1234.5", fact(Kind.AMOUNT)) == "1,234.5 万元"
    assert shown_fact("9.99", fact(Kind.RATIO)) == "9.99%"
    assert shown_fact("是", fact(Kind.FLAG)) == "是"
    assert shown_fact("12", fact(Kind.COUNT, "个")) == "12", "a count is counted without saying so"
    assert shown_fact("12", fact(Kind.COUNT, "人")) == "12 人"
    assert shown_fact("12", fact(Kind.QUANTITY, "个")) == "12 个"


# ---- in the house

pytestmark_db = pytest.mark.django_db
QIDONG = "320681"


def declare(id_="nantong-facts", locality="320600", prefix=""):
    text = FACTS.format(id=id_, locality=locality, prefix=prefix)
    return load_edition(text=text, actor=User.objects.system())


@pytest.fixture
def firm(nantong):
    declare()
    return factories.enterprise()


def kept():
    return set(DeclaredValue.objects.values_list("fact", "period", "value"))


def of(name, firm, per=None, ordinal=None):
    key = FactKey(name, per, ordinal)
    column = load_frame([key], enterprises=[firm.pk]).columns[str(key)]
    return column.values.tolist()[0] if column.known[0] else None


@pytestmark_db
def test_the_sheet_asks_for_exactly_what_is_declared_for_the_region(firm):
    Region.objects.create(code="410400", name="平顶山市", kind="city", path="410400/")
    declare("pds-facts", "410400", "pds_")
    headings = [
        column.heading for column in sheet_type("declared").spec_for(factories.region(QIDONG)).columns
    ]
    assert headings == [
        "统一社会信用代码", "企业名称", "所属县区", "期间",
        "连续满负荷生产", "贷款余额增量(万元)", "信用等级", "蒸汽用量(吨)", "研发占比(%)",
    ]  # fmt: skip


@pytestmark_db
def test_values_come_in_by_period_and_conditions_find_them(firm):
    sent = send(
        "declared",
        [
            {**firm_cells(firm), "期间": "2022Q1", "连续满负荷生产": "是"},
            {
                **firm_cells(firm),
                "期间": "2021",
                "贷款余额增量(万元)": "120.5",
                "信用等级": "B",
                "研发占比(%)": "3.5%",
            },
            {**firm_cells(firm), "期间": "2022-05", "蒸汽用量(吨)": "1.2345"},
        ],
    )
    assert sent.told == []
    assert sent.take()["new"] == 5
    assert kept() == {
        ("full_load", "2022Q1", "是"),
        ("loans", "2021", "120.5"),
        ("rating", "", "B"),
        ("share", "2021", "3.5"),
        ("steam", "2022-05", "1.235"),
    }
    assert of("full_load", firm, Kind.QUARTER, 2022 * 4) is True
    assert of("full_load", firm, Kind.QUARTER, 2022 * 4 + 1) is None
    assert of("loans", firm, Kind.YEAR, 2021) == 12050
    assert of("steam", firm, Kind.MONTH, 2022 * 12 + 4) == 1235
    assert of("share", firm, Kind.YEAR, 2021) == 35000
    rating = load_frame([FactKey("rating")], enterprises=[firm.pk]).columns["rating"]
    assert rating.words[rating.values[0]] == "B"


@pytestmark_db
def test_a_value_in_the_wrong_period_is_told_in_its_own_words(firm):
    sent = send(
        "declared", [{**firm_cells(firm), "期间": "2022", "连续满负荷生产": "是", "贷款余额增量(万元)": "1"}]
    )
    assert sent.told == [(2, "A", "PERIOD_KIND")]
    assert "2022Q3" in sent.fault("PERIOD_KIND").cure
    sent = send("declared", [{**firm_cells(firm), "期间": "去年", "贷款余额增量(万元)": "1"}])
    assert sent.told == [(2, "A", "PERIOD_TEXT")]


@pytestmark_db
def test_a_fact_without_periods_has_one_value_a_firm(firm):
    rows = [
        {**firm_cells(firm), "期间": period, "信用等级": level}
        for period, level in (("2021", "A"), ("2022", "B"))
    ]
    assert send("declared", rows).told == [(3, "A", "VALUE_TWICE")]


@pytestmark_db
def test_an_empty_cell_says_nothing_and_the_same_again_changes_nothing(firm):
    row = {**firm_cells(firm), "期间": "2021", "贷款余额增量(万元)": "120.5", "研发占比(%)": "3.5"}
    send("declared", [row]).take()
    again = send("declared", [row])
    assert (again.preview.new, again.preview.changed, again.preview.same) == (0, 0, 2)
    better = send("declared", [row | {"贷款余额增量(万元)": "130", "研发占比(%)": None}])
    (change,) = better.preview.changes
    assert (change.heading, change.old, change.new) == ("贷款余额增量 2021", "120.5 万元", "130 万元")
    better.take()
    assert kept() == {("loans", "2021", "130"), ("share", "2021", "3.5")}


@pytestmark_db
def test_a_value_under_another_unit_is_not_taken_for_this_one(firm):
    send("declared", [{**firm_cells(firm), "期间": "2022-05", "蒸汽用量(吨)": "5"}]).take()
    text = FACTS.format(id="nantong-facts", locality="320600", prefix="").replace("unit: 吨,", "unit: 千克,")
    load_edition(text=text, actor=User.objects.system())
    assert of("steam", firm, Kind.MONTH, 2022 * 12 + 4) is None


@pytestmark_db
def test_a_fact_nobody_declares_is_an_error_and_one_without_values_is_unknown(firm):
    assert of("loans", firm, Kind.YEAR, 2019) is None
    with pytest.raises(KeyError):
        load_frame([FactKey("profit_of_the_moon")], enterprises=[firm.pk])


@pytestmark_db
def test_loading_costs_the_same_few_queries_for_any_number_of_firms(firm, django_assert_num_queries):
    firms = [firm, *(factories.enterprise() for _ in range(5))]
    for one in firms:
        send("declared", [{**firm_cells(one), "期间": "2021", "贷款余额增量(万元)": "1"}]).take()
    keys = [FactKey("loans", Kind.YEAR, 2021), FactKey("share", Kind.YEAR, 2021)]
    for count in (1, 6):
        with django_assert_num_queries(4):
            load_frame(keys, enterprises=[one.pk for one in firms[:count]])


@pytestmark_db
def test_without_declared_facts_the_sheet_says_so(nantong):
    sent = send("declared", [firm_cells(factories.enterprise())])
    assert [(cls, code) for _, cls, code in sent.told] == [("A", "NO_FACTS")]


@pytestmark_db
def test_the_prefilled_sheet_goes_out_comes_back_and_stands_on_the_firms_page(firm, client, tmp_path):
    officer = factories.user(Role.DISTRICT_OFFICER, QIDONG)
    region, sheet = factories.region(QIDONG), sheet_type("declared")
    path = tmp_path / "补充数据.xlsx"
    path.write_bytes(make_template(user=officer, sheet=sheet, region=region, period=None))
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    assert page["A2"].value == firm.uscc
    page["D2"], page["F2"] = "2021", 88.5
    book.save(path)
    batch = receive_upload(
        actor=officer, sheet=sheet, region=region, period="", as_of=Month(2022, 7).first_day,
        upload_name=path.name, path=path,
    )  # fmt: skip
    commit_batch(batch=check_batch(batch=batch, actor=officer), actor=officer)
    assert kept() == {("loans", "2021", "88.5")}
    client.force_login(officer)
    text = client.get(reverse("enterprises:detail", args=[firm.pk])).content.decode()
    for told in ("补充数据", "贷款余额增量", "88.5 万元", "人行", "工信部门", str(batch)):
        assert told in text
    assert Decimal(of("loans", firm, Kind.YEAR, 2021)) == 8850


@pytestmark_db
def test_a_department_brings_what_it_knows_under_its_own_name(firm):
    tax = factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax")
    sheet = sheet_type("declared")
    assert sheet.may_send(tax) and sheet.department_of(tax) == "tax"
    assert not sheet.may_send(factories.user(Role.DEPARTMENT_OFFICER, "320600"))
