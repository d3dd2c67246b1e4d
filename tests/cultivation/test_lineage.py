"""Pools and months follow the firm: renamed, recoded, merged, split, converted or found double, it counts once."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.conditions import FactKey, Kind
from core.digest import table_digests
from core.facts import load_frame
from core.models import Role
from core.periods import Month
from cultivation.facts import read_months
from cultivation.models import PoolMembership, RegionMonth, TierChange
from cultivation.services.months import close_month
from cultivation.services.pool_members import change_member
from cultivation.services.pool_pages import firm_pools
from enterprises.models import Enterprise
from enterprises.rules.identity import Act, EventKind
from enterprises.rules.lineage import Past, with_past_months, with_pasts
from enterprises.services.event_undoing import UndoRefused, undo_event
from enterprises.services.identity import record_event
from enterprises.services.merging import DuplicateRefused, merge_plan, merge_records, unmerge_records
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.cultivation.pool_firms import firm, membership, screened

TODAY = date(2022, 9, 1)
POOL_TABLES = ("enterprise", "pool_membership", "tier_change", "registry_event")


def happened(to: Enterprise, kind: str, actor, on: str = "2022-07-01", **fields):
    act = Act(EventKind(kind), on=date.fromisoformat(on), evidence="变更登记通知书〔2022〕第15号", **fields)
    return record_event(firm=to, act=act, actor=actor, today=TODAY)


def in_pool() -> dict[str, str]:
    rows = PoolMembership.objects.current().order_by("pk")
    return dict(rows.values_list("enterprise__name", "tier"))


def pool_digests() -> dict[str, str]:
    return {table: digest for table, digest in table_digests().items() if table in POOL_TABLES}


def past_history(of: Enterprise) -> list[tuple[str, str]]:
    rows = TierChange.objects.filter(membership__enterprise=of).order_by("pk")
    return list(rows.values_list("kind", "note"))


@pytest.mark.django_db
def test_the_place_of_a_second_record_is_the_kept_ones_with_what_people_chose(staff):
    second, kept = firm("一档", sales="800.00"), firm("二档")
    screened(staff)
    place = change_member(
        member=membership(second), tier="提升", planned_year=2022, note="已签增产合同", actor=staff
    )
    assert merge_plan(kept, second).staying == {}
    event = merge_records(kept=kept, second=second, note="同一家", actor=staff)
    assert in_pool() == {kept.name: "提升"}
    mine = membership(kept)
    assert (mine.tier_by_hand, mine.planned_year, mine.since) == (True, 2022, place.since)
    assert past_history(second)[-1] == ("withdrawn", f"重复档案，由{kept.name}（{kept.uscc}）承继")
    assert past_history(kept) == [("admitted", f"重复档案，承继{second.name}（{second.uscc}）的在库记录")]
    (_, row), *others = firm_pools(staff, kept)
    assert others == [] and [line.change.note for line in row.history if line.change.kind == "moved"] == [
        "已签增产合同"
    ]
    unmerge_records(event=event, actor=staff)
    assert in_pool() == {second.name: "提升"}
    assert past_history(second)[-1] == ("moved", "已签增产合同") and past_history(kept) == []


@pytest.mark.django_db
def test_a_place_changed_since_keeps_the_two_records_together(staff):
    second, kept = firm("一档", sales="800.00"), firm("二档")
    screened(staff)
    event = merge_records(kept=kept, second=second, note="同一家", actor=staff)
    change_member(member=membership(kept), tier="提升", planned_year=2022, note="已签合同", actor=staff)
    with pytest.raises(DuplicateRefused, match="承继的培育库记录随后又有调整"):
        unmerge_records(event=event, actor=staff)
    assert in_pool() == {kept.name: "提升"}


@pytest.mark.django_db
def test_two_records_that_were_both_in_the_pool_are_one_member(staff):
    second, kept = firm("一档", sales="800.00"), firm("二档", sales="800.00")
    screened(staff)
    merge_records(kept=kept, second=second, note="同一家", actor=staff)
    assert in_pool() == {kept.name: "储备"}
    screened(staff)
    assert list(in_pool()) == [kept.name]


@pytest.mark.django_db
def test_a_merged_firm_leaves_the_pool_and_its_sales_are_the_others(staff):
    """1,600 and 700 of last year are one firm of 2,300 now: over the line, and not two firms below it."""
    small, large = firm("小件", sales="700.00"), firm("大件", sales="1600.00")
    screened(staff)
    assert len(in_pool()) == 2
    before = pool_digests()
    event = happened(small, "merged", staff, other_code=large.uscc)
    assert list(in_pool()) == [large.name], "taken over, not admitted for it"
    undo_event(event=event, actor=staff)
    assert pool_digests() == before, "as though it had never been registered"
    happened(small, "merged", staff, other_code=large.uscc)
    key = FactKey("tax_list_sales", Kind.YEAR, 2021)
    column = load_frame([key], enterprises=[large.pk]).columns[str(key)]
    assert (column.values[0], column.known[0]) == (2300_00, True)
    screened(staff)
    assert in_pool() == {}


@pytest.mark.django_db
def test_a_sole_trader_that_becomes_a_company_keeps_place_and_past(staff):
    shop = firm("恒砺铸造", sales="900.00", delisted=2021, uscc="92320681MA0000001K")
    screened(staff)
    event = happened(shop, "converted", staff, other_code=factories.uscc(960), other_name="启东恒砺有限公司")
    company = event.other
    assert list(in_pool()) == ["启东恒砺有限公司"]
    screened(staff)
    mine = membership(company)
    assert mine.measure_wan == 900_00, "last year's sales are those of the shop"
    assert set(mine.sources.split("+")) == {"tax_list", "delisted"}
    change_member(member=mine, tier="提升", planned_year=2022, note="已签合同", actor=staff)
    with pytest.raises(UndoRefused, match="随后已筛选入培育库或调整层级"):
        undo_event(event=event, actor=staff)


@pytest.mark.django_db
def test_a_conversion_on_which_nothing_rests_is_undone_with_its_place(staff):
    shop = firm("恒砺铸造", sales="900.00", uscc="92320681MA0000001K")
    screened(staff)
    before = pool_digests()
    event = happened(shop, "converted", staff, other_code=factories.uscc(960), other_name="启东恒砺有限公司")
    undo_event(event=event, actor=staff)
    assert pool_digests() == before


@pytest.mark.django_db
def test_renamed_recoded_and_moved_firms_stay_the_same_member(staff):
    one = firm("原名", sales="800.00")
    screened(staff)
    place = membership(one).pk
    happened(one, "renamed", staff, new_name="启东新名有限公司")
    happened(one, "recoded", staff, new_code=factories.uscc(961))
    happened(one, "moved", staff, new_region="320685")
    screened(staff)
    assert membership(one).pk == place and len(in_pool()) == 1
    district = factories.user(Role.DISTRICT_OFFICER, "320685")
    assert PoolMembership.objects.visible_to(district).get().pk == place


@pytest.mark.django_db
def test_a_split_leaves_the_past_with_the_firm_that_was_split(staff):
    whole = firm("整体", sales="900.00")
    screened(staff)
    event = happened(whole, "split", staff, other_code=factories.uscc(962), other_name="启东分出有限公司")
    screened(staff)
    assert list(in_pool()) == [whole.name]
    key = FactKey("tax_list_sales", Kind.YEAR, 2021)
    column = load_frame([key], enterprises=[whole.pk, event.other_id]).columns[str(key)]
    assert column.known.tolist() == [True, False], "a part has no figure that anybody printed"


@pytest.mark.django_db
def test_growth_after_a_merger_compares_the_same_ground(staff):
    """July 2022: 330 of the two together, against 200 + 100 of the year before: 10%, not 65%."""
    small, large = firm("小件"), firm("大件")
    for month, amount in (("2021-06", "90"), ("2021-07", "100"), ("2022-06", "99")):
        factories.monthly_figure(small, month, amount)
    for month, amount in (("2021-06", "180"), ("2021-07", "200"), ("2022-06", "198"), ("2022-07", "330")):
        factories.monthly_figure(large, month, amount)
    happened(small, "merged", staff, other_code=large.uscc)
    issue = close_month(programme=PROGRAMME, month=Month(2022, 7), actor=staff)
    line = RegionMonth.objects.get(issue=issue, region="320681")
    assert (line.comparable_firms, line.revenue_base_wan, str(line.revenue_yoy)) == (1, 300_00, "0.1000")
    # January to July: June of each against its own June, July of both against July of both
    assert (line.revenue_ytd_comparable_wan, line.revenue_ytd_base_wan) == (627_00, 570_00)
    months = read_months(np.array([large.pk], np.int64), 2022)["revenue"]
    assert months.values[0, -6:-5].tolist() == [330_00] and months.values[0, -18:-17].tolist() == [300_00]


# ---- properties

amounts = st.one_of(st.none(), st.integers(0, 10**9))


@settings(deadline=None, max_examples=200)
@given(st.lists(amounts, min_size=2, max_size=6), st.booleans())
def test_what_goes_into_a_firm_is_counted_once(values, is_new):
    """A chain of mergers 1 → 2 → … → n in years after the figures: the last one's are the sum, or not known."""
    figures = {firm: [value] for firm, value in enumerate(values, start=1)}
    last = len(values)
    begun = date(2022, 1, 1) if is_new else None
    past = {last: Past(begun, {one: date(2022, 1, 1) for one in range(1, last)})}
    (total,) = with_pasts(figures, 2021, past)[last]
    known = [value for value in values if value is not None]
    if values[-1] is None and not (is_new and known):
        assert total is None
    else:
        assert total == sum(known)
    assert with_pasts(figures, 2022, past)[last] == [values[-1]], "the year of the merger stays as declared"


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(st.tuples(st.integers(1, 2), st.integers(202101, 202112)), st.integers(0, 10**6)))
def test_months_of_both_firms_add_up_to_the_months_of_the_one(figures):
    told = {key: [value] for key, value in figures.items()}
    july = Past(date(2021, 7, 1), {1: date(2021, 7, 1)})
    found = with_past_months(told, {2: july})
    mine = sum(value for (one, _), (value,) in found.items() if one == 2 and value is not None)
    lost = sum(  # no figure of its own though it had begun: the month is not known
        value for (one, month), value in figures.items() if one == 1 and month > 202107
    )
    assert mine == sum(figures.values()) - lost
