"""The acts between a run and its publication: hand out, confirm, approve moves, settle, make public, take back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import Region, Role, User
from core.periods import SHANGHAI
from core.workdays import UnknownYear, Workdays
from cultivation.services.month_cycles import workdays_of
from evaluation.models import Confirmation, MoveRecord, Round, Score
from evaluation.policy.workflow import Publicity
from evaluation.rules.process import (
    CONFIRMING,
    PUBLICITY,
    SETTLED,
    Hindrance,
    before_publicity,
    before_settling,
    closing,
    closing_on,
)
from evaluation.rules.told_process import hindrance_text
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.progress import applied_moves, progress_of
from evaluation.services.rounds import has_moved
from evaluation.services.scans import keep_scan


def hand_out(*, round_: Round, until: datetime, actor: User) -> Round:
    """预评价: districts see their firms' results and take them to be signed, until ``until``. Raises ``RoundRefused``."""
    if until <= timezone.now():
        raise RoundRefused("确认截止时间应在以后。")
    with transaction.atomic():
        locked = _draft(round_)
        if locked.stage in (SETTLED, PUBLICITY):
            raise RoundRefused("结果已经审定，要再交企业确认请先退回。")
        locked.stage, locked.confirm_until = CONFIRMING, until
        locked.save(update_fields=["stage", "confirm_until"])
        _record(locked, "hand_out_round", actor)
    return locked


def record_confirmation(
    *, score: Score, agrees: bool, signed_by: str, note: str, upload: UploadedFile | None, actor: User
) -> Confirmation:
    """The firm's signed answer; a later one replaces it while firms are asked. Raises ``RoundRefused``."""
    if score.standing != Score.Standing.GRADED:
        raise RoundRefused("这家企业没有评分定级，不用确认。")
    if not signed_by.strip():
        raise RoundRefused("请写明签字人。")
    if not agrees and not note.strip():
        raise RoundRefused("有异议的请写明对哪一项有异议。")
    with transaction.atomic():
        round_ = _draft(score.round)
        if round_.stage != CONFIRMING:
            raise RoundRefused("现在不在确认期内。")
        scan = keep_scan(upload=upload, region=score.region, actor=actor)
        if agrees and scan is None:
            raise RoundRefused("请上传签字盖章的确认单。")
        kept, _made = Confirmation.objects.update_or_create(
            round=round_,
            enterprise_id=score.enterprise_id,
            defaults={
                "region_id": score.region_id,
                "answer": Confirmation.Answer.AGREED if agrees else Confirmation.Answer.OBJECTED,
                "note": note.strip(),
                "signed_by": signed_by.strip(),
                "shown": f"{score.value} {score.final_grade}",
                "file": scan,
                "recorded_by": actor,
                "recorded_at": timezone.now(),
            },
        )
        _record(
            round_, "record_confirmation", actor, score.region, firm=score.enterprise.uscc, answer=kept.answer
        )
    return kept


def approve_move(
    *, score: Score, move: str, evidence: str, upload: UploadedFile | None, actor: User
) -> MoveRecord:
    """调档: before, after, clause, evidence and who approved, kept beside the round. Raises ``RoundRefused``."""
    round_ = score.round
    _document, scheme = scheme_of(round_.edition)
    applied = {(one.pk, rule.id): rule for one, rule in applied_moves(round_, scheme)}
    rule = applied.get((score.pk, move))
    if rule is None:
        raise RoundRefused("这家企业没有这一项调档。")
    if not evidence.strip():
        raise RoundRefused("请写明调档的凭据，如文号、证书号。")
    if actor.pk == round_.run_by_id and actor.role != Role.SYSTEM:
        raise RoundRefused("测算和批准调档应由两个人办理。")
    with transaction.atomic():
        locked = _draft(round_)
        kept, _made = MoveRecord.objects.update_or_create(
            round=locked,
            enterprise_id=score.enterprise_id,
            move=move,
            defaults={
                "region_id": score.region_id,
                "before": score.initial_grade,
                "after": score.final_grade,
                "clause": rule.origin.label[:120],
                "evidence": evidence.strip(),
                "file": keep_scan(upload=upload, region=score.region, actor=actor),
                "approved_by": actor,
                "approved_at": timezone.now(),
            },
        )
        counts = {"firm": score.enterprise.uscc, "before": kept.before, "after": kept.after}
        _record(locked, "approve_move", actor, score.region, **counts)
    return kept


