"""An edition's way from draft to force: one person drafts, another puts it in force, and the trail tells both."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, Region, User
from core.policies import PolicyDocument, PolicyFault
from core.policies.yearly import with_values
from core.scoping import may_reach
from core.services.policies import (
    PolicyRejected,
    document_of,
    edition_in_force,
    in_force_among,
    locked_editions,
    next_number,
    put_in_force,
    read_text,
)

State = PolicyEdition.State


class EditionRefused(Exception):
    """What was asked does not fit the edition's state or the person; the message is for that person."""


def draft_edition(*, text: str, actor: User, remark: str = "") -> PolicyEdition:
    """Keep ``text`` as a draft of its document; the same draft again changes nothing.

    Raises ``PolicyRejected`` with every fault of the text, ``EditionRefused`` when it is in force already.
    """
    document = read_text(text)
    region = _reached_region(document, actor)
    with transaction.atomic():
        editions = locked_editions(document.id)
        current = in_force_among(editions)
        if current and current.locality_id != document.locality:
            message = f"政策名 {document.id} 已用于 {current.title}，请换一个名字"
            raise PolicyRejected([PolicyFault(1, "id", message)])
        if current and current.sha256 == document.sha256:
            raise EditionRefused(f"与施行中的{current}完全相同，没有保存。")
        same = (e for e in editions if e.state == State.DRAFT and e.sha256 == document.sha256)
        for draft in same:
            return draft
        edition = PolicyEdition.objects.create(
            name=document.id,
            number=next_number(editions),
            title=document.title,
            locality=region,
            sha256=document.sha256,
            text=text,
            remark=remark,
            loaded_by=actor,
        )
        _note(actor, "draft_policy", edition)
    return edition


def set_yearly(
    *, edition: PolicyEdition, values: Mapping[str, str], actor: User, remark: str = ""
) -> PolicyEdition:
    """A draft with these yearly leaves changed (key path → value); a draft that it stands on is discarded.

    Raises ``PolicyRejected`` with what is wrong by key, ``EditionRefused`` when nothing is changed.
    """
    text, faults = with_values(edition.text, values)
    if faults:
        raise PolicyRejected(faults)
    if text == edition.text.removeprefix("\ufeff"):
        raise EditionRefused("没有改动，没有保存。")
    with transaction.atomic():
        draft = draft_edition(text=text, actor=actor, remark=remark)
        if edition.state == State.DRAFT and edition.pk != draft.pk:
            discard_edition(edition=edition, actor=actor)
    return draft


def submit_edition(*, edition: PolicyEdition, actor: User) -> PolicyEdition:
    """Hand a draft to the person who puts it in force. Raises ``EditionRefused``."""
    with transaction.atomic():
        draft = _locked(edition, actor, State.DRAFT)
        draft.state, draft.answer = State.SUBMITTED, ""
        draft.submitted_by, draft.submitted_at = actor, timezone.now()
        draft.save(update_fields=["state", "answer", "submitted_by", "submitted_at"])
        _note(actor, "submit_policy", draft)
    return draft


def return_edition(*, edition: PolicyEdition, answer: str, actor: User) -> PolicyEdition:
    """Back to its maker with what is to be changed. Raises ``EditionRefused``."""
    if not answer.strip():
        raise EditionRefused("请写明退回的理由。")
    with transaction.atomic():
        draft = _locked(edition, actor, State.SUBMITTED)
        draft.state, draft.answer = State.DRAFT, answer.strip()
        draft.save(update_fields=["state", "answer"])
        _note(actor, "return_policy", draft)
    return draft


def discard_edition(*, edition: PolicyEdition, actor: User) -> PolicyEdition:
    with transaction.atomic():
        draft = _locked(edition, actor, State.DRAFT)
        draft.state = State.DISCARDED
        draft.save(update_fields=["state"])
        _note(actor, "discard_policy", draft)
    return draft


def approve_edition(*, edition: PolicyEdition, over: int | None, actor: User) -> PolicyEdition:
    """Put a submitted edition in force. ``over``: the edition in force that the person compared it with.

    Maker and checker are two people; raises ``EditionRefused`` otherwise, or when another edition came in between,
    and ``PolicyRejected`` when the document no longer fits what is in force beside it.
    """
    with transaction.atomic():
        locked_editions(edition.name)
        draft = _locked(edition, actor, State.SUBMITTED)
        if actor.pk in (draft.loaded_by_id, draft.submitted_by_id):
            raise EditionRefused("起草或提交的人不能自己批准，请由另一位负责人批准。")
        current = edition_in_force(draft.name)
        if (current.pk if current else None) != over:
            raise EditionRefused("施行中的版本在这期间已经更换，请重新比较后再批准。")
        draft.approved_by = actor
        put_in_force(edition=draft, document=document_of(draft), replaced=current, actor=actor)
    return draft


def _locked(edition: PolicyEdition, actor: User, state: str) -> PolicyEdition:
    """The edition as it stands now, if the person may see it and it is in ``state``."""
    draft = (
        PolicyEdition.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=edition.pk).first()
    )
    if draft is None or draft.state != state:
        now = draft.get_state_display() if draft else "看不到"
        raise EditionRefused(f"{edition} 现在是“{now}”，不能这样办理；请刷新页面。")
    return draft


def _reached_region(document: PolicyDocument, actor: User) -> Region:
    """The locality's region, within the person's own regions."""
    region = Region.objects.filter(pk=document.locality).first()
    if region is None:
        message = f"系统里没有地区 {document.locality}；新的地区由系统管理员在服务器上用 load_policy 载入"
    elif not may_reach(actor, region):
        message = f"{region.name}不在您的地区范围内，不能起草它的政策"
    else:
        return region
    raise PolicyRejected([PolicyFault(1, "locality", message)])


def _note(actor: User, act: str, edition: PolicyEdition) -> None:
    counts = {"number": edition.number}
    record(
        actor=actor,
        act=act,
        region=edition.locality,
        subject=str(edition),
        counts=counts,
        digest=edition.sha256,
    )
