"""Putting an edition in force: by a second person, at once or on a day to come."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from core import jobs
from core.audit import record
from core.models import JobRun, PolicyEdition, User
from core.services.edition_reach import is_unplaced, reached_region, refuse_other_place
from core.services.editions import EditionRefused, locked_edition, note_act
from core.services.policies import (
    PolicyRejected,
    document_of,
    edition_in_force,
    locked_editions,
    put_in_force,
)

State = PolicyEdition.State
JOB = "put_edition_in_force"


def approve_edition(
    *, edition: PolicyEdition, over: int | None, actor: User, on: date | None = None
) -> PolicyEdition:
    """Put a submitted edition in force, at once or from the day ``on``. ``over``: the edition in force that the
    person compared it with.

    Maker and checker are two people; raises ``EditionRefused`` otherwise, or when another edition came in between,
    and ``PolicyRejected`` when the document no longer fits what is in force beside it.
    """
    today = timezone.localdate()
    if on is not None and on < today:
        raise EditionRefused(f"施行日期 {on} 已过；立即施行的不填日期。")
    with transaction.atomic():
        locked_editions(edition.name)
        draft = locked_edition(edition, actor, State.SUBMITTED)
        if actor.pk in (draft.loaded_by_id, draft.submitted_by_id):
            raise EditionRefused("起草或提交的人不能自己批准，请由另一位负责人批准。")
        current = edition_in_force(draft.name)
        if (current.pk if current else None) != over:
            raise EditionRefused("施行中的版本在这期间已经更换，请重新比较后再批准。")
        document = document_of(draft)
        refuse_other_place(current, document)
        reached_region(document, actor)
        draft.approved_by = actor
        if on is None or on == today:
            _enforce(draft, current, actor)
            return draft
        draft.state, draft.takes_force_on, draft.approved_over = State.SCHEDULED, on, current
        draft.save(update_fields=["state", "approved_by", "takes_force_on", "approved_over"])
        note_act(actor, "schedule_policy", draft)
    return draft


def queue_due_editions() -> int:
    """Queue what is approved for today or a day gone by; how many editions.

    Work that failed three times is left to the administrator's 任务 page: it is not queued again by itself.
    """
    due = PolicyEdition.objects.filter(state=State.SCHEDULED, takes_force_on__lte=timezone.localdate())
    by_key = {f"{JOB}:{e.pk}:{e.takes_force_on}": e for e in due.select_related("approved_by").defer("text")}
    failed = JobRun.objects.filter(key__in=by_key, state=JobRun.State.FAILED).values_list("key", flat=True)
    for key in by_key.keys() - set(failed):
        edition = by_key[key]
        jobs.enqueue(job=JOB, key=key, arguments={"edition": edition.pk}, actor=edition.approved_by)
    return len(by_key)


def put_due_in_force(*, edition: int, actor: User) -> PolicyEdition | None:
    """Its day has come: in force over the edition that its approver had compared it with.

    Where that has changed since, or the document no longer fits, it waits for approval again with the reason.
    ``None`` when nothing is due: it was put in force or taken back before.
    """
    name = PolicyEdition.objects.values_list("name", flat=True).get(pk=edition)
    with transaction.atomic():
        locked_editions(name)
        due = PolicyEdition.objects.filter(
            pk=edition, state=State.SCHEDULED, takes_force_on__lte=timezone.localdate()
        ).first()
        if due is None:
            return None
        current = edition_in_force(name)
        if (current.pk if current else None) != due.approved_over_id:
            return _back(due, actor, "批准之后施行中的版本已经更换，请重新比较后再批准。")
        try:
            with transaction.atomic():
                refuse_other_place(current, document_of(due))
                _enforce(due, current, actor)
        except PolicyRejected as rejected:
            due.refresh_from_db()
            return _back(due, actor, f"到期不能施行：{rejected.faults[0].message}")
    return due


def _enforce(draft: PolicyEdition, current: PolicyEdition | None, actor: User) -> None:
    put_in_force(edition=draft, document=document_of(draft), replaced=current, actor=actor)
    _place_people(draft, actor)


def _place_people(edition: PolicyEdition, actor: User) -> None:
    """Who brought a new city's first document without having a region belongs to that city from now on."""
    hands = [edition.loaded_by_id, edition.submitted_by_id, edition.approved_by_id]
    for user in User.objects.filter(pk__in=[pk for pk in hands if pk], region=None):
        if is_unplaced(user):
            user.region = edition.locality
            user.save(update_fields=["region"])
            record(actor=actor, act="place_user", region=edition.locality, subject=user.username)


def _back(edition: PolicyEdition, actor: User, answer: str) -> PolicyEdition:
    edition.state, edition.answer = State.SUBMITTED, answer[:200]
    edition.approved_by, edition.takes_force_on, edition.approved_over = None, None, None
    edition.save(update_fields=["state", "answer", "approved_by", "takes_force_on", "approved_over"])
    note_act(actor, "return_policy", edition)
    return edition
