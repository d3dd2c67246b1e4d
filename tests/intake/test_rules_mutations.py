"""Seeded mischief: whatever stands in the cells, nothing is raised and no row is lost without a word."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest

from enterprises.rules.monthly import judge_monthly

from .monthly_rows import HEADINGS, code, read, row

ODD = [
    None, "", " ", "\u3000", "-", "无", "合计", "小计", "注：", "续表", "填表人", True, False, 0, -1, 1.5, 1e300, -1e300, float("nan"), float("inf"), 10**400,
    46082, 202603, 2026.1, date(2026, 3, 1), datetime(9999, 12, 31), "2026年13月", "\ud800", "\U00010a40" * 5, "٢٠٢٦", "\x00", "=1+1", "１２３", "1,2,3", "万元",
    "A" * 40_000, "💥", "启东市", "海门区", "营业收入(万元)", "9.1E+17", "91350100M000100Y43", 913206817000000000, "\u202e", "()", "（）", "单位：", "⑤", "²",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_every_row_below_the_heading_is_a_record_or_named_as_ignored(seed):
    chance = random.Random(seed)
    rows: list[list[object]] = [list(HEADINGS), *(row(n) for n in range(1, 9))]
    for _ in range(chance.randint(1, 12)):
        line = chance.choice(rows[1:])
        line[chance.randrange(len(line))] = chance.choice(ODD)
    if chance.random() < 0.4:
        rows.insert(chance.randint(1, len(rows)), [chance.choice(ODD) for _ in range(chance.randint(0, 12))])
    if chance.random() < 0.3:
        del rows[chance.randrange(1, len(rows))][chance.randrange(8) :]
    if chance.random() < 0.2:
        rows[0][chance.randrange(8)] = chance.choice(ODD)
    places = [(chance.randint(1, 9), chance.randint(1, 8)) for _ in range(4)]
    found = {
        "merges": [
            (
                places[0][0],
                places[0][1],
                places[0][0] + chance.randint(0, 3),
                min(places[0][1] + chance.randint(0, 3), 8),
            )
        ],
        "hidden_rows": {places[1][0]},
        "formula_gaps": {places[2]},
        "error_cells": {places[3]: "#N/A"},
    }
    frame = read(rows, kind=chance.choice(["xlsx", "csv"]), **found)
    judge_monthly(frame, {})
    assert all(fault.message() for fault in frame.faults)
    if not frame.rows:
        assert frame.refused
        return
    assert sorted(frame.rows + frame.ignored_rows) == list(range(2, len(rows) + 1))
    blocked = frame.blocked_rows()
    sent = {line[1] for line in rows if len(line) > 1}
    for i, number in enumerate(frame.rows):
        if number not in blocked:
            assert frame.columns["uscc"][i] in sent | {code(1)}
            assert all(
                frame.columns[column.key][i] is not None for column in frame.spec.columns if column.required
            )
