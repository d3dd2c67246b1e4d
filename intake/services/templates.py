"""Blank sheets to fill in, prefilled with the sender's firms where the app to the right can name them."""

from __future__ import annotations

from core.audit import digest_of
from core.models import Region, User
from core.scoping import regions_visible_to
from intake.rules.columns import AmountColumn, Column, DateColumn, IntegerColumn, RegionColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.periods import Period
from intake.services.sheet_types import SheetType
from intake.workbooks.template import TemplateColumn, write_template

_WIDTHS = {"uscc": 22, "name": 34, "region": 12}


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
    rows = sheet.template_rows(user, region, period)
    return write_template(spec.label, columns, rows, version=template_version(spec))


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
