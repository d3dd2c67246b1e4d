"""What of the pool follows a firm's identity, and which firms must have a 责任人: said to the registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cultivation.models import PoolMembership


def places_held(firms: Sequence[int]) -> int:
    """How many places in pools these firms hold now."""
    return PoolMembership.objects.filter(enterprise__in=firms, until=None).count()


def firms_in_pools() -> Any:
    """Numbers of the firms that are in any pool now, as a subquery."""
    return PoolMembership.objects.filter(until=None).order_by().values("enterprise")
