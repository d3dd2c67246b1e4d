"""还能享受的政策: how far a firm outside the directory is from 规上, as an officer would say it."""

from __future__ import annotations

import pytest

from incentives.rules.listing_distance import LastYear, Running, distance_words

SHORT = Running(month=6, so_far=135_000, unreported=0, expected=231_000, crossing=11)


@pytest.mark.parametrize(
    ("running", "last_year", "words"),
    [
        (
            SHORT,
            LastYear("主营业务收入", 199_999),
            "2022年1—6月营业收入累计 1,350.00 万元，距规上标准 2,000 万元还差 650.00 万元，预计全年 2,310.00 万元、11月达到",
        ),
        (
            Running(month=4, so_far=20_000, unreported=1, expected=60_000, crossing=0),
            None,
            "2022年1—4月营业收入累计 200.00 万元（缺 1 个月），距规上标准 2,000 万元还差 1,800.00 万元，预计全年 600.00 万元、本年达不到",
        ),
        (
            Running(month=1, so_far=200_000, unreported=0, expected=900_000, crossing=1),
            None,
            "2022年1月营业收入累计 2,000.00 万元，已达规上标准 2,000 万元，还没有入库",
        ),
        (
            SHORT,
            LastYear("主营业务收入", 200_000),
            "2021年主营业务收入 2,000.00 万元，已达规上标准 2,000 万元，还没有入库",
        ),
        (
            None,
            LastYear("应税销售（税务名单）", 180_050),
            "2021年应税销售（税务名单） 1,800.50 万元，距规上标准 2,000 万元还差 199.50 万元；2022年还没有月报，差多少看报数",
        ),
        (None, None, "规上标准 2,000 万元，2022年还没有月报，差多少看报数"),
    ],
)
def test_how_far_a_firm_is_from_the_standard(running, last_year, words):
    """At the standard to the cent a firm has reached it; a cent short of it last year it has not."""
    told = distance_words(standard=200_000, mark="", year=2022, running=running, last_year=last_year)
    assert told == words


def test_a_standard_that_its_document_does_not_print_says_so():
    told = distance_words(standard=200_000, mark="未载明·演示取值", year=2022, running=SHORT, last_year=None)
    assert "距规上标准 2,000 万元（未载明·演示取值）还差 650.00 万元" in told
