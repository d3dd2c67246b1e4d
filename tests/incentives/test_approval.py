"""From 拟奖补 to 到账: publicity, objections, approval by another person, payment by a third, nothing edited."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from core.services.policies import load_edition
from enterprises.models import AnnualFigure
from incentives.models import Award, AwardApplication, AwardDifference, AwardRound, Payout
from incentives.services.accounts import keep_account
from incentives.services.applications import AlreadyApplied, apply_for_award
from incentives.services.approval import (
    approve_round,
    decide_objection,
    publicize_round,
    raise_objection,
    withdraw_round,
)
from incentives.services.computing import compute_awards
from incentives.services.payouts import move_payouts
from incentives.services.programmes import AwardsRefused
from tests import factories
from tests.incentives.conftest import BAOFENG, CITY, PROGRAMME, XINHUA, policy_text
from tests.incentives.test_rounds import listed

pytestmark = pytest.mark.django_db
FIRST, LAST, AFTER = date(2022, 7, 4), date(2022, 7, 8), date(2022, 7, 9)

NEXT_RULE = "    - id: full-load-2022q1\n"


@pytest.fixture
def leader(edition):
    return factories.user("bureau_leader", CITY)


@pytest.fixture
def finance(edition):
    return factories.user("finance", CITY)


@pytest.fixture
def draft(edition, staff) -> AwardRound:
    listed(XINHUA, "6000")
    listed(BAOFENG, "100")
    listed(BAOFENG, None)
    return compute_awards(programme=PROGRAMME, year=2022, actor=staff).award_round


@pytest.fixture
def public(draft, staff) -> AwardRound:
    return publicize_round(award_round=draft, first_day=FIRST, until=LAST, actor=staff)


@pytest.fixture
def approved(public, leader) -> AwardRound:
    return approve_round(award_round=public, today=AFTER, actor=leader)


def test_publicity_whose_days_no_document_prints_ends_on_the_day_the_bureau_names(draft, staff):
    with pytest.raises(AwardsRefused, match="文件没有写明公示几天：请填写公示截止日"):
        publicize_round(award_round=draft, first_day=FIRST, actor=staff)
    with pytest.raises(AwardsRefused, match="公示最早到 2022-07-04 为止"):
        publicize_round(award_round=draft, first_day=FIRST, until=date(2022, 7, 3), actor=staff)
    public = publicize_round(award_round=draft, first_day=FIRST, until=LAST, actor=staff)
    assert (public.state, public.public_from, public.public_until) == ("public", FIRST, LAST)


def test_printed_working_days_leave_out_announced_holidays_and_are_not_guessed_without_them(draft, staff):
    text = policy_text().replace(
        NEXT_RULE, f"      procedure: {{publicity_days: 5, publicity_by: working}}\n{NEXT_RULE}"
    )
    draft.edition = load_edition(text=text, actor=staff).edition
    draft.save(update_fields=["edition"])
    holiday_eve = date(2022, 9, 30)
    with pytest.raises(AwardsRefused, match="2022年的节假日安排没有载入"):
        publicize_round(award_round=draft, first_day=holiday_eve, actor=staff)
    holidays = policy_text("holidays/holidays-2022").replace('locality: "320600"', f'locality: "{CITY}"')
    load_edition(text=holidays, actor=staff)
    # 9月30日一天，10月1日至7日放假，8、9日调休上班，10、11日
    assert publicize_round(award_round=draft, first_day=holiday_eve, actor=staff).public_until == date(
        2022, 10, 11
    )


def test_nothing_is_computed_while_it_is_public(public, staff):
    with pytest.raises(AwardsRefused, match="正在公示"):
        compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    withdraw_round(award_round=public, actor=staff)
    assert compute_awards(programme=PROGRAMME, year=2022, actor=staff).award_round.pk == public.pk


def test_the_one_who_computed_does_not_approve_and_not_before_the_last_day_is_over(public, staff, leader):
    with pytest.raises(AwardsRefused, match="测算、公示的人不能自己审定"):
        approve_round(award_round=public, today=AFTER, actor=staff)
    with pytest.raises(AwardsRefused, match="期满后再审定"):
        approve_round(award_round=public, today=date(2022, 7, 8), actor=leader)


def test_an_open_objection_stands_against_approval_and_an_upheld_one_too(public, staff, leader):
    objection = raise_objection(award_round=public, raised_by="某企业", text="金额不对", actor=staff)
    with pytest.raises(AwardsRefused, match="还有 1 条异议没有答复"):
        approve_round(award_round=public, today=AFTER, actor=leader)
    with pytest.raises(AwardsRefused, match="另一人"):
        decide_objection(objection=objection, upheld=False, answer="核对无误", actor=staff)
    decide_objection(objection=objection, upheld=True, answer="收入有误", actor=leader)
    with pytest.raises(AwardsRefused, match="1 条异议成立"):
        approve_round(award_round=public, today=AFTER, actor=leader)


def test_data_that_changed_since_computing_refuse_approval_and_say_what_changed(public, leader):
    AnnualFigure.objects.filter(main_revenue_wan=600_000).update(main_revenue_wan=400_000)
    with pytest.raises(AwardsRefused, match=r"测算之后数据有变.*80,000\.00元 → 50,000\.00元"):
        approve_round(award_round=public, today=AFTER, actor=leader)
    assert not Payout.objects.exists()


def test_approval_plans_a_payout_for_each_award_and_leaves_the_held_one_for_a_later_version(approved, staff):
    assert sorted(Payout.objects.values_list("amount_fen", "state")) == [
        (5_000_000, "approved"),
        (8_000_000, "approved"),
    ]
    assert Award.objects.filter(round=approved, state="cancelled").count() == 1
    held = Award.objects.get(state="cancelled").enterprise
    factories.annual_figure(held, 2021, main_revenue_wan="7000")
    second = compute_awards(programme=PROGRAMME, year=2022, actor=staff).award_round
    assert [award.amount_fen for award in second.awards.all()] == [8_000_000]
    assert not AwardDifference.objects.exists()


def pay(approved, actor, to="paid", day=AFTER, **more):
    numbers = list(Payout.objects.values_list("pk", flat=True))
    return move_payouts(payouts=numbers, award_round=approved, to=to, day=day, actor=actor, **more)


def test_who_computed_or_approved_does_not_pay(approved, staff, leader):
    for actor in (staff, leader):
        with pytest.raises(AwardsRefused, match="不能办理兑现"):
            pay(approved, actor, to="issued")


def test_a_payout_goes_its_way_with_its_days_and_asks_for_the_account(approved, finance):
    with pytest.raises(AwardsRefused, match="审定之后不能拨付"):
        pay(approved, finance)
    assert pay(approved, finance, to="issued") == 2
    with pytest.raises(AwardsRefused, match="没有收款账户"):
        pay(approved, finance)
    for code in Award.objects.values_list("recipient_code", flat=True):
        keep_account(recipient_code=code, payee="公司", bank="工行", account="6222 0000 1234", actor=finance)
    pay(approved, finance)
    pay(approved, finance, to="received", day=date(2022, 7, 12))
    payout = Payout.objects.first()
    assert (payout.issued_on, payout.paid_on, payout.received_on) == (AFTER, AFTER, date(2022, 7, 12))
    with pytest.raises(AwardsRefused, match="写明理由"):
        pay(approved, finance, to="recovered")
    with pytest.raises(AwardsRefused, match="2022-07-12到账，追回不能早于这一天"):
        pay(approved, finance, to="recovered", reason="弄虚作假")
    with pytest.raises(AwardsRefused, match="日期不能晚于今天"):
        pay(approved, finance, to="recovered", reason="弄虚作假", day=date(9999, 1, 1))
    pay(approved, finance, to="recovered", reason="弄虚作假", day=date(2022, 9, 1))
    assert Payout.objects.filter(state="recovered", amount_fen__gt=0).count() == 2


def test_an_account_is_shown_by_its_last_four(finance):
    assert (
        keep_account(
            recipient_code="A", payee="甲", bank="工行", account="622200001234", actor=finance
        ).masked
        == "****1234"
    )
    with pytest.raises(AwardsRefused, match="6 到 32 位"):
        keep_account(recipient_code="A", payee="甲", bank="工行", account="12-34", actor=finance)


def claim(firm, actor, **more):
    given = {"happened_on": date(2022, 9, 1), "key": "辅导备案"} | more
    return apply_for_award(programme=PROGRAMME, rule="market-nodes", enterprise=firm, actor=actor, **given)


def test_the_same_claim_is_taken_once_and_the_second_is_told_the_number(edition, officer):
    firm = factories.enterprise("", XINHUA)
    first = claim(firm, officer)
    with pytest.raises(AlreadyApplied) as again:
        claim(firm, officer, happened_on=date(2022, 10, 1))
    assert again.value.number == first.number
    claim(firm, officer, key="受理申报")
    assert AwardApplication.objects.count() == 2


def test_a_claim_is_refused_after_the_last_day_and_for_another_matter(edition, officer):
    """S1-08: rule not offered after its end date."""
    firm = factories.enterprise("", XINHUA)
    with pytest.raises(AwardsRefused, match="到 2022-12-31 为止"):
        apply_for_award(
            programme=PROGRAMME,
            rule="injury-insurance-deferral",
            enterprise=firm,
            happened_on=date(2023, 1, 1),
            actor=officer,
        )
    with pytest.raises(AwardsRefused, match="事项内容只能是"):
        claim(firm, officer, key="敲钟")


def test_the_database_itself_refuses_a_second_payout_of_an_instalment(approved):
    payout = Payout.objects.first()
    payout.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        payout.save()
