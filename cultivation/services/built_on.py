"""What the pool has made of a list since it was committed: said to whoever would take the list back."""

from __future__ import annotations

from collections.abc import Iterator

from cultivation.models import PoolMembership
from enterprises.services.storing import in_chunks
from intake.services.built_on import Touched


def pool_built_on(touched: Touched) -> Iterator[str]:
    """Firms that came into a pool, moved or left it after the commit; a month's draft is simply computed anew."""
    since = touched.batch.committed_at
    firms: set[int] = set()
    for chunk in in_chunks(sorted(touched.firms)):
        members = PoolMembership.objects.filter(enterprise_id__in=chunk, updated_at__gt=since)
        firms.update(members.values_list("enterprise_id", flat=True))
    if firms:
        yield f"其中 {len(firms):,} 家企业随后已筛选入培育库或调整层级，请先在培育库处理"
