"""Published grades that rest on a list: said to whoever would take the list back."""

from __future__ import annotations

from collections.abc import Iterator

from enterprises.services.storing import in_chunks
from evaluation.models import Round, Score
from intake.services.built_on import Touched


def grades_built_on(touched: Touched) -> Iterator[str]:
    """A published round of one of the list's years, run after the commit; a draft is simply run anew."""
    rounds = Round.objects.filter(state=Round.State.PUBLISHED, run_at__gte=touched.batch.committed_at)
    if touched.years:
        rounds = rounds.filter(year__in=touched.years)
    for one in rounds:
        firms: set[int] = set()
        for chunk in in_chunks(sorted(touched.firms)):
            scores = Score.objects.filter(round=one, enterprise_id__in=chunk).order_by()
            firms.update(scores.values_list("enterprise_id", flat=True))
        if firms:
            yield f"{one.year}年度综合评价第{one.version}版已公布，含其中 {len(firms):,} 家企业"
