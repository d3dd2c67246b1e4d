"""``listed`` 规上企业变动: stock, entries and exits of the statistical directory, sent by the statistics bureau."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from core.models import Department
from core.periods import Month
from enterprises.models import ScaleEvent
from enterprises.services.scale import (
    DirectoryEvent,
    directory_event,
    directory_histories,
    recompute_above_scale,
)
from enterprises.services.storing import Store
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import shown_value
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, Column, MonthColumn, TextColumn, YearColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import register_sheet

Kind, EntryType = ScaleEvent.Kind, ScaleEvent.EntryType
KINDS = {kind.label: kind.value for kind in Kind}
ENTRY_TYPES = {entry.label: entry.value for entry in EntryType if entry.value}


@register_sheet
class Listed(FirmList):
    """The only source of scale events; 规上 follows from the latest of them."""

    spec = SheetSpec(
        name="listed",
        label="规上企业变动",
        columns=(
            *FIRM_COLUMNS,
            ChoiceColumn(
                key="kind",
                heading="变动(在库/入库/退库)",
                aliases=("变动", "变动类型", "变动情况"),
                required=True,
                choices=tuple(KINDS),
                also={
                    "入规": "入库",
                    "新增": "入库",
                    "纳统": "入库",
                    "退规": "退库",
                    "退统": "退库",
                    "退出": "退库",
                },
            ),
            MonthColumn(heading="月份", aliases=("变动月份", "统计月份", "所属月份"), required=True),
            YearColumn(
                key="library_year", heading="审批库年度", aliases=("审批年度",), required=True, periodic=False
            ),
            ChoiceColumn(
                key="entry_type", heading="入库类型", aliases=("纳统类型",), choices=tuple(ENTRY_TYPES)
            ),
            TextColumn(key="cause", heading="退库原因", aliases=("退统原因", "退出原因"), limit=60),
        ),
        unique=("uscc", "month", "kind"),
    )
    duty = Department.STATISTICS
    period_kind = "month"
    fields = {"library_year": "library_year", "entry_type": "entry_type", "cause": "cause"}
    store = Store(ScaleEvent, ("month", "kind"), tuple(fields.values()))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["month"][i], KINDS[columns["kind"][i]])

    def day_of(self, columns: Mapping[str, list[Any]], i: int, batch: Batch) -> date:
        month = columns["month"][i]
        return month.last_day if isinstance(month, Month) else batch.as_of

    def value_of(self, key: str, value: Any) -> Any:
        if key == "entry_type":
            return ENTRY_TYPES.get(value, "")
        return (value or "") if key == "cause" else value

    def shown(self, column: Column, stored: Any) -> str:
        if column.key == "entry_type" and stored:
            return EntryType(stored).label
        return shown_value(column, stored)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        for i in range(len(frame.rows)):
            _judge_alone(frame, i)
        _judge_order(frame, ground)

    def after_taking(self, firm_ids: Iterable[int]) -> None:
        recompute_above_scale(firm_ids)


def _judge_alone(frame: Frame, i: int) -> None:
    columns = frame.columns
    kind, month, year = columns["kind"][i], columns["month"][i], columns["library_year"][i]
    if isinstance(month, Month) and isinstance(year, int) and abs(year - month.year) > 1:
        reason = f"审批库年度 {year} 与月份 {month.label}相差一年以上"
        frame.fault(i, "library_year", "LIBRARY_YEAR", "A", reason, "请填写审批入库（退库）所属的年度")
    written = frame.raw["entry_type"][i]
    if kind == Kind.LISTED.label and columns["entry_type"][i] is None and not written:
        kinds = "、".join(ENTRY_TYPES)
        reason, cure = "入库企业没有填写入库类型，照常保存", f"请补填其中之一：{kinds}"
        frame.fault(i, "entry_type", "ENTRY_TYPE_MISSING", "D", reason, cure)
    if kind == Kind.DELISTED.label and not columns["cause"][i]:
        frame.fault(
            i,
            "cause",
            "CAUSE_MISSING",
            "B",
            "退库企业没有填写退库原因",
            "请填写退库原因，或在“情况说明”写明情况",
        )


def _judge_order(frame: Frame, ground: Ground) -> None:
    """Whether each event can follow the one before it and be followed by the one after it.

    Rows of one list are read in the order of their months, so a firm may leave and return in one file.
    """
    columns = frame.columns
    places = [
        (event, i, code)
        for i, code in enumerate(columns["uscc"])
        if isinstance(code, str)
        and (event := _event(columns, i)) is not None
        and _may_tell(ground, code, event)
    ]
    ids = {firm.uscc: firm.id for _, _, code in places if (firm := ground.known.get(code)) is not None}
    stored = directory_histories(ids.values())
    histories = {code: list(stored.get(firm_id, ())) for code, firm_id in ids.items()}
    for event, i, code in sorted(places):
        history = histories.setdefault(code, [])
        place = bisect_left(history, event)
        again = place < len(history) and history[place] == event
        before = history[place - 1] if place else None
        rest = history[place + (1 if again else 0) :]
        if _contradicts(frame, i, event, before, rest[0] if rest else None):
            continue
        if not again:
            insort(history, event)


def _may_tell(ground: Ground, code: str, event: DirectoryEvent) -> bool:
    firm = ground.known.get(code)
    return firm is None or ground.reaches(firm, event.month.last_day)


def _event(columns: Mapping[str, list[Any]], i: int) -> DirectoryEvent | None:
    month, kind = columns["month"][i], columns["kind"][i]
    return directory_event(month, KINDS[kind]) if isinstance(month, Month) and kind in KINDS else None


def _contradicts(
    frame: Frame, i: int, event: DirectoryEvent, before: DirectoryEvent | None, after: DirectoryEvent | None
) -> bool:
    inside = before is not None and before.is_in
    if event.kind == Kind.LISTED and inside:
        reason = f"该企业在{before.month.label}已在规上名录内，不能再次入库"
        frame.fault(
            i, "kind", "ALREADY_LISTED", "A", reason, "请核对信用代码与变动；如中间已退库，请先报退库"
        )
        return True
    if event.kind == Kind.DELISTED and not inside:
        reason = f"{event.month.label}前该企业不在规上名录内，不能退库"
        frame.fault(i, "kind", "NOT_LISTED", "A", reason, "请核对信用代码与变动；如此前已入库，请先报入库")
        return True
    if after is not None and after.kind == event.kind and event.kind != Kind.IN_DIRECTORY:
        said = Kind(event.kind).label
        reason = f"该企业已报{after.month.label}{said}，与本行{said}矛盾"
        frame.fault(i, "kind", "EVENT_TWICE", "A", reason, "请核对变动的月份")
        return True
    if event.kind == Kind.IN_DIRECTORY and before is not None and not before.is_in:
        reason = f"该企业{before.month.label}已退库，现列为在库"
        frame.fault(i, "kind", "BACK_IN_STOCK", "D", reason, "如为再次入库，请按入库填报")
    return False
