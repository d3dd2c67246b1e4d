"""After fifty corrections drawn at random a month closed again says what a clerk finds who goes through firm after firm."""

from __future__ import annotations

from random import Random

import pytest
from django.urls import reverse

from core.periods import Month
from cultivation.models import RegionMonth
from cultivation.rules import figure_columns
from cultivation.services.months import close_month
from enterprises.models import MonthlyFigure, ScaleEvent
from tests import factories
from tests.cultivation.conftest import PROGRAMME

JUNE = Month(2022, 6)
MONTHS = [Month(year, number) for year in (2021, 2022) for number in range(1, 7)]
QIDONG, HAIAN = "320681", "320685"


@pytest.fixture(autouse=True)
def _a_few_firms_at_a_time(monkeypatch):
    """So that ten firms are four slices."""
    monkeypatch.setattr(figure_columns, "SLICE", 3)


@pytest.fixture
def firms(edition):
    made = [factories.enterprise(f"更正{number}厂", (QIDONG, HAIAN)[number % 2]) for number in range(10)]
    for number, firm in enumerate(made):
        for month in MONTHS[number % 3 :]:
            factories.monthly_figure(firm, month, f"{100 + 7 * number}.{number}5", "1.20")
        factories.scale_event(firm, "in_directory", "2021-01", library_year=2020) if number < 4 else None
    return made


def correct(draw: Random, firms) -> None:
    """One correction as a later list brings it: another amount, nil, a figure that was missing, one taken back, an event."""
    firm, month = draw.choice(firms), draw.choice(MONTHS)
    told = MonthlyFigure.objects.filter(enterprise=firm, month=month)
    kind = draw.choice(["amount", "amount", "nil", "take back", "event"])
    if kind == "event":
        event = draw.choice(["listed", "delisted"])
        if not ScaleEvent.objects.filter(enterprise=firm, month=month).exists():
            factories.scale_event(firm, event, str(month))
    elif not told.exists():
        factories.monthly_figure(firm, month, f"{draw.randrange(1, 900)}.{draw.randrange(10, 99)}", "0.50")
    elif kind == "take back":
        told.delete()
    else:
        told.update(revenue_wan=0 if kind == "nil" else draw.randrange(1, 9_000_000))


def found_by_hand(firms, code: str) -> dict[str, int]:
    """Firm after firm, month after month, in plain whole numbers."""
    told = {
        (figure.enterprise_id, figure.month): figure
        for figure in MonthlyFigure.objects.filter(region=code).iterator()
    }
    found = dict.fromkeys(
        ("firms", "reporting", "zero_reports", "silent", "revenue_wan", "revenue_base_wan", "revenue_ytd_wan",
         "revenue_ytd_base_wan", "newly_listed_ytd", "delisted_ytd", "above_scale_total"), 0,
    )  # fmt: skip
    for firm in firms:
        if firm.region_id != code:
            continue
        found["firms"] += 1
        now, base = told.get((firm.pk, JUNE)), told.get((firm.pk, JUNE - 12))
        found["reporting" if now else "silent"] += 1
        if now:
            found["zero_reports"] += now.revenue_wan == 0
            found["revenue_wan"] += now.revenue_wan
            found["revenue_base_wan"] += base.revenue_wan if base else 0
        for month in MONTHS[6:]:
            this, last = told.get((firm.pk, month)), told.get((firm.pk, month - 12))
            if this:
                found["revenue_ytd_wan"] += this.revenue_wan
                found["revenue_ytd_base_wan"] += last.revenue_wan if last else 0
        events = list(firm.scale_events.order_by("month"))
        for event in events:
            if event.library_year == 2022 and event.kind != ScaleEvent.Kind.IN_DIRECTORY:
                found[f"{'newly_' if event.kind == ScaleEvent.Kind.LISTED else 'de'}listed_ytd"] += 1
        found["above_scale_total"] += bool(events) and events[-1].kind != ScaleEvent.Kind.DELISTED
    return found


def test_fifty_random_corrections_and_the_month_is_what_a_clerk_finds(firms, staff, client):
    draw = Random(20220630)
    seen = set()
    for number in range(50):
        correct(draw, firms)
        if number % 10 == 9:
            issue = close_month(programme=PROGRAMME, month=JUNE, actor=staff)
            for code in (QIDONG, HAIAN):
                line, by_hand = RegionMonth.objects.get(issue=issue, region=code), found_by_hand(firms, code)
                assert {name: getattr(line, name) for name in by_hand} == by_hand, (number, code)
                seen.add(tuple(by_hand.values()))
    assert len(seen) == 10, "the corrections were felt every time"
    client.force_login(staff)
    page = client.get(reverse("reports:cockpit"), {"month": "2022-06"}).context["page"]
    whole = {code: found_by_hand(firms, code) for code in (QIDONG, HAIAN)}
    for name in whole[QIDONG]:
        assert getattr(page.table.total, name) == sum(one[name] for one in whole.values()), name
