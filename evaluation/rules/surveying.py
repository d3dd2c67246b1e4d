"""Who is in scope and which absolute lines a firm has crossed, whether or not a score can be computed. Pure."""

from __future__ import annotations

import numpy as np

from evaluation.policy import Scheme
from evaluation.rules.figures import Figures, FirmYears, Mask
from evaluation.rules.standing import Standing, met, standing_of
from evaluation.rules.values import kept_value, values_of


def surveyed(firms: FirmYears, scheme: Scheme) -> tuple[Standing, Mask]:
    """Standing, and a column for each flag; a flag may name the indicators of the firm's own cohort."""
    figures = Figures(firms, scheme)
    standing = standing_of(figures)
    flags = np.zeros((firms.size, len(scheme.flags)), np.bool_)
    for number, cohort in [(-1, None), *enumerate(scheme.cohorts)]:
        rows = np.flatnonzero(standing.cohort == number)
        indicators = cohort.indicators if cohort else ()
        frame = figures.frame_with({i.id: kept_value(values_of(i, figures)) for i in indicators})
        for place, flag in enumerate(scheme.flags):
            if flag.condition is not None and rows.size:
                flags[rows, place] = met(flag.condition, frame, scheme.data_year)[rows]
    return standing, flags
