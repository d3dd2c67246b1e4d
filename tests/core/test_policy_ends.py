"""以上 and 以下 include their number, 超过 and 不足 do not; bands leave no firm between them."""

from __future__ import annotations

import pytest

from core.conditions import FactType, Kind, parse
from core.policies.ends import check_ends, gaps_between
from core.policies.nodes import Scalar

TYPES = {
    fact.name: fact
    for fact in (
        FactType("sales", "应税销售", Kind.AMOUNT, per=Kind.YEAR),
        FactType("growth", "增幅", Kind.RATIO),
        FactType("staff", "职工人数", Kind.COUNT, "人"),
        FactType("started", "投产年度", Kind.YEAR),
    )
}


def told(condition: str, wording: str) -> list[str]:
    faults = []
    check_ends(parse(condition, TYPES), wording, Scalar("when", 7, condition, plain=True), faults)
    return [fault.message for fault in faults]


@pytest.mark.parametrize(
    ("condition", "wording"),
    [
        ("sales[2021] >= 5000万元", "年主营业务收入达到5000万元及以上的企业"),
        ("not sales[2021] < 5000万元", "5000万元以上"),
        ("sales[2021] < 5000万元", "不足5000万元的"),
        ("sales[2021] > 0.5亿元", "超过5000万元的部分"),
        ("sales[2021] <= 2000万元", "2000万元以下（含）"),
        ("growth >= 10%", "增长10个百分点以上"),
        ("growth > 10%", "增长10%以上（不含10%）"),
        ("staff <= 20", "20人以下"),
        ("sales[2021] between 500万元 and 2000万元", "应税销售在500—2000万元"),
        # printed with both ends: nobody can tell from the words, whoever encodes decides
        ("sales[2021] >= 500万元 and sales[2021] < 1000万元", "500万元以上1000万元以下；1000万元以上……"),
        ("sales[2021] > 5000万元", "规模以上企业5000万元"),
    ],
)
def test_a_condition_that_keeps_to_its_wording(condition, wording):
    assert told(condition, wording) == []


@pytest.mark.parametrize(
    ("condition", "wording", "says"),
    [
        ("sales[2021] > 5000万元", "达到5000万元及以上", "条件写的是 sales[2021] > 5000万元"),
        ("sales[2021] > 0.5亿元", "5000万元以上", "应用 >= 或 <"),
        ("sales[2021] >= 5000万元", "超过5000万元", "应用 > 或 <="),
        ("sales[2021] < 2000万元", "2000万元以下", "应用 > 或 <="),
        ("sales[2021] <= 2000万元", "不足 2000 万元", "应用 >= 或 <"),
        ("growth > 10%", "增长１０％以上", "差在是否含本数"),
        ("sales[2021] >= 500万元 and staff > 80人", "500万元以上、80人以上", "staff > 80人"),
    ],
)
def test_a_condition_that_takes_the_other_end(condition, wording, says):
    (message,) = told(condition, wording)
    assert says in message


@pytest.mark.parametrize(
    ("bands", "gaps"),
    [
        (["sales[2021] >= 1500万元", "sales[2021] >= 1000万元", "sales[2021] < 1000万元"], []),
        (["sales[2021] > 1000万元", "sales[2021] < 1000万元"], ["1000万元"]),
        (["sales[2021] >= 1500万元", "sales[2021] < 1000万元"], ["1000万元至1499.99万元"]),
        (
            [
                "sales[year-1] >= 0.3亿元",
                "sales[year-1] between 1000万元 and 2000万元",
                "sales[year-1] < 500万元",
            ],
            ["500万元至999.99万元", "2000.01万元至2999.99万元"],
        ),
        (["started >= 2020", "started <= 2018"], ["2019年"]),
        (["growth >= 10%", "growth < 10%"], []),
        (["sales[2021] >= 1500万元", "staff < 100"], []),  # two facts: nothing can be told
        (["sales[2021] is known"], []),
    ],
)
def test_gaps_between_bands(bands, gaps):
    assert gaps_between([parse(band, TYPES) for band in bands]) == gaps
