"""How far targets have come: the year's by region, several years', net ones, and new output as departments state it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.models import Role, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.services.months import close_month
from cultivation.services.target_pages import target_page
from enterprises.models import SourceFigure
from tests import factories
from tests.cultivation.test_programmes_elsewhere import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
TOTALS = """
    - {metric: net_added, region: 东塘市, from: 2023, until: 2025, unit: 户, amount: 4, wording: 三年净增四户}
    - {metric: output_of_new, region: 东塘市, from: 2023, until: 2025, unit: 亿元, amount: 2, wording: 新增产值2亿元}
"""


@pytest.fixture
def page():
    """Three entries and an exit up to March 2023 (one of them in the library year before), output of one firm."""
    edition = load_edition(
        text=text_of("dongtang-2023").rstrip() + TOTALS, actor=User.objects.system()
    ).edition
    staff = factories.user(Role.BUREAU_STAFF, "970100")
    firms = [factories.enterprise(f"{n}厂", "970101" if n < 3 else "970102") for n in range(5)]
    for firm in firms[:3]:
        factories.scale_event(firm, "listed", "2023-02")
    factories.scale_event(firms[4], "listed", "2022-12")
    factories.scale_event(firms[3], "in_directory", "2022-01")
    factories.scale_event(firms[3], "delisted", "2023-03")
    for period, source, value in (
        ("2023-01", "statistics", 9_000),
        ("2023-02", "statistics", 4_000),
        ("2023-02", "industry", 7_000),
        ("2023-03", "industry", 6_000),
        ("2023-04", "statistics", 9_000),
    ):
        SourceFigure.objects.create(
            enterprise=firms[0],
            measure="gross_output",
            period=period,
            source=source,
            value=value * 100,
            region=firms[0].region,
            batch=factories.batch("annual", "970100"),
        )
    close_month(programme="dongtang-2023", month=Month(2023, 3), actor=staff)
    return target_page(edition=edition, user=staff)


def test_every_goal_of_the_year_is_held_against_the_same_count(page):
    tables = {table.metric: table for table in page.tables}
    told = {
        metric: [(row.region.name, one.counted, one.target) for row, one in tables[metric].lines if one]
        for metric in ("newly_listed", "stretch")
    }
    assert told == {
        "newly_listed": [("临港区", 3, 100), ("北仓区", 0, 120), ("岭下市", 0, 200)],
        "stretch": [("临港区", 3, 120), ("北仓区", 0, 150), ("岭下市", 0, 260)],
    }
    assert not tables["machinery"].reached, "nobody counts the entries of an industry here"
    assert (tables["stretch"].sums, tables["stretch"].whole_differs) == ([530], True)
    assert not tables["intensity"].adds_up


def test_net_goals_of_several_years_take_exits_away(page):
    goal = next(goal for goal in page.goals if goal.target.metric == "net_added")
    assert (goal.reached, goal.which) == (2, "net-plan-2023-2025")


def test_new_output_is_what_departments_state_from_the_entry_on_statistics_first(page):
    """S0-03: the output of the enterprises that entered under the plan, against its goal."""
    goal = next(goal for goal in page.goals if goal.target.metric == "output_of_new")
    assert goal.reached == Decimal("1.00")
    assert goal.note.startswith("工业总产值据工信部门、统计部门名单，3 家中 1 家有数")
