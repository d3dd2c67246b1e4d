"""Awards of renamed, recoded, merged and split firms: the same firm is not new because its papers are."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from enterprises.models import Enterprise, ScaleEvent
from enterprises.rules.identity import Act, EventKind
from enterprises.services.identity import record_event
from enterprises.services.merging import merge_records
from incentives.models import Award, AwardDifference, AwardRefusal
from incentives.services.applications import AlreadyApplied
from incentives.services.firm_awards import firm_awards
from tests import factories
from tests.incentives.conftest import BAOFENG, XINHUA
from tests.incentives.test_approval import claim
from tests.incentives.test_rounds import approve, compute, listed

pytestmark = pytest.mark.django_db
TODAY = date(2024, 1, 5)


def happened(firm: Enterprise, kind: str, on: str, actor, **fields) -> Enterprise:
    """Records the event; gives the other firm of it, or the firm itself."""
    act = Act(EventKind(kind), on=date.fromisoformat(on), evidence="市监局变更登记通知书", **fields)
    event = record_event(firm=firm, act=act, actor=actor, today=TODAY)
    firm.refresh_from_db()
    return event.other or firm


def entered(firm: Enterprise, month: str, **fields) -> None:
    factories.annual_figure(firm, int(month[:4]) - 1, main_revenue_wan="3000")
    factories.scale_event(firm, "listed", month, entry_type="grown", **fields)


def told(award_round) -> dict[str, object]:
    """What the round says of each recipient: fen, or the reason of the refusal."""
    awards = {award.recipient_code: award.amount_fen for award in award_round.awards.all()}
    return awards | {
        row.recipient_code: row.reasons[0] for row in AwardRefusal.objects.filter(round=award_round)
    }


@pytest.mark.parametrize("year", [2022, 2023])
def test_a_recoded_and_renamed_firm_gets_no_second_first_award(edition, staff, year):
    """In the year of the award as in the next: neither the new code nor a corrected month makes it a new firm."""
    firm = listed(XINHUA)
    old, first = firm.uscc, compute(staff)
    approve(first)
    happened(firm, "renamed", "2022-06-01", staff, new_name="新华精工机械有限公司")
    happened(firm, "recoded", "2022-07-01", staff, new_code=factories.uscc(910))
    if year == 2023:
        firm.scale_events.update(month=202302, library_year=2023)
    again = compute(staff, year)
    assert told(again) == ({firm.uscc: ["already_awarded", 2022, 1]} if year == 2023 else {})
    assert [award.recipient_code for award in Award.objects.all()] == [old]
    assert not AwardDifference.objects.exists()


def test_the_database_refuses_a_second_award_under_the_new_code(edition, staff):
    """S4-10: unique per rule, recipient and occasion, though the recipient's code be another."""
    firm = listed(XINHUA)
    compute(staff)
    award = Award.objects.get(enterprise=firm)
    award.pk, award.recipient_code = None, factories.uscc(911)
    with pytest.raises(IntegrityError), transaction.atomic():
        award.save()


@pytest.mark.parametrize(
    ("merged_on", "expected"),
    [("2022-03-15", ["not_first_event", 202105]), ("2022-04-01", 5_000_000)],
    ids=["merged in the month of the entry or before", "merged after the entry"],
)
def test_a_firm_that_took_another_over_is_listed_first_only_if_neither_was_listed(
    edition, staff, merged_on, expected
):
    former = factories.enterprise("宝丰铸造厂", BAOFENG)
    factories.scale_event(former, "listed", "2021-05")
    firm = listed(XINHUA, month="2022-03")
    happened(former, "merged", merged_on, staff, other_code=firm.uscc)
    assert told(compute(staff)) == {firm.uscc: expected}


def test_an_exit_of_the_firm_that_was_merged_counts_too(edition, staff):
    former = factories.enterprise("宝丰铸造厂", BAOFENG)
    factories.delisted_entry(former, 2020)
    firm = listed(XINHUA)
    happened(former, "merged", "2022-01-10", staff, other_code=firm.uscc)
    assert told(compute(staff)) == {firm.uscc: ["not_first_list", 2020]}


