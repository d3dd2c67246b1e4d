"""来源对照 and 疑似达规: sources beside one another, conflicts open until somebody decides, each signal with its basis."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import numpy as np
import openpyxl
import pytest
from django.urls import reverse

from core.amounts import to_hundredths
from core.conditions import FactKey, Kind
from core.facts import load_frame
from core.models import AuditEntry, Role
from core.periods import Month
from enterprises.models import SourceFigure, SourceSetting
from enterprises.rules.estimate import Firms, Sums, annualised, over, sales_estimate, scaled_estimate
from enterprises.rules.sources import NOTHING, settled, spreads
from enterprises.services.source_settings import set_source, settled_for
from enterprises.services.sources import source_table, sources_of_firm, values_by_source
from enterprises.services.suspects import size_estimates, suspect_places, suspects_at
from tests import factories

LINE = to_hundredths(2000)


def known(*rows):
    cells = np.array([[0 if cell is None else cell for cell in row] for row in rows], dtype=np.int64)
    return cells, np.array([[cell is not None for cell in row] for row in rows])


# ---- rules


@pytest.mark.parametrize(
    ("row", "apart"),
    [
        ((100, 95), 500),
        ((100, 95, 120), 2083),
        ((100, None), NOTHING),
        ((0, 0), 0),
        ((-50, 50), 20000),
        ((10**12, 0), 10000),
    ],
)
def test_how_far_sources_lie_apart_is_told_of_the_larger_size(row, apart):
    assert spreads(*known(row)).tolist() == [apart]


def test_a_conflict_is_settled_by_an_order_or_not_at_all():
    values, is_known = known((100, 90), (100, 99), (None, 70), (None, None))
    apart = spreads(values, is_known)
    value, source = settled(values, is_known, [], apart, 200)
    assert (value.tolist(), source.tolist()) == ([0, 100, 70, 0], [-1, 0, 1, -1])
    value, source = settled(values, is_known, [1, 0], apart, 200)
    assert (value.tolist(), source.tolist()) == ([90, 99, 70, 0], [1, 1, 1, -1])


def sums(total, months):
    return Sums(np.array(total, dtype=np.int64), np.array(months, dtype=np.int64))


def test_five_months_are_scaled_to_twelve_and_people_are_a_mean():
    assert annualised(sums([95000, 0, 1], [5, 0, 7])).tolist() == [228000, 0, 2]
    assert annualised(sums([10000, 500], [4, 1]), is_stock=True).tolist() == [2500, 500]


def test_an_industry_needs_five_firms_to_compare_with():
    """Five firms above the line earn 10, 20, 30, 40, 50 万元 a 万千瓦时: the median is 30."""
    above = np.array([True] * 5 + [False, False])
    earned = sums([1000, 2000, 3000, 4000, 5000, 0, 0], [12] * 5 + [0, 0])
    power = sums([100] * 5 + [7000, 7000], [12] * 7)
    division = np.array([34] * 5 + [34, 35])
    found = scaled_estimate(power, earned, Firms(above, division))
    assert found.known.tolist() == [True] * 6 + [False], "another industry has no firms to compare with"
    assert (found.value[5], found.ratio[5], found.peers[5]) == (210000, 30_000_000, 5)
    four = scaled_estimate(power, earned, Firms(above & (np.arange(7) > 0), division))
    assert not four.known.any()


@pytest.mark.parametrize(
    ("power", "earned", "above", "division", "known"),
    [
        (50, 1000, True, 34, True),
        (0, 1000, True, 34, False),
        (50, 0, True, 34, False),
        (50, 1000, False, 34, False),
        (50, 1000, True, 0, False),
    ],
)
def test_who_lacks_power_sales_the_line_or_an_industry_is_nobody_to_compare_with(
    power, earned, above, division, known
):
    """Four firms use 50万千瓦时 in six months and earn 2000万元 in twelve; with a fifth such firm there are enough."""
    firms = Firms(np.array([True] * 4 + [above, False]), np.array([34] * 4 + [division, 34]))
    found = scaled_estimate(
        sums([50] * 4 + [power, 7000], [6] * 5 + [12]), sums([2000] * 4 + [earned, 0], [12] * 5 + [0]), firms
    )
    assert bool(found.known[5]) is known
    assert found.value[5] == (140_000 if known else 0)
    nowhere = Firms(firms.above_scale, np.zeros(6, np.int64))
    assert not scaled_estimate(sums([50] * 6, [6] * 6), sums([2000] * 6, [12] * 6), nowhere).known.any()


def test_signals_over_the_line_are_counted_among_those_that_could_be_made():
    signals = {
        "tax": sales_estimate(sums([2000, 1999], [12, 12])),
        "power": sales_estimate(sums([2500, 0], [12, 0])),
    }
    reached, known = over(signals, 2000)
    assert (reached.tolist(), known.tolist()) == ([2, 0], [2, 1])


def test_sales_that_nobody_stated_are_unknown_not_zero():
    assert sales_estimate(sums([0, 0], [3, 0])).known.tolist() == [True, False]


# ---- in the house

db = pytest.mark.django_db
MAY = "2022-05"


def stated(firm, measure, period, value, source="tax"):
    batch = factories.batch("department_list", "320600", department=source)
    return SourceFigure.objects.create(
        enterprise=firm, measure=measure, period=period, source=source, value=to_hundredths(value),
        region=firm.region, batch=batch,
    )  # fmt: skip


@pytest.fixture
def bureau(nantong):
    return factories.user(Role.BUREAU_STAFF, "320600")


@pytest.fixture
def firm(nantong):
    firm = factories.enterprise("启东对照机械有限公司")
    factories.monthly_figure(firm, MAY, "100", "5", taxable_sales_wan="100", power_wan_kwh="3", staff=20)
    stated(firm, "taxable_sales", MAY, "90")
    stated(firm, "power", MAY, "3.00", "power")
    stated(firm, "staff", MAY, "20", "labour")
    return firm


def settle(user, kind, value, measure="", since=date(2022, 1, 1), region="320600"):
    return set_source(
        actor=user, kind=kind, measure=measure, region=factories.region(region), since=since, value=value,
        reason="市统计联席会议纪要",
    )  # fmt: skip


@db
def test_each_source_keeps_its_own_number_and_people_are_compared_as_people(firm, bureau):
    assert values_by_source(bureau, "taxable_sales", MAY) == {
        "self": {firm.pk: 10000},
        "tax": {firm.pk: 9000},
    }
    assert values_by_source(bureau, "staff", MAY) == {"self": {firm.pk: 2000}, "labour": {firm.pk: 2000}}


@db
def test_a_year_of_own_returns_is_twelve_months_or_nothing(nantong, bureau):
    firm = factories.enterprise()
    for month in range(1, 12):
        factories.monthly_figure(firm, f"2021-{month:02d}", "10")
    factories.annual_figure(firm, 2021, revenue_wan="121")
    assert set(values_by_source(bureau, "revenue", "2021")) == {"survey"}
    factories.monthly_figure(firm, "2021-12", "10")
    (line,) = source_table(user=bureau, measure="revenue", period="2021").lines
    assert (line.values, line.apart) == ((12000, 12100), Decimal(82) / 10000)


@db
def test_a_conflict_stays_open_until_a_bureau_says_which_source_counts(firm, bureau):
    (line,) = source_table(user=bureau, measure="taxable_sales", period=MAY).lines
    assert (line.is_conflict, line.apart, line.chosen) == (True, Decimal("0.1"), None)
    settle(bureau, "precedence", ["tax", "self"], "taxable_sales")
    (line,) = source_table(user=bureau, measure="taxable_sales", period=MAY).lines
    assert (line.is_conflict, line.chosen, line.chosen_source) == (True, 9000, "tax")


@db
def test_a_tolerance_closes_small_differences_from_its_day_on(firm, bureau):
    settle(bureau, "tolerance", "10", since=date(2022, 6, 1))
    assert source_table(user=bureau, measure="taxable_sales", period=MAY).conflicts == 1
    settle(bureau, "tolerance", "10")
    assert source_table(user=bureau, measure="taxable_sales", period=MAY).lines == []
    table = source_table(user=bureau, measure="taxable_sales", period=MAY, only_conflicts=False)
    assert [(line.is_conflict, line.chosen) for line in table.lines] == [(False, 10000)]


@db
def test_what_a_district_settles_goes_before_its_city(firm, bureau):
    settle(bureau, "line", "2000")
    settle(bureau, "line", "500", region="320681")
    day = date(2022, 7, 1)
    assert settled_for(factories.region("320681"), day).line == to_hundredths(500)
    assert settled_for(factories.region("320600"), day).line == LINE
    assert settled_for(factories.region("320600"), date(2021, 7, 1)).line is None
    assert AuditEntry.objects.filter(act="set_source").count() == 2


@db
def test_a_firms_page_shows_sources_side_by_side_in_the_same_few_queries(
    firm, bureau, client, django_assert_num_queries
):
    with django_assert_num_queries(4):
        lines = sources_of_firm(firm, bureau)
    assert {(line.label, line.is_conflict) for line in lines} == {
        ("应税销售", True), ("用电量", False), ("从业人员", False)
    }  # fmt: skip
    client.force_login(bureau)
    text = client.get(reverse("enterprises:detail", args=[firm.pk])).content.decode()
    assert "各来源对照" in text and "税务部门" in text and "90.00" in text


@db
def test_the_list_is_exported_as_it_stands(firm, bureau, client):
    client.force_login(bureau)
    query = {"measure": "taxable_sales", "period": MAY}
    page = client.get(reverse("enterprises:sources"), query).content.decode()
    assert "启东对照机械有限公司" in page and "待定" in page and ">10.0<" in page
    book = client.get(reverse("enterprises:sources_export"), query)
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert rows[2][:9] == (1, firm.uscc, firm.name, "启东市", 100, 90, 10, None, None)


@db
@pytest.mark.parametrize(
    ("sent", "words"),
    [
        ({"kind": "precedence", "measure": "", "value": "税务部门"}, "请选择指标"),
        ({"kind": "precedence", "measure": "tax", "value": "税务部门、月亮"}, "没有“月亮”这个来源"),
        ({"kind": "tolerance", "value": "很小"}, "请填写数字"),
        ({"kind": "tolerance", "value": "101"}, "0—100"),
        ({"kind": "line", "value": "0"}, "应大于 0"),
        ({"kind": "line", "value": "2000", "reason": ""}, "请写明依据"),
    ],
)
def test_a_setting_that_makes_no_sense_is_told(bureau, client, sent, words):
    client.force_login(bureau)
    form = {"region": "320600", "since": "2022-01-01", "reason": "纪要", "measure": ""} | sent
    assert words in client.post(reverse("enterprises:source_settings"), form).content.decode()
    assert not SourceSetting.objects.exists()


@db
def test_a_setting_is_added_in_the_browser_and_stays_on_the_page(bureau, client):
    client.force_login(bureau)
    form = {
        "kind": "precedence", "measure": "power", "region": "320600", "since": "2022-01-01",
        "value": "供电公司、自报月报", "reason": "市供电公司数据共享协议",
    }  # fmt: skip
    text = client.post(reverse("enterprises:source_settings"), form, follow=True).content.decode()
    assert "供电公司 → 自报月报" in text and "市供电公司数据共享协议" in text


# ---- 疑似达规


@pytest.fixture
def town_of_firms(nantong):
    """Five firms above the line earning 30 万元 a 万千瓦时, one below it that uses 7 万千瓦时 a month."""
    for _ in range(5):
        peer = factories.enterprise(above_scale=True)
        for month in (1, 2):
            factories.monthly_figure(peer, f"2022-{month:02d}", "300", "15", power_wan_kwh="10", staff=100)
    small = factories.enterprise("启东疑似五金有限公司")
    for month in (1, 2):
        factories.monthly_figure(small, f"2022-{month:02d}", "50", "1", power_wan_kwh="7", staff=10)
        stated(small, "taxable_sales", f"2022-{month:02d}", "180")
    return small


@db
def test_each_signal_stands_with_its_number_and_basis(town_of_firms, bureau):
    estimated = size_estimates(bureau, Month(2022, 2))
    (one,) = suspects_at(estimated, suspect_places(estimated, LINE), LINE)
    told = {signal.label: (signal.value, signal.is_over) for signal in one.signals}
    assert told == {
        "税务应税销售折年": (216000, True),
        "自报营业收入折年": (60000, False),
        "按用电量估算": (252000, True),
        "按税收估算": (24000, False),
        "按从业人员估算": (36000, False),
    }
    assert (one.firm_id, one.reached, one.known) == (town_of_firms.pk, 2, 5)
    basis = {signal.label: signal.basis for signal in one.signals}
    assert "2 个月的数，合计 360.00 万元，按 12 个月折算" in basis["税务应税销售折年"]
    assert (
        "自报" in basis["按用电量估算"]
        and "5 家规上企业" in basis["按用电量估算"]
        and "30.00 万元" in basis["按用电量估算"]
    )


@db
def test_a_departments_word_goes_before_the_firms_own(town_of_firms, bureau):
    for month in (1, 2):
        stated(town_of_firms, "power", f"2022-{month:02d}", "2", "power")
    estimated = size_estimates(bureau, Month(2022, 2))
    (one,) = suspects_at(estimated, suspect_places(estimated, LINE), LINE)
    power = next(signal for signal in one.signals if signal.label == "按用电量估算")
    assert power.value == 72000 and "供电公司" in power.basis


@db
def test_a_signal_and_a_region_narrow_the_list(town_of_firms, bureau):
    estimated = size_estimates(bureau, Month(2022, 2))
    assert len(suspect_places(estimated, LINE, signal="power")) == 1
    assert suspect_places(estimated, LINE, signal="staff") == []
    assert suspect_places(estimated, LINE, only=set()) == []
    assert suspect_places(estimated, to_hundredths(99999)) == []


@db
def test_the_estimates_cost_the_same_few_queries_for_any_number_of_firms(
    town_of_firms, bureau, django_assert_num_queries
):
    with django_assert_num_queries(4):
        size_estimates(bureau, Month(2022, 2))


@db
def test_without_a_line_nobody_is_suspected_and_with_one_the_page_and_the_export_agree(
    town_of_firms, bureau, client
):
    client.force_login(bureau)
    assert "还没有设定规上线" in client.get(reverse("enterprises:suspects")).content.decode()
    settle(bureau, "line", "2000")
    page = client.get(reverse("enterprises:suspects")).content.decode()
    assert "启东疑似五金有限公司" in page and "2/5" in page and "2,520.00" in page
    book = client.get(reverse("enterprises:suspects_export"))
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.values)
    assert {(row[5], row[6], row[7]) for row in rows[2:7]} == {
        ("税务应税销售折年", 2160, "是"), ("自报营业收入折年", 600, "否"), ("按用电量估算", 2520, "是"),
        ("按税收估算", 240, "否"), ("按从业人员估算", 360, "否"),
    }  # fmt: skip


@db
def test_screening_may_ask_for_an_estimate(town_of_firms):
    key = FactKey("size_by_power", Kind.YEAR, 2022)
    column = load_frame([key], enterprises=[town_of_firms.pk]).columns[str(key)]
    assert (column.values.tolist(), column.known.tolist()) == ([252000], [True])


@db
def test_a_district_sees_its_own_firms_only(town_of_firms, bureau, firm):
    other = factories.user(Role.DISTRICT_OFFICER, "320623")
    assert len(size_estimates(other, Month(2022, 2)).ids) == 0
    assert suspect_places(size_estimates(other, Month(2022, 2)), LINE) == []
    assert values_by_source(other, "taxable_sales", MAY) == {}
