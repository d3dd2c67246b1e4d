"""Events of a firm's identity as pure rules: what speaks against each, and who stands for whom."""

from dataclasses import replace
from datetime import date

import pytest

from enterprises.models import RegistryEvent
from enterprises.rules.identity import Act, EventKind, FirmState, firm_after, is_clear, objections
from enterprises.rules.lineage import Step, heirs, pasts, predecessors, successors
from tests import factories

TODAY = date(2022, 8, 1)
JULY = date(2022, 7, 1)
CODE, OTHER_CODE = factories.uscc(900), factories.uscc(901)
FIRM = FirmState(CODE, "启东恒砺机械有限公司", "320681", founded_on=date(2014, 9, 3))
OTHER = FirmState(OTHER_CODE, "海门重工有限公司", "320614")


def act(kind, **fields):
    return Act(EventKind(kind), **{"on": JULY, "evidence": "启东市监局变更登记通知书", **fields})


def told(act, firm=FIRM):
    return [(one.field, one.code) for one in objections(act, firm, TODAY) if one.cls == "A"]


def test_the_rules_and_the_table_know_the_same_events():
    assert {kind.value for kind in EventKind} == set(RegistryEvent.Kind.values)


def test_everything_that_is_wrong_is_told_at_once_each_with_its_field_and_a_cure():
    found = objections(act("renamed", on=date(2022, 9, 1), evidence="无"), FIRM, TODAY)
    assert [one.field for one in found] == ["on", "new_name", "evidence"]
    assert all(one.cure for one in found)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (act("renamed", new_name="启东恒砺重工有限公司"), []),
        (act("renamed", new_name=FIRM.name), [("new_name", "SAME_NAME")]),
        (act("renamed", on=None, new_name="新"), [("on", "EVENT_DAY")]),
        (act("renamed", on=date(2014, 9, 2), new_name="新名"), [("on", "EVENT_EARLY")]),
        (act("recoded", new_code=OTHER_CODE), []),
        (act("recoded", new_code=CODE), [("new_code", "SAME_CODE")]),
        (act("recoded", new_code=OTHER_CODE[:-1] + "?"), [("new_code", "CODE_WRONG")]),
        (act("recoded", old_code="320681000012345"), []),
        (act("recoded", old_code="320681000012345", new_code=CODE), []),
        (act("recoded", old_code="A1234567X"), []),
        (act("recoded", old_code=CODE), [("old_code", "OLD_CODE")]),
        (act("recoded", old_code="3206810000"), [("old_code", "OLD_CODE")]),
        (act("recoded", old_code="32068100001234-"), [("old_code", "OLD_CODE")]),
        (act("recoded"), [("new_code", "NEW_CODE")]),
        (act("recoded", new_code=OTHER_CODE, taken_by="海门重工"), [("new_code", "CODE_TAKEN")]),
        (act("moved", new_region="320614"), []),
        (act("moved", new_region="320681"), [("new_region", "SAME_REGION")]),
        (act("moved"), [("new_region", "NEW_REGION")]),
        (act("merged", other_code=OTHER_CODE, other=OTHER), []),
        (act("merged", other_code=OTHER_CODE), [("other_code", "OTHER_UNKNOWN")]),
        (act("merged", other_code=CODE), [("other_code", "OTHER_SELF")]),
        (
            act("merged", other_code=OTHER_CODE, other=replace(OTHER, ended_on=JULY)),
            [("other_code", "OTHER_ENDED")],
        ),
        (act("split", other_code=OTHER_CODE), [("other_name", "OTHER_NAME")]),
        (act("split", other_code=OTHER_CODE, other_name="启东恒砺二厂有限公司"), []),
        (act("closed"), []),
        (act("revived"), [("kind", "NOT_ENDED")]),
    ],
)
def test_what_speaks_against_an_event(given, expected):
    assert told(given) == expected


def test_the_end_of_a_firm_admits_only_its_revival_and_a_merger_is_undone_not_revived():
    closed = firm_after(act("closed"), FIRM)
    assert (closed.ended_on, closed.ended_as) == (JULY, "closed")
    assert told(act("renamed", new_name="新名"), closed) == [("kind", "FIRM_ENDED")]
    assert told(act("revived"), closed) == []
    merged = firm_after(act("merged", other_code=OTHER_CODE, other=OTHER), FIRM)
    assert told(act("revived"), merged) == [("kind", "NOT_CLOSED")]


def test_events_of_one_aspect_come_in_the_order_of_their_days():
    firm = replace(FIRM, latest={"name": date(2022, 7, 15)}, region_since=date(2022, 7, 15))
    assert told(act("renamed", new_name="新名"), firm) == [("on", "EVENT_ORDER")]
    assert told(act("recoded", new_code=OTHER_CODE), firm) == []
    assert told(act("moved", new_region="320614"), firm) == [("on", "MOVED_LATER")]
    same_day = replace(FIRM, region_since=JULY)
    assert told(act("moved", new_region="320614"), same_day) == [("on", "MOVED_LATER")]
    assert told(act("moved", new_region="320614", on=None), same_day) == [("on", "EVENT_DAY")]
    assert firm_after(act("recoded", new_code=OTHER_CODE), firm).uscc == OTHER_CODE
    assert firm_after(act("recoded", old_code="320681000012345"), firm).uscc == CODE


def test_a_conversion_of_what_is_no_sole_trader_is_only_hinted_at():
    given = act("converted", other_code=OTHER_CODE, other_name="启东恒砺有限公司")
    found = objections(given, FIRM, TODAY)
    assert [one.code for one in found] == ["NOT_SOLE_TRADER"]
    assert is_clear(found)


def test_the_lineage_of_mergers_and_splits():
    """1 into 2 (2020), 2 into 3 (2022); 4 split off from 1 (2018)."""
    steps = [
        Step(1, 4, date(2018, 1, 1), False),
        Step(1, 2, date(2020, 1, 1), True),
        Step(2, 3, date(2022, 1, 1), True),
    ]
    assert predecessors([3, 4, 5], steps) == {3: {1, 2}, 4: {1}, 5: frozenset()}
    assert successors([1, 2, 3, 4], steps) == {1: 3, 2: 3, 3: 3, 4: 4}
    assert heirs([1], steps) == {1: {2, 3, 4}}


def test_a_circle_in_the_lineage_ends():
    steps = [Step(1, 2, date(2020, 1, 1), True), Step(2, 1, date(2021, 1, 1), True)]
    assert successors([1], steps) == {1: 2}
    assert predecessors([1], steps) == {1: {2}}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2022, 6, 30), {}),
        (JULY, {2: JULY, 1: date(2020, 1, 1)}),
        (date(2023, 12, 31), {2: JULY, 1: date(2020, 1, 1), 5: date(2023, 3, 1), 6: date(2023, 3, 1)}),
    ],
)
def test_the_past_of_others_is_a_firms_own_from_the_day_they_went_into_it_and_up_to_it(day, expected):
    """1 went into 2, a part of 2 became 3; 2 took over 4 only after that; 5 and 6 are one firm in two records."""
    steps = [
        Step(1, 2, date(2020, 1, 1), True),
        Step(2, 3, JULY, False),
        Step(4, 2, date(2022, 9, 1), True),
        Step(5, 3, date(2023, 3, 1), True),
        Step(6, 5, date(2026, 1, 1), True, is_same=True),
    ]
    assert pasts([(3, day), (1, day)], steps) == ({(3, day): expected} if expected else {})
