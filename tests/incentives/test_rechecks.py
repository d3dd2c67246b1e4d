"""Instalments: 首年 10万, 次年 20万, 第三年 30万 as long as the firm stays; each looked at again when it is paid."""

from __future__ import annotations

from datetime import date

import pytest

from core.services.policies import load_edition
from incentives.models import AwardRound, Payout
from incentives.services.accounts import keep_account
from incentives.services.approval import approve_round, publicize_round
from incentives.services.payouts import move_payouts
from incentives.services.programmes import AwardsRefused
from tests import factories
from tests.incentives.conftest import BAOFENG, CITY, policy_text
from tests.incentives.test_rounds import compute, listed

pytestmark = pytest.mark.django_db
IN_THREE = """      instalments:
        - {id: first, title: 首年, share: 1/4}
        - {id: second, title: 次年, share: 3/4, after_years: 1, when: "in_directory[year]"}
      in_force: unknown
    - id: full-load-2022q1
"""


@pytest.fixture
def approved(edition, staff) -> AwardRound:
    text = policy_text()
    assert "      in_force: unknown\n    - id: full-load-2022q1\n" in text
    load_edition(
        text=text.replace("      in_force: unknown\n    - id: full-load-2022q1\n", IN_THREE), actor=staff
    )
    leader = factories.user("bureau_leader", CITY)
    for _ in range(2):
        listed(BAOFENG, "5000")
    award_round = compute(staff)
    publicize_round(award_round=award_round, first_day=date(2022, 7, 4), until=date(2022, 7, 8), actor=staff)
    return approve_round(award_round=award_round, today=date(2022, 7, 12), actor=leader)


def pay(award_round: AwardRound, instalment: str, day: date, firm=None) -> int:
    finance = factories.user("finance", CITY)
    rows = Payout.objects.filter(round=award_round, instalment=instalment)
    rows = rows.filter(award__enterprise=firm) if firm else rows
    for payout in rows:
        keep_account(
            recipient_code=payout.award.recipient_code,
            payee="公司",
            bank="工行",
            account="622200001234",
            actor=finance,
        )
    numbers = list(rows.values_list("pk", flat=True))
    moved = {"payouts": numbers, "award_round": award_round, "day": day, "actor": finance}
    if rows.filter(state="approved").exists():
        move_payouts(to="issued", **moved)
    return move_payouts(to="paid", **moved)


def test_the_second_instalment_is_paid_to_who_stayed_and_stopped_for_who_left(approved):
    """The rest is stopped on exit; the parts of 8万 sum to the whole."""
    assert sorted(Payout.objects.values_list("amount_fen", "due_year")) == [
        (2_000_000, 2022), (2_000_000, 2022), (6_000_000, 2023), (6_000_000, 2023),
    ]  # fmt: skip
    assert pay(approved, "first", date(2022, 8, 1)) == 2
    stayed, left = [payout.award.enterprise for payout in Payout.objects.filter(instalment="second")]
    factories.scale_event(left, "delisted", "2023-03")
    with pytest.raises(AwardsRefused, match="2023年才到期"):
        pay(approved, "second", date(2022, 12, 1), stayed)
    with pytest.raises(AwardsRefused, match=f"{left.name}次年：付款前复核，不符合：.*年末在库"):
        pay(approved, "second", date(2023, 8, 1), left)
    assert pay(approved, "second", date(2023, 8, 1), stayed) == 1


def test_an_award_whose_entry_was_struck_from_the_lists_is_not_paid_further(approved):
    firm = Payout.objects.filter(instalment="second").first().award.enterprise
    firm.scale_events.all().delete()
    with pytest.raises(AwardsRefused, match="当时的事项已不在名单里"):
        pay(approved, "second", date(2023, 8, 1), firm)
