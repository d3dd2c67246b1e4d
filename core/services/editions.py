"""An edition's way from draft to approval: drafted, changed, handed over, returned, discarded; the trail tells each."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, User
from core.policies.yearly import with_values
from core.services.edition_reach import place_name, reached_region, refuse_other_place
from core.services.policies import PolicyRejected, in_force_among, locked_editions, next_number, read_text

State = PolicyEdition.State


class EditionRefused(Exception):
    """What was asked does not fit the edition's state or the person; the message is for that person."""


def draft_edition(*, text: str, actor: User, remark: str = "") -> PolicyEdition:
    """Keep ``text`` as a draft of its document; the same draft again changes nothing.

    Raises ``PolicyRejected`` with every fault of the text, ``EditionRefused`` when it is in force already.
    """
    document = read_text(text)
    region = reached_region(document, actor)
    with transaction.atomic():
        editions = locked_editions(document.id)
        current = in_force_among(editions)
        refuse_other_place(current, document)
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
            place=place_name(document) or (region.name if region else ""),
            sha256=document.sha256,
            text=text,
            remark=remark,
            loaded_by=actor,
        )
        note_act(actor, "draft_policy", edition)
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
        draft = locked_edition(edition, actor, State.DRAFT)
        draft.state, draft.answer = State.SUBMITTED, ""
        draft.submitted_by, draft.submitted_at = actor, timezone.now()
        draft.save(update_fields=["state", "answer", "submitted_by", "submitted_at"])
        note_act(actor, "submit_policy", draft)
    return draft


def return_edition(*, edition: PolicyEdition, answer: str, actor: User) -> PolicyEdition:
    """Back to its maker with what is to be changed, also after approval while its day is still to come.

    Raises ``EditionRefused``.
    """
    if not answer.strip():
        raise EditionRefused("请写明退回的理由。")
    with transaction.atomic():
        draft = locked_edition(edition, actor, State.SUBMITTED, State.SCHEDULED)
        draft.state, draft.answer = State.DRAFT, answer.strip()
        draft.approved_by, draft.takes_force_on, draft.approved_over = None, None, None
        draft.save(update_fields=["state", "answer", "approved_by", "takes_force_on", "approved_over"])
        note_act(actor, "return_policy", draft)
    return draft


def discard_edition(*, edition: PolicyEdition, actor: User) -> PolicyEdition:
    with transaction.atomic():
        draft = locked_edition(edition, actor, State.DRAFT)
        draft.state = State.DISCARDED
        draft.save(update_fields=["state"])
        note_act(actor, "discard_policy", draft)
    return draft


def locked_edition(edition: PolicyEdition, actor: User, *states: str) -> PolicyEdition:
    """The edition as it stands now, if the person may see it and it is in one of ``states``."""
    draft = (
        PolicyEdition.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=edition.pk).first()
    )
    if draft is None or draft.state not in states:
        now = draft.get_state_display() if draft else "看不到"
        raise EditionRefused(f"{edition} 现在是“{now}”，不能这样办理；请刷新页面。")
    return draft


def note_act(actor: User, act: str, edition: PolicyEdition) -> None:
    counts = {"number": edition.number}
    record(
        actor=actor,
        act=act,
        region=edition.locality,
        subject=str(edition),
        counts=counts,
        digest=edition.sha256,
    )
