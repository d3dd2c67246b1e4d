"""预算模拟: another sum, line or rate, and the cost by district, level and rule; a draft against what is in force."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.models import PolicyEdition
from core.services.policies import edition_in_force
from core.services.simulation import simulate
from incentives.models import Award, AwardRound
from incentives.services.simulating import try_out
from tests import factories
from tests.incentives.conftest import BAOFENG, PROGRAMME, XINHUA, policy_text
from tests.incentives.test_occasions import told
from tests.incentives.test_rounds import compute, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def entered(edition) -> None:
    """新华区: 4999万 and 6000万; 宝丰县: 5000万."""
    listed(XINHUA, "4999")
    listed(XINHUA, "6000")
    listed(BAOFENG, "5000")


def test_nothing_changed_costs_what_the_round_costs(entered, staff):
    trial = try_out(edition=edition_in_force(PROGRAMME), year=2022, given={})
    assert (trial.is_changed, trial.total.before, trial.total.change) == (False, 21_000_000, 0)
    assert compute(staff).awards.count() == trial.counts[0]


def test_another_sum_and_another_line_change_districts_and_levels(entered):
    """S1-15: “city 50 / district 50” in 新华区, all of it at the county in 宝丰县."""
    first, more = "first-listing.entry.yuan", "first-listing.revenue.if"
    edition = edition_in_force(PROGRAMME)
    given = {first: "6万元", more: "main_revenue[revenue_year] >= 4999万元"}
    trial = try_out(edition=edition, year=2022, given=given)
    assert (trial.total.before, trial.total.after) == (21_000_000, 27_000_000)
    assert {line.label: (line.before, line.after) for line in trial.regions} == {
        "新华区": (13_000_000, 18_000_000), "宝丰县": (8_000_000, 9_000_000),
    }  # fmt: skip
    assert {line.label: line.after for line in trial.levels} == {"市级": 9_000_000, "县区": 18_000_000}
    assert not Award.objects.exists()


def test_what_cannot_be_read_is_told_and_the_document_counts(entered, staff, client):
    client.force_login(staff)
    address = reverse("incentives:simulation", args=[PROGRAMME, 2022])
    text = client.get(address, {"first-listing.entry.yuan": "很多"}).content.decode()
    assert "金额应是数字，写的是“很多”" in text
    assert "还没有改任何数" in text
    assert client.get(address.replace("2022", "1999", 1)).status_code == 404
    client.force_login(factories.user("bureau_leader", XINHUA))
    assert client.get(address).status_code == 404


def test_a_rate_that_is_not_printed_can_be_tried(edition):
    """S0-36: “rate is a parameter (not stated)”: nothing is due until it is set, in a trial as in the document."""
    told("period_end", "district", BAOFENG, BAOFENG, "2022-06", facts={"voucher_funds": "1000000"})
    edition = edition_in_force(PROGRAMME)
    rate = next(
        leaf for group in try_out(edition=edition, year=2022, given={}).groups for leaf, *_rest in group.leaves
        if leaf.rule == "consumption-voucher" and leaf.kind == "rate"
    )  # fmt: skip
    assert rate.text == ""
    trial = try_out(edition=edition, year=2022, given={rate.name: "10%"})
    assert (trial.total.before, trial.total.after) == (0, 10_000_000)


def test_a_draft_is_tried_on_the_newest_year(entered, staff):
    compute(staff)
    current = edition_in_force(PROGRAMME)
    draft = PolicyEdition(
        name=PROGRAMME, number=9, title=current.title, text=policy_text().replace("yuan: 50000", "yuan: 70000"),
        locality=current.locality, sha256="0" * 64, loaded_by=staff,
    )  # fmt: skip
    (found,) = [one for one in simulate(draft=draft, current=current, actor=staff) if one.part == "awards"]
    assert found.remark.startswith("金额 21万元 → 27万元")
    assert (found.moved_count, found.total.before, found.total.after) == (3, 3, 3)
    assert {(firm.before, firm.after) for firm in found.moved} == {("5万元", "7万元"), ("8万元", "10万元")}
    assert AwardRound.objects.count() == 1
