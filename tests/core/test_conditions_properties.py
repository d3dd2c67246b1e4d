"""Laws that hold for every condition and every firm, against an interpreter that is slow and plain."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conditions import Column, Frame
from core.verdicts import all_of, any_of, inverse_of
from tests.core.condition_facts import read

#: name in the text, key in the frame, what one kept step is in the fact's unit
NUMBERS = {"tax[2021]": Fraction(1, 100), "tax[2022]": Fraction(1, 100), "land": Fraction(1, 100)}
UNITS = {"tax[2021]": "万元", "tax[2022]": "万元", "land": "亩"}
COMPARE = {
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@dataclass(frozen=True)
class Case:
    """A condition as text and as a function of one firm: True, False or None for unknown."""

    text: str
    decide: object


def kleene_and(items):
    return False if False in items else None if None in items else True


def kleene_or(items):
    return True if True in items else None if None in items else False


def kleene_not(item):
    return None if item is None else not item


def hundredths(number):
    return f"{Fraction(number, 100).numerator / Fraction(number, 100).denominator:.2f}"


amounts = st.integers(-300, 300)


@st.composite
def values(draw):
    """An arithmetic term: text, unit, and its value for a firm, ``None`` when unknown or without base."""
    shape = draw(st.sampled_from(["fact", "fact", "sum", "part", "extreme", "growth", "per_mu"]))
    first, second = draw(st.permutations(["tax[2021]", "tax[2022]"]))

    def fact(name):
        return lambda firm: None if firm[name] is None else firm[name] * NUMBERS[name]

    a, b, land = fact(first), fact(second), fact("land")
    if shape == "fact":
        name = draw(st.sampled_from(list(NUMBERS)))
        return name, UNITS[name], fact(name)
    if shape == "sum":
        sign = draw(st.sampled_from("+-"))
        return (
            f"{first} {sign} {second}",
            "万元",
            lambda firm: lift(a(firm), b(firm), lambda x, y: x + y if sign == "+" else x - y),
        )
    if shape == "part":
        share = draw(st.integers(1, 300))
        return (
            f"{first} * {share}%",
            "万元",
            lambda firm: lift(a(firm), Fraction(share, 100), lambda x, y: x * y),
        )
    if shape == "extreme":
        name, pick = draw(st.sampled_from([("min", min), ("max", max)]))
        limit = draw(amounts)

        def picked(firm):
            rate = lift(a(firm), b(firm), lambda x, y: None if y <= 0 else x / y)
            return lift(rate, b(firm), lambda x, y: pick(x, Fraction(limit, 100), y))

        return f"{name}({first} / {second} * 1万元, {hundredths(limit)}万元, {second})", "万元", picked
    if shape == "growth":
        return (
            f"{first} / {second} - 1",
            "%",
            lambda firm: lift(a(firm), b(firm), lambda x, y: None if y <= 0 else x / y - 1),
        )
    return (
        f"{first} / land",
        "万元/亩",
        lambda firm: lift(a(firm), land(firm), lambda x, y: None if y <= 0 else x / y),
    )


def lift(x, y, apply):
    return None if x is None or y is None else apply(x, y)


@st.composite
def criteria(draw):
    text, unit, value = draw(values())
    scale = Fraction(1, 100) if unit == "%" else 1
    low, high = sorted(draw(st.tuples(amounts, amounts)))
    bounds = Fraction(low, 100) * scale, Fraction(high, 100) * scale
    low_text, high_text = f"{hundredths(low)}{unit}", f"{hundredths(high)}{unit}"
    op = draw(st.sampled_from([*COMPARE, "between", "in"]))
    if op == "between":
        return Case(
            f"{text} between {low_text} and {high_text}",
            lambda firm: lift(value(firm), 0, lambda v, _: bounds[0] <= v <= bounds[1]),
        )
    if op == "in":
        return Case(
            f"{text} in ({low_text}, {high_text})",
            lambda firm: lift(value(firm), 0, lambda v, _: v in bounds),
        )
    return Case(f"{text} {op} {low_text}", lambda firm: lift(value(firm), bounds[0], COMPARE[op]))


flags = st.sampled_from(
    [
        Case("above_scale", lambda firm: firm["above_scale"]),
        Case("above_scale is unknown", lambda firm: firm["above_scale"] is None),
        Case("land is known", lambda firm: firm["land"] is not None),
        Case("true", lambda firm: True),
    ]
)


def joined(word, combine):
    def build(cases):
        return Case(
            f" {word} ".join(f"({case.text})" for case in cases),
            lambda firm: combine([case.decide(firm) for case in cases]),
        )

    return build


conditions = st.recursive(
    criteria() | flags,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(joined("and", kleene_and)),
        st.lists(inner, min_size=2, max_size=3).map(joined("or", kleene_or)),
        inner.map(lambda case: Case(f"not ({case.text})", lambda firm: kleene_not(case.decide(firm)))),
    ),
    max_leaves=6,
)
figures = st.one_of(st.none(), amounts, st.integers(-(10**12), 10**12))
firms = st.lists(
    st.fixed_dictionaries({**dict.fromkeys(NUMBERS, figures), "above_scale": st.none() | st.booleans()}),
    min_size=1,
    max_size=8,
)


def framed(rows):
    columns = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        known = np.array([cell is not None for cell in cells])
        columns[name] = Column(np.array([cell or 0 for cell in cells], dtype=np.int64), known)
    return Frame(len(rows), columns)


def in_codes(decided):
    return {True: 1, False: 0, None: -1}[decided]


@given(conditions, firms)
@settings(max_examples=300, deadline=None)
def test_whole_columns_are_judged_as_firm_by_firm(case, rows):
    judgement = read(case.text).judge(framed(rows))
    assert judgement.outcome.tolist() == [in_codes(case.decide(row)) for row in rows]


@given(criteria(), firms)
@settings(max_examples=300, deadline=None)
def test_the_gap_agrees_with_the_outcome(case, rows):
    """≥ 0 where it holds, < 0 where it does not; only what must lie beside the bound fails exactly at it."""
    leaf = read(case.text).judge(framed(rows)).leaves[0]
    if not leaf.criterion.is_graded:
        return
    strict = leaf.criterion.op in (">", "<", "!=", "outside")
    for outcome, value, bound, gap in zip(leaf.outcome, leaf.value, leaf.bound, leaf.gap, strict=True):
        if outcome == 1:
            assert gap > 0 if strict else gap >= 0
        elif outcome == 0:
            assert gap <= 0 if strict else gap < 0
        if outcome != -1:
            assert (gap == 0) == (value == bound)


@given(criteria(), firms)
@settings(max_examples=200, deadline=None)
def test_a_comparison_is_unknown_exactly_when_a_fact_or_a_base_is_missing(case, rows):
    judgement = read(case.text).judge(framed(rows))
    for row, firm in enumerate(rows):
        needed = [str(key) for key in judgement.condition.needs()]
        missing = [name for name in needed if firm[name] is None]
        named = judgement.missing(row)
        assert set(missing) <= set(named) <= set(needed)
        assert bool(named) == (judgement.outcome[row] == -1)


@given(conditions, firms, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_a_permutation_of_firms_permutes_their_judgements(case, rows, random):
    condition, order = read(case.text), list(range(len(rows)))
    random.shuffle(order)
    straight = condition.judge(framed(rows))
    shuffled = condition.judge(framed([rows[place] for place in order]))
    assert shuffled.outcome.tolist() == straight.outcome[order].tolist()
    assert [shuffled.row(place) for place in range(len(order))] == [straight.row(place) for place in order]


@given(conditions, conditions, firms)
@settings(max_examples=150, deadline=None)
def test_de_morgan_and_double_negation(first, second, rows):
    frame = framed(rows)

    def judged(text):
        return read(text).judge(frame).outcome.tolist()

    a, b = first.text, second.text
    assert judged(f"not (({a}) and ({b}))") == judged(f"not ({a}) or not ({b})")
    assert judged(f"not (({a}) or ({b}))") == judged(f"not ({a}) and not ({b})")
    assert judged(f"not not ({a})") == judged(a)


@given(firms, st.tuples(amounts, amounts))
@settings(deadline=None)
def test_between_is_its_two_ends(rows, ends):
    low, high = (hundredths(end) for end in sorted(ends))
    frame = framed(rows)
    both = read(f"tax[2021] >= {low}万元 and tax[2021] <= {high}万元").judge(frame)
    between = read(f"tax[2021] between {low}万元 and {high}万元").judge(frame)
    assert between.outcome.tolist() == both.outcome.tolist()
    known = between.outcome != -1
    nearer = np.minimum(both.leaves[0].gap, both.leaves[1].gap)
    assert between.leaves[0].gap[known].tolist() == nearer[known].tolist()


@given(conditions)
@settings(max_examples=200, deadline=None)
def test_the_canonical_text_is_read_back_as_the_same_condition(case):
    condition = read(case.text)
    assert read(condition.text) == condition


@given(conditions, firms)
@settings(max_examples=150, deadline=None)
def test_deciding_leaves_carry_the_outcome_of_the_whole(case, rows):
    judgement = read(case.text).judge(framed(rows))
    for row in range(len(rows)):
        for leaf, decides in zip(judgement.leaves, judgement.deciding, strict=True):
            assert not decides[row] or leaf.outcome[row] == judgement.outcome[row]


three_valued = st.lists(st.sampled_from([1, 0, -1]), min_size=4, max_size=4).map(
    lambda codes: np.array(codes, dtype=np.int8)
)


@given(three_valued, three_valued, three_valued)
def test_kleene_laws(a, b, c):
    for combine in (all_of, any_of):
        assert combine([a, b]).tolist() == combine([b, a]).tolist()
        assert combine([combine([a, b]), c]).tolist() == combine([a, b, c]).tolist()
        assert combine([a, a]).tolist() == a.tolist()
        assert combine([a, b]).dtype == np.int8
    assert all_of([a, any_of([b, c])]).tolist() == any_of([all_of([a, b]), all_of([a, c])]).tolist()
    assert all_of([a, any_of([a, b])]).tolist() == a.tolist()
    assert inverse_of(all_of([a, b])).tolist() == any_of([inverse_of(a), inverse_of(b)]).tolist()
    assert inverse_of(inverse_of(a)).tolist() == a.tolist()
