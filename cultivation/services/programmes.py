"""Programmes: policy documents in force that set targets. One document, one programme, one name."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from core.models import PolicyEdition, Region, User
from core.scoping import NO_BUSINESS_DATA
from core.services.policies import document_of
from cultivation.models import Target
from cultivation.policy import Targets
from cultivation.querysets import related_to


def programmes_in_force() -> QuerySet[PolicyEdition]:
    """Editions in force that have targets, the newest programme first."""
    has_targets = Exists(Target.objects.filter(programme=OuterRef("name")))
    return (
        PolicyEdition.objects.filter(has_targets, state=PolicyEdition.State.IN_FORCE, locality__isnull=False)
        .select_related("locality")
        .defer("text")
        .order_by("locality__path", "-name")
    )


def programmes_visible_to(user: User) -> QuerySet[PolicyEdition]:
    """Programmes of the user's region, of regions below it, and of the region that holds it (a city's plan)."""
    path = user.scope_path
    if path is None or user.role in NO_BUSINESS_DATA:
        return programmes_in_force().none()
    return programmes_in_force().filter(related_to(path, "locality"))


def targets_part(edition: PolicyEdition) -> Targets | None:
    """The ``targets`` part of an edition; ``None`` when the document has none."""
    part = document_of(edition).parts.get("targets")
    return part if isinstance(part, Targets) else None


def programme_of_region(region: Region) -> PolicyEdition | None:
    """The one programme that a region's targets belong to; ``None`` when there is none or more than one."""
    own = programmes_of_region(region)
    return own[0] if len(own) == 1 else None


def programmes_of_region(region: Region) -> list[PolicyEdition]:
    """A region's own programmes, else those of the nearest region above that has any."""
    above = region.path.strip("/").split("/")
    editions = list(programmes_in_force().filter(locality_id__in=above))
    nearest = max((edition.locality.path for edition in editions), default="")
    return [edition for edition in editions if edition.locality.path == nearest]
