from __future__ import annotations

from typing import Self

from core.models import Role, User
from core.scoping import ScopedQuerySet


class BatchQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """Batches of the user's region and below; a department sees its own lists only (S0-09)."""
        batches = super().visible_to(user)
        if user.role == Role.DEPARTMENT_OFFICER:
            return batches.filter(department=user.department)
        return batches
