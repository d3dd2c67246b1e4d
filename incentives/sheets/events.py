"""``award_events`` 奖补事项: what happened to whom, with the data that rules ask for; firms and everybody else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.models import Department, Region, Role, User
from enterprises.rules.declared import PERIOD_CURE, FactColumn, fact_column, kind_of_period
from enterprises.sheets.ground import ASK_THE_CITY, ELSEWHERE, Ground
from incentives.models import AwardOccasion
from incentives.policy import EVENTS, RECIPIENTS
from incentives.rules.columns import NAMING, WhenColumn
from incentives.rules.happenings import PLACES
from incentives.services.asked_facts import facts_for_lists
from incentives.services.events import SameEvent, known_events, save_events
from incentives.services.taking_back import keep_events_before, plan_events_undo, take_back_events
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, RegionColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import Change, Preview, Records, SheetType, UndoPlan, register_sheet

_KINDS = {label: kind for kind, label in RECIPIENTS.items()}
_EVENTS = {label: event for event, label in EVENTS.items() if event != "listed"}
_FIRST = {"是": True, "否": False}


@register_sheet
class AwardEvents(SheetType):
    """A row an event. A row without an event only brings data of its period, such as a district's tax of a year."""

    spec = SheetSpec(
        name="award_events",
        label="奖补事项",
        columns=(
            ChoiceColumn(key="kind", heading="对象类别", required=True, choices=tuple(_KINDS)),
            TextColumn(
                key="code",
                heading="对象代码",
                aliases=("统一社会信用代码", "代码"),
                limit=60,
                required=True,
                carried=False,
            ),
            TextColumn(
                key="name",
                heading="对象名称",
                aliases=("企业名称", "单位名称", "名称"),
                limit=200,
                required=True,
                carried=False,
            ),
            RegionColumn(required=True),
            ChoiceColumn(key="event", heading="事项", choices=tuple(_EVENTS)),
            WhenColumn(),
            *NAMING,
            ChoiceColumn(key="first", heading="是否首次", choices=tuple(_FIRST)),
            TextColumn(key="document", heading="依据文号", aliases=("文号", "认定文号"), limit=80),
        ),
    )
    duty = Department.INDUSTRY
    comes_last = True
    senders = frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER})

    def may_send(self, user: User) -> bool:
        """Districts and the bureau, and every department for what it knows itself."""
        if user.role in (Role.DEPARTMENT_OFFICER, Role.API_CLIENT):
            return bool(user.department)
        return super().may_send(user)

    def department_of(self, actor: User) -> str:
        return actor.department or self.duty

    def spec_for(self, region: Region, mapping: Mapping[str, Any] | None = None) -> SheetSpec:
        facts = tuple(fact_column(fact) for fact in facts_for_lists(region).values())
        return SheetSpec(self.spec.name, self.spec.label, (*self.spec.columns, *facts))

    def judge(self, frame: Frame, batch: Batch) -> None:
        ground = Ground.of(frame.columns["code"], batch)
        for i in range(len(frame.rows)):
            self._judge_recipient(frame, i, ground)
        for column in frame.spec.columns:
            if isinstance(column, FactColumn) and column.fact.per is not None:
                self._judge_periods(frame, column)
        self._judge_twice(frame)

    def _judge_recipient(self, frame: Frame, i: int, ground: Ground) -> None:
        kind = _KINDS.get(str(frame.columns["kind"][i]))
        code, region = frame.columns["code"][i], frame.columns["region"][i]
        if kind == "enterprise" and isinstance(code, str):
            firm = ground.known.get(code)
            if firm is None:
                cure = "请核对统一社会信用代码；新企业请先报企业名录"
                frame.fault(i, "code", "FIRM_UNKNOWN", "A", "企业名录中没有这家企业", cure)
            elif firm.region_id not in ground.scope:
                frame.fault(i, "code", "FIRM_ELSEWHERE", "A", ELSEWHERE, ASK_THE_CITY)
        elif kind in PLACES and isinstance(region, str) and code not in (region, ground.names.get(region)):
            reason = f"对象是{RECIPIENTS[kind]}，代码应是所属县区的代码或名称"
            frame.fault(i, "code", "REGION_CODE", "A", reason, f"请填写 {ground.names.get(region, region)}")

    def _judge_periods(self, frame: Frame, column: FactColumn) -> None:
        per = column.fact.per
        for i, value in enumerate(frame.columns[column.key]):
            period = frame.columns["period"][i]
            if value is not None and per and isinstance(period, str) and kind_of_period(period) is not per:
                frame.fault(i, column.key, "PERIOD_KIND", "A", "这一列与本行的时间不合", PERIOD_CURE[per])

    def _judge_twice(self, frame: Frame) -> None:
        """One event on one row: the second of two is told, whatever else it says."""
        seen: dict[SameEvent, int] = {}
        columns = {key: frame.columns[key] for key in ("kind", "code", "region", "event", "period")}
        for i in range(len(frame.rows)):
            if any(columns[key][i] is None for key in ("kind", "code", "region", "period")):
                continue
            first = seen.setdefault(_same_event(frame.columns, i), i)
            if first != i:
                reason = f"与第{frame.rows[first]}行是同一对象的同一事项"
                frame.fault(i, "code", "EVENT_TWICE", "A", reason, "请只保留正确的一行")

    # -------- what a commit does

    def preview(self, records: Records, batch: Batch) -> Preview:
        known = known_events(_events(records))
        preview = Preview(rows={"new": [], "changed": [], "same": []})
        for i, row in enumerate(records.rows):
            stored, said = known.get(_same_event(records.columns, i)), self._said(records, i, batch)
            kind = "new" if stored is None else "same" if stored == said else "changed"
            preview.rows[kind].append(row)
            setattr(preview, kind, len(preview.rows[kind]))
            if stored is not None and kind == "changed":
                name = records.columns["name"][i]
                preview.changes += [
                    Change(row, name, heading, stored.get(heading, "—"), said.get(heading, "—"))
                    for heading in dict.fromkeys((*stored, *said))
                    if stored.get(heading) != said.get(heading)
                ]
        return preview

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        preview = self.preview(records, batch)
        written = {*preview.rows["new"], *preview.rows["changed"]}
        places = [i for i, row in enumerate(records.rows) if row in written]
        ground = Ground.of(records.columns["code"], batch)
        rows = [self._row(records, i, batch, ground) for i in places]
        keep_events_before(batch, rows)
        save_events(rows)
        return {"new": preview.new, "changed": preview.changed, "same": preview.same}

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        return plan_events_undo(batch)

    def undo(self, batch: Batch) -> None:
        take_back_events(batch)

    def _row(self, records: Records, i: int, batch: Batch, ground: Ground) -> AwardOccasion:
        event, kind, code, period, key, project, invoice = _same_event(records.columns, i)
        firm = ground.known.get(code) if kind == "enterprise" else None
        columns = records.columns
        return AwardOccasion(
            event=event,
            recipient_kind=kind,
            recipient_code=code,
            recipient_name=firm.name if firm else columns["name"][i],
            enterprise_id=firm.id if firm else None,
            region_id=firm.region_id if firm else columns["region"][i],
            period=period,
            year=int(period[:4]),
            key=key,
            project=project,
            invoice=invoice,
            is_first=_FIRST.get(columns["first"][i] or ""),
            document=columns["document"][i] or "",
            facts=self._facts(records, i, batch),
            batch=batch,
        )

    def _facts(self, records: Records, i: int, batch: Batch) -> dict[str, str]:
        period = records.columns["period"][i]
        found = {}
        for name, fact in facts_for_lists(batch.region).items():
            value = (records.columns.get(name) or [None] * len(records))[i]
            if value is not None:
                found[f"{name}[{period}]" if fact.per else name] = value
        return found

    def _said(self, records: Records, i: int, batch: Batch) -> dict[str, str]:
        """What the row says, by heading, beside what names it."""
        columns = records.columns
        told = {"是否首次": columns["first"][i] or "", "依据文号": columns["document"][i] or ""}
        return {**told, **self._facts(records, i, batch)}

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in record.items() if value is not None}


def _same_event(columns: Mapping[str, list[Any]], i: int) -> SameEvent:
    kind = _KINDS[columns["kind"][i]]
    code = columns["region"][i] if kind in PLACES else columns["code"][i]
    event = columns["event"][i]
    named = (columns[key][i] or "" for key in ("key", "project", "invoice"))
    return (_EVENTS[event] if event else "", kind, code, columns["period"][i], *named)


def _events(records: Records) -> list[SameEvent]:
    return [_same_event(records.columns, i) for i in range(len(records))]
