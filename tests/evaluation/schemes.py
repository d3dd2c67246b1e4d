"""Schemes and firms for cases: the shipped document with settings exchanged, figures as people write them."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import numpy as np

from core.amounts import to_hundredths
from core.conditions import Column
from core.policies import read_document
from evaluation.policy import QUANTITIES, Scheme
from evaluation.rules.figures import FirmYears

NAME = "nantong-demo-2021"
POLICY = Path(__file__).parents[2] / f"config/policies/nantong/{NAME}.yaml"
TEXT = POLICY.read_text(encoding="utf-8")
#: 黄岩's baselines of the next year (evaluation of 2022), by those of 2021
OF_2022 = {
    "26.01": "24.097", "132.27": "136.16", "2.54": "2.694", "4861.08": "4929.81", "17.45": "18.14", "0.0305": "0.0302",
    "16.601058": "11.5932", "0.236565": "0.2352",
}  # fmt: skip


def text_with(**settings: str) -> str:
    """The document with the first setting of each name written anew: ``cap="none"``."""
    text = TEXT
    for name, value in settings.items():
        written = f"{{value: {value}, src: demo, note: 案例}}" if value != "unknown" else value
        text, count = re.subn(rf"(?m)^(    {name}: ).*$", lambda line, w=written: line[1] + w, text, count=1)
        assert count == 1, name
    return text


def scheme_of(text: str) -> Scheme:
    document, faults = read_document(text)
    assert not faults, faults
    assert document is not None
    method = document.parts["evaluation"]
    assert isinstance(method, Scheme)
    return method


def scheme(**settings: str) -> Scheme:
    return scheme_of(text_with(**settings))


def scheme_of_2022(**settings: str) -> Scheme:
    text = text_with(**settings)
    for old, new in OF_2022.items():
        text = text.replace(f"baseline: {old}", f"baseline: {new}")
    return scheme_of(text)


#: A firm at which nothing is missing: 10亩, in production for long.
USUAL = {
    "land_own": "10", "land_leased_in": "0", "land_leased_out": "0", "tax": "100", "taxable_sales": "2000",
    "revenue": "2000", "main_revenue": "1900", "value_added": "500", "energy": "200", "power": "50",
    "emissions": "0.10", "staff": "30", "research": "50",
}  # fmt: skip


def firms(*rows: dict) -> FirmYears:
    """Firms by their differences from ``USUAL``; ``above`` (True), ``years`` (10) and ``region`` (0) besides."""
    filled = [USUAL | {"above": True, "years": 10, "region": 0} | row for row in rows]
    columns = {}
    for name, quantity in QUANTITIES.items():
        cells = [row[name] for row in filled]
        values = [0 if cell is None else _hundredths(cell, quantity.per) for cell in cells]
        columns[name] = Column(np.array(values, np.int64), np.array([cell is not None for cell in cells]))
    years = [row["years"] for row in filled]
    return FirmYears(
        columns,
        np.array([row["above"] for row in filled], np.bool_),
        Column(
            np.array([year or 0 for year in years], np.int64), np.array([year is not None for year in years])
        ),
        np.array([row["region"] for row in filled], np.int64),
    )


def _hundredths(cell: str | int | Decimal, per: int) -> int:
    hundredths = to_hundredths(Decimal(str(cell)))
    assert per in (1, 100)
    return hundredths


def scores(result, decimals: int = 4) -> list[Decimal]:
    return [Decimal(int(total)).scaleb(-decimals) for total in result.total]


def grades(result, letters: str = "ABCD") -> str:
    """``AABC-``: a dash for a firm without a grade."""
    return "".join(letters[grade] if grade >= 0 else "-" for grade in result.grade)
