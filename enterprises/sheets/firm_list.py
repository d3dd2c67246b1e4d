"""What every list of firms' rows has in common: firms are looked up, rows compared, changes told, rows stored."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet

from core.amounts import from_hundredths
from core.models import Department, Region, User
from core.periods import Month
from enterprises.models import Enterprise
from enterprises.services.firms import KnownFirm, Newcomer, enter_pending, prepare_names
from enterprises.services.storing import (
    Difference,
    Store,
    Wanted,
    compare,
    rows_before,
    rows_replaced,
    unsaid_fields,
    write,
)
from enterprises.services.undoing import plan_rows, take_back_rows
from enterprises.sheets.contention import refuse_elsewhere, refuse_merged, refuse_overtaken
from enterprises.sheets.ground import Ground, differs_by_key, tell_elsewhere, tell_names
from enterprises.sheets.records import MOST_CHANGES, record_json, shown_value
from intake.models import Batch
from intake.rules.columns import AmountColumn, Column, NameColumn, RegionColumn, UsccColumn
from intake.rules.layout import LAST_MONTH
from intake.rules.reading import Frame
from intake.services.replaced import keep_replaced
from intake.services.sheet_types import Change, Preview, Records, SheetType, UndoPlan

#: 统一社会信用代码*, 企业名称*, 所属县区*: every list begins with them.
FIRM_COLUMNS: tuple[Column, ...] = (UsccColumn(), NameColumn(required=True), RegionColumn(required=True))


def _begins(columns: Mapping[str, list[Any]], i: int) -> date | None:
    """The first day of what a row is about: its month or its year; None where it is about neither."""
    month, year = columns.get("month"), columns.get("year")
    if month is not None and isinstance(month[i], Month):
        return month[i].first_day
    return date(year[i], 1, 1) if year is not None and isinstance(year[i], int) else None


class FirmList(SheetType):
    """A list that says one thing a row of a firm and a period.

    A firm that the registry does not know is taken and entered as 待核. Where the registry knows the firm its
    registered assessment region counts, not the one that the row names.
    """

    store: ClassVar[Store]
    #: column key → field of ``store.values``
    fields: ClassVar[Mapping[str, str]]

    # -------- what a subclass says

    @abstractmethod
    def key_of(self, columns: Mapping[str, list[Any]], i: int) -> tuple[Any, ...]:
        """The row's key after the firm, in the order of ``store.key``."""

    def day_of(self, columns: Mapping[str, list[Any]], i: int, batch: Batch) -> date:
        """The day whose assessment region counts for the row."""
        return batch.as_of

    def value_of(self, key: str, value: Any) -> Any:
        """The stored form of a column's value."""
        return value

    def judge_sense(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        """What makes no sense in this list, given what the database knows."""

    def after_taking(self, firm_ids: Iterable[int]) -> None:
        """What follows for firms whose rows were stored or taken back, in the same transaction."""

    # -------- the door

    def judge(self, frame: Frame, batch: Batch) -> Ground | None:
        if not frame.rows:
            return None
        ground = Ground.for_frame(frame, batch)
        self._judge_firms(frame, batch, ground)
        self.judge_sense(frame, batch, ground)
        return ground

    def preview(self, records: Records, batch: Batch) -> Preview:
        return self.preview_judged(records, batch, Ground.of(records.columns["uscc"], batch))

    def preview_judged(self, records: Records, batch: Batch, learnt: object) -> Preview:
        ground = learnt if isinstance(learnt, Ground) else Ground.of(records.columns["uscc"], batch)
        difference = self._compare(records, batch, ground)
        unknown = {code for code in records.columns["uscc"] if code not in ground.known}
        return Preview(
            new=len(difference.new),
            changed=len(difference.changed),
            same=len(difference.same),
            unknown=len(unknown),
            changes=self._changes(records, difference),
            rows={
                "new": [records.rows[row.place] for row in difference.new],
                "changed": [records.rows[row.place] for row, _ in difference.changed],
                "same": [records.rows[row.place] for row in difference.same],
                "unknown": [
                    row
                    for row, code in zip(records.rows, records.columns["uscc"], strict=True)
                    if code in unknown
                ],
            },
            difference=None if unknown else difference,
        )

    def changes_of(self, records: Records, batch: Batch) -> list[Change]:
        if batch.state not in (Batch.State.COMMITTED, Batch.State.UNDONE):
            return self.preview(records, batch).changes
        before = rows_replaced(self.store, batch)
        ground = Ground.of(records.columns["uscc"], batch)
        unsaid = [
            list(self.fields.values()).index(name) for name in unsaid_fields(records.columns, self.fields)
        ]
        changed = []
        for row in self._wanted(records, batch, ground):
            old = before.get((row.firm_id, *row.key))
            if old is not None:
                row.values = tuple(
                    old.values[place] if place in unsaid else value for place, value in enumerate(row.values)
                )
                changed.append((row, old))
        return self._changes(records, Difference(changed=changed))

    def prepare(self, records: Records, batch: Batch) -> None:
        if batch.counts.get("unknown"):
            prepare_names(records.columns["uscc"], records.columns["name"])

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        columns = records.columns
        ground = Ground.of(columns["uscc"], batch)
        rows = zip(columns["uscc"], columns["name"], columns["region"], strict=True)
        strangers = [Newcomer(*row) for row in rows if row[0] not in ground.known]
        entered = enter_pending(strangers, batch=batch)
        if entered:
            ground.learn(entered)
        refuse_merged(records, ground)
        refuse_elsewhere(records, ground, lambda i: self.day_of(columns, i, batch))
        difference = self._compare(records, batch, ground)
        replaced = {columns["name"][row.place]: old.batch_id for row, old in difference.changed}
        refuse_overtaken(replaced, batch, actor)
        return self._store(difference, batch) | {"unknown": len(entered)}

    def take_previewed(self, records: Records, batch: Batch, actor: User, preview: Preview) -> dict[str, int]:
        if preview.difference is None:
            return self.take(records, batch, actor)
        return self._store(preview.difference, batch) | {"same": preview.same, "unknown": 0}

    def _store(self, difference: Difference, batch: Batch) -> dict[str, int]:
        keep_replaced(batch, rows=rows_before(self.store, difference))
        write(self.store, difference, batch)
        self.after_taking(row.firm_id for row in difference.written if row.firm_id is not None)
        return {
            "new": len(difference.new),
            "changed": len(difference.changed),
            "same": len(difference.same),
        }

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        return plan_rows(self.store, records, batch, actor, self._keys)

    def undo(self, batch: Batch) -> None:
        self.after_taking(take_back_rows(self.store, batch))

    def _keys(self, records: Records) -> set[Any]:
        """Which firm and period each row is about."""
        columns = records.columns
        return {(code, *self.key_of(columns, i)) for i, code in enumerate(columns["uscc"])}

    @property
    def is_prefilled(self) -> bool:
        """The lists that districts fill in are; departments bring their own."""
        return self.duty == Department.INDUSTRY

    def template_rows(
        self, user: User, region: Region, period: Month | int | None
    ) -> Iterable[Sequence[Any]]:
        """The firms of a district, where the list is one that districts fill in."""
        if not self.is_prefilled:
            return
        columns = self.spec_for(region).columns
        own = {self.period_kind: str(period)} if period is not None and self.period_kind else {}
        firms = Enterprise.objects.visible_to(user).within(region.code).filter(ended_on=None)
        told = self._figures(firms, period)
        before = self._figures(firms, period - 1) if isinstance(period, Month) else {}
        references = self.reference_columns(period)
        for firm in firms.select_related("region"):
            known = {"uscc": firm.uscc, "name": firm.name, "region": firm.region.name, **own}
            known |= told.get(firm.pk, {})
            last = before.get(firm.pk, {})
            yield [
                *(known.get(column.key) for column in columns),
                *(last.get(column.key) for column in references),
            ]

    def reference_columns(self, period: Month | int | None) -> tuple[Column, ...]:
        """Last month's amounts stand beside this month's, to be compared while filling in; coming back they are not read."""
        if not self.is_prefilled or not isinstance(period, Month):
            return ()
        return tuple(
            replace(column, heading=f"{LAST_MONTH}{column.heading}", required=False)
            for column in self.spec.columns
            if isinstance(column, AmountColumn) and column.required
        )

    def _figures(self, firms: QuerySet, period: Month | int | None) -> dict[int, dict[str, Any]]:
        """Firm → what is stored of the period, by column key, as a cell shows it."""
        if period is None:
            return {}
        stored = self.store.model._default_manager.filter(
            enterprise__in=firms.order_by(), **{self.store.key[0]: period}, **self.store.fixed
        )
        amounts = {column.key for column in self.spec.columns if isinstance(column, AmountColumn)}
        names = list(self.fields.values())
        found = {}
        for firm_id, *values in stored.order_by().values_list("enterprise_id", *names):
            found[firm_id] = {
                key: from_hundredths(value) if key in amounts and value is not None else value
                for key, value in zip(self.fields, values, strict=True)
            }
        return found

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        return record_json(self.spec, record)

    # -------- how

    def _judge_firms(self, frame: Frame, batch: Batch, ground: Ground) -> None:
        codes, names, regions = (frame.columns[key] for key in ("uscc", "name", "region"))
        differing: dict[int, KnownFirm] = {}
        moved = ground.history.moved
        for i, code in enumerate(codes):
            if not isinstance(code, str):
                continue
            firm = ground.known.get(code)
            if firm is None:
                frame.fault(
                    i,
                    "uscc",
                    "FIRM_UNKNOWN",
                    "D",
                    "企业名录中没有这家企业，提交后列为待核",
                    "请随后补报企业名录",
                )
                continue
            region = firm.region_id
            if firm.id in moved:
                region = ground.region_on(firm, self.day_of(frame.columns, i, batch))
            if region not in ground.scope:
                tell_elsewhere(frame, i)
                continue
            begins = _begins(frame.columns, i) if firm.ended_on is not None else None
            if firm.ended_on is not None and begins is not None and begins > firm.ended_on:
                ended = f"{firm.ended_on.year}年{firm.ended_on.month}月{firm.ended_on.day}日"
                frame.fault(
                    i,
                    "uscc",
                    "FIRM_ENDED",
                    "C",
                    f"该企业{ended}已终止（{firm.status}），不应再有其后的数据",
                    "请核对代码与时间；确有的在“情况说明”写明原因（不少于6个字）",
                )
            if isinstance(regions[i], str) and regions[i] != region:
                where = ground.names[region]
                frame.fault(
                    i,
                    "region",
                    "REGION_DIFFERS",
                    "D",
                    f"登记的县区是{where}，按{where}统计",
                    "请核对所属县区",
                )
                regions[i] = region
            if differs_by_key(names[i], firm):
                differing[i] = firm
        tell_names(frame, differing)

    def _compare(self, records: Records, batch: Batch, ground: Ground) -> Difference:
        columns = records.columns
        unsaid = unsaid_fields(columns, self.fields)
        return compare(self.store, self._wanted(records, batch, ground), unsaid)

    def _wanted(self, records: Records, batch: Batch, ground: Ground) -> list[Wanted]:
        columns = records.columns
        said = [
            [self.value_of(key, value) for value in columns.get(key) or [None] * len(records)]
            for key in self.fields
        ]
        wanted = []
        moved = ground.history.moved
        for i, (code, values) in enumerate(zip(columns["uscc"], zip(*said, strict=True), strict=True)):
            firm = ground.known.get(code)
            if firm is None:
                region = columns["region"][i]
            elif firm.id in moved:
                region = ground.region_on(firm, self.day_of(columns, i, batch))
            else:
                region = firm.region_id
            wanted.append(Wanted(i, firm.id if firm else None, self.key_of(columns, i), values, region))
        return wanted

    def _changes(self, records: Records, difference: Difference) -> list[Change]:
        changes: list[Change] = []
        keys = list(self.fields)
        for row, old in difference.changed:
            for key, before, after in zip(keys, old.values, row.values, strict=True):
                if before != after:
                    column = self.spec.column(key)
                    changes.append(
                        Change(
                            records.rows[row.place],
                            records.columns["name"][row.place],
                            column.heading,
                            self.shown(column, before),
                            self.shown(column, after),
                        )
                    )
            if len(changes) >= MOST_CHANGES:
                break
        return changes

    def shown(self, column: Column, stored: Any) -> str:
        """A stored value as people read it."""
        return shown_value(column, stored)
