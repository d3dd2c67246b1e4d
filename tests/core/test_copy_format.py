"""PostgreSQL's binary rows, laid out by column, against the same rows written field by field."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.conditions import Column
from core.copy_format import (
    HEAD,
    MISSING,
    TAIL,
    block,
    byte_cells,
    fixed_rows,
    text_cells,
    whole_cells,
    whole_numbers,
    word_cells,
)


def field(content: bytes | None) -> bytes:
    return struct.pack(">i", -1) if content is None else struct.pack(">i", len(content)) + content


ROWS = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**62), 2**62),
        st.none() | st.binary(max_size=9),
        st.none() | st.sampled_from(["A", "启东", ""]),
    ),
    min_size=1,
    max_size=9,
)


@given(ROWS)
def test_rows_are_written_as_the_format_says(rows):
    numbers, texts, words = zip(*rows, strict=True)
    kept = Column(
        np.array([("A", "启东", "").index(word or "") for word in words]),
        np.array([word is not None for word in words]),
        ("A", "启东", ""),
    )
    known = np.array([number is not None for number in numbers])
    whole = whole_cells(np.array([number or 0 for number in numbers], np.int64), known, 8)
    trace = np.arange(2 * len(rows), dtype=np.uint8).reshape(-1, 2)
    expected = b"".join(
        struct.pack(">h", 4)
        + field(None if number is None else struct.pack(">q", number))
        + field(text)
        + field(None if word is None else word.encode())
        + field(trace[place].tobytes())
        for place, (number, text, word) in enumerate(rows)
    )
    assert block([whole, text_cells(list(texts)), word_cells(kept), byte_cells(trace)]) == expected


def test_rows_of_one_width_are_read_whole():
    values, codes = np.array([5, MISSING, -7]), [b"320681", b"320600", b"      "]
    data = HEAD + block([whole_cells(values, np.ones(3, bool), 8), text_cells(codes)]) + TAIL
    numbers, texts = fixed_rows(memoryview(data), [8, 6])
    assert whole_numbers(numbers).tolist() == [5, MISSING, -7]
    assert [row.tobytes() for row in texts] == codes


@pytest.mark.parametrize("texts", [[b"320681", b"3206"], [b"320681", None], [b"32068", b"3206812"]])
def test_a_row_of_another_width_is_refused_and_not_misread(texts):
    data = HEAD + block([text_cells(texts)]) + TAIL
    with pytest.raises(ValueError, match="wid"):
        fixed_rows(memoryview(data), [6])


def test_a_number_that_has_no_place_is_refused_and_not_cut_off():
    with pytest.raises(OverflowError):
        whole_cells(np.array([40_000]), np.array([True]), 2)
