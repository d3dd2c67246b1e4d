"""What surveyors judge of a firm (发展潜力、列规信心), and whether it is kept out of help; each with its day."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from core.audit import record
from core.models import User
from cultivation.models import PoolJudgement
from cultivation.services.pools import PoolRefused
from enterprises.models import Enterprise

NOTE_LIMIT = 200


def judge_firm(
    *,
    firm: Enterprise,
    potential: str,
    confidence: str,
    exclusion: str,
    note: str,
    judged_on: date,
    actor: User,
) -> PoolJudgement:
    """Keep a judgement beside the former ones. Raises ``PoolRefused``."""
    note = note.strip()
    if not (potential or confidence or exclusion):
        raise PoolRefused("请至少填写一项判断。")
    if exclusion and not note:
        raise PoolRefused("不列入帮扶的，请写明情况。")
    if len(note) > NOTE_LIMIT:
        raise PoolRefused(f"说明有 {len(note)} 个字，最多 {NOTE_LIMIT} 个。")
    if judged_on > timezone.localdate():
        raise PoolRefused("调查日期不能晚于今天。")
    with transaction.atomic():
        kept = PoolJudgement.objects.create(
            enterprise=firm,
            potential=potential,
            confidence=confidence,
            exclusion=exclusion,
            note=note,
            judged_on=judged_on,
            judged_by=actor,
            at=timezone.now(),
        )
        subject = (
            f"{firm.name} 发展潜力{kept.get_potential_display()} 列规信心{kept.get_confidence_display()}"
        )
        record(
            actor=actor,
            act="judge_pool_firm",
            region=firm.region,
            subject=subject,
            counts={"judgement": kept.pk},
        )
    return kept


def kept_out_of_help() -> QuerySet[PoolJudgement]:
    """The latest judgement of each firm, where it keeps the firm out of 一企一策 (S4-08): in statistics all the same."""
    latest = PoolJudgement.objects.filter(enterprise=OuterRef("enterprise")).order_by("-judged_on", "-pk")
    newest = PoolJudgement.objects.filter(pk=Subquery(latest.values("pk")[:1]))
    return newest.exclude(exclusion=PoolJudgement.Exclusion.NONE)
