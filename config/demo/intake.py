"""Takes the inbox in through the officers' own door: receive, check, commit. Files already taken are skipped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.demo.workbooks import INDEX_NAME
from core.models import Region, User
from intake.models import Batch
from intake.services.batches import answer_issues, check_batch, commit_batch, receive_upload

VERIFIED_BY_PHONE = "已与企业财务电话核实，确为当月数（合成数据）"
_DEPARTMENT_ACCOUNTS = {"统计局": "stats", "税务局": "tax"}


@dataclass(frozen=True, slots=True)
class NotTaken(Exception):
    """A file of the inbox did not pass the door: the demo stops and says which, and the first faults."""

    file: str
    faults: tuple[str, ...]


def take_inbox(folder: Path, suffix: str, tell: Callable[[int, int, str], None]) -> int:
    """Take every file of the index in its order; returns how many were taken now. ``suffix``: of the city's accounts."""
    entries = json.loads((folder / INDEX_NAME).read_text(encoding="utf-8"))
    entries = entries["files"] if isinstance(entries, dict) else entries
    committed = Batch.objects.filter(state=Batch.State.COMMITTED)
    known = set(committed.values_list("sha256", "sheet", "region_id", "period"))
    users = {user.username: user for user in User.objects.select_related("region")}
    regions = Region.objects.in_bulk()
    taken = 0
    for number, entry in enumerate(entries, 1):
        content = (folder / entry["file"]).read_bytes()
        mark = (hashlib.sha256(content).hexdigest(), entry["sheet"], entry["region"], entry["period"] or "")
        if mark in known:
            continue
        _take(entry, content, users[_sender(entry, suffix)], regions[entry["region"]])
        taken += 1
        tell(number, len(entries), entry["file"])
    return taken


def _sender(entry: dict, suffix: str) -> str:
    department = entry["sender"]["department"]
    return _DEPARTMENT_ACCOUNTS[department] + suffix if department else f"officer-{entry['region'].lower()}"


def _take(entry: dict, content: bytes, actor: User, region: Region) -> None:
    batch = receive_upload(
        actor=actor,
        sheet=entry["sheet"],
        region=region,
        period=entry["period"] or "",
        as_of=date.fromisoformat(entry["today"]),
        upload_name=entry["file"],
        content=content,
    )
    check_batch(batch=batch, actor=actor)
    asked = batch.issues.filter(cls__in="BC", note="").values_list("pk", flat=True)
    if asked:
        # As an officer would: a heavy-tailed series now and then looks odd, the firm is rung up and confirms.
        answer_issues(batch=batch, actor=actor, notes=dict.fromkeys(asked, VERIFIED_BY_PHONE))
        batch.refresh_from_db()
    if batch.state != Batch.State.READY or batch.counts.get("blocked"):
        faults = batch.issues.filter(cls__in="ABC", note="").values_list("row", "column", "reason")[:5]
        raise NotTaken(
            entry["file"], tuple(f"第{row}行 {column}：{reason}" for row, column, reason in faults)
        )
    commit_batch(batch=batch, actor=actor, good_rows_only=False)
