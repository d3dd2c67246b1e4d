"""What a rule that pays for listing tells a firm outside the directory: how far it is from the standard of 规上."""

from __future__ import annotations

import numpy as np

from core.conditions import Column
from core.models import User
from cultivation.rules.watch import OF_MONTHS, SIGNALS
from cultivation.services.watch import standard_of, yearly_measures
from cultivation.services.watch_pages import FirmForecast, firm_forecast
from enterprises.models import Enterprise
from incentives.rules.listing_distance import LastYear, Running, distance_words


def distance_to_listing(firm: Enterprise, user: User, year: int) -> str:
    """``year``: the year meant where the firm has no month reported; empty where no document in force names the standard."""
    standard = standard_of(firm.region)
    if standard is None:
        return ""
    forecast = firm_forecast(user, firm)
    year = forecast.year if forecast else year
    basis = standard.line.basis
    return distance_words(
        standard=standard.hundredths,
        mark=basis.label if basis.is_demo else "",
        year=year,
        running=_running(forecast) if forecast else None,
        last_year=_last_year(firm, year, forecast),
    )


def _running(forecast: FirmForecast) -> Running | None:
    reported = [line for line in forecast.lines if line.nature == "实际"]
    if not reported:
        return None
    month = reported[-1].month.month
    return Running(
        month=month,
        so_far=sum(line.revenue or 0 for line in reported),
        unreported=month - len(reported),
        expected=forecast.expected,
        crossing=forecast.crossing,
    )


def _last_year(firm: Enterprise, year: int, forecast: FirmForecast | None) -> LastYear | None:
    measures: dict[str, Column] = yearly_measures(np.array([firm.pk], np.int64), year)
    known = {name: int(column.values[0]) for name, column in measures.items() if column.known[0]}
    if forecast and forecast.year_before is not None:
        known[OF_MONTHS] = forecast.year_before
    if not known:
        return None
    name = max(known, key=lambda one: known[one])
    return LastYear(SIGNALS[name].removeprefix("上年"), known[name])
