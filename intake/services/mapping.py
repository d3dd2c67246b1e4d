"""Lists of unknown layout: what the file shows, what a person says of its columns, and what is remembered of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from core import audit
from core.audit import digest_of
from core.models import Region, User
from intake.models import Batch, ListLayout
from intake.rules.mapping import LEFT_OUT, ROLES, Choice, FileColumn, Survey, remembered, survey_workbook
from intake.rules.units import unit_of
from intake.services.access import ensure_may_act
from intake.services.reading_context import accepted_names, scope_of
from intake.services.sheet_types import SheetType, sheet_type
from intake.services.uploads import media_path
from intake.workbooks import Limits, WorkbookRefused, read_workbook

ROLE_LABELS = {"uscc": "信用代码", "name": "企业名称", "region": "县区", "month": "月份", "year": "年度"}


class MappingRefused(Exception):
    """What was said of the columns does not make a list; every fault, by column number (0: the whole)."""

    def __init__(self, faults: list[tuple[int, str]]) -> None:
        super().__init__("；".join(message for _, message in faults))
        self.faults = faults


def open_mapping(batch: Batch, sheet: SheetType) -> bool:
    """Look at the file of a batch under check. True when it can be read at once: its layout is known, or it is no
    list at all and the check says why. Otherwise the batch waits in MAPPING and False is returned."""
    survey = _survey(batch, sheet)
    if survey is None:
        return True
    seen = {"survey": _packed(survey)}
    known = remembered(survey.columns, _layouts(batch))
    if known is not None:
        number, choices = known
        adds_up = ListLayout.objects.filter(pk=number, adds_up=True).exists()
        batch.mapping = seen | _explained(survey, choices, batch, adds_up) | {"layout": number}
        Batch.objects.filter(pk=batch.pk).update(mapping=batch.mapping)
        return True
    checking = Batch.objects.filter(pk=batch.pk, state=Batch.State.CHECKING)
    checking.update(state=Batch.State.MAPPING, mapping=seen)
    batch.refresh_from_db()
    return False


def _survey(batch: Batch, sheet: SheetType) -> Survey | None:
    limits = Limits(file_bytes=settings.UPLOAD_MAX_BYTES)
    try:
        workbook = read_workbook(media_path(batch.stored_path), batch.upload_name, limits)
    except WorkbookRefused:
        return None
    regions = list(Region.objects.order_by("path"))
    names = accepted_names(regions, scope_of(batch.region, regions))
    return survey_workbook(
        workbook, sheet.measures(), names, lambda texts: sheet.known_names(texts, batch.region)
    )


def _layouts(batch: Batch) -> list[tuple[int, dict[str, dict[str, str]]]]:
    mine = ListLayout.objects.filter(department=batch.department, sheet=batch.sheet, region=batch.region_id)
    return list(mine.values_list("pk", "targets"))


def _packed(survey: Survey) -> dict[str, Any]:
    return {
        "page": survey.page,
        "first": survey.first,
        "last": survey.last,
        "others": survey.others,
        "columns": [asdict(column) for column in survey.columns],
        "choices": {str(number): asdict(choice) for number, choice in survey.choices.items()},
    }


def survey_of(batch: Batch) -> Survey | None:
    """What was seen of the batch's file."""
    seen = batch.mapping.get("survey")
    if not seen:
        return None
    columns = [FileColumn(**column | {"shown": tuple(column["shown"])}) for column in seen["columns"]]
    choices = {int(number): Choice(**choice) for number, choice in seen["choices"].items()}
    return Survey(seen["page"], seen["first"], seen["last"], columns, choices, seen["others"])


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """A column on the page: as the file has it, and what it is taken for at the moment."""

    column: FileColumn
    choice: Choice
    fault: str = ""


def column_lines(batch: Batch) -> list[ColumnLine]:
    """Every column of the file; what was confirmed goes before what is only likely."""
    survey = survey_of(batch)
    if survey is None:
        return []
    said = batch.mapping.get("columns", {})
    lines = []
    for column in survey.columns:
        choice = survey.choices[column.number]
        if one := said.get(str(column.number)):
            choice = Choice(one["target"], one["unit"], "已确认", is_sure=True)
        elif said:
            choice = Choice(LEFT_OUT, "", "已确认不采用", is_sure=True)
        lines.append(ColumnLine(column, choice))
    return lines


