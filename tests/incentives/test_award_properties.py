"""Properties over 100,000 random amounts: whatever is shared, cut or stacked, not a fen is lost or made."""

from __future__ import annotations

import ast
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from core.amounts import LIMIT, AmountOutOfRange
from core.conditions import Column, Frame
from incentives.policy.awards import Rounding
from incentives.rules.awarding import rounded
from incentives.rules.codes import ALREADY_AWARDED, CONDITION_FAILED, EXCLUDED, NOT_FIRST_EVENT, NOTHING_DUE
from incentives.rules.fact_rows import spread
from incentives.rules.history import FirstTimes
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Candidates, Occasions
from incentives.rules.reckoning import FINE, guarded, times
from incentives.rules.scopes import Scoped, filled
from incentives.rules.sentences import refusal_code_words
from incentives.rules.settling import _pro_rata, settle
from incentives.rules.shares import share_out
from incentives.rules.verdicts import Refusal
from tests.incentives.test_award_shapes import document

COUNT = 100_000
RANDOM = np.random.default_rng(20220524)
FENS = RANDOM.integers(0, 10**11, COUNT)


def test_shares_sum_to_the_whole():
    for shares in (
        [Fraction(1, 3)] * 3,
        [Fraction(7, 11), Fraction(4, 11)],
        [Fraction(1, 1000), Fraction(999, 1000)],
    ):
        for last in (False, True):
            parts = share_out(FENS, shares, last_takes_rest=last)
            assert (parts.sum(axis=1) == FENS).all()
            assert (parts >= 0).all()
            exact = FENS[:, None] * np.array([float(share) for share in shares])
            assert (abs(parts - exact) <= len(shares)).all()


def test_a_cap_holds_in_every_scope_and_is_used_up_before_anything_is_cut():
    codes = RANDOM.integers(0, 20_000, COUNT)
    cap = np.full(COUNT, 2 * 10**11)
    granted = filled(FENS, cap, codes)
    sums, before = np.bincount(codes, granted), np.bincount(codes, FENS)
    assert (granted <= FENS).all()
    assert (sums == np.minimum(before, 2 * 10**11)).all()


def test_a_budget_shared_pro_rata_is_spent_to_the_fen():
    total = int(FENS.sum())
    budget = total * 3 // 7
    granted = _pro_rata(FENS, budget, total)
    assert int(granted.sum()) == budget
    assert (granted <= FENS).all()


def test_a_product_beyond_64_bits_is_exact_and_an_amount_beyond_the_range_is_refused():
    """1亿元 × 1.0001 passes 63 bits on the way in 1/10,000 fen; what comes out does not."""
    assert times(np.array([10**15, -(10**15)]), Fraction(10_001, 10_000)).tolist() == [
        1_000_100_000_000_000,
        -1_000_100_000_000_000,
    ]
    most = LIMIT * FINE - 1
    assert guarded(np.array([most, -most])).tolist() == [most, -most]
    for beyond in (most + 1, -most - 1):
        with pytest.raises(AmountOutOfRange):
            guarded(np.array([0, beyond]))


def test_an_event_knows_what_its_own_recipient_has():
    found = spread(Column(np.array([5, 6]), np.array([True, True])), np.array([1, 0, -1]))
    assert (found.values[:2].tolist(), found.known.tolist()) == ([6, 5], [True, True, False])


