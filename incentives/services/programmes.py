"""Programmes with awards: policy documents in force that have the ``awards`` part."""

from __future__ import annotations

from core.models import PolicyEdition, User
from core.scoping import NO_BUSINESS_DATA
from core.services.policies import document_of, edition_in_force
from cultivation.querysets import related_to
from incentives.policy import Awards


class AwardsRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def awards_part(edition: PolicyEdition) -> Awards | None:
    part = document_of(edition).parts.get("awards")
    return part if isinstance(part, Awards) else None


def awards_in_force(programme: str) -> tuple[PolicyEdition, Awards]:
    edition = edition_in_force(programme)
    part = awards_part(edition) if edition else None
    if edition is None or edition.locality_id is None or part is None:
        raise AwardsRefused(f"没有施行中的方案 {programme}，或它没有奖补规则。")
    return edition, part


def award_programmes_visible_to(user: User) -> list[tuple[PolicyEdition, Awards]]:
    """Documents with awards of the user's region, of regions below it and of those that hold it, newest first."""
    path = user.scope_path
    if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
        return []
    editions = (
        PolicyEdition.objects.filter(
            related_to(path, "locality"), state=PolicyEdition.State.IN_FORCE, locality__isnull=False
        )
        .select_related("locality")
        .order_by("locality__path", "-name")
    )
    found = [(edition, awards_part(edition)) for edition in editions]
    return [(edition, part) for edition, part in found if part is not None]
