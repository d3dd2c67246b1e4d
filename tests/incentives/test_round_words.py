"""Each award says how it was worked out and what limits left of it; each rule who took it up and what it cost."""

from __future__ import annotations

import pytest

from core.services.policies import load_edition
from incentives.services.round_pages import round_page
from tests import factories
from tests.incentives.conftest import BAOFENG, PROGRAMME, XINHUA, policy_text
from tests.incentives.test_occasions import honour, told
from tests.incentives.test_rounds import compute, listed

pytestmark = pytest.mark.django_db
EXCHANGE = {"market_board": "中原股权交易中心", "financing_kind": "票据", "financing_amount": "600000000"}
BUDGET = """  budgets:
    - {id: fund, title: 升规专项, yuan: 10万元, when_short: pro_rata, rules: [first-listing], clause: 附件2 四（三）}
  rules:
    - id: first-listing
"""


@pytest.fixture
def page(edition, staff):
    text = policy_text()
    opening = "  rules:\n    - id: first-listing\n"
    assert opening in text
    load_edition(text=text.replace(opening, BUDGET), actor=staff)
    for _ in range(2):
        listed(BAOFENG, "6000")
    firm, near = factories.enterprise("", XINHUA), factories.enterprise("", XINHUA)
    told("financing", "enterprise", firm, XINHUA, "2022-11-05", facts=EXCHANGE | {"local_use": "80"})
    told("financing", "enterprise", near, XINHUA, "2022-11-06", facts=EXCHANGE | {"local_use": "79.9"})
    told("financing", "enterprise", factories.enterprise("", XINHUA), XINHUA, "2022-11-07")
    honour(firm, "专精特新小巨人", "2022-08-01", "nation")
    honour(firm, "专精特新中小企业", "2022-07-01", "province")
    compute(staff)
    return round_page(user=staff, programme=PROGRAMME, year=2022)


def test_an_amount_is_told_with_its_base_its_rate_and_its_cap(page):
    """S1-39: 6亿 × 2‰ is 120万, “≤100万/户/年”."""
    (line,) = [one for one in page.lines if one.rule.id == "regional-refinance" and not one.is_held]
    assert line.words == "融资额度 600,000,000 元 × 2‰，计 120万元"
    assert line.limits == "封顶后由 120万元减为 100万元"
    (held,) = [one for one in page.held if one.rule.id == "regional-refinance"]
    assert "缺融资额度，金额待定" in held.missing


def test_two_honours_wait_for_a_word_on_whether_both_pay(page):
    """S1-63: the document does not say whether 20万 and 50万 both pay; the portal asks, it does not guess."""
    both = [one for one in page.held if one.rule.id in ("little-giant", "provincial-specialised")]
    assert len(both) == 2
    assert all("文件没有写明能否同享，请先定" in one.missing for one in both)


def test_a_budget_that_is_short_is_told_at_the_award_and_against_the_total(page):
    cut = [one for one in page.lines if one.rule.id == "first-listing"]
    assert [one.award.amount_fen for one in cut] == [5_000_000, 5_000_000]
    assert all("“升规专项”不够，按比例压减" in one.limits for one in cut)
    (budget,) = page.budget_lines
    assert (budget.amount, budget.spent, budget.is_short) == (10, 10, True)


def test_who_just_misses_a_rule_stands_first_among_the_refused(page):
    """S1-39: 79.9% used locally misses “≥80%” by a tenth of a point."""
    first = page.refused[0]
    assert (first.is_near, first.why) == (True, "不符合条件")
    assert first.fact == "募集资金投资于我市的比例 79.90%，低于 80%，差 0.10 个百分点"


def test_each_rule_tells_uptake_and_spending_also_where_nobody_took_it_up(page):
    lines = {line.rule.id: line for line in page.uptake}
    refinance = lines["regional-refinance"]
    assert (refinance.due, refinance.held, refinance.refused, refinance.amount) == (1, 1, 1, 100)
    assert (lines["neeq"].due, lines["neeq"].amount) == (0, 0)
    assert sum(line.amount for line in lines.values()) == page.total_amount


def test_who_had_a_fund_outside_the_document_is_refused_where_only_one_may_be_had(edition, staff):
    """只享受一项: the list of upper awards names the other fund; a firm without it gets the award."""
    text = policy_text()
    opening = "  stacking:\n"
    other = "    - {id: once, title: 挂牌奖励, policy: exclusive, rules: [neeq], with: [省级挂牌资金]}\n"
    assert opening in text
    load_edition(text=text.replace(opening, opening + other, 1), actor=staff)
    had, free = factories.enterprise("", XINHUA), factories.enterprise("", XINHUA)
    for firm in (had, free):
        told("market", "enterprise", firm, XINHUA, "2022-09-01", key="新三板挂牌")
    told(
        "upper_award",
        "enterprise",
        had,
        XINHUA,
        "2021-05",
        key="省级挂牌资金",
        facts={"upper_province": "300000"},
    )
    found = compute(staff)
    assert [award.recipient_code for award in found.awards.all()] == [free.uscc]
    page = round_page(user=staff, programme=PROGRAMME, year=2022)
    assert [(line.fact, line.why) for line in page.refused] == [("以前已得", "就高不重复，不再发")]
