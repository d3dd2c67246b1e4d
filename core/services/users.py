"""Accounts opened, moved, closed and unlocked by the administrators; each act leaves its entry in the trail."""

from __future__ import annotations

import secrets
import string
from datetime import timedelta

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import ApiToken, Region, User

_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_CAPITALS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_DIGITS = "23456789"


def random_password(length: int = 12) -> str:
    """A password that can be read aloud: three kinds of characters, none that look alike."""
    pool = _LETTERS + _CAPITALS + _DIGITS
    while True:
        word = "".join(secrets.choice(pool) for _ in range(length))
        if all(any(char in kind for char in word) for kind in (_LETTERS, _CAPITALS, string.digits)):
            return word


@transaction.atomic
def add_user(
    *,
    actor: User,
    username: str,
    full_name: str,
    role: str,
    region: Region | None,
    department: str = "",
    unit_name: str = "",
    must_change_password: bool = True,
) -> tuple[User, str]:
    """Create an account with a random password; returns both, the password for this once."""
    password = random_password()
    user = User.objects.create_user(
        username,
        password,
        full_name=full_name,
        role=role,
        region=region,
        department=department,
        unit_name=unit_name,
        must_change_password=must_change_password,
    )
    record(actor=actor, act="add_user", region=region, subject=username, counts={"role": role})
    return user, password


class AccountRefused(Exception):
    """The act is not done to this account; the message says why."""


@transaction.atomic
def move_user(
    *,
    actor: User,
    user: User,
    full_name: str,
    role: str,
    region: Region | None,
    department: str = "",
    unit_name: str = "",
) -> None:
    """Give an account another duty. Its tokens end: they were given for the duty that it had.

    Raises ``AccountRefused`` for one's own: nobody gives himself another role.
    """
    _refuse_own(actor, user)
    before = f"{user.role} {user.region_id or '—'}"
    user.full_name, user.role, user.region = full_name, role, region
    user.department, user.unit_name = department, unit_name
    user.save(update_fields=["full_name", "role", "region", "department", "unit_name"])
    counts = {"before": before, "after": f"{role} {user.region_id or '—'}", "tokens": _end_tokens(user)}
    record(actor=actor, act="move_user", region=region, subject=user.username, counts=counts)


@transaction.atomic
def disable_user(*, actor: User, user: User) -> None:
    """Close an account: its sessions and tokens end, its entries stay. Raises ``AccountRefused`` for one's own."""
    _refuse_own(actor, user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    counts = {"tokens": _end_tokens(user)}
    record(actor=actor, act="disable_user", region=user.region, subject=user.username, counts=counts)


@transaction.atomic
def enable_user(*, actor: User, user: User) -> None:
    """Open a closed account again; its tokens do not come back. Raises ``AccountRefused`` for one's own."""
    _refuse_own(actor, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(actor=actor, act="enable_user", region=user.region, subject=user.username)


@transaction.atomic
def reset_password(*, actor: User, user: User) -> str:
    """A random password for this once; sessions end, the lock is lifted. Raises ``AccountRefused`` for one's own."""
    _refuse_own(actor, user)
    password = random_password()
    user.set_password(password)
    user.must_change_password = True
    user.save(update_fields=["password", "must_change_password"])
    reset(username=user.username)
    record(actor=actor, act="reset_password", region=user.region, subject=user.username)
    return password


@transaction.atomic
def unlock_user(*, actor: User, user: User) -> None:
    """Lift the lock of too many wrong passwords before its time."""
    reset(username=user.username)
    record(actor=actor, act="unlock_user", region=user.region, subject=user.username)


def locked_usernames() -> set[str]:
    """Accounts of the house that are locked now, from whatever address."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    tries = AccessAttempt.objects.filter(
        attempt_time__gte=since, failures_since_start__gte=settings.AXES_FAILURE_LIMIT
    )
    return set(User.objects.filter(username__in=tries.values("username")).values_list("username", flat=True))


def _refuse_own(actor: User, user: User) -> None:
    if actor.pk == user.pk:
        raise AccountRefused("自己的账号请另一位管理员办理。")


def _end_tokens(user: User) -> int:
    return ApiToken.objects.filter(user=user).delete()[0]
