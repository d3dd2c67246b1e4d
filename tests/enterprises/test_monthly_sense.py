"""Whether a month's figures make sense, alone and against the firm's own months."""

from __future__ import annotations

import random

import pytest

from core.amounts import to_hundredths
from core.periods import Month
from enterprises.rules.monthly import MONTHLY_SPEC, LastFigure, judge_monthly
from intake.rules.reading import Frame

COLUMNS = ("revenue_wan", "tax_paid_wan", "taxable_sales_wan", "power_wan_kwh")


JUNE = Month(2022, 6)


def return_of(*firms: tuple, month: Month = JUNE) -> Frame:
    """Firms A, B, … as ``(revenue, tax[, 应税销售[, 用电量]])`` in 万元 as text; None is an empty cell."""
    frame = Frame(MONTHLY_SPEC, "Sheet1", rows=list(range(2, len(firms) + 2)), notes=[""] * len(firms))
    for place, key in enumerate(COLUMNS):
        written = [firm[place] if place < len(firm) else None for firm in firms]
        frame.columns[key] = [None if text is None else to_hundredths(text) for text in written]
    frame.columns["uscc"] = [chr(65 + i) for i in range(len(firms))]
    frame.columns["name"] = [f"启东{i}厂" for i in range(len(firms))]
    frame.columns["month"] = [month] * len(firms)
    frame.raw = {key: [str(value) for value in values] for key, values in frame.columns.items()}
    frame.headings = {
        column.key: (place, column.heading) for place, column in enumerate(MONTHLY_SPEC.columns, 2)
    }
    return frame


def before(
    revenue: str | None,
    tax: str | None = None,
    mean: str | None = None,
    ytd: str | None = None,
    tax_ytd: str | None = None,
) -> LastFigure:
    return LastFigure(
        *(None if text is None else to_hundredths(text) for text in (revenue, tax, mean, ytd, tax_ytd))
    )


def told(frame: Frame, **history: LastFigure) -> list[tuple[int | None, str | None, str, str]]:
    judge_monthly(frame, history)
    return [(fault.row, fault.column, fault.cls, fault.code) for fault in frame.faults]


REVENUE, TAX, POWER = "营业收入(万元)", "实缴税金(万元)", "用电量(万千瓦时)"
SLIP = (2, REVENUE, "C", "UNIT_SLIP")


def test_negative_sales_must_be_mended_and_a_tax_refund_is_fine():
    frame = return_of(("-5", "1"), ("560", "-3.21"), ("0", "0"))
    assert told(frame) == [(2, REVENUE, "A", "REVENUE_NEGATIVE")]


@pytest.mark.parametrize(
    "firm",
    [
        ("5600000", "12"),  # 560万元 filled in 元
        ("50000", "0.10"),  # 5万元 filled in 元
        ("1500000", "30000"),  # both in 元: more than any firm of the city
        ("0.06", "12"),  # 560万元 filled in 亿元
        ("5600000", "200000", "560"),  # against 应税销售
        ("1000000", "20000"),  # 100亿元, however much tax
        ("100000", "9.99"),  # 10亿元 and less than 1 in 10,000 of tax
        ("5000", "0.04"),  # 5,000万元 and less than 1 in 100,000
        ("0.03", "1"),  # from 1万元 of tax on
    ],
)
def test_unit_slips_without_history(firm):
    assert told(return_of(firm)) == [SLIP]


@pytest.mark.parametrize(
    "firm",
    [
        ("560", "12"),
        ("400000", "8000"),
        ("120000", "60"),
        ("15000", "0"),
        ("0", "0.5"),
        ("5", "5.5"),
        ("60", "0.01"),
        ("560", "12", "10"),
        ("560", "12", "0"),  # 应税销售 of 0 is nothing to compare with
        ("100000", "10"),
        ("5000", "0.05"),
    ],
)
def test_ordinary_figures_are_not_asked_about(firm):
    assert told(return_of(firm)) == []


def test_tax_above_sales_needs_a_note():
    assert told(return_of(("100", "120"), ("0", "8"))) == [
        (2, TAX, "B", "TAX_ABOVE_REVENUE"),
        (3, TAX, "B", "TAX_ABOVE_REVENUE"),
    ]


@pytest.mark.parametrize("figure", ["5600000", "0.06"])
def test_unit_slips_against_the_months_before_both_ways(figure):
    assert told(return_of((figure, "0")), A=before("550", "12", "540")) == [SLIP]


def test_a_giant_near_its_own_months_is_not_asked():
    assert told(return_of(("1200000", "20")), A=before("1100000", "20", "1150000")) == []


