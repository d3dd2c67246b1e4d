"""Blank sheets to fill in, prefilled with the sender's firms where the app to the right can name them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from core.audit import digest_of
from core.models import Region, User
from core.scoping import regions_visible_to
from intake.rules.columns import AmountColumn, Column, DateColumn, IntegerColumn, RegionColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.periods import Period
from intake.services.sheet_types import SheetType
from intake.workbooks.template import TemplateColumn, write_template

_WIDTHS = {"uscc": 22, "name": 34, "region": 12}


@dataclass(frozen=True, slots=True)
class SentBack:
    """``cells``: (credit code, column) → what is asked about that cell; ``reasons``: why the list came back."""

    cells: Mapping[tuple[str, str], str]
    reasons: tuple[str, ...] = ()


#: (name of the sheet, region, period) → what was sent back; the apps to the right register theirs.
MarkReader = Callable[[str, Region, Period], SentBack]
_mark_readers: list[MarkReader] = []


def register_marks(reader: MarkReader) -> MarkReader:
    if reader not in _mark_readers:
        _mark_readers.append(reader)
    return reader


def sent_back(sheet: str, region: Region, period: Period) -> SentBack:
    """What all apps to the right have sent back of this list."""
    cells: dict[tuple[str, str], str] = {}
    reasons: dict[str, None] = {}
    for reader in _mark_readers:
        told = reader(sheet, region, period)
        cells |= told.cells
        reasons |= dict.fromkeys(told.reasons)
    return SentBack(cells, tuple(reasons))


def template_version(spec: SheetSpec) -> str:
    """Changes when a column is added, renamed, moved or becomes required: a file on an older one is told so."""
    columns = [[column.heading, column.required] for column in spec.columns]
    return f"{spec.name} {digest_of(columns)[:8]}"


def template_changes(frame: Frame) -> str:
    """What today's template has otherwise than the one that was filled in, as its sender sees it."""
    added = [column.heading for column in frame.spec.columns if column.key not in frame.headings]
    removed = [fault.column for fault in frame.faults if fault.code == "COLUMN_UNKNOWN" and fault.column]
    told = []
    if added:
        told.append(f"现行模板增加了“{'”“'.join(added)}”列")
    if removed:
        told.append(f"不再有“{'”“'.join(removed)}”列")
    return "，".join(told) or "现行模板调整了列的次序或必填项"


def make_template(*, user: User, sheet: SheetType, region: Region, period: Period) -> bytes:
    """The .xlsx for one region and period."""
    names = tuple(
        regions_visible_to(user)
        .filter(path__startswith=region.path)
        .exclude(kind__in=[Region.Kind.PROVINCE, Region.Kind.CITY])
        .values_list("name", flat=True)
    )
    spec = sheet.spec_for(region)
    columns = [_column(column, names) for column in spec.columns]
    shown = [replace(_column(column, ()), is_reference=True) for column in sheet.reference_columns(period)]
    help_lines = [(column.heading, column.required, _example(column, names)) for column in spec.columns]
    rows = sheet.template_rows(user, region, period)
    places = {column.key: number for number, column in enumerate(spec.columns)}
    marks = {
        (uscc, places[key]): note
        for (uscc, key), note in sent_back(spec.name, region, period).cells.items()
        if key in places
    }
    return write_template(
        spec.label,
        [*columns, *shown],
        rows,
        version=template_version(spec),
        help_lines=help_lines,
        marks=marks,
    )


#: How a cell is filled in, by kind of column: an example and a rule, shown on the sheet 填表说明.
_EXAMPLES = {
    "uscc": ("91320681MA1XYZ1234", "营业执照上的 18 位统一社会信用代码，按文本填写"),
    "name": ("启东某某机械有限公司", "营业执照上的全称，不加备注"),
    "month": ("2026-03", "年-月，一行只填一个月"),
    "year": ("2025", "四位年份"),
}
_KINDS = {
    "amount": ("1234.50", "只填数字，单位见列名，保留两位小数；没有发生填 0，不知道的留空"),
    "integer": ("86", "只填整数"),
    "date": ("2024-05-17", "年-月-日"),
    "text": ("", "按实际填写"),
}


def _example(column: Column, regions: tuple[str, ...]) -> tuple[str, str]:
    if column.key in _EXAMPLES:
        return _EXAMPLES[column.key]
    if column.choices_offered or isinstance(column, RegionColumn):
        offered = column.choices_offered or regions
        return (offered[0] if offered else "", "从下拉列表中选择")
    return _KINDS[_column(column, ()).kind]


def _column(column: Column, regions: tuple[str, ...]) -> TemplateColumn:
    kind, choices = "text", ()
    if isinstance(column, AmountColumn):
        kind = "amount"
    elif isinstance(column, IntegerColumn):
        kind = "integer"
    elif isinstance(column, DateColumn):
        kind = "date"
    elif column.choices_offered:
        choices = column.choices_offered
    elif isinstance(column, RegionColumn):
        choices = regions
    return TemplateColumn(column.heading, column.required, _WIDTHS.get(column.key, 14), kind, choices)
