"""拟稿 → 送签 → 签发: a paper is drafted by one person and signed by another; what is signed never changes."""

from __future__ import annotations

import hashlib
import re
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from core.permissions import can
from cultivation.models import MonthlyIssue
from reports.models import Bulletin
from reports.services.bulletins import paper_of
from reports.services.paper_files import paper_bytes

TEXT_LIMIT, LINE_LIMIT, OPINION_LIMIT = 20_000, 200, 200
#: 机关代字〔年份〕序号: full years in hexagonal brackets, the number without 第 and without leading zeros (GB/T 9704 7.2.5)
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,20}〔(?:19|20)\d\d〕[1-9]\d{0,4}号", re.ASCII)


class BulletinRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def draft_bulletin(
    *,
    issue: MonthlyIssue,
    kind: str,
    number: str,
    addressee: str,
    copies: str,
    text: str,
    actor: User,
    to_sign: bool = False,
) -> Bulletin:
    """Keep the draft of an issued month's paper, and hand it to who signs with ``to_sign``. Raises ``BulletinRefused``."""
    if not can(actor, "bulletin.draft"):
        raise BulletinRefused("公文由业务科室拟稿。")
    if not issue.is_frozen:
        raise BulletinRefused(f"{issue.month.label}还没有印发，公文依据印发的数字。")
    given = {
        "number": _number(number, is_needed=to_sign),
        "addressee": _line(addressee, "主送"),
        "copies": _line(copies, "抄送", may_lack=True),
        "text": _text(text),
        "drafted_by": actor,
        "drafted_at": timezone.now(),
        "opinion": "",
    }
    try:
        with transaction.atomic():
            locked = (
                MonthlyIssue.objects.select_for_update(of=("self",)).select_related("region").get(pk=issue.pk)
            )
            found = Bulletin.objects.filter(issue=locked, kind=kind).first()
            if found is not None and found.state != Bulletin.State.DRAFT:
                raise BulletinRefused(f"这份公文现在是“{found.get_state_display()}”，不能再改。")
            found = found or Bulletin(issue=locked, region=locked.region, kind=kind)
            for name, value in given.items():
                setattr(found, name, value)
            found.state = Bulletin.State.WAITING if to_sign else Bulletin.State.DRAFT
            found.save()
            _record(actor, "submit_bulletin" if to_sign else "draft_bulletin", found)
    except IntegrityError as error:
        raise BulletinRefused(f"发文字号{given['number']}已用于另一份公文。") from error
    return found


def return_bulletin(*, bulletin: Bulletin, opinion: str, actor: User) -> Bulletin:
    """Back to who drafted it, with what is to be changed. Raises ``BulletinRefused``."""
    opinion = _line(opinion, "意见", limit=OPINION_LIMIT)
    with transaction.atomic():
        found = _waiting(bulletin, actor)
        found.state, found.opinion = Bulletin.State.DRAFT, opinion
        found.save(update_fields=["state", "opinion"])
        _record(actor, "return_bulletin", found)
    return found


def sign_bulletin(*, bulletin: Bulletin, printed_on: date, actor: User) -> Bulletin:
    """签发: the day of signing is the paper's date; its bytes are kept as they go out. Raises ``BulletinRefused``."""
    today = timezone.localdate()
    if printed_on < today:
        raise BulletinRefused("印发日期不能早于签发的当天。")
    with transaction.atomic():
        found = _waiting(bulletin, actor)
        if found.drafted_by_id == actor.pk:
            raise BulletinRefused("拟稿和签发应由两个人办理。")
        found.state, found.signed_by, found.signed_at = Bulletin.State.ISSUED, actor, timezone.now()
        found.printed_on = printed_on
        content = paper_bytes(paper_of(found.issue, found.kind, actor, found))
        found.content, found.sha256 = content, hashlib.sha256(content).hexdigest()
        found.save()
        _record(actor, "sign_bulletin", found)
    return found


def _waiting(bulletin: Bulletin, actor: User) -> Bulletin:
    if not can(actor, "bulletin.sign"):
        raise BulletinRefused("公文由分管领导签发。")
    rows = Bulletin.objects.select_for_update(of=("self",)).select_related("issue__region", "issue__edition")
    found: Bulletin = rows.get(pk=bulletin.pk)
    if found.state != Bulletin.State.WAITING:
        raise BulletinRefused(f"这份公文现在是“{found.get_state_display()}”，请刷新后再看。")
    return found


def _number(text: str, *, is_needed: bool) -> str:
    text = text.strip().replace("[", "〔").replace("]", "〕").replace("【", "〔").replace("】", "〕")
    if not text and not is_needed:
        return ""
    if not _NUMBER.fullmatch(text):
        raise BulletinRefused(
            "发文字号写作“通工信〔2022〕15号”：机关代字、六角括号里四位年份、不加“第”的序号。"
        )
    return text


def _line(text: str, what: str, *, may_lack: bool = False, limit: int = LINE_LIMIT) -> str:
    text = " ".join(text.split())
    if not text and not may_lack:
        raise BulletinRefused(f"请写明{what}。")
    if len(text) > limit:
        raise BulletinRefused(f"{what}有 {len(text)} 个字，最多 {limit} 个。")
    return text


def _text(text: str) -> str:
    lines = [line.strip() for line in text.replace("\r\n", "\n").split("\n")]
    text = "\n".join(line for line in lines if line)
    if not text:
        raise BulletinRefused("正文是空的。")
    if len(text) > TEXT_LIMIT:
        raise BulletinRefused(f"正文有 {len(text)} 个字，最多 {TEXT_LIMIT} 个。")
    return text


def _record(actor: User, act: str, bulletin: Bulletin) -> None:
    record(
        actor=actor, act=act, region=bulletin.region, subject=str(bulletin), counts={"state": bulletin.state},
        digest=bulletin.sha256,
    )  # fmt: skip
