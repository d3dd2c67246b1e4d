"""Rows are reached through ``visible_to(user)`` alone: the user's assessment region and all below it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from core.models import Region, Role, User

#: The three administrators keep the house; they see no firm, no figure, no target.
NO_BUSINESS_DATA = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR})
#: the path that every path begins with
EVERYWHERE = ""


def _scope_of(user: User) -> str | None:
    """The path below which this user sees rows; ``None`` when he sees none."""
    if user.role == Role.SYSTEM:
        return EVERYWHERE
    return user.scope_path if user.is_active and user.role not in NO_BUSINESS_DATA else None


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset of rows that belong to a region; ``region_lookup`` leads from the row to it."""

    region_lookup = "region"

    def visible_to(self, user: User) -> Self:
        path = _scope_of(user)
        if path is None:
            return self.none()
        return (
            self if path == EVERYWHERE else self.filter(**{f"{self.region_lookup}__path__startswith": path})
        )


def regions_visible_to(user: User) -> models.QuerySet[Region]:
    """The user's own region and every region below it, in the official order."""
    path = _scope_of(user)
    return Region.objects.none() if path is None else Region.objects.filter(path__startswith=path)


def may_reach(user: User, region: Region) -> bool:
    return regions_visible_to(user).filter(pk=region.pk).exists()


def accounts_visible_to(user: User) -> models.QuerySet[User]:
    """Accounts that an administrator keeps: of his region and below, or all where he has none; never the house's own."""
    people = User.objects.exclude(role=Role.SYSTEM).select_related("region")
    return people if user.scope_path is None else people.filter(region__path__startswith=user.scope_path)
