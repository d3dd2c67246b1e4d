"""Lists handed to other offices (培育库名单抄送金融部门): made once, kept as handed, every taking in the trail."""

from __future__ import annotations

import hashlib

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import Region, User
from core.scoping import may_reach
from cultivation.models import PoolHandover
from cultivation.services.pool_export import members_workbook
from cultivation.services.pool_pages import PoolPlace, current_members, sorted_members
from cultivation.services.pools import PoolRefused

LIMITS = {"recipient": 60, "purpose": 100}


def hand_over(*, place: PoolPlace, region: Region, recipient: str, purpose: str, actor: User) -> PoolHandover:
    """The members of ``region`` as they stand now, as a workbook that stays as it was. Raises ``PoolRefused``."""
    recipient, purpose = recipient.strip(), purpose.strip()
    if not recipient:
        raise PoolRefused("请写明抄送给哪个单位。")
    if len(recipient) > LIMITS["recipient"] or len(purpose) > LIMITS["purpose"]:
        raise PoolRefused(f"单位最多 {LIMITS['recipient']} 个字，用途最多 {LIMITS['purpose']} 个字。")
    if not may_reach(actor, region):
        raise PoolRefused("请选择本辖区。")
    members = sorted_members(current_members(place, actor).within(region.pk), "")
    count = members.count()
    if not count:
        raise PoolRefused(f"{region.name}没有在库企业，不用抄送。")
    content = members_workbook(place, members)
    with transaction.atomic():
        made = PoolHandover.objects.create(
            programme=place.programme,
            pool=place.rule.kind,
            region=region,
            recipient=recipient,
            purpose=purpose,
            count=count,
            sha256=hashlib.sha256(content).hexdigest(),
            content=content,
            handed_by=actor,
            handed_at=timezone.now(),
        )
        subject = f"{place.rule.title} 抄送 {recipient}"
        counts = {"rows": count, "handover": made.pk}
        record(
            actor=actor,
            act="hand_over_pool",
            region=region,
            subject=subject,
            counts=counts,
            digest=made.sha256,
        )
    return made


def take_handover(*, handover: PoolHandover, actor: User) -> bytes:
    """The workbook as it was handed over; who takes it is kept in the trail."""
    subject = f"{handover.programme} 抄送 {handover.recipient}"
    counts = {"handover": handover.pk, "rows": handover.count}
    record(
        actor=actor,
        act="take_pool_handover",
        region=handover.region,
        subject=subject,
        counts=counts,
        digest=handover.sha256,
    )
    return bytes(handover.content)
