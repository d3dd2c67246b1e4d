"""Facts of the registry: each source is a fact of its own, what was not reported is not known."""

from __future__ import annotations

from datetime import date

import pytest

from core.conditions import FactKey, Kind, parse
from core.facts import catalogue, load_frame, needed_by
from enterprises.facts.registry import _BY_KEY
from tests import factories

pytestmark = pytest.mark.django_db


def of(name: str, *firms, year: int | None = None):
    """The fact of each firm, ``None`` where it is not known."""
    key = FactKey(name, Kind.YEAR, year) if year else FactKey(name)
    column = load_frame([key], enterprises=[firm.pk for firm in firms]).columns[str(key)]
    values = [column.words[v] if column.words else v for v in column.values.tolist()]
    return [value if known else None for value, known in zip(values, column.known.tolist(), strict=True)]


@pytest.fixture
def firm(nantong):
    return factories.enterprise()


def test_the_tax_lists_sales_and_the_surveys_are_two_facts(firm):
    factories.annual_figure(firm, 2021, "tax", taxable_sales_wan="500.00")
    factories.annual_figure(firm, 2021, taxable_sales_wan="612.34", main_revenue_wan="600.00")
    assert of("tax_list_sales", firm, year=2021) == [500_00]
    assert of("taxable_sales", firm, year=2021) == [612_34]
    assert of("main_revenue", firm, year=2021) == [600_00]
    assert of("tax_list_sales", firm, year=2020) == [None]
    assert of("surveyed_revenue", firm, year=2021) == [None]


def test_revenue_of_a_year_is_known_when_twelve_months_are(firm):
    for month in range(1, 12):
        factories.monthly_figure(firm, f"2021-{month:02d}", "100.00")
    factories.monthly_figure(firm, "2022-01", "999.00")
    assert of("revenue", firm, year=2021) == [None]
    factories.monthly_figure(firm, "2021-12", "0")
    assert of("revenue", firm, year=2021) == [1100_00]


def test_the_latest_exit_counts_and_zero_is_known(firm):
    other = factories.enterprise()
    factories.delisted_entry(firm, 2019)
    factories.delisted_entry(firm, 2021)
    factories.annual_figure(other, 2021, staff=0)
    assert of("delisted_year", firm, other) == [2021, None]
    assert of("staff", firm, other, year=2021) == [None, 0]


def test_particulars_of_the_registry(firm):
    new = factories.enterprise(
        industry_code="", verification="pending", started_on=date(2020, 7, 1), above_scale=True, status="停产"
    )
    assert of("industry_section", firm, new) == ["C", None]
    assert of("verified", firm, new) == [True, False]
    assert of("above_scale", firm, new) == [False, True]
    assert of("status", firm, new) == [None, "停产"]
    assert of("years_in_production", firm, new, year=2021) == [None, 1]
    assert of("years_in_production", new, year=2019) == [0]


def test_the_listing_year_is_the_library_year(firm):
    factories.scale_event(firm, "listed", "2022-01", library_year=2021)
    assert of("listed_year", firm) == [2021]


def test_firms_come_in_the_order_they_are_asked_for(firm):
    other = factories.enterprise()
    factories.annual_figure(firm, 2021, staff=1)
    factories.annual_figure(other, 2021, staff=2)
    assert of("staff", other, firm, year=2021) == [2, 1]
    assert of("staff", year=2021) == []


def test_facts_of_one_table_and_year_cost_one_query(firm, django_assert_num_queries):
    """The survey, the registry, and which firms went into others."""
    text = (
        "taxable_sales[2021] >= 0 and staff[2021] >= 0 and energy[2021] >= 0 and verified and not above_scale"
    )
    keys = needed_by([parse(text, catalogue())], {})
    with django_assert_num_queries(3):
        load_frame(keys, enterprises=[firm.pk])
    with django_assert_num_queries(3):
        load_frame(keys, enterprises=range(1, _BY_KEY + 2))
