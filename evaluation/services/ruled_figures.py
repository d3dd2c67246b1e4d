"""Figures that were ruled on an appeal: they stand in place of the survey's in every later run of the year. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from core.conditions import Column
from evaluation.models import Appeal
from evaluation.rules.figures import FirmYears

#: quantity → firm → hundredths
Ruled = Mapping[str, Mapping[int, int]]


def ruled_figures(scheme: str, year: int) -> Ruled:
    found: dict[str, dict[int, int]] = defaultdict(dict)
    rows = Appeal.objects.ruled_for(scheme, year).values_list("quantity", "enterprise_id", "ruled")
    for quantity, firm, ruled in rows:
        found[quantity][firm] = ruled
    return found


def with_figures(firms: FirmYears, ruled: Ruled) -> FirmYears:
    """The same firms with these figures; firms that are not among them are passed over."""
    if not ruled:
        return firms
    keys = firms.keys()
    quantities = dict(firms.quantities)
    for quantity, by_firm in ruled.items():
        values, known = quantities[quantity].values.copy(), quantities[quantity].known.copy()
        for firm, ruled_value in by_firm.items():
            rows = keys == firm
            values[rows], known[rows] = ruled_value, np.True_
        quantities[quantity] = Column(values, known)
    return replace(firms, quantities=quantities)
