"""Two departments' lists in their own layouts: the power company's waits to have its columns explained, the tax
bureau's was explained once and waits to be committed. Nothing of them is stored: a visitor does that."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import xlsxwriter

from core.models import Region, User
from core.periods import Month
from cultivation.services.pools import pool_rule
from enterprises.models import MonthlyFigure, SourceSetting
from enterprises.services.source_settings import set_source
from intake.models import Batch
from intake.services.batches import check_batch, receive_upload
from intake.services.mapping import column_lines, confirm_mapping

SHEET = "department_list"
_FIRMS = 40
_FIXED_CREATED = datetime(2022, 7, 1, tzinfo=UTC)
Rows = Sequence[Sequence[object]]


def send_department_lists(*, city: Region, month: Month, power: User, tax: User) -> int:
    """Send what has not been sent yet; how many lists that were."""
    figures = list(
        MonthlyFigure.objects.filter(month=month, region__path__startswith=city.path, power_wan_kwh__gt=0)
        .select_related("enterprise")
        .order_by("enterprise__uscc")[:_FIRMS]
    )
    if not figures:
        return 0
    sent = [
        _send(power, city, month, f"{month.label}工业用户电量清单.xlsx", _power_rows(figures, month)),
        _send(tax, city, month, f"{month.label}开票数据（征管系统导出）.xlsx", _tax_rows(figures, month)),
    ]
    if sent[1] is not None:
        _explain(sent[1], tax)
    return sum(batch is not None for batch in sent)


def settle_the_line(*, city: Region, programme: str, bureau: User) -> bool:
    """The standard of 规上 that the city's document names, as the line for 疑似达规; whether it was set now."""
    _, rule = pool_rule(programme, "scale_up")
    standard = rule.line.standard if rule.line else None
    settled = SourceSetting.objects.filter(kind=SourceSetting.Kind.LINE, region=city)
    if not isinstance(standard, Decimal) or rule.line is None or settled.exists():
        return False
    set_source(
        actor=bureau,
        kind=SourceSetting.Kind.LINE,
        measure="",
        region=city,
        since=date(rule.year - 1, 1, 1),
        value=str(standard),
        reason=(rule.line.basis.note or rule.line.basis.label)[:200],
    )
    return True


def _power_rows(figures: Sequence[MonthlyFigure], month: Month) -> Rows:
    """By names, in kilowatt hours, with users that are no industry among them."""
    heads = ["户号", "用电户名称", f"{month.month}月售电量(千瓦时)", "用电类别", "备注"]
    rows = [
        [f"32{number:08d}", one.enterprise.name, (one.power_wan_kwh or 0) * 100, "大工业", None]
        for number, one in enumerate(figures, 1)
    ]
    others = [
        ["3299000001", "某某花园小区物业", 51230, "居民", None],
        ["3299000002", "某某农贸市场", 18760, "一般工商业", None],
    ]
    return [[f"{month.label}工业用户电量清单（合成数据）"], heads, *rows, *others]


def _tax_rows(figures: Sequence[MonthlyFigure], month: Month) -> Rows:
    """By codes under the tax bureau's own headings, in 元."""
    heads = ["纳税人识别号", "纳税人名称", f"{month.label}开票金额(元)", "主管税务机关", "发票份数"]
    rows = [
        [one.enterprise.uscc, one.enterprise.name, one.revenue_wan * 97, "第一税务分局", 10 + number % 30]
        for number, one in enumerate(figures)
    ]
    return [heads, *rows]


def _send(actor: User, city: Region, month: Month, name: str, rows: Rows) -> Batch | None:
    """``None`` where the list is there already, whatever became of it."""
    if Batch.objects.filter(sheet=SHEET, upload_name=name, region=city).exists():
        return None
    batch = receive_upload(
        actor=actor,
        sheet=SHEET,
        region=city,
        period=str(month),
        as_of=date((month + 1).year, (month + 1).month, 10),
        upload_name=name,
        content=[_workbook(rows)],
    )
    return check_batch(batch=batch, actor=actor)


def _explain(batch: Batch, actor: User) -> None:
    """As an officer would: look at what is suggested, and confirm it."""
    if batch.state != Batch.State.MAPPING:
        return
    said = {line.column.number: (line.choice.target, line.choice.unit) for line in column_lines(batch)}
    confirm_mapping(batch=batch, actor=actor, said=said, adds_up=False)
    check_batch(batch=batch, actor=actor)


def _workbook(rows: Rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        book.set_properties({"created": _FIXED_CREATED})
        page = book.add_worksheet("清单")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is not None:
                    page.write(number, column, value)
    return buffer.getvalue()
