"""``department_list`` 部门名单: a list of any layout that a department has, its columns explained once by a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.amounts import format_amount, from_hundredths
from core.models import Department, Region, Role, User
from core.periods import Month
from enterprises.models import SourceFigure
from enterprises.rules.measures import BY_KEY, MEASURES, MeasureColumn, mapped_column, measure_column
from enterprises.services.firm_names import Named, firms_by_name
from enterprises.services.storing import Difference, Store, Wanted, compare
from enterprises.sheets.firm_list import FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import MOST_CHANGES
from intake.models import Batch
from intake.rules.columns import Column, MonthColumn, NameColumn, RegionColumn, UsccColumn, YearColumn
from intake.rules.headings import Placement
from intake.rules.layout import file_fault
from intake.rules.reading import Frame, SheetSpec
from intake.rules.text import name_key, without_blanks
from intake.services.sheet_types import Change, Records, register_sheet

_FIRM: tuple[Column, ...] = (UsccColumn(required=False), NameColumn(), RegionColumn())
_TIME: tuple[Column, ...] = (MonthColumn(), YearColumn(periodic=False))


@register_sheet
class DepartmentList(FirmList):
    """One row a firm (or a firm and month); each mapped column is one figure of this department."""

    spec = SheetSpec(
        name="department_list",
        label="部门名单",
        columns=(*_FIRM, *_TIME, *map(measure_column, MEASURES)),
    )
    duty = Department.INDUSTRY
    comes_last = True
    is_mapped = True
    fields: Mapping[str, str] = {}
    store = Store(SourceFigure, ("period", "measure", "source"), ("value",))

    # -------- who

    def may_send(self, user: User) -> bool:
        """Every department for itself; the bureau for what it has collected."""
        if user.role in (Role.DEPARTMENT_OFFICER, Role.API_CLIENT):
            return bool(user.department)
        return user.role in (Role.SYSTEM, Role.BUREAU_STAFF)

    def department_of(self, actor: User) -> str:
        return actor.department or self.duty

    # -------- columns

    @property
    def is_prefilled(self) -> bool:
        return False

    def measures(self) -> tuple[Column, ...]:
        return tuple(column for column in self.spec.columns if isinstance(column, MeasureColumn))

    def known_names(self, names: Iterable[str], region: Region) -> set[str]:
        keys = {name: name_key(name) for name in names}
        known = set(firms_by_name(keys.values(), region))
        return {name for name, key in keys.items() if key in known}

    def spec_for(self, region: Region, mapping: Mapping[str, Any] | None = None) -> SheetSpec:
        said = (mapping or {}).get("columns")
        if not said:
            return self.spec
        roles = {column.key: column for column in (*_FIRM, *_TIME)}
        columns: list[Column] = list(_FIRM)
        numbers = {}
        for text, one in sorted(said.items(), key=lambda item: int(item[0])):
            number, target = int(text), one["target"]
            if target in roles:
                numbers[target] = number
                if roles[target] in _TIME:
                    columns.append(roles[target])
            elif target in BY_KEY:
                column = mapped_column(
                    BY_KEY[target], number, one["heading"], one["unit"], one.get("period", "")
                )
                columns.append(column)
                numbers[column.key] = number
        placed = Placement(mapping["page"], mapping["first"], mapping["last"], numbers)  # type: ignore[index]
        return SheetSpec(self.spec.name, self.spec.label, tuple(columns), placed=placed)

    # -------- sense

    def judge(self, frame: Frame, batch: Batch) -> Ground | None:
        if frame.rows:
            _find_by_name(frame, batch.region)
        return super().judge(frame, batch)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        if not any(isinstance(column, MeasureColumn) for column in frame.spec.columns):
            frame.faults.append(file_fault("NO_FIGURES", "没有一列对应到指标", "请重新确认各列的对应关系"))
        _judge_strangers(frame, ground)
        _name_the_known(frame, batch, ground)
        for i in range(len(frame.rows)):
            if not self._periods(frame.columns, i, batch):
                key = "month" if "month" in frame.headings else "uscc"
                frame.fault(
                    i,
                    key,
                    "PERIOD_MISSING",
                    "A",
                    "不知道是哪个月或哪一年的数",
                    "请在上传时选所属期，或在表内写明",
                )
        if not batch.mapping.get("adds_up"):
            _judge_twice(frame, batch, self._periods)

    def _periods(self, columns: Mapping[str, list[Any]], i: int, batch: Batch) -> str:
        """The period of a row where its columns name none of their own."""
        month = columns["month"][i] if "month" in columns else None
        year = columns["year"][i] if "year" in columns else None
        if isinstance(month, Month):
            return str(month)
        return str(year) if isinstance(year, int) else batch.period

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        """The month or year that the row names itself; a row is stored as several, one a figure."""
        named = [columns[key][i] for key in ("month", "year") if key in columns and columns[key][i]]
        return tuple(map(str, named[:1]))

    # -------- one stored row a cell

    def _compare(self, records: Records, batch: Batch, ground: Ground) -> Difference:
        return compare(self.store, self._wanted(records, batch, ground))

    def _wanted(self, records: Records, batch: Batch, ground: Ground) -> list[Wanted]:
        columns, wanted = records.columns, {}
        for column in self.spec_for(batch.region, batch.mapping).columns:
            if not isinstance(column, MeasureColumn) or column.key not in columns:
                continue
            for i, value in enumerate(columns[column.key]):
                if value is None:
                    continue
                period = column.period or self._periods(columns, i, batch)
                code = columns["uscc"][i]
                key = (code, period, column.measure, batch.department)
                if key in wanted:
                    # only where the sender has said that several rows of a firm add up
                    wanted[key].values = (wanted[key].values[0] + value,)
                    continue
                firm = ground.known.get(code)
                region = columns["region"][i]
                if firm is not None:
                    region = ground.region_on(firm, self.day_of(columns, i, batch))
                wanted[key] = Wanted(i, firm.id if firm else None, key[1:], (value,), region)
        return list(wanted.values())

    def _changes(self, records: Records, difference: Difference) -> list[Change]:
        return [
            Change(
                records.rows[row.place],
                records.columns["name"][row.place],
                f"{BY_KEY[row.key[1]].label} {row.key[0]}",
                format_amount(from_hundredths(stored.values[0])),
                format_amount(from_hundredths(row.values[0])),
            )
            for row, stored in difference.changed[:MOST_CHANGES]
        ]

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return {
            key: str(from_hundredths(value)) if isinstance(value, int) and key != "year" else str(value)
            for key, value in record.items()
            if value is not None
        }


def _find_by_name(frame: Frame, region: Region) -> None:
    """Rows without a code are found by their name, where it is the name of one registered firm."""
    codes, names = frame.columns["uscc"], frame.columns["name"]
    unread = {fault.row for fault in frame.faults if fault.column == frame.headings.get("uscc", (0, ""))[1]}
    open_rows = [i for i, code in enumerate(codes) if code is None and frame.rows[i] not in unread]
    keys = {i: name_key(name) for i in open_rows if isinstance(name := names[i], str)}
    known = firms_by_name(keys.values(), region)
    for i in open_rows:
        if i not in keys:
            if not any(fault.row == frame.rows[i] and fault.cls == "A" for fault in frame.faults):
                frame.fault(i, "name", "FIRM_UNNAMED", "A", "没有信用代码，也没有企业名称", "请填写其中一项")
            continue
        found = known.get(keys[i], [])
        if len(found) == 1:
            codes[i] = found[0].uscc
            frame.fault(i, "name", *_matched(found[0]))
        elif found:
            frame.fault(i, "name", "NAME_AMBIGUOUS", "A", _alike(found), "请在表内补信用代码")
        else:
            reason = "名录里没有这个名称的企业，表内也没有信用代码"
            frame.fault(
                i, "name", "FIRM_NOT_FOUND", "A", reason, "是本地工业企业的请补信用代码，其余不用处理"
            )


def _matched(firm: Named) -> tuple[str, str, str, str]:
    if firm.is_former:
        reason = f"是“{firm.name}”的曾用名，按它的信用代码 {firm.uscc} 采用"
        return "NAME_FORMER", "D", reason, "请核对是不是同一家企业，以后请用现在的名称"
    return "NAME_MATCHED", "D", f"按名称对应到信用代码 {firm.uscc}", "请核对是不是同一家企业"


def _alike(found: Sequence[Named]) -> str:
    former = sum(firm.is_former for firm in found)
    if not former:
        return f"名录里有 {len(found)} 家同名企业，分不清是哪一家"
    now = f"有 {len(found) - former} 家叫这个名称，" if former < len(found) else ""
    return f"名录里{now}另有 {former} 家曾用这个名称，分不清是哪一家"


def _judge_strangers(frame: Frame, ground: Ground) -> None:
    """A firm that the registry does not know is entered as 待核: for that a name and a district are needed."""
    alone = next(iter(ground.scope)) if len(ground.scope) == 1 else None
    regions, names = frame.columns["region"], frame.columns["name"]
    for i, code in enumerate(frame.columns["uscc"]):
        if not isinstance(code, str) or code in ground.known:
            continue
        if regions[i] is None and not frame.raw["region"][i] and alone:
            regions[i] = alone
        if not isinstance(names[i], str) or not without_blanks(names[i]):
            reason = "名录中没有这家企业，表内没有企业名称，不能登记"
            frame.fault(i, "uscc", "STRANGER_NAMELESS", "A", reason, "请补企业名称，或先补报企业名录")
        if not isinstance(regions[i], str) and not frame.raw["region"][i]:
            reason = "名录中没有这家企业，表内没有县区，不知道属于哪里"
            frame.fault(i, "uscc", "STRANGER_PLACELESS", "A", reason, "请补县区，或先补报企业名录")


def _name_the_known(frame: Frame, batch: Batch, ground: Ground) -> None:
    """Where a list holds codes alone, later pages call the firms by their registered names."""
    names = frame.columns["name"]
    for i, code in enumerate(frame.columns["uscc"]):
        firm = ground.known.get(code) if isinstance(code, str) else None
        if names[i] is None and firm is not None and ground.reaches(firm, batch.as_of):
            names[i] = firm.name


def _judge_twice(frame: Frame, batch: Batch, period_of: Any) -> None:
    """Two rows of one firm and period that both state a figure."""
    for column in frame.spec.columns:
        if not isinstance(column, MeasureColumn):
            continue
        seen: dict[tuple[str, str], int] = {}
        for i, code in enumerate(frame.columns["uscc"]):
            if not isinstance(code, str) or frame.columns[column.key][i] is None:
                continue
            first = seen.setdefault((code, column.period or period_of(frame.columns, i, batch)), i)
            if first != i:
                reason = f"与第{frame.rows[first]}行是同一家企业、同一所属期"
                cure = "只保留一行；应当相加的，重新确认对应关系时选“几行相加”"
                frame.fault(i, column.key, "ROW_TWICE", "A", reason, cure)
