"""The days of a month's return: opened, due, moved over holidays, asked for, late; worked out, no database."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from core.periods import Month
from core.policies import read_document
from core.workdays import UnknownYear
from cultivation.rules.month_calendar import days_late, plan_of, reminder_on
from tests.cultivation.conftest import POLICY

SHIPPED = Path(__file__).parents[2] / "config/policies"
ENVELOPE = """schema: 1
id: some-plan
title: 某方案
locality: "320600"
issuer: 某局
number: 无
issued_on: 2022-01-01
in_force: {from: 2022-01-01, until: null}
source: {document: 某方案}
calendar:
  clause: 三
"""


def calendar(text, lenders=None):
    document, faults = read_document(text, lenders or {})
    assert faults == [] or faults == ()
    return document.parts["calendar"]


@pytest.fixture(scope="module")
def year_2022():
    return calendar((SHIPPED / "holidays/holidays-2022.yaml").read_text(encoding="utf-8")).holidays


@pytest.fixture(scope="module")
def monthly():
    return calendar(POLICY.read_text(encoding="utf-8")).step_of("return")


@pytest.mark.parametrize(
    ("month", "due", "note"),
    [
        ("2022-05", date(2022, 6, 10), ""),
        # 10 July 2022 is a Sunday
        ("2022-06", date(2022, 7, 11), "7月10日不上班，顺延"),
        # 10 September is a Saturday and 中秋 until the 12th
        ("2022-08", date(2022, 9, 13), "9月10日不上班，顺延"),
        # December's is due in a year whose notice nobody has loaded: told, not guessed
        ("2022-12", date(2023, 1, 10), "2023年的节假日安排没有载入，截止日未顺延"),
    ],
)
def test_a_due_day_that_is_not_worked_moves_to_the_next_that_is(monthly, year_2022, month, due, note):
    plan = plan_of(Month.parse(month), monthly, year_2022)
    assert (plan.due_on, plan.note) == (due, note)
    assert plan.opens_on == (Month.parse(month) + 1).first_day


def test_saturdays_that_make_up_for_a_holiday_are_worked(year_2022):
    assert year_2022.is_working(date(2022, 1, 29)) and year_2022.is_working(date(2022, 10, 8))
    assert not year_2022.is_working(date(2022, 1, 31)) and not year_2022.is_working(date(2022, 2, 5))
    with pytest.raises(UnknownYear, match="2024年的节假日安排没有载入"):
        year_2022.is_working(date(2024, 3, 4))


def test_a_day_that_is_not_printed_is_told_not_made_up(year_2022):
    step = calendar(
        ENVELOPE + "  steps: [{code: m, title: 月报, every: month, kind: return, day: unknown}]\n"
    )
    plan = plan_of(Month(2022, 6), step.step_of("return"), year_2022)
    assert (plan.due_on, plan.note) == (None, "文件没有写明报送截止日")
    assert reminder_on(None, date(2022, 7, 30)) is None and days_late(None, date(2022, 7, 30)) == 0
    assert list(step.steps[0].due(2022)) == []


@pytest.mark.parametrize(
    ("today", "kind", "late"),
    [
        (date(2022, 7, 7), None, 0),
        (date(2022, 7, 8), "before", 0),
        (date(2022, 7, 10), "before", 0),
        (date(2022, 7, 11), "due", 0),
        (date(2022, 7, 12), "late", 1),
        (date(2022, 8, 1), "late", 21),
    ],
)
def test_reminders_stand_three_days_before_on_and_after_the_due_day(today, kind, late):
    due = date(2022, 7, 11)
    assert (reminder_on(due, today), days_late(due, today)) == (kind, late)


def test_the_bulletin_of_a_year_is_due_by_31_january_of_the_next():
    text = (SHIPPED / "pingdingshan/pingdingshan-2022.yaml").read_text(encoding="utf-8")
    assert list(calendar(text).step_of("bulletin").due(2022)) == [date(2023, 1, 31)]


def test_quarters_and_half_years_end_with_their_last_day():
    own = calendar(POLICY.read_text(encoding="utf-8"))
    assert [day.month for day in own.step_of("dispatch").due(2022)] == [3, 6, 9, 12]
    assert list(own.step_of("summary").due(2022)) == [date(2022, 6, 30), date(2022, 12, 31)]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("steps: [{code: a, title: 甲, every: year, by: 05-31, kind: return}]", "月报报送是每月的工作"),
        (
            "steps:\n    - {code: a, title: 甲, every: month, kind: return}\n    - {code: b, title: 乙, every: month, kind: return}",
            "事项“return”写了两次",
        ),
        ("holidays: [{year: 2022, clause: 一, off: [2022-13-01]}]", "日期写成 2022-01-01"),
        ("holidays: [{year: 2022, clause: 一, off: [2022-02-06/2022-01-31]}]", "先早后晚"),
        ("holidays: [{year: 2022, clause: 一, off: [2022-01-01], work: [2022-01-01]}]", "既放假又上班"),
        ("holidays: [{year: 2022, off: [2022-01-01]}]", "缺少 clause"),
    ],
)
def test_a_calendar_that_cannot_be_worked_by_is_told_what_is_wrong(lines, told):
    _, faults = read_document(f"{ENVELOPE}  {lines}\n")
    assert any(told in fault.message for fault in faults), [fault.message for fault in faults]
