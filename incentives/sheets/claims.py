"""``award_claims`` 奖补申报: claims by the list; each is taken once, like those of the form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.models import Department, Region, Role, User
from enterprises.models import Enterprise
from enterprises.rules.declared import fact_column
from enterprises.sheets.firm_list import FIRM_COLUMNS
from enterprises.sheets.ground import Ground, tell_elsewhere
from incentives.policy import Rule
from incentives.rules.columns import NAMING
from incentives.services.applications import (
    AlreadyApplied,
    Claimable,
    apply_for_award,
    claimable_around,
    first_number,
)
from incentives.services.asked_facts import TOLD, facts_for_lists, period_facts_for_claims
from incentives.services.programmes import AwardsRefused
from incentives.services.taking_back import plan_claims_undo, take_back_claims
from intake.models import Batch
from intake.rules.columns import ChoiceColumn, DateColumn
from intake.rules.reading import Frame, SheetSpec
from intake.services.commits import Overtaken
from intake.services.sheet_types import Preview, Records, SheetType, UndoPlan, register_sheet


@register_sheet
class AwardClaims(SheetType):
    """A row a claim, with all that rules ask of the event and of the years and quarters that they name."""

    spec = SheetSpec(
        name="award_claims",
        label="奖补申报",
        columns=(
            *FIRM_COLUMNS,
            ChoiceColumn(
                key="rule", heading="申报事项", aliases=("规则", "奖补规则", "奖补事项"), required=True
            ),
            DateColumn(key="day", heading="事项日期", aliases=("日期", "发生日期"), required=True),
            *NAMING,
        ),
        unique=("uscc", "rule", "day", "key", "project", "invoice"),
    )
    duty = Department.INDUSTRY
    comes_last = True
    senders = frozenset({Role.BUREAU_STAFF, Role.DISTRICT_OFFICER, Role.TOWNSHIP_OFFICER})

    def spec_for(self, region: Region, mapping: Mapping[str, Any] | None = None) -> SheetSpec:
        rules = tuple(_by_name(claimable_around(region)))
        columns = [
            ChoiceColumn(
                key=column.key,
                heading=column.heading,
                aliases=column.aliases,
                required=True,
                choices=rules,
            )
            if column.key == "rule"
            else column
            for column in self.spec.columns
        ]
        facts = [
            fact_column(fact)
            for name, fact in facts_for_lists(region).items()
            if fact.per is None and name not in TOLD
        ]
        for one in period_facts_for_claims(region):
            told = fact_column(one.type)
            facts.append(replace(told, key=one.column, heading=f"{one.when}{told.heading}", aliases=()))
        return SheetSpec(self.spec.name, self.spec.label, (*columns, *facts), self.spec.unique)

    def judge(self, frame: Frame, batch: Batch) -> None:
        ground = Ground.for_frame(frame, batch)
        rules = _rules(batch)
        for i, code in enumerate(frame.columns["uscc"]):
            firm = ground.known.get(code) if isinstance(code, str) else None
            if isinstance(code, str) and firm is None:
                cure = "请核对代码；新企业请先报企业名录"
                frame.fault(i, "uscc", "FIRM_UNKNOWN", "A", "企业名录中没有这家企业", cure)
            elif firm is not None and firm.region_id not in ground.scope:
                tell_elsewhere(frame, i)
            elif firm is not None:
                self._judge_claim(frame, i, firm.id, rules)

    def _judge_claim(self, frame: Frame, i: int, firm: int, rules: Mapping[str, Claimable]) -> None:
        columns = frame.columns
        claimed, day = rules.get(str(columns["rule"][i])), columns["day"][i]
        if claimed is None or day is None:
            return
        try:
            number = first_number(claimed, firm, _named(columns, i))
        except AwardsRefused as refused:
            frame.fault(i, "rule", "CLAIM_REFUSED", "A", str(refused).rstrip("。"), "请核对申报事项和日期")
            return
        if number:
            reason = f"已经申报过，编号 {number}"
            frame.fault(i, "rule", "CLAIM_TWICE", "A", reason, "不重复受理，请删除这一行")

    def preview(self, records: Records, batch: Batch) -> Preview:
        return Preview(new=len(records), rows={"new": list(records.rows)})

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        columns, rules = records.columns, _rules(batch)
        firms = Enterprise.objects.in_bulk(list(set(columns["uscc"])), field_name="uscc")
        taken = again = 0
        for i, code in enumerate(columns["uscc"]):
            claimed = rules.get(columns["rule"][i])
            if claimed is None or code not in firms:
                raise Overtaken(f"第{records.rows[i]}行：申报事项或企业刚刚有变，请重新校验后再提交。")
            try:
                apply_for_award(
                    programme=claimed.programme,
                    rule=claimed.rule.id,
                    enterprise=firms[code],
                    actor=actor,
                    facts=_facts(records, i, batch, claimed.rule),
                    batch=batch,
                    **_named(columns, i),
                )
                taken += 1
            except AlreadyApplied:
                again += 1
            except AwardsRefused as refused:
                raise Overtaken(f"第{records.rows[i]}行：{refused}") from refused
        return {"new": taken, "changed": 0, "same": again}

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        return plan_claims_undo(batch)

    def undo(self, batch: Batch) -> None:
        take_back_claims(batch)

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return {key: str(value) for key, value in record.items() if value is not None}


def _rules(batch: Batch) -> dict[str, Claimable]:
    return _by_name(claimable_around(batch.region))


def _by_name(rules: Sequence[Claimable]) -> dict[str, Claimable]:
    """By title; where several rules bear one title, by title, document and clause: nobody guesses which is meant."""
    titles = Counter(one.rule.title for one in rules)
    return {
        one.rule.title
        if titles[one.rule.title] == 1
        else f"{one.rule.title}（{one.document} {one.rule.clause}）": one
        for one in rules
    }


def _facts(records: Records, i: int, batch: Batch, rule: Rule) -> dict[str, str]:
    """What the row tells, by fact and period; years are counted from the event's own, or from the rule's period."""
    period = rule.occasion.period if rule.occasion else None
    year = int(period[:4]) if period else records.columns["day"][i].year
    names = {
        name: name
        for name, fact in facts_for_lists(batch.region).items()
        if fact.per is None and name not in TOLD
    }
    names |= {one.column: one.key_in(year) for one in period_facts_for_claims(batch.region)}
    told = {name: (records.columns.get(column) or [None] * len(records))[i] for column, name in names.items()}
    return {name: value for name, value in told.items() if value is not None}


def _named(columns: Mapping[str, list[Any]], i: int) -> dict[str, Any]:
    told = {key: columns[key][i] or "" for key in ("key", "project", "invoice")}
    return {"happened_on": columns["day"][i], **told}
