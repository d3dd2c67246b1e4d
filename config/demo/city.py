"""Invents the firms of a city and what happens to them in the statistical directory. Pure, seeded.

In: a ``City``, a seed. Out: ``Firm`` records with a course (how sales run) and dated ``ScaleEvent``s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from config.demo.cities import City, DemoRegion
from config.demo.codes import invent_uscc
from config.demo.industries import INDUSTRIES, Industry
from config.demo.names import invent_contact, invent_name
from config.demo.roles import Role, region_roles
from core.periods import Month

#: Figures are made for every month from here on; a course counts months from it.
SERIES_START = Month(2021, 1)
#: So many firms apart stand two with one contact.
_SISTERS_EVERY = 500
_CAPITALS = (50, 100, 200, 300, 500, 800, 1000, 2000, 5000, 10000)


def month_index(month: Month) -> int:
    """Months since 2021-01, negative before."""
    return (month.year - SERIES_START.year) * 12 + month.month - SERIES_START.month


@dataclass(frozen=True, slots=True)
class Course:
    """How a firm's sales run: ``annual_wan`` is the yearly rate (万元) in month ``anchor``.

    Growth is the logarithm a year before and after the anchor; ``first`` and ``last`` are the first and last
    month of production (indices, ``None``: no end in sight).
    """

    annual_wan: float
    growth_before: float
    growth_after: float
    anchor: int = 0
    first: int = -999
    last: int | None = None

    def yearly_rate(self, index: int) -> float:
        growth = self.growth_before if index < self.anchor else self.growth_after
        return self.annual_wan * math.exp(growth * (index - self.anchor) / 12)


@dataclass(frozen=True, slots=True)
class ScaleEvent:
    """A row of the statistics bureau's list: ``change`` is 在库, 入库 or 退库."""

    change: str
    month: Month
    library_year: int
    entry_type: str | None = None
    reason: str | None = None


@dataclass(slots=True)
class Firm:
    uscc: str
    name: str
    region: DemoRegion
    town: str
    industry: Industry
    founded: date
    started: date | None
    state: str
    registration: str
    capital_wan: int
    contact: str
    phone: str
    course: Course
    events: list[ScaleEvent] = field(default_factory=list)
    listed_on: date | None = None
    delisted_before: tuple[int, str] | None = None

    def delisting(self) -> ScaleEvent | None:
        return next((event for event in self.events if event.change == "退库"), None)


def _lognormal(rng: Random, median: float, sigma: float, low: float, high: float) -> float:
    """Drawn again rather than clipped, so that no heap of firms stands at a bound."""
    while True:
        drawn = rng.lognormvariate(math.log(median), sigma)
        if low <= drawn <= high:
            return drawn


def _course(rng: Random, role: Role) -> Course:
    """A course that makes the role plausible: who is listed passes 2000万元 a year about then."""
    if role.entry is not None:
        return _entry_course(rng, role, month_index(role.entry))
    if role.kind == "above":
        return _above_course(rng, role)
    if role.kind == "eligible":
        return Course(_lognormal(rng, 2400, 0.2, 2050, 3600), 0.0, rng.gauss(0.05, 0.06))
    if role.kind == "idle":
        return Course(0.0, 0.0, 0.0)
    if role.kind == "delisted":
        return Course(_lognormal(rng, 1150, 0.4, 350, 1950), 0.0, rng.gauss(0.0, 0.12))
    last = rng.randrange(3, 17) if role.kind == "closing" else None
    return Course(_lognormal(rng, 620, 0.85, 15, 1900), 0.0, rng.gauss(0.03, 0.15), last=last)


def _entry_course(rng: Random, role: Role, entry: int) -> Course:
    if role.entry_type == "新建投产":
        rate = _lognormal(rng, 3600, 0.45, 2400, 16000)
        return Course(rate, 0.1, 0.1, anchor=entry, first=entry - rng.randrange(3, 9))
    if role.entry_type in ("转专业", "迁入"):
        return Course(_lognormal(rng, 3800, 0.5, 2200, 20000), 0.1, 0.08, anchor=entry)
    # The twelve months before entry, whose middle is the anchor, come to somewhat more than 2000万元.
    past_year = 2040 + rng.expovariate(1 / 420) + (rng.expovariate(1 / 2500) if rng.random() < 0.12 else 0)
    return Course(past_year, rng.uniform(0.12, 0.55), rng.gauss(0.15, 0.12), anchor=entry - 6)


def _above_course(rng: Random, role: Role) -> Course:
    if role.exit is None:
        if rng.random() < 0.08:
            return Course(rng.uniform(2050, 3000), 0.0, rng.uniform(-0.35, -0.1))
        return Course(_lognormal(rng, 6200, 1.1, 2100, 600_000), 0.0, rng.gauss(0.07, 0.13))
    exit_index = month_index(role.exit)
    if role.exit_reason == "规模不达标":
        return Course(rng.uniform(1250, 2100), 0.0, rng.uniform(-0.4, -0.15))
    stops = role.exit_reason != "转专业"
    rate = _lognormal(rng, 3000, 0.4, 1500, 9000)
    return Course(rate, 0.0, -0.2, last=exit_index - rng.randrange(1, 3) if stops else None)


