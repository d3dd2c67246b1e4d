"""What makes two events the same matter: by the rule's own word how often it pays. Pure."""

from __future__ import annotations

import hashlib
import re

#: how often a rule pays, where a firm's past counts: a year, a day and a person are each firm's own
FOR_LIFE = ("ever", "key", "project")
#: the longest text that a key of an award holds
LIMIT = 60
_LATER = re.compile(r":\+\d+\Z", re.ASCII)


def matter_of(
    once: str, day: str, *, event: str = "", key: str = "", project: str = "", invoice: str = ""
) -> str:
    """``once``, ``year:2022``, ``key:辅导备案``, ``project:二期``, else the day with all that names the event.

    ``day`` as ``20220615``; ``event`` stands before it where several events are kept together. A text that is
    too long ends in a fingerprint of the whole, so that two never meet.
    """
    named = {"ever": "once", "year": f"year:{day[:4]}", "key": f"key:{key}", "project": f"project:{project}"}
    told = named.get(once, ":".join((day, key, project, invoice)).rstrip(":"))
    told = f"{event}:{told}" if event else told
    if len(told) <= LIMIT:
        return told
    return f"{told[: LIMIT - 17]}#{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def later_matter(matter: str, after: int) -> str:
    """The same matter ``after`` years later: what a schedule pays for staying is an award of its own."""
    return f"{matter[: LIMIT - 4]}:+{after}"


def is_later(matter: str) -> bool:
    return _LATER.search(matter) is not None
