"""Pools of the programmes: whose document has one, which lines it draws, which edition."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from core.models import PolicyEdition, User
from core.scoping import NO_BUSINESS_DATA
from core.services.policies import document_of, edition_in_force
from cultivation.policy import PoolRule, Pools
from cultivation.querysets import related_to


class PoolRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def pools_part(edition: PolicyEdition) -> Pools | None:
    """The ``pool`` part of an edition; ``None`` when the document has none."""
    part = document_of(edition).parts.get("pool")
    return part if isinstance(part, Pools) else None


def pool_edition(programme: str) -> tuple[PolicyEdition, Pools]:
    """The edition in force and its pools; raises ``PoolRefused``."""
    edition = edition_in_force(programme)
    part = pools_part(edition) if edition else None
    if edition is None or edition.locality_id is None or part is None:
        raise PoolRefused(f"没有施行中的方案 {programme}，或它没有培育库。")
    return edition, part


def pool_rule(programme: str, kind: str) -> tuple[PolicyEdition, PoolRule]:
    edition, part = pool_edition(programme)
    rule = part.of_kind(kind)
    if rule is None:
        raise PoolRefused(f"方案 {programme} 没有这个培育库。")
    return edition, rule


def pools_visible_to(user: User) -> list[tuple[PolicyEdition, PoolRule]]:
    """Pools of the user's region, of regions below it, and of the region that holds it (the city's pool)."""
    path = user.scope_path
    if path is None or user.role in NO_BUSINESS_DATA:
        return []
    editions = _editions_in_force().filter(related_to(path, "locality"))
    return list(_with_pools(editions))


def rules_by_edition(edition_ids: Iterable[int], kind: str) -> dict[int, PoolRule]:
    """The rule of each edition, for telling what was decided under it; one query."""
    editions = PolicyEdition.objects.filter(pk__in=set(edition_ids))
    return {edition.pk: rule for edition, rule in _with_pools(editions) if rule.kind == kind}


def editions_with_pools(**where: object) -> list[tuple[PolicyEdition, PoolRule]]:
    """Every pool of the editions in force that are such as ``where`` says, the nearest to the top first."""
    return list(_with_pools(_editions_in_force().filter(**where)))


def _editions_in_force() -> QuerySet[PolicyEdition]:
    return (
        PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE, locality__isnull=False)
        .select_related("locality")
        .order_by("locality__path", "-name")
    )


def _with_pools(editions: QuerySet[PolicyEdition]) -> Iterable[tuple[PolicyEdition, PoolRule]]:
    for edition in editions:
        part = pools_part(edition)
        yield from ((edition, rule) for rule in (part.rules if part else ()))
