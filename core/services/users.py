from __future__ import annotations

import secrets
import string

from django.db import transaction

from core.audit import record
from core.models import Region, User

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
