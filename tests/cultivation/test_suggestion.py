"""S1-22: calculator with both inputs; result editable. Here the calculator: shares, whole firms, exact sums."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cultivation.rules.suggestion import suggested_targets

BASES = {"汝州": (200, 20), "郏县": (100, 30), "叶县": (100, 10)}


def test_half_by_what_there_is_half_by_what_came():
    # 汝州 138×(½·½+½·⅓)=57.5, 郏县 138×(½·¼+½·½)=51.75, 叶县 138×(½·¼+½·⅙)=28.75: the two largest remainders round up
    assert suggested_targets(138, BASES) == {"汝州": 57, "郏县": 52, "叶县": 29}


def test_one_input_alone():
    assert suggested_targets(100, BASES, Fraction(1)) == {"汝州": 50, "郏县": 25, "叶县": 25}
    assert suggested_targets(60, BASES, Fraction(0)) == {"汝州": 20, "郏县": 30, "叶县": 10}
    assert suggested_targets(10, {"甲": (3, 0), "乙": (1, 0)}) == {"甲": 8, "乙": 2}
    assert suggested_targets(3, {"甲": (0, 0), "乙": (0, 0)}) == {"甲": 2, "乙": 1}


def test_nonsense_is_refused():
    for bad in ((-1, BASES, Fraction(1, 2)), (1, BASES, Fraction(2)), (1, {"甲": (-1, 0)}, Fraction(1, 2))):
        with pytest.raises(ValueError, match=r"负数|权重"):
            suggested_targets(*bad)


regions = st.dictionaries(
    st.text("甲乙丙丁戊", min_size=1, max_size=2),
    st.tuples(st.integers(0, 900), st.integers(0, 90)),
    min_size=1,
)


@given(st.integers(0, 5000), regions, st.fractions(0, 1))
def test_regions_always_add_to_the_total_and_nobody_is_a_firm_off(total, bases, weight):
    found = suggested_targets(total, bases, weight)
    assert sum(found.values()) == total
    assert all(number >= 0 for number in found.values())
