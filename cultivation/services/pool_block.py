"""The pool as commands and the summary print it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Count

from cultivation.models import PoolMembership
from cultivation.policy import PoolRule
from cultivation.policy.pool import JOIN
from cultivation.querysets import PoolMembershipQuerySet
from cultivation.services.pools import pool_edition

#: how members without a tier are counted
NO_TIER_NAME = "未分层"


def pool_block(programme: str) -> dict[str, Any]:
    """``{"members", "by_tier", "by_source"}`` of the programme's first pool, the whole locality; its tiers and
    sources in the order of the document. Further pools stand under ``"others"`` by kind. Raises ``PoolRefused``."""
    edition, part = pool_edition(programme)
    blocks = {rule.kind: _block(edition.name, rule) for rule in part.rules}
    first, *others = blocks
    return blocks[first] | ({"others": {kind: blocks[kind] for kind in others}} if others else {})


def _block(programme: str, rule: PoolRule) -> dict[str, Any]:
    counts = count_members(PoolMembership.objects.of_pool(programme, rule.kind).current(), rule)
    return {"members": counts.members, "by_tier": counts.by_tier, "by_source": counts.by_source}


_GROUPED = ("tier", "sources", "is_proposed", "tier_by_hand", "year_by_hand", "admitted_by_hand")


class MemberCounts:
    """Members by tier and by source; each sums to ``members``. ``by_source`` by what JSON calls a combination,
    ``source_keys`` leads from there to what a member keeps."""

    def __init__(self, rows: Iterable[Mapping[str, Any]], rule: PoolRule) -> None:
        self.members = self.proposed = self.by_hand = 0
        self.by_tier = dict.fromkeys([tier.name for tier in rule.tiers], 0)
        self.source_keys: dict[str, str] = {line.code: line.code for line in rule.sources}
        both = JOIN.join(self.source_keys)
        self.source_keys.setdefault(rule.told_key(both), both)
        self.by_source = dict.fromkeys(self.source_keys, 0)
        for row in rows:
            count, name, key = row["count"], row["tier"] or NO_TIER_NAME, rule.told_key(row["sources"])
            self.members += count
            self.proposed += count * row["is_proposed"]
            self.by_hand += count * (row["tier_by_hand"] or row["year_by_hand"] or row["admitted_by_hand"])
            self.by_tier[name] = self.by_tier.get(name, 0) + count
            self.by_source[key] = self.by_source.get(key, 0) + count
            self.source_keys.setdefault(key, row["sources"])


def count_members(members: PoolMembershipQuerySet, rule: PoolRule) -> MemberCounts:
    """One query."""
    return MemberCounts(members.order_by().values(*_GROUPED).annotate(count=Count("pk")), rule)
