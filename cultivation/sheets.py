"""``targets`` 目标任务: yearly targets by region from a list; what a city re-issues during the year."""

from __future__ import annotations

from typing import Any

from core.amounts import format_amount, from_hundredths
from core.models import Department, Region, Role, User
from cultivation.models import Target
from cultivation.policy import METRICS
from cultivation.services.programmes import programme_of_region, programmes_of_region
from cultivation.services.target_undo import plan_targets_undo, targets_before
from cultivation.services.targets import columns_kept, save_targets, take_back_targets
from intake.models import Batch
from intake.rules.columns import AmountColumn, ChoiceColumn, RegionColumn, YearColumn
from intake.rules.faults import Fault
from intake.rules.reading import Frame, SheetSpec
from intake.services.replaced import keep_replaced
from intake.services.sheet_types import Change, Preview, Records, SheetType, UndoPlan, register_sheet

_METRICS = {metric.label: metric.value for metric in Target.Metric}
_SHORT_FORMS = {
    "新增": "newly_listed", "净增": "net_added", "总数": "total", "新增产值": "output_of_new",
}  # fmt: skip
_LABELS = {metric.value: metric.label for metric in Target.Metric}
_ALSO = {METRICS[code].label: _LABELS[code] for code in _LABELS} | {
    word: _LABELS[code] for word, code in _SHORT_FORMS.items()
}
_WHOLE = 100
#: What the list's one column 目标 is counted in, by metric; a list has no unit of its own.
_UNITS = {code: "家" if "家" in METRICS[code].units else METRICS[code].units[0] for code in _LABELS}


@register_sheet
class TargetList(SheetType):
    """Replaces targets of the programme that the sender's region belongs to; the batch stays with the row."""

    spec = SheetSpec(
        name="targets",
        label="目标任务",
        columns=(
            RegionColumn(
                heading="县区", aliases=("所属县区", "地区", "考核地区", "县(市、区)"), required=True
            ),
            YearColumn(required=True, periodic=False),
            ChoiceColumn(
                key="metric",
                heading="指标",
                aliases=("目标指标", "考核指标"),
                required=True,
                choices=tuple(_METRICS),
                also=_ALSO,
            ),
            AmountColumn(
                key="value",
                heading="目标",
                aliases=("目标数", "目标值", "年度目标"),
                required=True,
                unit="firm",
                minimum=0,
            ),
        ),
        unique=("region", "year", "metric"),
    )
    duty = Department.INDUSTRY
    senders = frozenset({Role.BUREAU_STAFF})

    def judge(self, frame: Frame, batch: Batch) -> None:
        if programme_of_region(batch.region) is None:
            frame.faults.append(_no_one_programme(batch.region))
        for i, (metric, value) in enumerate(
            zip(frame.columns["metric"], frame.columns["value"], strict=True)
        ):
            if metric is None or value is None:
                continue
            if _UNITS[_METRICS[str(metric)]] == "家" and int(str(value)) % _WHOLE:
                frame.fault(i, "value", "TARGET_FRACTION", "A", "家数应是整数", "请填写不带小数的数字")

    def preview(self, records: Records, batch: Batch) -> Preview:
        preview = Preview(rows={"new": [], "changed": [], "same": []})
        stored = self._stored(batch, records)
        names = dict(Region.objects.values_list("code", "name"))
        for row, target in zip(records.rows, self._rows(records, batch), strict=True):
            former = stored.get(_key(target))
            kind = "new" if former is None else "same" if former.value == target.value else "changed"
            preview.rows[kind].append(row)
            setattr(preview, kind, len(preview.rows[kind]))
            if former is not None and kind == "changed":
                heading = f"{target.year}年{target.get_metric_display()}"
                old, new = format_amount(former.amount), format_amount(target.amount)
                preview.changes.append(Change(row, names[target.region_id], heading, old, new))
        return preview

    def take(self, records: Records, batch: Batch, actor: User) -> dict[str, int]:
        """Rows whose value stands already keep their source: a repeated list re-issues nothing."""
        stored = self._stored(batch, records)
        rows = [
            target
            for target in self._rows(records, batch)
            if (former := stored.get(_key(target))) is None or former.value != target.value
        ]
        before = [stored[_key(target)] for target in rows if _key(target) in stored]
        columns = columns_kept()
        keep_replaced(batch, targets=(columns, ([getattr(row, name) for name in columns] for row in before)))
        save_targets(rows, actor=actor)
        replaced = len(before)
        return {"new": len(rows) - replaced, "changed": replaced, "same": len(records) - len(rows)}

    def plan_undo(self, records: Records, batch: Batch, actor: User) -> UndoPlan:
        return plan_targets_undo(batch)

    def undo(self, batch: Batch) -> None:
        if batch.undone_by is not None:
            take_back_targets(batch=batch, before=targets_before(batch), actor=batch.undone_by)

    def as_json(self, record: dict[str, Any]) -> dict[str, Any]:
        name = Region.objects.filter(pk=record["region"]).values_list("name", flat=True).first()
        return {
            "region": name or record["region"],
            "year": record["year"],
            "metric": record["metric"],
            "value": str(from_hundredths(record["value"])),
        }

    def _rows(self, records: Records, batch: Batch) -> list[Target]:
        programme = programme_of_region(batch.region)
        columns = records.columns
        rows = []
        for region, year, label, value in zip(
            columns["region"], columns["year"], columns["metric"], columns["value"], strict=True
        ):
            metric = _METRICS[label]
            rows.append(
                Target(
                    programme=programme.name if programme else "",
                    region_id=region,
                    year=year,
                    until_year=year,
                    metric=metric,
                    unit=_UNITS[metric],
                    value=value // _WHOLE if _UNITS[metric] == "家" else value,
                    clause=f"批次 {batch} 调整",
                    batch=batch,
                )
            )
        return rows

    def _stored(self, batch: Batch, records: Records) -> dict[tuple[Any, ...], Target]:
        programme = programme_of_region(batch.region)
        if programme is None:
            return {}
        years = set(records.columns["year"])
        stored = Target.objects.of_programme(programme.name).filter(year__in=years)
        return {_key(target): target for target in stored if target.year == target.until_year}


def _no_one_programme(region: Region) -> Fault:
    several = programmes_of_region(region)
    if several:
        names = "、".join(edition.name for edition in several)
        reason = f"{region.name}有 {len(several)} 个施行中的方案（{names}），不知道目标属于哪个方案"
        return Fault("NO_PROGRAMME", "A", reason, "请在政策文件中修改目标后重新载入")
    reason = f"{region.name}没有施行中的方案，不知道目标属于哪个方案"
    return Fault("NO_PROGRAMME", "A", reason, "请先载入政策文件，再报目标任务")


def _key(target: Target) -> tuple[Any, ...]:
    return (target.region_id, target.year, target.metric)
