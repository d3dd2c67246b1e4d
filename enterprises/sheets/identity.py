"""``registry_events`` 企业变更事项: renames, new codes, moves, mergers, splits and ends, as one list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from core.models import Department, Role, User
from enterprises.models import Enterprise, RegistryEvent
from enterprises.rules.identity import WITH_OTHER, Act, EventKind, Objection
from enterprises.services.event_undoing import events_of_batch, undo_event, why_not_undo
from enterprises.services.identity import (
    EventRefused,
    objections_to,
    record_event,
    resolved,
)
from enterprises.services.registering import firms_by_code
from enterprises.sheets.firm_list import FIRM_COLUMNS
from enterprises.sheets.ground import Ground, tell_elsewhere
from enterprises.sheets.records import record_json
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, DateColumn, NameColumn, RegionColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.rules.uscc import plain_code
from intake.services.commits import CommitRefused
from intake.services.sheet_types import Preview, Records, SheetType, UndoPlan, register_sheet

#: what an officer may state: everything but 重复档案, which is decided with both firms side by side
KINDS = {kind.label: kind.value for kind in RegistryEvent.Kind if kind != RegistryEvent.Kind.DUPLICATE}
_CEASES, _GOES_ON = "终止", "存续"
#: field of ``Act`` → column of the list
_COLUMNS = {
    "on": "on", "kind": "kind", "new_name": "new_name", "new_code": "new_code", "old_code": "old_code",
    "new_region": "new_region", "other_code": "other_code", "other_name": "other_name", "evidence": "evidence",
}  # fmt: skip


@register_sheet
class RegistryEvents(SheetType):
    """A row an event. The same rules as in the browser; rows of one firm are read in the order of their days."""

    spec = SheetSpec(
        name="registry_events",
        label="企业变更事项",
        columns=(
            *FIRM_COLUMNS,
            ChoiceColumn(
                key="kind",
                heading="变更事项",
                aliases=("事项", "变更类型"),
                choices=tuple(KINDS),
                also={
                    "合并": "并入",
                    "迁入": "迁移",
                    "迁出": "迁移",
                    "名称变更": "更名",
                    "信用代码变更": "代码变更",
                },
                required=True,
            ),
            DateColumn(key="on", heading="变更日期", aliases=("日期", "登记日期"), required=True),
            NameColumn(key="new_name", heading="新名称", aliases=("变更后名称",)),
            TextColumn(key="new_code", heading="新信用代码", aliases=("变更后代码", "新代码"), limit=30),
            TextColumn(key="old_code", heading="旧代码", aliases=("原注册号", "旧注册号"), limit=30),
            RegionColumn(key="new_region", heading="迁入县区", aliases=("迁入地",)),
            TextColumn(key="other_code", heading="对方信用代码", aliases=("对方代码",), limit=30),
            NameColumn(key="other_name", heading="对方名称", aliases=("对方企业",)),
            ChoiceColumn(
                key="ceases", heading="原企业(存续/终止)", aliases=("原企业",), choices=(_GOES_ON, _CEASES)
            ),
            TextColumn(
                key="evidence", heading="依据", aliases=("文书", "登记文书"), limit=200, required=True
            ),
        ),
        unique=("uscc", "kind", "on"),
    )
    duty = Department.INDUSTRY
    senders = frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER})

    def judge(self, frame: Frame, batch: Batch) -> None:
        if not frame.rows:
            return
        ground = Ground.for_frame(frame, batch)
        firms = firms_by_code(code for code in frame.columns["uscc"] if isinstance(code, str))
        for i, code in enumerate(frame.columns["uscc"]):
            if not isinstance(code, str) or frame.columns["kind"][i] is None:
                continue
            firm = firms.get(code)
            if firm is None:
                reason = "企业名录中没有这家企业"
                frame.fault(i, "uscc", "FIRM_UNKNOWN", "A", reason, "请核对代码，或先补报企业名录")
            elif firm.region_id not in ground.scope:
                tell_elsewhere(frame, i)
            elif isinstance(frame.columns["on"][i], date):
                act, _ = resolved(act_of(frame.columns, i), batch.sent_by)
                for objection in objections_to(act, firm, batch.sent_by, batch.as_of):
                    _tell(frame, i, objection)

    def preview(self, records: Records, batch: Batch) -> Preview:
        return Preview(new=len(records))

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        """Raises ``CommitRefused`` for the first row that can no longer be: then none of the list is recorded."""
        order = sorted(range(len(records)), key=lambda i: records.columns["on"][i])
        for i in order:
            # looked up anew: an earlier row may have given the firm another code
            firm = Enterprise.objects.visible_to(actor).filter(uscc=records.columns["uscc"][i]).first()
            try:
                if firm is None:
                    raise EventRefused([Objection("uscc", "FIRM_UNKNOWN", "A", "名录中已没有这家企业", "")])
                record_event(
                    firm=firm, act=act_of(records.columns, i), actor=actor, batch=batch, today=batch.as_of
                )
            except EventRefused as refused:
                where = f"第{records.rows[i]}行：{refused}，没有写入任何一行；请改正后重新上传。"
                raise CommitRefused("EVENT_REFUSED", where) from refused
        return {"new": len(records), "changed": 0, "same": 0}

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        events = events_of_batch(batch)
        numbers = [event.pk for event in events]
        obstacles = [
            f"{event.enterprise.name}的“{event.get_kind_display()}”：{reason}"
            for event in events
            for reason in why_not_undo(event, numbers)
        ]
        return UndoPlan(removes=len(events), obstacles=obstacles if events else ["这一批的事项都已撤销"])

    def undo(self, batch: Batch) -> None:
        batch.refresh_from_db(fields=["undone_by"])
        for event in events_of_batch(batch):
            undo_event(event=event, actor=batch.undone_by or batch.sent_by)

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return record_json(self.spec, record)


def act_of(columns: Mapping[str, list[Any]], i: int) -> Act:
    """A row as the rules see it; codes without separators and in capitals."""
    kind = EventKind(KINDS[columns["kind"][i]])
    said = {key: columns[key][i] or "" for key in ("new_name", "new_region", "other_name", "evidence")}
    codes = {
        key: plain_code(columns[key][i]) if columns[key][i] else ""
        for key in ("new_code", "old_code", "other_code")
    }
    if kind not in WITH_OTHER:
        codes["other_code"], said["other_name"] = "", ""
    return Act(kind, columns["on"][i], ceases=columns["ceases"][i] == _CEASES, **said, **codes)


def _tell(frame: Frame, i: int, objection: Objection) -> None:
    column = _COLUMNS.get(objection.field, "kind")
    # a cell that could not be read has been told already
    if frame.columns[column][i] is None and frame.raw[column][i]:
        return
    frame.fault(i, column, objection.code, objection.cls, objection.reason, objection.cure)
