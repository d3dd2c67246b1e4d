"""The lines of a pool's sources, held against a list as it comes in: who is outside is known before any screening."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.conditions import Column, Frame, sentence
from core.models import Region
from core.policies import Unknown
from cultivation.services.pools import editions_with_pools
from cultivation.services.programmes import programmes_of_region


def outside_sources(
    fact: str, region: Region, year: int | None, values: Sequence[int | None]
) -> Iterator[tuple[int, str]]:
    """Rows that a source line of the region's programmes leaves out, where the line asks for this fact alone."""
    names = [edition.name for edition in programmes_of_region(region)]
    for _, rule in editions_with_pools(name__in=names):
        given = rule.given(rule.year)
        for line in rule.sources:
            if isinstance(line.when, Unknown):
                continue
            keys = line.when.needs(given)
            if len(keys) != 1 or (keys[0].name, keys[0].period) != (fact, year):
                continue
            known = np.array([value is not None for value in values], np.bool_)
            column = Column(np.array([value or 0 for value in values], np.int64), known)
            judged = line.when.judge(Frame(len(values), {str(keys[0]): column}), given)
            for place in np.flatnonzero(judged.outcome == 0).tolist():
                text = (
                    sentence(judged.condition, judged.row(place)).removeprefix("不符合：").removesuffix("。")
                )
                yield place, f"在{rule.title}“{line.label}”的范围以外：{text}（{line.basis.label}）"