def test_rounding_is_half_up_in_its_step():
    fine = RANDOM.integers(0, 10**14, COUNT)
    whole = rounded(fine, Rounding())
    assert (abs(whole * FINE - fine) * 2 <= FINE).all()
    assert rounded(np.array([FINE // 2, FINE // 2 - 1]), Rounding()).tolist() == [1, 0]
    assert rounded(np.array([10_000 * FINE - 1]), Rounding(10_000, "down")).tolist() == [0]
    assert rounded(np.array([1]), Rounding(10_000, "up")).tolist() == [10_000]


RULES = """\
- id: {first}
  title: 甲
  recipient: enterprise
  occasion: {{event: year_end}}
  amount: {{type: percent, base: 'main_revenue[year]', rate: 1%}}
- id: {second}
  title: 乙
  recipient: enterprise
  occasion: {{event: year_end}}
  amount: {{type: percent, base: 'tax_paid[year]', rate: 10%}}
"""


def candidates(columns) -> Candidates:
    none, zeros = np.full(COUNT, -1, np.int64), np.zeros(COUNT, np.int64)
    occasions = Occasions(
        event=np.full(COUNT, EVENT_NUMBERS["year_end"], np.int64),
        kind=np.full(COUNT, KIND_NUMBERS["enterprise"], np.int64),
        first_day=np.full(COUNT, 20220101, np.int64),
        last_day=np.full(COUNT, 20221231, np.int64),
        library_year=zeros + 2022,
        scope=Scoped(np.arange(COUNT), zeros + 2022, none, none, none),
        group=none,
        first=FirstTimes(zeros, zeros),
    )
    return Candidates(occasions, Frame(COUNT, columns))


def test_a_claim_opens_its_own_rule_and_closes_what_it_claims_in_the_open():
    """Row 0 claims under a, row 1 under b; all others are open, and row 2 is a firm that claims the same under a."""
    whole = candidates({}).occasions
    assert not whole.is_claim(0) and whole.open_to("a").all()
    claim = np.where(np.arange(COUNT) < 2, np.arange(COUNT), -1)
    claimed = replace(whole, claim=claim, rules=("a", "b"), closed={"a": np.array([2])})
    assert [claimed.is_claim(row) for row in (0, 1, 2)] == [True, True, False]
    assert [claimed.open_to(rule)[:4].tolist() for rule in "abc"] == [
        [True, False, False, True],
        [False, True, True, True],
        [False, False, True, True],
    ]


def test_a_refusal_without_a_judgement_is_told_by_its_code():
    rule = document(RULES.format(first="a", second="b")).parts["awards"].rules[0]
    words = [
        refusal_code_words(Refusal(0, code, ()), rule, 2022)
        for code in (CONDITION_FAILED, EXCLUDED, ALREADY_AWARDED, NOTHING_DUE, NOT_FIRST_EVENT)
    ]
    assert words == ["不符合条件", "属于不予奖补的情形", "同一事项只奖补一次", "没有应得的金额", "不是首次"]


def test_the_highest_alone_pays_in_whatever_order_the_rules_stand():
    known = np.ones(COUNT, bool)
    revenue, tax = RANDOM.integers(0, 10**8, COUNT), RANDOM.integers(0, 10**7, COUNT)
    frame = {"main_revenue[2022]": Column(revenue, known), "tax_paid[2022]": Column(tax, known)}
    stacking = "stacking:\n- {id: s, policy: highest, rules: [a, b]}\n"
    totals = []
    for text in (RULES.format(first="a", second="b"), "".join(reversed_rules())):
        verdicts = settle(document(text, stacking).parts["awards"], candidates(frame), 2022)
        by_id = {verdict.rule.id: verdict.amount for verdict in verdicts}
        alone = np.stack([verdict.computed for verdict in verdicts])
        assert (by_id["a"] + by_id["b"] == alone.max(axis=0)).all()
        assert not ((by_id["a"] > 0) & (by_id["b"] > 0)).any()
        totals.append(by_id["a"] + by_id["b"])
    assert (totals[0] == totals[1]).all()


def reversed_rules() -> list[str]:
    first, second = RULES.format(first="a", second="b").split("- id: b")
    return ["- id: b" + second, first]


def test_no_money_module_knows_a_float():
    """Money is whole fen or exact fractions; a float in a money module would drift unseen."""
    root = Path(__file__).parents[2] / "incentives"
    guilty = []
    for path in sorted((*root.glob("policy/*.py"), *root.glob("rules/*.py"), *root.glob("services/*.py"))):
        if path.name == "workbooks.py":  # its floats are margins of a page
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            is_float = isinstance(node, ast.Constant) and isinstance(node.value, float)
            is_name = isinstance(node, ast.Name) and node.id in ("float", "float64", "fsum", "round")
            is_part = isinstance(node, ast.Attribute) and node.attr in ("float64", "float32", "fsum", "mean")
            if is_float or is_name or is_part:
                guilty.append(f"{path.name}:{node.lineno}")
    assert guilty == []
