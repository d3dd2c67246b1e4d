"""An act of a program that comes twice is done once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.models import SentAct, User


class KeyReused(Exception):
    """The client used the key before, for something else."""


def do_once(*, actor: User, key: str, said: Any, act: Callable[[], int]) -> tuple[int, bool]:
    """``act`` answers with the row it made or changed; under a ``key`` that was used for the same, the row of then.

    ``(row, whether it was done now)``. Raises ``KeyReused``, and whatever ``act`` raises: then the key is free again.
    """
    if not key:
        return act(), True
    digest = hashlib.sha256(msgspec.json.encode(said)).hexdigest()
    former = _former(actor, key, digest)
    if former is not None:
        return former, False
    try:
        with transaction.atomic():
            kept = _kept(actor, key, digest)
            kept.subject = act()
            kept.save(update_fields=["subject"])
    except _Twice:
        # the same came twice at once: the other one was quicker
        former = _former(actor, key, digest)
        if former is None:
            raise
        return former, False
    return kept.subject, True


class _Twice(Exception):
    pass


def _kept(actor: User, key: str, digest: str) -> SentAct:
    try:
        with transaction.atomic():
            return SentAct.objects.create(sent_by=actor, key=key, digest=digest, subject=0, at=timezone.now())
    except IntegrityError as error:
        raise _Twice from error


def _former(actor: User, key: str, digest: str) -> int | None:
    found = SentAct.objects.filter(sent_by=actor, key=key).first()
    if found is None:
        return None
    if found.digest != digest:
        raise KeyReused
    return int(found.subject)