def _day_between(rng: Random, first: date, last: date) -> date:
    return first + timedelta(days=rng.randrange(max((last - first).days, 1)))


def _founding(rng: Random, city: City, role: Role, course: Course) -> tuple[date, date | None, str]:
    """(founded 成立, in production since 投产, state 企业状态) as known on the day of the registry."""
    if role.entry_type == "新建投产":
        start = SERIES_START + course.first
        founded = _day_between(rng, date(start.year - 2, 1, 1), min(start.first_day, date(2020, 11, 1)))
        if start >= city.first_month:
            return founded, None, "筹建"
        return founded, start.first_day + timedelta(days=rng.randrange(25)), "正常"
    above = role.kind == "above"
    founded = _day_between(rng, date(1996 if above else 2002, 3, 1), date(2016 if above else 2019, 6, 30))
    started = min(founded + timedelta(days=rng.randrange(60, 540)), date(2020, 9, 30))
    return founded, started, "停产" if role.kind == "idle" else "正常"


def _events(role: Role, city: City) -> list[ScaleEvent]:
    events = []
    if role.kind == "above" and role.entry is None:
        events.append(ScaleEvent("在库", city.first_month, city.first_month.year - 1))
    if role.entry is not None:
        events.append(ScaleEvent("入库", role.entry, role.library_year, entry_type=role.entry_type))
    if role.exit is not None:
        events.append(ScaleEvent("退库", role.exit, role.exit.year, reason=role.exit_reason))
    return events


def _listed_on(rng: Random, role: Role, founded: date) -> date | None:
    """The declared date of listing (入库日期), a day of the entry's month or of a year before 2021."""
    if role.entry is not None:
        return role.entry.first_day + timedelta(days=rng.randrange(25))
    if role.kind != "above":
        return None
    return date(
        rng.randrange(max(founded.year + 2, 2011), 2021),
        rng.choice((1, 2, 2, 2, 5, 9, 11)),
        rng.randrange(5, 26),
    )


@dataclass(slots=True)
class _Taken:
    """What no second firm of the city may have."""

    codes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    phones: set[int] = field(default_factory=set)


def _share_contacts(firms: list[Firm]) -> None:
    """A few firms have the contact of the one before them, as a sister company has: so that 疑似重复 has pairs to
    decide upon."""
    for one, sister in zip(
        firms[_SISTERS_EVERY::_SISTERS_EVERY], firms[_SISTERS_EVERY + 1 :: _SISTERS_EVERY], strict=False
    ):
        sister.contact, sister.phone = one.contact, one.phone


def _invent_firm(rng: Random, city: City, region: DemoRegion, role: Role, taken: _Taken) -> Firm:
    drawn = rng.choices([c for c, _ in city.industries], weights=[w for _, w in city.industries])[0]
    industry = INDUSTRIES[drawn]
    name, registration = invent_name(rng, region, industry, taken.names)
    course = _course(rng, role)
    founded, started, state = _founding(rng, city, role, course)
    contact, phone = invent_contact(rng, taken.phones)
    size = min(int(math.log10(max(course.annual_wan, 10)) * 2) - 1, 7)
    return Firm(
        uscc=invent_uscc(rng, region.offices, taken.codes),
        name=name,
        region=region,
        town=rng.choice(region.towns),
        industry=industry,
        founded=founded,
        started=started,
        state=state,
        registration=registration,
        capital_wan=_CAPITALS[min(max(size + rng.randrange(-1, 3), 0), len(_CAPITALS) - 1)],
        contact=contact,
        phone=phone,
        course=course,
        events=_events(role, city),
        listed_on=_listed_on(rng, role, founded),
        delisted_before=role.delisted_before,
    )


def firms_per_region(city: City, total: int) -> list[int]:
    """``total`` shared by the regions' weights, largest remainders first, so that the sum is exact."""
    weights = [region.weight for region in city.regions]
    shares = [total * weight / sum(weights) for weight in weights]
    counts = [int(share) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (counts[i] - shares[i], i))
    for i in by_remainder[: total - sum(counts)]:
        counts[i] += 1
    return counts


def build_firms(city: City, *, total: int | None = None, seed: int | None = None) -> list[Firm]:
    """Every firm of the city, region by region in official order; the same arguments give the same firms.

    ``CityTooSmall`` when ``total`` is not enough for the roles that a region needs.
    """
    total = city.firms if total is None else total
    rng = Random(f"{city.key}/{city.seed if seed is None else seed}/{total}")
    taken = _Taken()
    firms: list[Firm] = []
    for region, count in zip(city.regions, firms_per_region(city, total), strict=True):
        for role in region_roles(rng, city, region, count, size=min(1.0, total / city.firms)):
            firms.append(_invent_firm(rng, city, region, role, taken))
    _share_contacts(firms)
    return firms
