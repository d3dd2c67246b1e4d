"""Who may act on a batch: asked on every write, whatever the page has shown."""

from __future__ import annotations

from core.models import Region, User
from core.scoping import may_reach
from intake.models import Batch
from intake.services.sheet_types import SheetType, sheet_type


class NotYours(Exception):
    """The region, the sheet or the batch lies outside what this person may send."""


def ensure_may_send(*, actor: User, sheet: SheetType, region: Region) -> None:
    if not may_send(actor=actor, sheet=sheet, region=region):
        raise NotYours(f"{actor} 不能报送{region.name}的{sheet.spec.label}")


def may_send(*, actor: User, sheet: SheetType, region: Region) -> bool:
    return actor.is_active and sheet.may_send(actor) and may_reach(actor, region)


def ensure_may_act(*, actor: User, batch: Batch) -> None:
    """Raises ``NotYours`` unless the actor sees the batch and might have sent it."""
    if not may_act(actor=actor, batch=batch):
        raise NotYours(f"{actor} 不能办理批次 {batch}")


def may_act(*, actor: User, batch: Batch) -> bool:
    try:
        sheet = sheet_type(batch.sheet)
    except LookupError:
        return False
    return (
        may_send(actor=actor, sheet=sheet, region=batch.region)
        and Batch.objects.visible_to(actor).filter(pk=batch.pk).exists()
    )
