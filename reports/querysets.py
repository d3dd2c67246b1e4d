from __future__ import annotations

from typing import Self

from core.models import Role, User
from core.scoping import ScopedQuerySet


class BulletinQuerySet(ScopedQuerySet):
    """Papers of a whole locality: seen by those whose region is the locality or holds it, in its region's scope."""

    def of_issue(self, issue: object) -> Self:
        return self.filter(issue=issue)

    def waiting(self) -> Self:
        return self.filter(state="waiting")

    def returned_to(self, user: User) -> Self:
        """Sent back by who signs, to who drafted them."""
        return self.filter(state="draft", drafted_by=user).exclude(opinion="")

    def issued_to(self, user: User) -> Self:
        """Drafts are the bureau's own; all others read what has been signed."""
        return self if user.role in {Role.BUREAU_STAFF, Role.BUREAU_LEADER} else self.filter(state="issued")
