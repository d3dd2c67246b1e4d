"""Verdicts are codes and numbers: kept as JSON, told on reading."""

from core.verdicts import FALSE, TRUE, UNKNOWN, Outcome, Reason


def test_the_codes_are_those_that_columns_hold():
    assert (TRUE, FALSE, UNKNOWN) == (Outcome.TRUE, Outcome.FALSE, Outcome.UNKNOWN) == (1, 0, -1)


def test_a_reason_is_kept_and_read_back():
    reason = Reason("below_line", (48770, None, "2021"))
    assert reason.as_json() == ["below_line", 48770, None, "2021"]
    assert Reason.from_json(reason.as_json()) == reason
