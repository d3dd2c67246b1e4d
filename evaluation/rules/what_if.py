"""What if: a method with other weights, baselines or bands, on the same firms. Nothing of it is kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from evaluation.policy import Band, Baseline, Cohort, Indicator, Scheme, Setting, is_missing
from evaluation.rules.wording import plain

_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Lever:
    """A number of the method that may be tried otherwise; ``key`` is ``above.tax_per_mu.weight`` or ``above.A.upto``."""

    key: str
    group: str
    #: indicator or grade, and which of its numbers
    name: str
    word: str
    value: Decimal

    @property
    def label(self) -> str:
        return f"{self.name}{self.word}"

    @property
    def text(self) -> str:
        return plain(self.value).replace(",", "")


class WhatIfRefused(ValueError):
    """Numbers that make no method; the message says which and why."""


def levers(scheme: Scheme) -> tuple[Lever, ...]:
    """Every printed weight, given baseline, share and line of the method, cohort by cohort."""
    found = []
    for cohort in scheme.cohorts:
        for indicator in cohort.indicators:
            key = f"{cohort.id}.{indicator.id}"
            if not is_missing(indicator.weight) and not indicator.is_ranked_directly:
                found.append(
                    Lever(f"{key}.weight", cohort.label, indicator.label, "权重", indicator.weight.known)
                )
            baseline = _given(indicator)
            if baseline is not None:
                found.append(Lever(f"{key}.baseline", cohort.label, indicator.label, "基准值", baseline))
        for band in cohort.bands[:-1]:
            for name, word, setting in (
                ("upto", "前百分之几", band.upto),
                ("at_least", "最低分", band.at_least),
            ):
                if setting is not None and not is_missing(setting):
                    key = f"{cohort.id}.{band.grade}.{name}"
                    found.append(Lever(key, cohort.label, f"{band.grade}级", word, setting.known))
    return tuple(found)


def pulled(scheme: Scheme, values: Mapping[str, Decimal]) -> Scheme:
    """The method with these numbers in the place of its own. Raises ``WhatIfRefused``."""
    known = {lever.key: lever for lever in levers(scheme)}
    for key, value in values.items():
        if key not in known:
            raise WhatIfRefused(f"方案没有“{key}”这一项。")
        if value < 0 or (value == 0 and key.endswith(".baseline")):
            raise WhatIfRefused(f"{known[key].group}{known[key].label}应大于 0。")
    return replace(scheme, cohorts=tuple(_cohort(cohort, values) for cohort in scheme.cohorts))


def _cohort(cohort: Cohort, values: Mapping[str, Decimal]) -> Cohort:
    bands = tuple(_band(cohort, band, values) for band in cohort.bands)
    shares = [band.upto.known for band in bands if band.upto is not None and not is_missing(band.upto)]
    if shares != sorted(shares) or any(share > _HUNDRED for share in shares):
        raise WhatIfRefused(f"{cohort.label}各级的累计比例应由小到大，不超过 100。")
    lines = [
        band.at_least.known for band in bands if band.at_least is not None and not is_missing(band.at_least)
    ]
    if lines != sorted(lines, reverse=True):
        raise WhatIfRefused(f"{cohort.label}各级的最低分应由高到低。")
    return replace(
        cohort, indicators=tuple(_indicator(cohort, i, values) for i in cohort.indicators), bands=bands
    )


def _indicator(cohort: Cohort, indicator: Indicator, values: Mapping[str, Decimal]) -> Indicator:
    key = f"{cohort.id}.{indicator.id}"
    weight = values.get(f"{key}.weight")
    if weight is not None:
        indicator = replace(indicator, weight=_with(indicator.weight, weight))
    value = values.get(f"{key}.baseline")
    if value is not None and indicator.baseline is not None:
        baseline = replace(indicator.baseline.known, value=value)
        indicator = replace(indicator, baseline=replace(indicator.baseline, value=baseline))
    return indicator


def _band(cohort: Cohort, band: Band, values: Mapping[str, Decimal]) -> Band:
    key = f"{cohort.id}.{band.grade}"
    upto, least = values.get(f"{key}.upto"), values.get(f"{key}.at_least")
    if upto is not None and band.upto is not None:
        band = replace(band, upto=_with(band.upto, upto))
    if least is not None and band.at_least is not None:
        band = replace(band, at_least=_with(band.at_least, least))
    return band


def _with(setting: Setting[Decimal], value: Decimal) -> Setting[Decimal]:
    return replace(setting, value=value)


def _given(indicator: Indicator) -> Decimal | None:
    baseline = None if indicator.baseline is None else indicator.baseline.value
    if not isinstance(baseline, Baseline) or baseline.by:
        return None
    return baseline.value if isinstance(baseline.value, Decimal) else None
