"""Figures, dates and status as officers read them."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory

from core.periods import Month
from core.templatetags import figures, house


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1234.5"), "1,234.50"),
        (Decimal("2045.055"), "2,045.06"),  # half up, not to even
        (Decimal("-3.2"), "−3.20"),
        (Decimal("-0.004"), "0.00"),
        (123450, "1,234.50"),  # whole hundredths
        (0, "0.00"),
    ],
)
def test_an_amount_has_two_places_thousands_separators_and_a_true_minus(value, shown):
    assert figures.amount(value) == shown


@pytest.mark.parametrize(
    "render", [figures.amount, figures.count, figures.ratio, figures.ratio2, figures.points]
)
def test_a_figure_that_was_not_reported_is_a_dash_with_its_reason_and_never_zero(render):
    shown = render(None, "6月未报")
    assert "—" in shown and "6月未报" in shown and "0" not in re.sub(r"<[^>]*>", "", shown)


def test_a_reason_is_text_and_cannot_become_markup():
    assert "<b>" not in figures.amount(None, "<b>未报</b>")


def test_counts_have_separators_and_no_decimals():
    assert figures.count(1366) == "1,366"
    assert figures.count(0) == "0"


def test_a_share_has_one_decimal_and_the_handled_rate_two():
    assert figures.ratio(Decimal("0.462")) == "46.2"
    assert figures.ratio(Decimal("1.0345")) == "103.5"  # above 100 is shown as it is
    assert figures.ratio2(Decimal("0.9967")) == "99.67"


@pytest.mark.parametrize(
    ("value", "shown"),
    [("0.046", "+4.6"), ("-0.014", "−1.4"), ("0", "0.0"), ("-0.0004", "0.0"), ("0.0005", "+0.1")],
)
def test_a_difference_of_rates_carries_its_sign(value, shown):
    assert figures.points(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("value", "words"), [("-0.032", "同比下降3.2%"), ("0.101", "同比增长10.1%"), ("0.0001", "同比持平")]
)
def test_a_decline_reads_as_a_decline(value, words):
    assert figures.yoy_words(Decimal(value)) == words


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138****5678"),
        ("0513-88881234", "****1234"),
        ("120", "****"),
    ],
)
def test_a_telephone_number_is_masked(number, shown):
    assert figures.mask_phone(number) == shown


def test_months_read_in_chinese_from_every_form_they_are_kept_in():
    for month in (Month(2022, 6), 202206, "2022-06"):
        assert figures.month_label(month) == "2022年6月"
        assert figures.month_short(month) == "6月"
        assert figures.ytd_label(month) == "1—6月"


def test_a_moment_is_told_in_local_time():
    assert figures.moment(datetime(2022, 7, 8, 1, 5, tzinfo=UTC)) == "2022年7月8日 09:05"
    assert figures.day(datetime(2022, 7, 8, 20, 0, tzinfo=UTC)) == "2022年7月9日"
    assert figures.short_day(date(2022, 7, 11)) == "7月11日"


@pytest.mark.parametrize(
    ("deadline", "words", "late"),
    [
        (date(2022, 7, 6), "逾期 2 天", True),
        (date(2022, 7, 8), "今天到期", True),
        (date(2022, 7, 11), "剩 3 天", False),
        (date(2022, 7, 20), "7月20日", False),
    ],
)
def test_a_deadline_is_told_in_days(deadline, words, late):
    shown = figures.due(deadline, today=date(2022, 7, 8))
    assert f">{words}<" in shown and ("late" in shown) is late


def test_a_light_is_colour_shape_and_word():
    shapes = set()
    for state, (shape, word) in house.LIGHTS.items():
        shown = house.light(state)
        assert f"light-{state}" in shown and shape in shown and word in shown
        shapes.add(shape)
    assert len(shapes) == 5
    assert "已验收" in house.light("ok", "已验收")


def test_check_classes_carry_their_names():
    assert [re.sub(r"<[^>]*>", "", house.cls(letter)) for letter in "ABCD"] == [
        "A强制",
        "B准强制",
        "C核实",
        "D提示",
    ]


def test_a_bullet_draws_the_value_and_the_mark_and_is_cut_at_both_ends():
    assert 'width="54.60"' in house.bullet(Decimal("0.546"), Decimal("0.5"))
    assert 'class="m" x="49.50"' in house.bullet(Decimal("0.546"), Decimal("0.5"))
    assert 'class="v v-ok" x="0" y="2" width="100.00"' in house.bullet(Decimal("1.3"), tone="ok")
    assert 'width="0.00"' in house.bullet(Decimal("-1"))
    assert 'class="v' not in house.bullet(None, Decimal("0.5"))


def test_a_month_without_a_figure_breaks_the_line():
    path = re.search(r' d="([^"]+)"', house.spark([1, 2, None, 2, 3]))[1]
    assert path.count("M") == 2
    assert "不足两个月" in house.spark([None, 5, None])


def test_every_icon_named_by_the_frame_is_there_and_unknown_ones_are_told():
    assert "<path" in house.icon("upload")
    with pytest.raises(KeyError):
        house.icon("no-such-picture")


def render(source, url="/", **context):
    request = RequestFactory().get(url)
    return Template(source).render(RequestContext(request, context))


def test_a_heading_sorts_up_then_down_keeps_the_filters_and_returns_to_page_one():
    first = render('{% sort_th "revenue" "营业收入" "n" %}', "/?tier=2&page=3")
    assert 'aria-sort="none"' in first and 'href="?tier=2&amp;sort=revenue"' in first
    second = render('{% sort_th "revenue" "营业收入" "n" %}', "/?tier=2&sort=revenue")
    assert 'aria-sort="ascending"' in second and "sort=-revenue" in second


def test_hidden_fields_keep_the_query():
    shown = render('{% hidden_query "page" %}', '/?q="><script>&page=2&r=1&r=2')
    assert shown.count("<input") == 3 and "<script>" not in shown and 'name="page"' not in shown


def test_the_pager_tells_how_many_and_keeps_the_filters():
    page = Paginator(range(429), 20).page(2)
    shown = render('{% include "core/_pager.html" %}', "/?tier=2&page=2", page=page)
    assert "共 429 条，第 21—40 条" in shown
    assert 'href="?tier=2&amp;page=22"' in shown and 'href="?tier=2&amp;page_size=50"' in shown


def test_region_names_come_from_the_region_or_from_the_page_never_from_a_query():
    class Qidong:
        name = "启东市"

    assert figures.region_name(Qidong()) == "启东市"
    assert figures.region_name("320681", {"320681": "启东市"}) == "启东市"
    assert figures.region_name(None) == "—"
