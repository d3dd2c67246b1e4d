"""Months are values: parsed strictly, added in whole months, ordered, on the clock of Asia/Shanghai."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import SHANGHAI, Month, months_between

MONTHS = st.builds(Month, st.integers(1950, 2900), st.integers(1, 12))


def test_a_month_is_read_and_printed_alike():
    june = Month.parse("2022-06")
    assert (june.year, june.month, str(june)) == (2022, 6, "2022-06")
    assert (june.label, june.ytd_label, Month(2022, 1).ytd_label) == ("2022年6月", "1—6月", "1月")


@pytest.mark.parametrize(
    "text",
    [
        "2022-6",
        "2022-13",
        "2022-00",
        "202206",
        "2022-06-01",
        "2022年6月",
        "",
        " 2022-06",
        "2022-06\n",
        "２０２２-06",
    ],
)
def test_nothing_else_is_a_month(text):
    with pytest.raises(ValueError, match="not a month"):
        Month.parse(text)


@pytest.mark.parametrize(("year", "month"), [(2022, 0), (2022, 13), (1899, 12), (3000, 1)])
def test_a_month_outside_the_calendar_cannot_be_made(year, month):
    with pytest.raises(ValueError, match="not a month"):
        Month(year, month)


def test_the_days_of_a_month():
    assert Month(2022, 6).first_day == date(2022, 6, 1)
    assert Month(2022, 2).last_day == date(2022, 2, 28)
    assert Month(2024, 2).last_day == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("month", "step", "result"),
    [
        ("2022-06", 1, "2022-07"),
        ("2021-12", 1, "2022-01"),
        ("2022-01", -1, "2021-12"),
        ("2022-06", -18, "2020-12"),
        ("2022-06", 0, "2022-06"),
    ],
)
def test_months_are_added_over_the_turn_of_the_year(month, step, result):
    assert str(Month.parse(month) + step) == result
    assert Month.parse(result) - step == Month.parse(month)


@given(MONTHS, st.integers(-500, 500))
def test_adding_and_taking_away_are_inverse_and_keep_the_order(month, step):
    assert (month + step) - step == month
    assert (month + step > month) == (step > 0)
    assert Month.from_number(month.number) == Month.parse(str(month)) == month


@given(MONTHS, MONTHS)
def test_the_order_of_months_is_the_order_of_their_days_and_numbers(one, other):
    assert (one < other) == (one.first_day < other.first_day) == (one.number < other.number)


def test_the_months_between_two_months_hold_both():
    assert [str(m) for m in months_between(Month(2021, 11), Month(2022, 2))] == [
        "2021-11",
        "2021-12",
        "2022-01",
        "2022-02",
    ]
    assert months_between(Month(2022, 2), Month(2022, 1)) == []


def test_the_last_evening_of_june_in_london_is_july_in_shanghai():
    evening = datetime(2022, 6, 30, 16, 0, tzinfo=UTC)
    assert Month.of(evening) == Month(2022, 7)
    assert Month.of(datetime(2022, 6, 30, 15, 59, tzinfo=UTC)) == Month(2022, 6)
    assert Month.of(datetime(2022, 6, 30, 23, 59, tzinfo=SHANGHAI)) == Month(2022, 6)
    assert Month.of(date(2022, 6, 30)) == Month(2022, 6)


def test_months_serve_as_keys():
    assert {Month(2022, 6): 1}[Month.parse("2022-06")] == 1


def test_the_house_keeps_the_clock_of_shanghai(settings):
    assert settings.TIME_ZONE == str(SHANGHAI) == "Asia/Shanghai"
    assert settings.USE_TZ
