"""Every shape of an amount, worked through the same door as a clerk's cases: text in, verdicts out."""

from __future__ import annotations

from decimal import Decimal
from textwrap import dedent, indent

import pytest

from core.policies import UNKNOWN, read_document
from core.policies.cases import read_cases, work_cases

HEAD = """\
schema: 1
id: shapes-2022
title: 各种形式
locality: "000000"
issuer: unknown
number: unknown
issued_on: unknown
in_force: {from: unknown, until: unknown}
source: {document: 测试}
awards:
  clause: 一
"""


def document(rule: str, rest: str = ""):
    """A document with one rule ``r`` (or the rules given whole)."""
    rules = (
        rule
        if rule.lstrip().startswith("- id:")
        else f"- id: r\n  title: 奖补\n  recipient: enterprise\n{indent(dedent(rule), '  ')}"
    )
    text = HEAD + indent(dedent(rest), "  ") + "  rules:\n" + indent(dedent(rules), "    ")
    found, faults = read_document(text)
    assert not faults, [f"{fault.line} {fault.key} {fault.message}" for fault in faults]
    return found


def faults_of(rule: str, rest: str = "") -> list[str]:
    with pytest.raises(AssertionError) as caught:
        document(rule, rest)
    return [str(caught.value)]


def worked(doc, given: str):
    cases = f"policy: shapes-2022\ncases:\n  - name: 甲\n    part: awards\n    given:\n{indent(dedent(given), '      ')}\n"
    read, faults = read_cases(cases, doc)
    assert not faults, faults
    (result,) = work_cases(doc, read)
    assert not result.faults, result.faults
    return result.got


def amount_of(amount: str, facts: str, occasion: str = "{event: year_end}") -> Decimal:
    doc = document(f"occasion: {occasion}\namount: {amount}\n")
    return worked(doc, f"year: 2022\nrule: r\nfacts: {facts}")["amount"]


@pytest.mark.parametrize(
    ("amount", "facts", "yuan"),
    [
        ("{type: fixed, yuan: 5万元}", "{}", "50000"),
        ("{type: percent, base: 'main_revenue[year]', rate: 2‰}", "{main_revenue: {2022: 6亿元}}", "1200000"),
        # 333.33万元 × 1/3 = 1111100 元; a third is exact
        ("{type: percent, base: 'main_revenue[year]', rate: 1/3}", "{main_revenue: {2022: 333.33}}", "1111100"),
        # half a fen is rounded up, a whisker below it is not
        ("{type: formula, yuan: 'main_revenue[year] * 0.00005%'}", "{main_revenue: {2022: 10000}}", "50"),
        ("{type: percent, base: 'main_revenue[year] - main_revenue[year-1]', rate: 1%}", "{main_revenue: {2022: 90, 2021: 100}}", "0"),
        ("{type: marginal_rate, base: 'main_revenue[year]', bands: [{up_to: 100万元, rate: 1%}, {up_to: 500万元, rate: 2%}, {rate: 3%}]}",
         "{main_revenue: {2022: 600}}", "120000"),  # 1万 + 8万 + 3万
        ("{type: tier_rate, base: 'main_revenue[year]', steps: [{at_least: 100万元, rate: 1%}, {more_than: 500万元, rate: 2%}]}",
         "{main_revenue: {2022: 500}}", "50000"),
        ("{type: tier_rate, base: 'main_revenue[year]', steps: [{at_least: 100万元, rate: 1%}, {more_than: 500万元, rate: 2%}]}",
         "{main_revenue: {2022: 500.01}}", "100002"),
        ("{type: tier_rate, base: 'main_revenue[year]', on: 'staff[year]', steps: [{at_least: 10人, rate: 1%}]}",
         "{main_revenue: {2022: 100}, staff: {2022: 10}}", "10000"),
        ("{type: highest_of, of: [{type: fixed, yuan: 1000}, {type: percent, base: 'main_revenue[year]', rate: 1%}]}",
         "{main_revenue: {2022: 20}}", "2000"),
        ("{type: lowest_of, of: [{type: fixed, yuan: 1000}, {type: percent, base: 'main_revenue[year]', rate: 1%}]}",
         "{main_revenue: {2022: 20}}", "1000"),
        ("{type: per_unit, units: 'staff[year]', over: 10人, yuan: 500}", "{staff: {2022: 13}}", "1500"),
        ("{type: per_unit, units: 'staff[year]', each: 10人, yuan: 500}", "{staff: {2022: 29}}", "1000"),
        ("{type: per_unit, units: 'staff[year]', each: 10人, yuan: 500, count: exact}", "{staff: {2022: 29}}", "1450"),
        ("{type: tier_per_unit, units: 'staff[year]', steps: [{at_least: 1人, yuan: 100}, {at_least: 20人, yuan: 200}]}",
         "{staff: {2022: 20}}", "4000"),
    ],
)  # fmt: skip
def test_amounts(amount, facts, yuan):
    assert amount_of(amount, facts) == Decimal(yuan)


def test_what_is_not_known_is_not_paid_and_says_what_is_missing():
    doc = document(
        "occasion: {event: year_end}\namount: {type: percent, base: 'main_revenue[year]', rate: 1%}"
    )
    got = worked(doc, "year: 2022\nrule: r")
    assert (got["state"], got["amount"], got["reason"]) == ("held", UNKNOWN, "part")
    assert "main_revenue[2022]" in got["words"]


def test_a_base_is_told_where_the_rate_is_not_printed():
    """S0-36: base computed; rate is a parameter (not stated)."""
    doc = document(
        "occasion: {event: year_end}\n"
        "amount: {type: percent, base: 'tax_paid[year] - tax_paid[year-1]', rate: unknown}"
    )
    got = worked(doc, "year: 2022\nrule: r\nfacts: {tax_paid: {2022: 120.50, 2021: 100}}")
    assert (got["amount"], got["base"], got["reason"]) == (UNKNOWN, Decimal("205000"), "unprinted")
