"""Approved awards that rest on a list: said to whoever would take the list back."""

from __future__ import annotations

from collections.abc import Iterator

from enterprises.services.storing import in_chunks
from incentives.models import Award, AwardRound
from intake.services.built_on import Touched


def awards_built_on(touched: Touched) -> Iterator[str]:
    """Awards of an approved round, computed after the commit; a draft is simply computed anew."""
    firms: set[int] = set()
    for chunk in in_chunks(sorted(touched.firms)):
        awards = Award.objects.filter(
            enterprise_id__in=chunk,
            round__state=AwardRound.State.APPROVED,
            round__computed_at__gte=touched.batch.committed_at,
        ).exclude(state=Award.State.CANCELLED)
        firms.update(awards.order_by().values_list("enterprise_id", flat=True))
    if firms:
        yield f"其中 {len(firms):,} 家企业的奖补已审定"
