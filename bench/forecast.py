"""``python -m bench.forecast [FIRMS]``: the forecast back-tested on held-out months, paired with the two that everybody
has: last year's total, and the run-rate (累计 ÷ 已报月数 × 12). Needs no database.

The series are made by processes of their own, none of them the demo's: steady, noisy, Spring Festival, own seasons,
strong seasons, growth, random walk, level shifts, months without sales, large orders, lumpy, stops, decline, fast
growth, a shift about New Year, rare sales, outliers either way, figures that add up within the year, autoregression,
seasons with growth, quarters' ends; seasons with a break, heavy tails, production that stops and starts, trends that
turn, one order a year, seasons that fade. Errors are summed absolute errors over summed actual totals, ours before the
run-rate's; ``held`` is the share of years inside the interval.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from cultivation.rules.forecast import forecast
from cultivation.rules.forecast_level import MONTHS

YEARS = 4
AS_OF = (1, 2, 3, 4, 6, 9)
SEED = 20220630


def processes(rng: Any, firms: int, years: int = YEARS) -> Iterator[tuple[str, Any]]:
    """Name and months of each process: firms × (years × 12), the last year the one to be forecast."""
    width = years * MONTHS
    shape = (firms, width)
    place = np.arange(width)[None, :]
    level = np.exp(rng.normal(np.log(150), 0.5, (firms, 1)))

    def noise(size: float) -> Any:
        return np.exp(rng.normal(0, size, shape) - size * size / 2)

    def festival(strength: float) -> Any:
        factor = np.ones(shape)
        for year in range(years):
            month = year * MONTHS + (0 if year % 3 == 1 else 1)
            factor[:, month] *= 1 - strength
            factor[:, year * MONTHS + 11] *= 1 + strength / 2
        return factor

    wave = (np.arange(MONTHS)[None, :] + rng.uniform(0, MONTHS, (firms, 1))) * 2 * np.pi / MONTHS
    own = np.exp(rng.normal(0, 0.25, (firms, MONTHS)))
    since = rng.integers(width - 18, width - 2, (firms, 1))
    yield "steady", level * noise(0.2)
    yield "noisy", level * noise(0.5)
    yield "spring festival", level * festival(0.5) * noise(0.2)
    yield "own seasons", level * np.tile(own, (1, years)) * noise(0.15)
    yield "strong seasons", level * np.tile(np.maximum(1 + 0.8 * np.sin(wave), 0.05), (1, years)) * noise(0.2)
    yield "growth", level * np.exp(rng.normal(0.01, 0.02, (firms, 1)) * place) * noise(0.2)
    yield "random walk", level * np.exp(np.cumsum(rng.normal(0, 0.1, shape), axis=1))
    shift = np.where(place >= since, rng.choice([0.4, 0.6, 1.6, 2.5], (firms, 1)), 1)
    yield "level shift", level * shift * festival(0.3) * noise(0.2)
    yield "idle months", level * 1.6 * noise(0.3) * (rng.random(shape) < 0.6)
    yield "large orders", level * festival(0.3) * noise(0.2) * np.where(rng.random(shape) < 0.05, 6, 1)
    yield "lumpy", level * rng.gamma(2, 0.5, shape)
    stop = rng.integers(width - MONTHS, width, (firms, 1))
    yield "stops", level * noise(0.2) * (place < stop)
    yield from _more(rng, level, years, noise)
    yield from _further(np.random.default_rng(SEED + 1), firms, years)


def _more(rng: Any, level: Any, years: int, noise: Any) -> Iterator[tuple[str, Any]]:
    firms, width = len(level), years * MONTHS
    shape, place = (firms, width), np.arange(years * MONTHS)[None, :]
    yield "decline", level * np.exp(-0.025 * place) * noise(0.15)
    yield "fast growth", level * np.exp(0.03 * place) * noise(0.15)
    since = rng.integers(width - MONTHS - 6, width - MONTHS + 2, (firms, 1))
    yield (
        "new year shift",
        level * np.where(place >= since, rng.choice([0.5, 1.8], (firms, 1)), 1) * noise(0.1),
    )
    yield "rare sales", level * 3 * noise(0.4) * (rng.random(shape) < 0.3)
    far = np.where(rng.random(shape) < 0.08, rng.choice([0.1, 8], shape), 1)
    yield "outliers", level * noise(0.1) * far
    yield "adds up in a year", level * np.tile(np.arange(1, MONTHS + 1) / 6.5, (1, years)) * noise(0.1)
    drawn, steps = np.zeros(shape), rng.normal(0, 0.15, shape)
    for month in range(1, width):
        drawn[:, month] = 0.8 * drawn[:, month - 1] + steps[:, month]
    yield "autoregression", level * np.exp(drawn)
    wave = np.sin((np.arange(MONTHS)[None, :] + rng.uniform(0, MONTHS, (firms, 1))) * 2 * np.pi / MONTHS)
    yield "seasonal growth", level * np.tile(1 + 0.5 * wave, (1, years)) * np.exp(0.015 * place) * noise(0.12)
    yield "quarters' ends", level * np.where(place % 3 == 2, 2.0, 0.5) * noise(0.15)


def _further(rng: Any, firms: int, years: int) -> Iterator[tuple[str, Any]]:
    """Breaks, tails, stops and turns; drawn apart, so that the others stay what they were."""
    width = years * MONTHS
    shape, place = (firms, width), np.arange(width)[None, :]
    level = np.exp(rng.normal(np.log(150), 0.6, (firms, 1)))

    def noise(size: float) -> Any:
        return np.exp(rng.normal(0, size, shape))

    wave = np.tile(
        np.sin((np.arange(MONTHS)[None, :] + rng.uniform(0, MONTHS, (firms, 1))) * 2 * np.pi / MONTHS),
        (1, years),
    )
    since = rng.integers(MONTHS, width - 2, (firms, 1))
    broken = np.where(place >= since, rng.choice([0.5, 1.7], (firms, 1)), 1)
    yield "season and break", level * (1 + 0.6 * wave) * broken * noise(0.15)
    yield "heavy tails", level * np.exp(0.2 * rng.standard_t(3, shape))
    works, state = np.ones(shape, np.bool_), rng.random(firms) < 0.8
    for month in range(width):
        state = np.where(state, rng.random(firms) > 0.12, rng.random(firms) < 0.35)
        works[:, month] = state
    yield "stops and starts", level * works * noise(0.2)
    turn, before, after = rng.integers(24, width - 3, (firms, 1)), *rng.normal(0, 0.025, (2, firms, 1))
    trend = np.where(place < turn, before * place, before * turn + after * (place - turn))
    yield "trend turns", level * np.exp(trend) * noise(0.12)
    orders = np.zeros(shape)
    for year in range(years):
        orders[np.arange(firms), year * MONTHS + rng.integers(0, MONTHS, firms)] = rng.gamma(2, 2, firms)
    yield "one order a year", level * (orders + noise(0.2))
    fading = 0.4 * wave * np.linspace(1, 0.2, width)[None, :]
    yield "seasons fade", level * np.exp(fading + np.cumsum(rng.normal(0, 0.04, shape), axis=1)) * noise(0.1)


def errors(months: Any, month: int, history: int, gaps: float, rng: Any) -> tuple[float, float, float, float]:
    """Of ours, of the run-rate and of last year (nan without history), and the share held by the interval."""
    now = months.shape[1] - MONTHS
    known = np.ones(months.shape, np.bool_)
    known[:, : now - history * MONTHS] = False
    known &= rng.random(months.shape) >= gaps
    actual = months[:, now:].sum(axis=1)
    seen = known[:, now : now + month]
    counted = seen.sum(axis=1)
    found = forecast(months, known, month)
    fair = (counted > 0) & (actual > 0)
    run_rate = (months[:, now : now + month] * seen).sum(axis=1) / np.maximum(counted, 1) * MONTHS
    last_year = months[:, now - MONTHS : now].sum(axis=1)

    def error(guess: Any) -> float:
        return float(np.abs(guess - actual)[fair].sum() / actual[fair].sum())

    held = (found.low <= actual) & (actual <= found.high)
    past = error(last_year) if history else float("nan")
    return error(found.expected), error(run_rate), past, float(held[fair].mean())


def table(firms: int, history: int, gaps: float = 0.0) -> dict[str, list[tuple[float, float, float, float]]]:
    """Process → errors by month of ``AS_OF``."""
    rng = np.random.default_rng(SEED)
    made = processes(rng, firms)
    return {name: [errors(months, month, history, gaps, rng) for month in AS_OF] for name, months in made}


def main() -> None:
    firms = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    print(
        f"{firms} firms a process, forecast at the end of months {AS_OF}: ours/run-rate; numpy {np.__version__}"
    )
    for history, gaps in ((3, 0.0), (2, 0.0), (1, 0.0), (1, 0.1), (0, 0.0)):
        print(f"\n{history} complete years before, {gaps:.0%} of the months missing")
        print(f"{'':18s}" + "".join(f"| month {month:2d}    " for month in AS_OF) + "| last-year held")
        found = table(firms, history, gaps)
        for name, cells in found.items():
            told = "".join(f"| {ours:.3f}/{plain:.3f} " for ours, plain, _, _ in cells)
            held = np.mean([cell[3] for cell in cells])
            print(f"{name:18s}{told}| {cells[0][2]:.3f}     {held:.2f}")
        _summary(found)


def _summary(found: dict[str, list[tuple[float, float, float, float]]]) -> None:
    cells = np.array(list(found.values()))
    ours, plain, past, held = cells.mean(axis=(0, 1))
    ratio = cells[:, :, 0] / cells[:, :, 1]
    worst = np.unravel_index(ratio.argmax(), ratio.shape)
    print(
        f"mean: ours {ours:.4f}, run-rate {plain:.4f}, last year {past:.4f}, held {held:.2f}; ours at most run-rate in "
        f"{int((ratio <= 1.0005).sum())} of {ratio.size}, worst {ratio.max():.2f} times ({list(found)[worst[0]]}, "
        f"month {AS_OF[worst[1]]})"
    )


if __name__ == "__main__":
    main()
