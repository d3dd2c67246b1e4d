"""Shapes of a rule beside the one that the city printed: one sum, a cap, conditions, a period."""

from __future__ import annotations

import pytest

from core.models import User
from core.services.policies import load_edition
from incentives.models import Award, AwardRefusal
from incentives.services.computing import compute_awards
from incentives.services.round_pages import round_page
from tests.incentives.conftest import BAOFENG, PROGRAMME, policy_text
from tests.incentives.test_rounds import listed

pytestmark = pytest.mark.django_db
CAP = "      in_force: unknown\n"


def compute(changes: dict[str, str]) -> None:
    text = policy_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new, 1)
    load_edition(text=text, actor=User.objects.system())
    compute_awards(programme=PROGRAMME, year=2022, actor=User.objects.system())


def page():
    return round_page(user=User.objects.system(), programme=PROGRAMME, year=2022)


def test_a_cap_holds_and_is_told(edition):
    listed(BAOFENG, "6000")
    listed(BAOFENG, "100")
    compute({CAP: CAP + "      cap_yuan: 60000\n"})
    assert sorted(Award.objects.values_list("amount_fen", flat=True)) == [5_000_000, 6_000_000]
    capped = next(line for line in page().lines if line.award.amount_fen == 6_000_000)
    assert capped.limits == "封顶后由 8万元减为 6万元"
    assert sum(capped.award.shares.values()) == 6_000_000


def test_one_fixed_sum(edition):
    listed(BAOFENG, None)
    text = policy_text()
    shape = text[text.index("        type: sum") : text.index("      in_force: unknown")]
    compute({shape: "        type: fixed\n        yuan: 20000.50\n"})
    award = Award.objects.get()
    assert (award.amount_fen, award.state) == (2_000_050, "proposed")
    (line,) = page().lines
    assert (line.words, page().money.unit) == ("2.00005万元", "元")


@pytest.mark.parametrize(
    ("revenue", "state", "refused"),
    [("3000", "proposed", None), ("2999.99", None, "condition_failed"), (None, "held", None)],
)
def test_conditions_of_a_rule_refuse_or_hold(edition, revenue, state, refused):
    listed(BAOFENG, revenue)
    compute({CAP: CAP + "      conditions: main_revenue[revenue_year] >= 3000万元\n"})
    assert list(Award.objects.values_list("state", flat=True)) == ([state] if state else [])
    assert [row.reasons[0][0] for row in AwardRefusal.objects.all()] == ([refused] if refused else [])
    if refused:
        (line,) = page().refused
        assert line.fact == "2021年主营业务收入 2,999.99 万元，低于 3,000 万元，差 0.01 万元"
    if state == "held":
        (line,) = page().lines
        assert "缺2021年主营业务收入，能否奖补待定" in line.missing


@pytest.mark.parametrize(("month", "awards"), [("2022-04", 0), ("2022-05", 1), ("2022-06", 1)])
def test_a_rule_in_force_since_may_reaches_no_earlier_month(edition, month, awards):
    listed(BAOFENG, month=month)
    compute({CAP: "      in_force: {from: 2022-05-24, until: 2022-12-31}\n"})
    assert Award.objects.count() == awards
    assert [row.reasons for row in AwardRefusal.objects.all()] == (
        [] if awards else [[["not_in_force", 202204]]]
    )


def test_a_rule_whose_every_part_fails_says_so(edition):
    listed(BAOFENG, "4000")
    compute(
        {
            "            yuan: 50000\n": "            yuan: 50000\n            when: main_revenue[2021] >= 4500万元\n"
        }
    )
    assert not Award.objects.exists()
    (line,) = page().refused
    assert line.why == "各部分都不符合"
    assert "差 500.00 万元" in line.fact
    assert "差 1,000.00 万元" in line.fact
