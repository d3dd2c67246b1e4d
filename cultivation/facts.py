"""Facts of the pools, for conditions of any policy."""

from __future__ import annotations

import numpy as np

from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from cultivation.models import PoolMembership

#: the pool that 在库 means where no other is named
SCALE_UP = "scale_up"


def _members(context: FactContext) -> list[tuple[int, str]]:
    """Current members of any programme's 小升规培育库 with their tier; each firm once, the newest programme's."""

    def read() -> list[tuple[int, str]]:
        rows = PoolMembership.objects.current().filter(pool=SCALE_UP).order_by("programme", "pk")
        return list({firm: (firm, tier) for firm, tier in rows.values_list("enterprise_id", "tier")}.values())

    return context.once("pool members", read)


def _in_pool(context: FactContext) -> Column:
    inside = np.isin(context.enterprises, np.array([firm for firm, _ in _members(context)], np.int64))
    return Column(inside, np.ones(len(inside), dtype=bool))


def _pool_tier(context: FactContext) -> Column:
    """The name of the tier; unknown for firms that are in no pool or have none."""
    members = _members(context)
    tiers = Column.of_texts(tier for _, tier in members)
    return context.aligned([firm for firm, _ in members], tiers.values, tiers.known, tiers.words)


register_facts(
    Fact(FactType("in_pool", "在小升规培育库", Kind.FLAG), _in_pool),
    Fact(FactType("pool_tier", "培育库层级", Kind.TEXT), _pool_tier),
)
