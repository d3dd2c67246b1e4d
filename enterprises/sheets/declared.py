"""``declared`` 补充数据: the values of facts that documents in force declare, one row a firm and period."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import Department, Region, Role, User
from core.services.policies import declared_in_force
from enterprises.models import DeclaredValue
from enterprises.rules.declared import (
    PERIOD_CURE,
    FactColumn,
    PeriodColumn,
    fact_column,
    kind_of_period,
)
from enterprises.services.declared import facts_for
from enterprises.services.storing import Difference, Store, Wanted, compare
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground
from enterprises.sheets.records import MOST_CHANGES
from intake.models import Batch
from intake.rules.layout import file_fault
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import Change, Records, register_sheet


@register_sheet
class Declared(FirmList):
    """One column a declared fact. An empty cell says nothing: what is stored stays."""

    spec = SheetSpec(
        name="declared",
        label="补充数据",
        columns=(*FIRM_COLUMNS, PeriodColumn()),
        unique=("uscc", "period"),
    )
    duty = Department.INDUSTRY
    comes_last = True
    fields: Mapping[str, str] = {}
    store = Store(DeclaredValue, ("period", "fact"), ("value", "unit"))

    def may_send(self, user: User) -> bool:
        """Districts and the bureau, and every department for what it knows itself."""
        if user.role in (Role.DEPARTMENT_OFFICER, Role.API_CLIENT):
            return bool(user.department)
        return super().may_send(user)

    def department_of(self, actor: User) -> str:
        return actor.department or self.duty

    def spec_for(self, region: Region, mapping: Mapping[str, Any] | None = None) -> SheetSpec:
        facts = tuple(fact_column(declared.type) for declared in facts_for(region).values())
        return SheetSpec(self.spec.name, self.spec.label, (*self.spec.columns, *facts), self.spec.unique)

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["period"][i] or "",)

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        facts = [column for column in frame.spec.columns if isinstance(column, FactColumn)]
        if not facts:
            reason, cure = "现行的政策文件没有声明需要补充的数据", "不用报送；文件声明后这里会列出各列"
            frame.faults.append(file_fault("NO_FACTS", reason, cure))
            return
        for column in facts:
            self._judge_periods(frame, column)
            if column.fact.per is None:
                self._judge_one_value(frame, column)

    def _judge_periods(self, frame: Frame, column: FactColumn) -> None:
        per = column.fact.per
        for i, value in enumerate(frame.columns[column.key]):
            if value is None or per is None or kind_of_period(self.key_of(frame.columns, i)[0]) is per:
                continue
            if frame.raw["period"][i] and frame.columns["period"][i] is None:
                continue  # told already: the period itself cannot be read
            frame.fault(i, column.key, "PERIOD_KIND", "A", "这一列与本行的期间不合", PERIOD_CURE[per])

    def _judge_one_value(self, frame: Frame, column: FactColumn) -> None:
        """A fact without periods has one value a firm, on however many rows the firm stands."""
        said: dict[str, tuple[int, object]] = {}
        for i, code in enumerate(frame.columns["uscc"]):
            value = frame.columns[column.key][i]
            if value is None or not isinstance(code, str):
                continue
            row, first = said.setdefault(code, (frame.rows[i], value))
            if value != first:
                reason = f"与第{row}行同一企业填的“{first}”不同，这一项不分期间，只有一个值"
                frame.fault(i, column.key, "VALUE_TWICE", "A", reason, "请改为一致，或只在一行填写")

    # -------- one stored row a cell

    def _compare(self, records: Records, batch: Batch, ground: Ground) -> Difference:
        return compare(self.store, self._wanted(records, batch, ground))

    def _wanted(self, records: Records, batch: Batch, ground: Ground) -> list[Wanted]:
        columns, wanted = records.columns, {}
        for column in self._facts(records, batch):
            unit = column.fact.unit if column.fact.is_measured else ""
            for i, value in enumerate(columns[column.key]):
                if value is None:
                    continue
                period = self.key_of(columns, i)[0] if column.fact.per else ""
                firm = ground.known.get(columns["uscc"][i])
                region = columns["region"][i]
                if firm is not None:
                    region = ground.region_on(firm, self.day_of(columns, i, batch))
                key = (columns["uscc"][i], period, column.key)
                wanted[key] = Wanted(i, firm.id if firm else None, key[1:], (value, unit), region)
        return list(wanted.values())

    def _facts(self, records: Records, batch: Batch) -> list[FactColumn]:
        spec = self.spec_for(batch.region)
        return [
            column
            for column in spec.columns
            if isinstance(column, FactColumn) and column.key in records.columns
        ]

    def _changes(self, records: Records, difference: Difference) -> list[Change]:
        if not difference.changed:
            return []
        labels = {name: fact.type.label for name, (fact, _) in declared_in_force().items()}
        changes = []
        for row, stored in difference.changed[:MOST_CHANGES]:
            (old, old_unit), (value, unit) = stored.values, row.values
            period, fact = row.key
            changes.append(
                Change(
                    records.rows[row.place],
                    records.columns["name"][row.place],
                    f"{labels.get(fact, fact)} {period}".strip(),
                    f"{old} {old_unit}".strip(),
                    f"{value} {unit}".strip(),
                )
            )
        return changes

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in record.items() if value is not None}
