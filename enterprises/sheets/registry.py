"""``registry`` 企业名录 by districts, ``licences`` 营业执照信息 by the register office: they verify, rename and move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from core.amounts import from_hundredths
from core.models import Department, Region, User
from core.periods import Month
from enterprises.models import Enterprise
from enterprises.rules.industries import is_industrial
from enterprises.services.firms import prepare_names
from enterprises.services.registering import (
    PLAIN_FIELDS,
    RegistryDifference,
    compare_registry,
    current_spell_starts,
    firms_by_code,
    firms_replaced,
    store_registry,
)
from enterprises.services.undoing import plan_registry, take_back_registry
from enterprises.sheets.contention import refuse_elsewhere, refuse_overtaken
from enterprises.sheets.firm_list import FIRM_COLUMNS
from enterprises.sheets.ground import Ground, differs_by_key, tell_elsewhere
from enterprises.sheets.records import MOST_CHANGES, record_json, shown_value
from intake.models import Batch
from intake.rules.columns import AmountColumn, DateColumn, IndustryColumn, PhoneColumn, TextColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.sheet_types import Change, Preview, Records, SheetType, UndoPlan, register_sheet

#: A firm is registered before it produces, so 投产 may be planned some years ahead.
_PLANNED_DAYS = 5 * 366


@register_sheet
class Registry(SheetType):
    spec = SheetSpec(
        name="registry",
        label="企业名录",
        columns=(
            *FIRM_COLUMNS,
            TextColumn(
                key="township", heading="乡镇(园区)", aliases=("乡镇", "园区", "乡镇(街道)"), limit=60
            ),
            TextColumn(key="administrative_code", heading="行政区划", aliases=("行政区划代码",), limit=12),
            IndustryColumn(),
            DateColumn(
                key="founded_on",
                heading="成立日期",
                aliases=("成立时间", "注册时间", "开业时间"),
                month_is_enough=True,
            ),
            DateColumn(
                key="started_on",
                heading="投产日期",
                aliases=("投产时间",),
                days_ahead=_PLANNED_DAYS,
                month_is_enough=True,
            ),
            TextColumn(key="status", heading="企业状态", aliases=("营业状态", "经营状态"), limit=20),
            TextColumn(key="registration_type", heading="登记注册类型", aliases=("注册类型",), limit=60),
            AmountColumn(
                key="registered_capital_wan", heading="注册资本(万元)", aliases=("注册资金",), minimum=0
            ),
            TextColumn(key="contact", heading="联系人", aliases=("企业联系人",), limit=40),
            PhoneColumn(),
        ),
        unique=("uscc",),
    )
    duty = Department.INDUSTRY

    def judge(self, frame: Frame, batch: Batch) -> None:
        if not frame.rows:
            return
        ground = Ground.for_frame(frame, batch)
        regions = zip(frame.columns["uscc"], frame.columns["region"], strict=True)
        movers = [
            firm.id
            for code, region in regions
            if (firm := ground.known.get(code)) and firm.region_id != region
        ]
        moved_on = current_spell_starts(movers)
        for i, code in enumerate(frame.columns["uscc"]):
            industry = frame.columns["industry_code"][i]
            if isinstance(industry, str) and not is_industrial(industry):
                frame.fault(
                    i, "industry_code", "NOT_INDUSTRY", "D", "不属于工业行业（06—46）", "请核对行业代码"
                )
            firm = ground.known.get(code) if isinstance(code, str) else None
            if firm is None:
                continue
            if firm.region_id not in ground.scope:
                tell_elsewhere(frame, i)
                continue
            if differs_by_key(frame.columns["name"][i], firm):
                reason = f"将更名，登记的名称是“{firm.name}”"
                frame.fault(i, "name", "RENAMES", "D", reason, "请核对代码与名称是否错行，确已更名的无需处理")
            region = frame.columns["region"][i]
            if not isinstance(region, str) or region == firm.region_id:
                continue
            since = moved_on.get(firm.id)
            if since is not None and since > batch.as_of:
                reason = f"该企业{since.isoformat()}已调整县区，不能用更早的名录改回"
                frame.fault(i, "region", "MOVED_LATER", "A", reason, "请按现在的县区填写")
                continue
            reason = f"将由{ground.names[firm.region_id]}调整到{ground.names.get(region, region)}"
            cure = f"自{batch.as_of.isoformat()}起按新县区统计；如非迁移，请改回原县区"
            frame.fault(i, "region", "MOVES", "D", reason, cure)

    def preview(self, records: Records, batch: Batch) -> Preview:
        difference = compare_registry(records.columns, firms_by_code(records.columns["uscc"]))
        return Preview(
            new=len(difference.new),
            changed=len(difference.changed),
            same=difference.same + len(difference.confirmed),
            changes=self._changes(records, difference),
            rows=_kinds(records, difference),
        )

    def changes_of(self, records: Records, batch: Batch) -> list[Change]:
        if batch.state not in (Batch.State.COMMITTED, Batch.State.UNDONE):
            return self.preview(records, batch).changes
        difference = compare_registry(records.columns, firms_replaced(batch))
        return self._changes(records, difference)

    def prepare(self, records: Records, batch: Batch) -> None:
        if batch.counts.get("new"):
            prepare_names(records.columns["uscc"], records.columns["name"])

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        firms = firms_by_code(records.columns["uscc"])
        ground = Ground.of(firms, batch)
        refuse_elsewhere(records, ground, lambda i: date.max)
        difference = compare_registry(records.columns, firms)
        replaced = {change.firm.name: change.firm.batch_id for change in difference.changed}
        refuse_overtaken(replaced, batch, actor)
        return store_registry(records.columns, difference, batch=batch)

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        return plan_registry(batch, actor)

    def undo(self, batch: Batch) -> None:
        take_back_registry(batch)

    def template_rows(
        self, user: User, region: Region, period: Month | int | None
    ) -> Iterable[Sequence[Any]]:
        """The firms as registered; telephone numbers stay out: an empty cell leaves them as they are."""
        for firm in Enterprise.objects.visible_to(user).within(region.code).select_related("region"):
            known = {
                key: getattr(firm, attribute) for key, attribute in PLAIN_FIELDS.items() if key != "phone"
            }
            known |= {"uscc": firm.uscc, "name": firm.name, "region": firm.region.name}
            capital = firm.registered_capital_wan
            known["registered_capital_wan"] = None if capital is None else from_hundredths(capital)
            yield [known.get(column.key) or None for column in self.spec.columns]

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return record_json(self.spec, record)

    def _changes(self, records: Records, difference: RegistryDifference) -> list[Change]:
        changes = [
            Change(
                records.rows[change.place],
                records.columns["name"][change.place],
                column.heading,
                shown_value(column, old),
                shown_value(column, new),
            )
            for change in difference.changed[:MOST_CHANGES]
            for key, (old, new) in change.values.items()
            for column in (self.spec.column(key),)
        ]
        return changes[:MOST_CHANGES]


@register_sheet
class Licences(Registry):
    """``licences`` 营业执照信息: what the register office says of a firm; taken in like the registry list."""

    spec = SheetSpec(
        name="licences",
        label="营业执照信息",
        columns=(
            *FIRM_COLUMNS,
            TextColumn(
                key="address",
                heading="地址",
                aliases=("单位注册地", "注册地址", "经营地址", "单位所在地"),
                limit=200,
            ),
            TextColumn(
                key="legal_person", heading="法定代表人", aliases=("法人代表", "单位负责人"), limit=40
            ),
            IndustryColumn(),
            DateColumn(
                key="founded_on",
                heading="成立日期",
                aliases=("成立时间", "注册时间", "开业时间"),
                month_is_enough=True,
            ),
            TextColumn(
                key="status", heading="企业状态", aliases=("营业状态", "经营状态", "登记状态"), limit=20
            ),
            TextColumn(
                key="registration_type", heading="登记注册类型", aliases=("注册类型", "企业类型"), limit=60
            ),
            AmountColumn(
                key="registered_capital_wan", heading="注册资本(万元)", aliases=("注册资金",), minimum=0
            ),
        ),
        unique=("uscc",),
    )
    duty = Department.MARKET


def _kinds(records: Records, difference: RegistryDifference) -> dict[str, list[int]]:
    rows = records.rows
    new = {rows[place] for place in difference.new}
    changed = {rows[change.place] for change in difference.changed}
    same = [row for row in rows if row not in new and row not in changed]
    return {"new": sorted(new), "changed": sorted(changed), "same": same}
