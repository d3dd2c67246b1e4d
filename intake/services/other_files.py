"""A firm in two files: other lists that wait to be committed and say something else of the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from intake.models import Batch
from intake.rules.faults import Fault
from intake.rules.reading import Frame
from intake.services.records import RecordsDamaged, read_records
from intake.services.sheet_types import Records
from intake.services.uploads import media_path

OTHER_REGION = "该企业已由其他地区填报，请与市局联系。"
#: Waiting lists looked at, the newest first: more of one sheet and period are a matter for a telephone call.
LOOKED_AT = 20


def tell_other_files(frame: Frame, batch: Batch) -> None:
    """A hint at each row of which a waiting list says otherwise; whoever commits second is stopped and told anyway."""
    unique = frame.spec.unique
    if not frame.rows or not unique:
        return
    mine = {key: i for i, key in enumerate(_keys(frame.columns, unique, len(frame.rows))) if None not in key}
    compared = [column.key for column in frame.spec.columns if column.key not in ("name", "region")]
    told: set[int] = set()
    for other in _waiting(batch):
        try:
            records = read_records(media_path(other.rows_path), other.rows_digest)
        except RecordsDamaged:
            continue
        places = [
            i
            for j, key in enumerate(_keys(records.columns, unique, len(records)))
            if (i := mine.get(key)) is not None and i not in told and _differ(frame, i, records, j, compared)
        ]
        if places and other.sent_by_id == batch.sent_by_id and other.region_id == batch.region_id:
            # mended and sent once more: no two people contradict each other
            frame.faults.append(_own_earlier(other, len(places)))
            continue
        told.update(places)
        seen = Batch.objects.visible_to(batch.sent_by).filter(pk=other.pk).exists()
        for i in places:
            _tell(frame, i, other, seen)


def _waiting(batch: Batch) -> QuerySet[Batch]:
    above = batch.region.path.strip("/").split("/")
    waiting = Batch.objects.filter(
        Q(region__path__startswith=batch.region.path) | Q(region_id__in=above),
        sheet=batch.sheet,
        state=Batch.State.READY,
    ).exclude(pk=batch.pk)
    if batch.period:
        waiting = waiting.filter(period__in=[batch.period, ""])
    return waiting.select_related("region", "sent_by").order_by("-pk")[:LOOKED_AT]


def _keys(columns: dict[str, list[Any]], unique: tuple[str, ...], size: int) -> Iterator[tuple[Any, ...]]:
    return zip(*(columns.get(key) or [None] * size for key in unique), strict=True)


def _differ(frame: Frame, i: int, records: Records, j: int, compared: list[str]) -> bool:
    """Whether the two rows say different things; what only one of them says is no contradiction."""
    for key in compared:
        theirs = records.columns.get(key, ())
        mine = frame.columns[key][i]
        if theirs and mine is not None and theirs[j] is not None and mine != theirs[j]:
            return True
    return False


def _own_earlier(other: Batch, firms: int) -> Fault:
    return Fault(
        "OWN_EARLIER",
        "D",
        f"您先前上传的批次 {other} 还没有提交，其中 {firms} 家的内容与本批不同",
        "以本批为准的，请放弃那一批",
    )


def _tell(frame: Frame, i: int, other: Batch, seen: bool) -> None:
    key = frame.spec.unique[0]
    if not seen:
        reason, _, cure = OTHER_REGION.rstrip("。").partition("，")
        frame.fault(i, key, "FIRM_TWO_FILES", "D", reason, cure)
        return
    who = f"{other.region.name} {other.sent_by}"
    reason = f"待提交的批次 {other}（{who} 上传）也报了这一家，内容不同"
    frame.fault(
        i, key, "FIRM_TWO_FILES", "D", reason, "请先与对方核对，放弃其中一批；先提交的有效，后提交的会被拦下"
    )