def confirm_mapping(
    *, batch: Batch, actor: User, said: Mapping[int, tuple[str, str]], adds_up: bool
) -> Batch:
    """Take what a person says of the columns: number → (target, unit); remember it for this department.

    The batch waits for its check afterwards; the door enqueues in the same transaction. Raises ``NotYours`` and
    ``MappingRefused`` with every fault; a batch that is committed or given up is refused too.
    """
    ensure_may_act(actor=actor, batch=batch)
    survey = survey_of(batch)
    if survey is None:
        raise MappingRefused([(0, "这一批没有待确认的列")])
    faults = list(_faults(survey, said, batch))
    if faults:
        raise MappingRefused(faults)
    choices = {number: Choice(target, unit, "") for number, (target, unit) in said.items()}
    mapping = {"survey": batch.mapping["survey"]} | _explained(survey, choices, batch, adds_up)
    with transaction.atomic():
        waiting = Batch.objects.filter(pk=batch.pk, state__in=MAY_MAP)
        if not waiting.update(state=Batch.State.RECEIVED, mapping=mapping):
            raise MappingRefused([(0, f"批次 {batch} 已入库、已放弃或正在校验，没有改动")])
        layout = _remember(batch, survey, choices, adds_up, actor)
        Batch.objects.filter(pk=batch.pk).update(mapping=mapping | {"layout": layout.pk})
        audit.record(
            actor=actor,
            act="confirm_mapping",
            region=batch.region,
            subject=f"{batch} {batch.upload_name}",
            counts={"columns": len(survey.columns), "used": len(mapping["columns"])},
            digest=digest_of(mapping["columns"]),
        )
    batch.refresh_from_db()
    return batch


MAY_MAP = (Batch.State.MAPPING, Batch.State.READY, Batch.State.REFUSED, Batch.State.INTERRUPTED)


def _faults(survey: Survey, said: Mapping[int, tuple[str, str]], batch: Batch) -> Any:
    sheet = sheet_type(batch.sheet)
    measures = {column.key: column for column in sheet.measures()}
    by_number = {column.number: column for column in survey.columns}
    used: dict[tuple[str, str], int] = {}
    for number, (target, unit) in said.items():
        column = by_number.get(number)
        if column is None or (target and target not in measures and target not in ROLES):
            yield number, "没有这一列，或没有这个指标"
            continue
        if not target:
            continue
        if target in measures and not unit_of(unit, measures[target].unit):
            yield number, f"“{unit or '空'}”不是{_bare(measures[target].heading)}的单位"
        period = "" if target in ROLES else _period_of(column, batch)
        first = used.setdefault((target, period), number)
        if first != number:
            told = _bare(measures[target].heading) if target in measures else ROLE_LABELS[target]
            yield number, f"{told}已对应到“{by_number[first].heading}”，同一所属期只能有一列"
    targets = {target for target, _ in said.values() if target}
    if not targets & {"uscc", "name"}:
        yield 0, "没有一列是信用代码或企业名称，不知道是哪家企业的数"
    if not targets & measures.keys():
        yield 0, "没有一列对应到指标"
    dated = all(
        _period_of(by_number[n], batch) for n, (t, _) in said.items() if t in measures and n in by_number
    )
    if not (batch.period or targets & {"month", "year"} or dated):
        yield 0, "不知道是哪个月或哪一年的数：请在上传时选所属期，或把月份、年度列对应上"


def _bare(heading: str) -> str:
    return heading.partition("(")[0]


def _period_of(column: FileColumn, batch: Batch) -> str:
    """``2022-05`` of a heading that names it; a bare 5月 takes the year of the list. "" where the list's period
    counts: also for a heading that names that very month."""
    dated = column.dated
    if dated.startswith("-"):
        year = batch.period[:4]
        dated = f"{year}{dated}" if year else ""
    return "" if dated == batch.period else dated


def _explained(survey: Survey, choices: Mapping[int, Choice], batch: Batch, adds_up: bool) -> dict[str, Any]:
    columns = {
        str(column.number): {
            "target": choice.target,
            "unit": choice.unit,
            "heading": column.heading,
            "period": "" if choice.target in ROLES else _period_of(column, batch),
        }
        for column in survey.columns
        if (choice := choices.get(column.number)) and choice.target
    }
    place = {"page": survey.page, "first": survey.first, "last": survey.last}
    return place | {"columns": columns, "adds_up": adds_up}


def _remember(
    batch: Batch, survey: Survey, choices: Mapping[int, Choice], adds_up: bool, actor: User
) -> ListLayout:
    targets = {
        column.normal: {
            "target": choices[column.number].target if column.number in choices else LEFT_OUT,
            "unit": choices[column.number].unit if column.number in choices else "",
        }
        for column in survey.columns
    }
    layout, _ = ListLayout.objects.update_or_create(
        department=batch.department,
        region=batch.region,
        sheet=batch.sheet,
        signature=digest_of(sorted(targets)),
        defaults={"targets": targets, "adds_up": adds_up, "confirmed_by": actor},
    )
    return layout