def settle_round(*, round_: Round, actor: User) -> Round:
    """终评、审定: nothing is open any more and no figure has moved since. Raises ``RoundRefused``."""
    if actor.pk == round_.run_by_id and actor.role != Role.SYSTEM:
        raise RoundRefused("测算和审定应由两个人办理。")
    _document, scheme = scheme_of(round_.edition)
    if has_moved(round_):
        raise RoundRefused("测算之后数据、裁定或方案有变动，请先重新测算，再审定。")
    with transaction.atomic():
        locked = _draft(round_)
        if locked.stage in (SETTLED, PUBLICITY):
            raise RoundRefused("结果已经审定，不用再办。")
        _refuse_for(before_settling(scheme.workflow, progress_of(locked)), "不能审定")
        locked.stage, locked.settled_by, locked.settled_at = SETTLED, actor, timezone.now()
        locked.save(update_fields=["stage", "settled_by", "settled_at"])
        _record(locked, "settle_round", actor)
    return locked


def open_publicity(*, round_: Round, first: date, until: date | None, actor: User) -> Round:
    """公示 from ``first``, as long as the document says, to the minute; ``until`` may only lengthen it."""
    _document, scheme = scheme_of(round_.edition)
    publicity = scheme.workflow.publicity if scheme.workflow else None
    ends = _public_until(round_, publicity, first, until) if publicity else None
    if ends is None:
        raise RoundRefused("方案没有写明公示几天，不能公示。")
    with transaction.atomic():
        locked = _draft(round_)
        _refuse_for(before_publicity(scheme.workflow, progress_of(locked)), "不能公示")
        locked.stage = PUBLICITY
        locked.public_from = datetime.combine(first, datetime.min.time(), SHANGHAI)
        locked.public_until = ends
        locked.save(update_fields=["stage", "public_from", "public_until"])
        _record(locked, "open_publicity", actor)
    return locked


def _public_until(round_: Round, publicity: Publicity, first: date, until: date | None) -> datetime | None:
    """By the document's own count. Where the holidays of a year are not known nobody can count its working days: then the
    bureau names the last day itself, and it is never earlier than so many calendar days."""
    try:
        ends = closing(publicity, first, workdays_of(round_.region))
    except UnknownYear as missing:
        if until is None:
            raise RoundRefused(
                f"{missing}，算不出公示的最后一个工作日：请填写公示截止日，或先载入{missing.year}年的节假日文件。"
            ) from missing
        ends = closing(replace(publicity, kind="calendar"), first, Workdays())
    if ends is None or until is None:
        return ends
    if until < ends.date():
        raise RoundRefused(f"按方案公示到 {ends:%Y-%m-%d}，不能提前截止。")
    return closing_on(publicity, until)


def take_back(*, round_: Round, reason: str, actor: User) -> Round:
    """From settled or public back to the firms: an objection was right, or a figure wrong. Raises ``RoundRefused``."""
    if not reason.strip():
        raise RoundRefused("请写明退回的理由。")
    with transaction.atomic():
        locked = _draft(round_)
        if locked.stage not in (SETTLED, PUBLICITY):
            raise RoundRefused("结果还没有审定，不用退回。")
        locked.stage, locked.public_from, locked.public_until = CONFIRMING, None, None
        locked.settled_by, locked.settled_at = None, None
        locked.save(update_fields=["stage", "public_from", "public_until", "settled_by", "settled_at"])
        _record(locked, "take_back_round", actor, reason=reason.strip()[:60])
    return locked


def _draft(round_: Round) -> Round:
    locked = Round.objects.select_for_update().get(pk=round_.pk)
    if locked.is_frozen:
        raise RoundRefused("这一版已经公布，不能再改；更正是新的一版。")
    return locked


def _refuse_for(hindrances: tuple[Hindrance, ...], act: str) -> None:
    if hindrances:
        told = "；".join(hindrance_text(each) for each in hindrances)
        raise RoundRefused(f"{act}：{told}。")


def _record(round_: Round, act: str, actor: User, region: Region | None = None, **counts: int | str) -> None:
    record(
        actor=actor,
        act=act,
        region=region or round_.region,
        subject=str(round_),
        counts={"version": round_.version, "stage": round_.stage, **counts},
        digest=round_.results_digest,
    )