@pytest.mark.parametrize(
    ("parent_listed", "expected"),
    [("2021-05", ["not_first_event", 202105]), ("2022-09", 5_000_000)],
    ids=["the parent was listed before the split", "the parent was listed after it"],
)
def test_a_part_split_off_has_the_past_of_its_parent_up_to_the_split(edition, staff, parent_listed, expected):
    parent = factories.enterprise("新华重工有限公司", XINHUA)
    factories.scale_event(parent, "listed", parent_listed, library_year=int(parent_listed[:4]))
    code = factories.uscc(912)
    part = happened(parent, "split", "2022-06-01", staff, other_code=code, other_name="新华重工二厂有限公司")
    entered(part, "2022-11")
    assert told(compute(staff))[code] == expected


def test_what_a_merged_firm_was_granted_is_not_granted_again_though_its_entry_be_struck_from_the_lists(
    edition, staff
):
    """The award itself is the proof where the lists no longer are."""
    former = listed(BAOFENG)
    approve(compute(staff))
    firm = factories.enterprise("新华机械有限公司", XINHUA)
    happened(former, "merged", "2022-08-01", staff, other_code=firm.uscc)
    ScaleEvent.objects.filter(enterprise=former).delete()
    entered(firm, "2023-02")
    assert told(compute(staff, 2023)) == {firm.uscc: ["already_awarded", 2022, 1]}


def test_an_award_of_a_second_record_is_that_of_the_record_kept(edition, staff):
    second = listed(XINHUA)
    approve(compute(staff))
    kept = factories.enterprise("新华机械有限公司", XINHUA)
    merge_records(kept=kept, second=second, note="同一企业两份档案", actor=staff, on=date(2023, 1, 5))
    assert told(compute(staff)) == {}
    assert Award.objects.count() == 1
    assert not AwardDifference.objects.exists()


def test_where_both_records_were_granted_the_award_one_of_them_is_no_longer_due(edition, staff):
    second, kept = listed(XINHUA), listed(XINHUA)
    approve(compute(staff))
    merge_records(
        kept=kept, second=second, note="同一企业两份档案", actor=staff, on=date(2023, 1, 5), overrule=True
    )
    again = compute(staff)
    (difference,) = AwardDifference.objects.filter(round=again)
    assert (difference.award.enterprise, difference.difference_fen) == (second, -5_000_000)


def test_the_page_of_the_firm_shows_awards_of_its_former_code_and_of_the_firm_merged_into_it(
    edition, staff, django_assert_num_queries
):
    firm, former = listed(XINHUA, "6000"), listed(BAOFENG)
    code = firm.uscc
    approve(compute(staff))
    happened(firm, "recoded", "2022-07-01", staff, new_code=factories.uscc(913))
    happened(former, "merged", "2022-08-01", staff, other_code=firm.uscc)
    firm_awards(firm, staff)
    with django_assert_num_queries(4):
        lines = firm_awards(firm, staff)
    assert {line.fen for line in lines} == {8_000_000, 5_000_000}
    words = " ".join(line.more for line in lines)
    assert f"（{code}）" in words
    assert f"当时为 {former.name}（{former.uscc}）" in words


def test_reading_asks_as_much_for_many_merged_firms_as_for_one(edition, staff):
    def merged() -> None:
        firm, former = listed(XINHUA), factories.enterprise("", XINHUA)
        happened(former, "merged", "2022-01-10", staff, other_code=firm.uscc)

    merged()
    compute(staff)  # a draft that is not empty, so that both replace one
    counts = []
    for more in (1, 5):
        for _ in range(more):
            merged()
        with CaptureQueriesContext(connection) as asked:
            compute(staff)
        counts.append(sum(query["sql"].startswith("SELECT") for query in asked.captured_queries))
    assert counts[0] == counts[1]


def test_a_claim_made_before_the_merger_is_not_made_again_by_the_successor(edition, officer, staff):
    former, firm = factories.enterprise("", XINHUA), factories.enterprise("", XINHUA)
    first = claim(former, officer, happened_on=date(2022, 5, 1))
    happened(former, "merged", "2022-08-01", staff, other_code=firm.uscc)
    with pytest.raises(AlreadyApplied) as again:
        claim(firm, officer)
    assert again.value.number == first.number
    happened(firm, "recoded", "2022-08-20", staff, new_code=factories.uscc(914))
    assert claim(firm, officer, key="受理申报").pk != first.pk
    with pytest.raises(AlreadyApplied):
        claim(firm, officer, key="受理申报", happened_on=date(2022, 10, 1))
