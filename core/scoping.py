"""Rows are reached through ``visible_to(user)`` alone: the user's assessment region and all below it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models

from core.models import Region, Role, User

#: The three administrators keep the house; they see no firm, no figure, no target.
NO_BUSINESS_DATA = frozenset({Role.SYS_ADMIN, Role.SEC_ADMIN, Role.AUDITOR})


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset of rows that belong to a region; ``region_lookup`` leads from the row to it."""

    region_lookup = "region"

    def visible_to(self, user: User) -> Self:
        if user.role == Role.SYSTEM:
            return self
        path = user.scope_path
        if path is None or user.role in NO_BUSINESS_DATA or not user.is_active:
            return self.none()
        return self.filter(**{f"{self.region_lookup}__path__startswith": path})


def regions_visible_to(user: User) -> models.QuerySet[Region]:
    """The user's own region and every region below it, in the official order."""
    if user.role == Role.SYSTEM:
        return Region.objects.all()
    path = user.scope_path
    if path is None or user.role in NO_BUSINESS_DATA:
        return Region.objects.none()
    return Region.objects.filter(path__startswith=path)


def may_reach(user: User, region: Region) -> bool:
    return regions_visible_to(user).filter(pk=region.pk).exists()
