"""What values are measured by: printed numbers, or statistics of a population of firms, resolved once a round. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from evaluation.policy import Anchor, Baseline, Indicator, Scheme
from evaluation.rules.figures import Figures, Floats, Ints, Mask
from evaluation.rules.standing import GRADED, Standing
from evaluation.rules.values import Values, values_of

#: (cohort, indicator) → the number that somebody froze, in the indicator's unit
Given = Mapping[tuple[str, str], Decimal]
_Of = Callable[[Values, Mask], float]


class CannotScore(Exception):
    """Settings without which no score exists are unknown; carries their names."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("、".join(names))
        self.names = names


@dataclass(frozen=True, eq=False)
class Population:
    """The firms of a year with their standing, from whom statistics are taken."""

    figures: Figures
    standing: Standing

    def values(self, indicator: Indicator) -> Values:
        return values_of(indicator, self.figures)

    def dimensions(self, names: tuple[str, ...]) -> Ints:
        """One row of numbers a firm; firms with equal rows are one population."""
        columns = [self._dimension(name) for name in names]
        size = self.figures.size
        return np.stack(columns, axis=1) if columns else np.zeros((size, 0), np.int64)

    def _dimension(self, name: str) -> Ints:
        if name == "cohort":
            return self.standing.cohort
        if name == "county":
            return self.figures.firms.region
        groups = self.figures.column("industry_group")
        numbers = {word: place for place, word in enumerate(sorted(self.figures.scheme.industry_groups))}
        words = np.array([numbers.get(word, -1) for word in groups.words] or [-1], np.int64)
        return np.where(groups.known, words[groups.values] if groups.words else -1, -1)

    @property
    def counts(self) -> Mask:
        mask: Mask = self.standing.state == GRADED
        return mask


@dataclass(frozen=True, eq=False)
class Resolved:
    """A number for every firm of this year, ``nan`` where its population gives none."""

    per_firm: Floats

    def take(self, rows: Ints) -> Floats:
        return self.per_firm[rows]


@dataclass(frozen=True, eq=False)
class Statistics:
    """Works out statistics of this year's firms and, where a baseline is of last year, of last year's."""

    now: Population
    before: Population | None

    def baseline(self, cohort: str, indicator: Indicator, given: Given) -> Resolved:
        """Of an indicator that is measured by one. Raises ``CannotScore`` without last year's figures."""
        size = self.now.figures.size
        frozen = given.get((cohort, indicator.id))
        if frozen is not None:
            return Resolved(np.full(size, float(frozen)))
        setting = indicator.baseline
        baseline = Baseline("fixed") if setting is None else setting.known_or(Baseline("fixed"))
        if baseline.printed is not None:
            return Resolved(np.full(size, float(baseline.printed)))
        if baseline.by:
            return Resolved(self._by_word(baseline))
        people = self.now
        if baseline.period == "last_year":
            if self.before is None:
                year = self.now.figures.scheme.data_year - 1
                raise CannotScore(
                    (f"“{indicator.label}”的基准值（要用{year}年度各企业的数据，或直接给出数值）",)
                )
            people = self.before
        found = self._statistic(
            indicator, people, baseline.population, lambda values, mask: _of(baseline, values, mask)
        )
        return Resolved(found * float(baseline.factor))

    def anchor(self, anchor: Anchor, indicator: Indicator) -> Floats:
        if anchor.kind == "value":
            return np.full(self.now.figures.size, float(anchor.number))
        return self._statistic(
            indicator, self.now, indicator.scoring.population, lambda values, mask: _end(anchor, values, mask)
        )

    def _by_word(self, baseline: Baseline) -> Floats:
        """The printed number of the firm's own word, that of all others where the document has one."""
        column = self.now.figures.column(baseline.by)
        other = float(baseline.value) if isinstance(baseline.value, Decimal) else math.nan
        printed = {word: math.nan if number is None else float(number) for word, number in baseline.table}
        numbers = np.array([*(printed.get(word, other) for word in column.words), other])
        found = np.where(column.known, numbers[column.values] if column.words else other, other)
        return found * float(baseline.factor)

    def places(self, indicator: Indicator) -> tuple[Floats, Floats]:
        """Of every firm with a value: its place by the item alone among the graded firms of its population, equals sharing
        the better one, and how many these are."""
        values = self.now.values(indicator)
        counted = self.now.counts & values.has_value
        place, size = np.full(counted.size, np.nan), np.zeros(counted.size)
        ours = self.now.dimensions(indicator.scoring.population)
        sign = 1.0 if indicator.less_is_better else -1.0
        merit = sign * values.value
        for group in np.unique(ours, axis=0) if ours.size else [np.zeros(0, np.int64)]:
            inside = (ours == group).all(axis=1)
            better = np.sort(merit[inside & counted])
            place[inside] = 1 + np.searchsorted(better, merit[inside], side="left")
            size[inside] = better.size
        return place, size

    def _statistic(self, indicator: Indicator, people: Population, names: tuple[str, ...], of: _Of) -> Floats:
        """The statistic of each population, given to every firm of this year that belongs to it."""
        values = people.values(indicator)
        counted = people.counts & values.has_value
        theirs, ours = people.dimensions(names), self.now.dimensions(names)
        found: Floats = np.full(self.now.figures.size, np.nan)
        for group in np.unique(ours, axis=0) if ours.size else [np.zeros(0, np.int64)]:
            mask = counted & (theirs == group).all(axis=1)
            if mask.any():
                found[(ours == group).all(axis=1)] = of(values, mask)
        return found


def _of(baseline: Baseline, values: Values, mask: Mask) -> float:
    if baseline.kind == "ratio_of_sums":
        below = math.fsum(values.below[mask])
        return math.fsum(values.top[mask]) / below if below > 0 else math.nan
    if baseline.kind == "mean_of_ratios":
        return mean(values.value[mask])
    return _ranked(
        {"max": 100.0, "min": 0.0}.get(baseline.kind, float(baseline.percentile)), values.value[mask]
    )


def _end(anchor: Anchor, values: Values, mask: Mask) -> float:
    if anchor.kind == "mean":
        return mean(values.value[mask]) * float(anchor.number)
    return _ranked({"max": 100.0, "min": 0.0}.get(anchor.kind, float(anchor.number)), values.value[mask])


def mean(values: Floats) -> float:
    """Exact sums: whatever the order of the firms."""
    return math.fsum(values) / values.size


def _ranked(percentile: float, values: Floats) -> float:
    """The percentile between the two nearest firms (as PERCENTILE.INC of a sheet)."""
    rising = np.sort(values)
    place = percentile / 100 * (rising.size - 1)
    lower = math.floor(place)
    upper = min(lower + 1, rising.size - 1)
    return float(rising[lower] + (rising[upper] - rising[lower]) * (place - lower))


def needs_last_year(scheme: Scheme) -> bool:
    """Whether some baseline is a statistic of the year before."""
    return any(
        indicator.baseline is not None
        and isinstance(indicator.baseline.value, Baseline)
        and indicator.baseline.value.period == "last_year"
        and indicator.baseline.value.printed is None
        for cohort in scheme.cohorts
        for indicator in cohort.indicators
    )
