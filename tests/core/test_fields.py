"""Amounts and months as columns: exact in either database, and nothing that would make a table unreadable."""

import random
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max, Min, Sum

from core.amounts import LIMIT, AmountOutOfRange, from_hundredths
from core.fields import AmountField
from core.periods import Month
from enterprises.models import AnnualFigure, MonthlyFigure
from tests import factories


@pytest.fixture
def firm(nantong):
    return factories.enterprise()


AMOUNT_COLUMNS = [f.name for f in AnnualFigure._meta.fields if isinstance(f, AmountField)]


def test_100000_amounts_of_two_places_sum_exactly_on_the_database(firm):
    source = factories.batch("annual")
    random_source = random.Random(20220608)
    # twelve columns of amounts in a row: 8,400 years of one firm hold more than 100,000 of them
    rows = [[random_source.randint(1, 99_999_999) for _ in AMOUNT_COLUMNS] for _ in range(8_400)]
    AnnualFigure.objects.bulk_create(
        AnnualFigure(
            enterprise=firm,
            year=year,
            region=firm.region,
            batch=source,
            **dict(zip(AMOUNT_COLUMNS, row, strict=True)),
        )
        for year, row in enumerate(rows)
    )
    amounts = [amount for row in rows for amount in row]
    assert len(amounts) >= 100_000
    every_column = sum((F(column) for column in AMOUNT_COLUMNS[1:]), F(AMOUNT_COLUMNS[0]))
    total = AnnualFigure.objects.aggregate(total=Sum(every_column))["total"]
    assert type(total) is int
    assert total == sum(amounts)
    # a column of floats would have told another sum
    assert sum(amount / 100 for amount in amounts) != float(from_hundredths(total))


@contextmanager
def refused(error, match=None):
    """The write fails and takes nothing with it but itself."""
    with pytest.raises(error, match=match), transaction.atomic():
        yield


@pytest.mark.parametrize("amount", [10**17, Decimal("1e17"), LIMIT, -LIMIT])
def test_an_amount_that_is_too_large_is_refused_and_the_table_stays_readable(firm, amount):
    factories.monthly_figure(firm, "2022-05", "88.80")
    figure = MonthlyFigure.objects.get()
    figure.revenue_wan = amount
    with refused(AmountOutOfRange):
        figure.save()
    with refused(AmountOutOfRange):
        MonthlyFigure.objects.update(revenue_wan=amount)
    with refused(AmountOutOfRange):
        MonthlyFigure.objects.bulk_update([figure], ["revenue_wan"])
    with refused(AmountOutOfRange):
        MonthlyFigure.objects.filter(pk=figure.pk).delete()
        MonthlyFigure.objects.bulk_create([figure])
    assert [f.revenue_wan for f in MonthlyFigure.objects.all()] == [8880]
    assert MonthlyFigure.objects.aggregate(total=Sum("revenue_wan")) == {"total": 8880}


def test_a_column_of_amounts_refuses_floats(firm):
    figure = factories.monthly_figure(firm, "2022-05", "1")
    figure.revenue_wan = 0.1
    with refused(TypeError, "never float"):
        figure.save()
    with refused(TypeError, "never float"):
        MonthlyFigure.objects.filter(revenue_wan__gt=2000.5).exists()
    with refused(TypeError, "never float"):
        figure.full_clean()


def test_a_decimal_is_rounded_half_up_at_the_column_and_an_int_is_hundredths(firm):
    figure = factories.monthly_figure(firm, "2022-05", "1")
    figure.revenue_wan, figure.tax_paid_wan = Decimal("2045.055"), 204506
    figure.save()
    figure.refresh_from_db()
    assert (figure.revenue_wan, figure.tax_paid_wan) == (204506, 204506)
    found = MonthlyFigure.objects.filter(revenue_wan__gte=Decimal("2045.06"))
    assert list(found) == [figure]
    assert not MonthlyFigure.objects.filter(revenue_wan__gt=Decimal("2045.06")).exists()


def test_an_unknown_amount_is_null_and_zero_is_zero(firm):
    factories.monthly_figure(firm, "2022-04", "0")
    factories.monthly_figure(firm, "2022-05", "1", taxable_sales_wan="0")
    kept = MonthlyFigure.objects.values_list("revenue_wan", "taxable_sales_wan")
    assert list(kept) == [(0, None), (100, 0)]


def test_a_form_refuses_what_the_column_would_refuse(firm):
    figure = factories.monthly_figure(firm, "2022-05", "1")
    figure.revenue_wan = LIMIT
    with pytest.raises(ValidationError, match="金额超出范围"):
        figure.full_clean()


@pytest.fixture
def three_months(firm):
    for month in ("2022-01", "2021-12", "2022-02"):
        factories.monthly_figure(firm, month, "1")
    return MonthlyFigure.objects.all()


def test_a_month_is_a_month_in_python_and_a_number_in_the_database(three_months):
    assert [figure.month for figure in three_months] == [Month(2021, 12), Month(2022, 1), Month(2022, 2)]
    assert three_months.values_list("month", flat=True)[0] == Month(2021, 12)
    assert three_months.aggregate(first=Min("month"), last=Max("month")) == {
        "first": Month(2021, 12),
        "last": Month(2022, 2),
    }


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ({"month": Month(2022, 1)}, 1),
        ({"month": "2022-01"}, 1),
        ({"month": 202201}, 1),
        ({"month__gte": Month(2022, 1)}, 2),
        ({"month__lt": Month(2022, 1)}, 1),
        ({"month__in": [Month(2021, 12), Month(2022, 2)]}, 2),
        ({"month__range": (Month(2021, 12), Month(2022, 1))}, 2),
        ({"month__isnull": True}, 0),
    ],
)
def test_months_are_compared_as_months(three_months, clause, found):
    assert three_months.filter(**clause).count() == found


@pytest.mark.parametrize("number", [202213, 202200, 5, 0, -202206, "2022-13", "6月"])
def test_what_is_no_month_never_reaches_the_table(three_months, number):
    figure = three_months[0]
    figure.month = number
    with refused(ValueError, "not a month"):
        figure.save()
    with refused(ValueError, "not a month"):
        MonthlyFigure.objects.update(month=number)
    assert len(three_months.all()) == 3


@pytest.mark.parametrize("written", [202213, 5, "2022-13", "2022-6", "6月"])
def test_a_form_tells_how_a_month_is_written(written):
    column = MonthlyFigure._meta.get_field("month")
    assert column.clean("2022-06", None) == column.clean(202206, None) == Month(2022, 6)
    with pytest.raises(ValidationError, match="月份应写作 2022-06"):
        column.clean(written, None)
