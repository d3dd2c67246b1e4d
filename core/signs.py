"""Signs of life of the processes beside the web: each says every few seconds, in the database, that it is there."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from django.db import Error
from django.utils import timezone

from core.models import SignOfLife

logger = logging.getLogger("house.signs")
#: Seconds between two signs of one process; asked more often, it keeps silent.
EVERY = 5
_given: dict[str, float] = {}


def give_sign(name: str) -> None:
    """Say that a process of this name is there. A database that is away is no reason to stop working."""
    now = time.monotonic()
    if now - _given.get(name, -EVERY) < EVERY:
        return
    _given[name] = now
    try:
        SignOfLife.objects.update_or_create(name=name, defaults={"at": timezone.now()})
    except Error:
        logger.warning("no sign of %s could be written", name)


def last_signs() -> dict[str, datetime]:
    """Name → when it was last seen; one query."""
    return dict(SignOfLife.objects.values_list("name", "at"))
