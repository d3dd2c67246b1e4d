"""30万 on entry, 5万 for the second year in the directory, 10万 for the third: each in the round of its year, once."""

from __future__ import annotations

import pytest

from core.services.policies import load_edition
from incentives.models import Award, AwardDifference
from incentives.services.frozen_rounds import is_reproduced
from tests import factories
from tests.incentives.conftest import BAOFENG, policy_text
from tests.incentives.test_occasions import due, refused
from tests.incentives.test_rounds import approve, compute, listed

pytestmark = pytest.mark.django_db
SCHEDULE = """        type: schedule
        parts:
          - {id: entry, title: 首次上规, yuan: 30万元}
          - {id: two, title: 连续两年在规, yuan: 5万元, after_years: 1, when: "in_directory[year]"}
          - {id: three, title: 连续三年在规, yuan: 10万元, after_years: 2, when: "in_directory[year-1] and in_directory[year]"}
"""


@pytest.fixture
def firms(edition, staff):
    text = policy_text()
    shape = text[text.index("        type: sum") : text.index("      in_force: unknown")]
    load_edition(text=text.replace(shape, SCHEDULE), actor=staff)
    return [listed(BAOFENG), listed(BAOFENG)]


def test_a_later_part_is_an_award_of_its_year_for_who_stayed(firms, staff):
    stayed, left = firms
    rule = "first-listing"
    approve(compute(staff, 2022))
    assert set(Award.objects.values_list("amount_fen", flat=True)) == {30_000_000}
    factories.scale_event(left, "delisted", "2023-05")
    second = compute(staff, 2023)
    assert due(second) == {(rule, stayed.uscc): (50_000, "proposed")}
    assert second.awards.get().shares == {"city": 0, "district": 5_000_000}
    assert refused(second) == {(rule, left.uscc): "nothing_due"}
    assert compute(staff, 2023).inputs_digest == second.inputs_digest
    approve(second)
    third = compute(staff, 2024)
    assert is_reproduced(third)
    assert due(third) == {(rule, stayed.uscc): (100_000, "proposed")}
    approve(third)
    # earlier years computed again find nothing to correct, later ones nothing more to pay
    for year in (2022, 2023, 2025):
        assert not [award for award in compute(staff, year).awards.all() if award.round.state == "draft"]
    assert not AwardDifference.objects.exists()


def test_without_the_first_award_there_is_no_later_part(firms, staff):
    compute(staff, 2022)  # a draft grants nothing
    assert due(compute(staff, 2023)) == {}