@pytest.mark.parametrize(("figure", "way"), [("2800", "高于上月五倍"), ("100", "不到上月五分之一")])
def test_a_jump_says_which_way(figure, way):
    frame = return_of((figure, None))
    told(frame, A=before("550", mean="540"))
    assert [way in str(fault) for fault in frame.faults] == [True]


def test_a_list_whose_middle_firm_is_a_giant_is_in_another_unit():
    frame = return_of(*[(f"{80_000 + n}", "2000") for n in range(12)])
    assert {code for *_, code in told(frame)} == {"UNIT_SLIP"} and len(frame.faults) == 12


@pytest.mark.parametrize(
    ("figure", "last", "mean", "code"),
    [
        ("2800", "550", "540", "REVENUE_JUMP"),
        ("2700", "550", "540", None),
        ("2750", "550", "540", None),  # five times is not more than five times
        ("110", "550", "540", None),
        ("100", "550", "540", "REVENUE_JUMP"),
        ("0", "550", "540", "REVENUE_JUMP"),
        ("550", "100", "540", None),
        ("99", "10", "10", None),
        ("0.10", "100", "100", "UNIT_SLIP"),  # 100万元 is no small firm any more
        ("2800", "550", None, "REVENUE_JUMP"),
    ],
)
def test_jumps_beyond_five_times_and_away_from_the_mean(figure, last, mean, code):
    expected = [] if code is None else [(2, REVENUE, "C", code)]
    assert told(return_of((figure, "0")), A=before(last, None, mean)) == expected


def test_cumulative_sales_with_cumulative_tax():
    history = before("500", "10", "500", ytd="2500", tax_ytd="50")
    assert told(return_of(("3000", "60")), A=history) == [(2, REVENUE, "C", "CUMULATIVE")]
    assert told(return_of(("1200", "60")), A=history) == []
    february = return_of(("1100", "20"), month=Month(2022, 2))
    assert told(february, A=before("500", "10", "500", ytd="500", tax_ytd="10")) == [], "too early to tell"
    unread = return_of(("3000", "60"), (None, "60"))
    unread.columns["month"][0] = None
    assert told(unread, A=history, B=history) == [(2, REVENUE, "C", "REVENUE_JUMP")]


def test_a_whole_list_filled_with_sums_and_one_firm_that_grew():
    history = before("500", "10", "500", ytd="1000")
    march = Month(2022, 3)
    summed = return_of(*[("1500", "10")] * 4, month=march)
    assert [code for *_, code in told(summed, A=history, B=history, C=history, D=history)] == [
        "CUMULATIVE"
    ] * 4
    grown = return_of(("1500", "10"), *[("500", "10")] * 3, month=march)
    assert told(grown, A=history, B=history, C=history, D=history) == []


def test_tax_and_power_in_another_unit():
    assert told(return_of(("500", "120000")), A=before("500", "12", "500")) == [(2, TAX, "C", "UNIT_SLIP")]
    assert told(return_of(("500", "10", None, "300000"), ("500", "10", None, "50"))) == [
        (2, POWER, "C", "UNIT_SLIP")
    ]


@pytest.mark.parametrize(("tax", "last"), [("120", None), ("120", "0"), ("0", "120"), (None, "120")])
def test_tax_is_compared_with_a_month_that_had_some(tax, last):
    assert told(return_of(("500", tax)), A=before("500", last, "500")) == []


def test_a_name_that_differs_from_the_register_is_hinted_at():
    judged = return_of(*[("500", "10")] * 4)
    judged.columns["name"][3] = None
    names = ("启东0厂", "启东甲厂", "启东２厂", "启东3厂")
    history = {key: LastFigure(name=name) for key, name in zip("ABCD", names, strict=True)}
    assert told(judged, **history) == [(3, "企业名称", "D", "NAME_DIFFERS")]


def test_ordinary_heavy_tailed_months_are_hardly_asked_about():
    """3,000 firms over a spread of sizes, months that swing by a third: at most one row in two hundred is asked."""
    chance = random.Random(20220601)
    firms, history = [], {}
    for i in range(3000):
        size, swing = chance.lognormvariate(5.7, 1.4), chance.choice([0.15, 0.25, 0.35, 0.5])
        months = [size * chance.lognormvariate(0, swing) for _ in range(6)]
        share = min(chance.lognormvariate(-3.5, 0.8), 0.5)
        firms.append((f"{months[5]:.2f}", f"{months[5] * share:.2f}" if chance.random() > 0.08 else "0"))
        mean, ytd = sum(months[:5]) / 5, sum(months[:5])
        figures = (months[4], months[4] * share, mean, ytd, ytd * share)
        history[f"F{i}"] = before(*(f"{figure:.2f}" for figure in figures))
    for known in (history, {}):
        frame = return_of(*firms)
        frame.columns["uscc"] = list(history)
        assert len(told(frame, **known)) <= 15
