"""docs/award-format.md is read as it stands: an example that no longer works is a fault of the page."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import indent

import pytest

from core.policies import read_document
from incentives.policy.amounts_reader import SHAPES
from tests.incentives.test_award_shapes import HEAD

PAGE = (Path(__file__).parents[2] / "docs/award-format.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.S) + re.findall(r"`(amount: \{.*?\})`", PAGE)
FACTS = """\
facts:
  vat_share: {label: 增值税, kind: amount, per: year, source: 税务}
  equipment_invest: {label: 设备投入, kind: amount, per: year, source: 企业}
  output: {label: 产值, kind: amount, per: year, source: 统计}
  financing_amount: {label: 融资额, kind: money, source: 金融}
  power_cost: {label: 电费, kind: amount, per: quarter, source: 供电}
  digital_core: {label: 数字核心, kind: flag, source: 统计}
  net_increase: {label: 净增, kind: count, unit: 家, per: year, source: 统计}
  trainees: {label: 人数, kind: count, unit: 人, source: 人社}
  monthly_rent: {label: 月租金, kind: money, source: 企业}
  invest: {label: 投资, kind: money, source: 企业}
  interest: {label: 利息, kind: money, source: 企业}
  strategic_emerging: {label: 战新, kind: flag, source: 统计}
  research_ratio: {label: 研发占比, kind: ratio, per: year, source: 统计}
  fraud: {label: 弄虚作假, kind: flag, source: 审计}
  power_used: {label: 用电量, kind: quantity, unit: 千瓦时, per: quarter, source: 供电}
  rent_price: {label: 租金单价, kind: quantity, unit: 元/㎡·月, source: 合同}
  floor_area: {label: 租用面积, kind: quantity, unit: ㎡, source: 合同}
  rent_months: {label: 租期, kind: count, unit: 个月, source: 合同}
  principal: {label: 本金, kind: amount, source: 银行}
  lpr: {label: 贷款市场报价利率, kind: ratio, source: 人行}
  loan_days: {label: 贷款天数, kind: count, unit: 天, source: 银行}
  insured: {label: 参保人数, kind: count, unit: 人, source: 人社}
  insured_months: {label: 参保月数, kind: count, unit: 个月, source: 人社}
  district_retained: {label: 区级留成, kind: amount, per: year, source: 财政}
"""
RULE = "    - id: {id}\n      title: 奖补\n      recipient: enterprise\n      occasion: {{event: listed}}\n"
FIXED = "      amount: {type: fixed, yuan: 60万元}\n"
OTHERS = ("giant", "provincial", "milestone", "team", "tech", "digital", "first-listing")


def whole(rule: str, part: str = "") -> str:
    """A document with one rule made of an example, and rules that examples of the whole part name."""
    head = HEAD.replace("awards:\n", FACTS + "awards:\n") + part + "  rules:\n"
    others = "".join(RULE.format(id=name) + FIXED for name in OTHERS).replace(
        "      title: 奖补\n", "      title: 奖补\n      area: 技术改造\n", 1
    )
    return head + RULE.format(id="r") + rule + others


def documents(block: str) -> list[str]:
    if block.startswith("schema:"):
        return [block]
    if block.startswith("awards:\n"):
        return [whole(FIXED, block.removeprefix("awards:\n"))]
    if block.startswith("amount:"):
        pieces = re.split(r"^(?=amount:)", block, flags=re.M)
        return [whole(indent(piece.rstrip() + "\n", "      ")) for piece in pieces if piece]
    if block.startswith("occasion:"):
        return [whole(indent(block, "      ") + FIXED).replace("      occasion: {event: listed}\n", "", 1)]
    parts = "      amount: {type: sum, parts: [{id: entry, title: 一, yuan: 60万元}]}\n"
    return [whole(indent(block, "      ") + (parts if "modifiers" in block else FIXED))]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.strip()[:40])
def test_an_example_of_the_page_is_read_without_a_fault(block):
    for text in documents(block):
        _document, faults = read_document(text)
        assert faults == []


def test_every_shape_has_its_example():

    assert [shape for shape in SHAPES if f"type: {shape}" not in PAGE] == []
