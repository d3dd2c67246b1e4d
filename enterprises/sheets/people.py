"""``contacts`` 企业联系人 and ``liaisons`` 责任人名单: whom to call at a firm, and who answers for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.models import Department, Region, Role, User
from core.periods import Month
from enterprises.models import Contact, Enterprise, Liaison
from enterprises.services.firms import KnownFirm
from enterprises.services.liaison import Assignment, assign, current_by_firm, people_by_username
from enterprises.services.storing import Store
from enterprises.sheets.contention import refuse_elsewhere
from enterprises.sheets.firm_list import FIRM_COLUMNS, FirmList
from enterprises.sheets.ground import Ground, tell_elsewhere
from enterprises.sheets.records import MOST_CHANGES, record_json
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, DateColumn, PhoneColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import Change, Preview, Records, SheetType, register_sheet

DUTIES = {duty.label: duty.value for duty in Liaison.Duty}
_ASSIGNERS = frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER})


@register_sheet
class Contacts(FirmList):
    """Further people of a firm, a row a person. Numbers are shown masked; whoever opens one leaves a trace."""

    spec = SheetSpec(
        name="contacts",
        label="企业联系人",
        columns=(
            *FIRM_COLUMNS,
            TextColumn(
                key="person", heading="联系人", aliases=("姓名", "联系人姓名"), limit=40, required=True
            ),
            TextColumn(key="position", heading="职务", aliases=("岗位",), limit=40),
            PhoneColumn(),
        ),
        unique=("uscc", "person"),
    )
    duty = Department.INDUSTRY
    fields = {"position": "position", "phone": "phone"}
    store = Store(Contact, ("name",), tuple(fields))

    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        return (columns["person"][i],)

    def value_of(self, key: str, value: Any) -> Any:
        return value or ""


@register_sheet
class Liaisons(SheetType):
    """Who answers for which firm from which day on; the former person stays in the history."""

    spec = SheetSpec(
        name="liaisons",
        label="责任人名单",
        columns=(
            *FIRM_COLUMNS,
            ChoiceColumn(key="duty", heading="职责", choices=tuple(DUTIES)),
            TextColumn(
                key="person",
                heading="姓名",
                aliases=("责任人", "包联人", "责任人姓名"),
                limit=40,
                required=True,
            ),
            TextColumn(key="unit", heading="单位", aliases=("责任单位", "所在单位"), limit=60),
            TextColumn(key="account", heading="账号", aliases=("登录账号",), limit=40),
            DateColumn(key="since", heading="起始日期", aliases=("起", "自何日起"), days_ahead=31),
        ),
        unique=("uscc", "duty"),
    )
    duty = Department.INDUSTRY
    senders = _ASSIGNERS

    @property
    def is_prefilled(self) -> bool:
        return True

    def judge(self, frame: Frame, batch: Batch) -> None:
        if not frame.rows:
            return
        ground = Ground.for_frame(frame, batch)
        accounts = people_by_username(a for a in frame.columns["account"] if isinstance(a, str))
        for i, code in enumerate(frame.columns["uscc"]):
            firm = ground.known.get(code) if isinstance(code, str) else None
            if isinstance(code, str) and firm is None:
                reason = "企业名录中没有这家企业"
                frame.fault(i, "uscc", "FIRM_UNKNOWN", "A", reason, "请先补报企业名录，再指派责任人")
            elif firm is not None and firm.region_id not in ground.scope:
                tell_elsewhere(frame, i)
            account, person = frame.columns["account"][i], frame.columns["person"][i]
            user = accounts.get(account) if isinstance(account, str) else None
            if isinstance(account, str) and user is None:
                frame.fault(
                    i, "account", "ACCOUNT_UNKNOWN", "A", "没有这个账号或已停用", "请核对账号；没有账号的留空"
                )
            elif user is not None and isinstance(person, str) and user.full_name != person:
                reason = f"这个账号的姓名是“{user.full_name}”"
                frame.fault(i, "account", "ACCOUNT_NAME", "A", reason, "请核对姓名与账号是否错行")

    def preview(self, records: Records, batch: Batch) -> Preview:
        ground = Ground.of(records.columns["uscc"], batch)
        wanted = self._assignments(records, batch, ground.known)
        found = Preview()
        now = current_by_firm({row.firm_id for row in wanted})
        for row, line in zip(wanted, records.rows, strict=True):
            current = now.get((row.firm_id, row.duty))
            if current is None:
                found.new += 1
            elif current.person == row.person and current.user_id == row.user_id and current.unit == row.unit:
                found.same += 1
            else:
                found.changed += 1
                if len(found.changes) < MOST_CHANGES:
                    name = records.columns["name"][records.rows.index(line)]
                    duty = Liaison.Duty(row.duty).label
                    found.changes.append(Change(line, name, duty, current.person, row.person))
        return found

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        ground = Ground.of(records.columns["uscc"], batch)
        refuse_elsewhere(records, ground, lambda i: batch.as_of)
        return assign(self._assignments(records, batch, ground.known), actor=actor, batch=batch)

    def template_rows(
        self, user: User, region: Region, period: Month | int | None
    ) -> Iterable[Sequence[Any]]:
        firms = Enterprise.objects.visible_to(user).within(region.code).filter(ended_on=None)
        now = current_by_firm(None)
        duty = Liaison.Duty.RESPONSIBLE
        for firm in firms.select_related("region"):
            current = now.get((firm.pk, duty))
            own = (current.person, current.unit) if current else (None, None)
            yield [firm.uscc, firm.name, firm.region.name, duty.label, *own, None, None]

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return record_json(self.spec, record)

    def _assignments(
        self, records: Records, batch: Batch, known: Mapping[str, KnownFirm]
    ) -> list[Assignment]:
        columns = records.columns
        accounts = people_by_username(account for account in columns["account"] if account)
        return [
            Assignment(
                firm_id=known[code].id,
                region=known[code].region_id,
                duty=DUTIES.get(columns["duty"][i], Liaison.Duty.RESPONSIBLE.value),
                person=columns["person"][i],
                unit=columns["unit"][i] or "",
                user_id=accounts[columns["account"][i]].pk if columns["account"][i] else None,
                since=columns["since"][i] or batch.as_of,
            )
            for i, code in enumerate(columns["uscc"])
        ]
