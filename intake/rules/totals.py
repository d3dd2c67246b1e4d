"""合计 rows against the sum of the rows. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .columns import AmountColumn, IntegerColumn
from .faults import Fault, column_letters
from .figures import read_decimal
from .findings import Finding
from .headings import Hit
from .layout import Table
from .rowkinds import Total
from .text import is_blank

#: A sum may differ by this much: its own rounding.
TOLERANCE = Decimal("0.01")


@dataclass(slots=True)
class _Sums:
    """What a total may rightly be the sum of."""

    everything: Decimal
    visible: Decimal
    above: Decimal
    since: Decimal
    #: Of rows that name a code: a row of a township's sum without the word 小计 is none of them.
    coded: Decimal

    def fit(self, total: Decimal, tolerance: Decimal) -> bool:
        rightly = (self.everything, self.visible, self.above, self.since, self.coded)
        return any(abs(total - one) <= tolerance for one in rightly)


def check_totals(
    table: Table, parsed: Mapping[str, list[object]], struck: frozenset[int] = frozenset()
) -> list[Fault]:
    """A file fault for each 合计 that is not the sum of its column, a hint for each such 小计.

    ``struck``: rows that are crossed out; a sum without them, or without the hidden ones, is right too.
    """
    faults: list[Fault] = []
    if not table.kinds.totals:
        return faults
    for key, hit in table.columns.items():
        if isinstance(hit.column, AmountColumn | IntegerColumn):
            faults += _check_column(table, hit, parsed[key], struck)
    return faults


def _check_column(table: Table, hit: Hit, parsed: list[object], struck: frozenset[int]) -> Iterator[Fault]:
    rows = table.sheet.rows
    written = [_cell(rows, row, hit) for row in table.kinds.records]
    if any(value is None and not is_blank(raw) for value, raw in zip(parsed, written, strict=True)):
        return
    lost = set(table.sheet.formula_gaps) | set(table.sheet.error_cells)
    if any((row, hit.number) in lost for row in table.kinds.records):
        return
    places = Decimal(100) if isinstance(hit.column, AmountColumn) else Decimal(1)
    rounded = [Decimal(value) / places if isinstance(value, int) else Decimal(0) for value in parsed]
    exact: list[Decimal] | None = None
    for total in table.kinds.totals:
        value = _cell(rows, total.row, hit)
        said = None if is_blank(value) else read_decimal(value, hit.column.unit, hit.unit)
        if said is None or isinstance(said, Finding):
            continue
        tolerance = max(TOLERANCE, _half_a_place(value, hit))
        if _sums(table, total, rounded, struck).fit(said, tolerance):
            continue
        exact = exact or [_exact(raw, hit) for raw in written]
        sums = _sums(table, total, exact, struck)
        if not sums.fit(said, tolerance):
            yield _mismatch(table, hit, total, said, sums.everything if total.grand else sums.since)


def _half_a_place(value: object, hit: Hit) -> Decimal:
    """How far a sum that was typed with fewer places than its rows may lie from theirs: 3008 of 3007.50."""
    plain = read_decimal(value, hit.column.unit, None)
    exponent = plain.as_tuple().exponent if isinstance(plain, Decimal) else 0
    places = exponent if isinstance(exponent, int) else 0
    return Decimal(5).scaleb(min(places, 0) - 1) * (hit.unit.factor if hit.unit is not None else 1)


def _cell(rows: object, row: int, hit: Hit) -> object:
    cells = rows[row - 1]  # type: ignore[index]
    return cells[hit.number - 1] if hit.number <= len(cells) else None


def _exact(raw: object, hit: Hit) -> Decimal:
    number = Decimal(0) if is_blank(raw) else read_decimal(raw, hit.column.unit, hit.unit)
    return Decimal(0) if isinstance(number, Finding) else number


def _sums(table: Table, total: Total, figures: list[Decimal], struck: frozenset[int]) -> _Sums:
    before = max((other.row for other in table.kinds.totals if other.row < total.row), default=0)
    hidden = table.sheet.hidden_rows | struck
    pairs = list(zip(table.kinds.records, figures, strict=True))
    code = table.columns.get("uscc")
    rows = table.sheet.rows
    return _Sums(
        everything=sum(figures, Decimal(0)),
        visible=sum((figure for row, figure in pairs if row not in hidden), Decimal(0)),
        above=sum((figure for row, figure in pairs if row < total.row), Decimal(0)),
        since=sum((figure for row, figure in pairs if before < row < total.row), Decimal(0)),
        coded=sum(
            (figure for row, figure in pairs if code is None or not is_blank(_cell(rows, row, code))),
            Decimal(0),
        ),
    )


def _mismatch(table: Table, hit: Hit, total: Total, said: Decimal, summed: Decimal) -> Fault:
    word, cls = ("合计", "A") if total.grand else ("小计", "D")
    return Fault(
        "TOTAL_MISMATCH" if total.grand else "SUBTOTAL_MISMATCH",
        cls,
        f"第{total.row}行的{word}与各行之和不一致：{word}写的是 {said:,.2f}，各行相加是 {summed:,.2f}",
        "请核对是否漏行、多行或改过数，再改正合计",
        sheet=table.sheet.name,
        column=hit.written,
        cell=f"{column_letters(hit.number)}{total.row}",
    )
