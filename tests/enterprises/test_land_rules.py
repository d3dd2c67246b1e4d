"""Land of a year: own + leased in − leased out, two parties to a lease, dates, floor by 667 or by FAR."""

from datetime import date

import numpy as np
import pytest

from enterprises.rules.land import (
    OUTSIDE,
    SINCE_EVER,
    UNTIL_TODAY,
    Claim,
    Plot,
    Weighting,
    land_of_year,
    parcel_faults,
    settle,
)

LANDLORD, TENANT, THIRD = 1, 2, 3
NONE, MONTHS = Weighting.NONE, Weighting.MONTHS


def day(text):
    return date.fromisoformat(text).toordinal()


def plot(owner=LANDLORD, mu="30", certificate="苏2021启东0001", far=0, floor=0, since=None, until=None):
    return Plot(
        owner, certificate, round(float(mu) * 100), floor * 100, far,
        day(since) if since else SINCE_EVER, day(until) if until else UNTIL_TODAY,
    )  # fmt: skip


def claim(
    stated_by, mu=0, floor=0, lessor=LANDLORD, lessee=TENANT, since="2021-01-01", until=None, outsider=""
):
    return Claim(
        stated_by, lessor, lessee, outsider, "苏2021启东0001", round(mu * 100), floor * 100,
        day(since), day(until) if until else UNTIL_TODAY,
    )  # fmt: skip


def land(firm, plots, claims, year=2021, weighting=NONE):
    leases, _ = settle(claims)
    found = land_of_year([LANDLORD, TENANT, THIRD], plots, leases, year, weighting)
    return {
        name: int(getattr(found, name)[firm - 1])
        for name in (
            "own",
            "leased_in",
            "leased_out",
            "used",
            "floor_in",
            "floor_out",
            "ground_in",
            "known",
            "own_known",
        )
    }


def test_a_lease_that_both_state_counts_once_at_each_end():
    claims = [claim(LANDLORD, 10), claim(TENANT, 10)]
    assert settle(claims)[1] == []
    mine, theirs = land(LANDLORD, [plot()], claims), land(TENANT, [plot()], claims)
    assert (mine["own"], mine["leased_out"], mine["used"]) == (3000, 1000, 2000)
    assert (theirs["own"], theirs["leased_in"], theirs["used"]) == (0, 1000, 1000)
    assert mine["used"] + theirs["used"] == 3000, "no 亩 is lost and none counted twice (评价 12)"


@pytest.mark.parametrize("speaker", [LANDLORD, TENANT])
def test_a_lease_that_one_of_them_states_counts_at_both_ends_and_is_told(speaker):
    leases, faults = settle([claim(speaker, 10)])
    assert land(LANDLORD, [plot()], [claim(speaker, 10)])["leased_out"] == 1000
    assert land(TENANT, [plot()], [claim(speaker, 10)])["leased_in"] == 1000
    silent = TENANT if speaker == LANDLORD else LANDLORD
    assert [(fault.code, fault.firms) for fault in faults] == [("ONE_SIDED", (speaker, silent))]
    assert leases[0].is_settled
    assert (faults[0].stated, faults[0].allowed, faults[0].day) == (1000, 0, day("2021-01-01"))
    assert settle([claim(speaker, floor=50)])[1][0].stated == 5000, "of floor the ㎡"


def test_where_the_two_ends_differ_the_land_of_both_is_not_known_and_of_nobody_else():
    claims = [claim(LANDLORD, 10), claim(TENANT, 12)]
    faults = settle(claims)[1]
    assert [(fault.code, fault.stated, fault.allowed) for fault in faults] == [("ENDS_DIFFER", 1000, 1200)]
    plots = [plot(), plot(THIRD, "5", "苏2021启东0003")]
    assert [land(firm, plots, claims)["known"] for firm in (LANDLORD, TENANT, THIRD)] == [0, 0, 1]
    assert [land(firm, plots, claims)["own_known"] for firm in (LANDLORD, TENANT, THIRD)] == [1, 1, 1]


def test_a_lease_to_a_village_house_leaves_the_list_and_is_still_subtracted():
    claims = [claim(LANDLORD, 4, lessee=OUTSIDE, outsider="汇龙村民房")]
    assert settle(claims)[1] == []
    assert land(LANDLORD, [plot()], claims)["used"] == 2600


def test_a_firm_that_no_ledger_names_is_not_known():
    assert land(THIRD, [plot()], [])["known"] == 0


@pytest.mark.parametrize(
    ("since", "until", "none", "months"),
    [
        ("2021-01-01", None, 1200, 1200),
        ("2021-07-01", None, 1200, 600),
        ("2020-01-01", "2021-06-30", 0, 600),
        ("2021-07-16", "2021-08-30", 0, 100),  # in force on the last day of July alone
        ("2021-12-31", None, 1200, 100),
        ("2022-01-01", None, 0, 0),
    ],
)
def test_time_weighting_none_asks_31_december_and_months_in_use_each_last_day(since, until, none, months):
    claims = [claim(TENANT, 12, since=since, until=until)]
    assert land(TENANT, [], claims, weighting=NONE)["leased_in"] == none
    assert land(TENANT, [], claims, weighting=MONTHS)["leased_in"] == months


def test_months_are_summed_before_they_are_divided_once():
    """Three leases of 0.05 亩 for one month each: 15 hundredth-months ÷ 12 = 1.25 → 0.01 亩, not 3 × 0."""
    claims = [
        Claim(TENANT, OUTSIDE, TENANT, f"村{n}", "", 5, 0, day("2021-03-01"), day("2021-03-31"))
        for n in range(3)
    ]
    assert land(TENANT, [], claims, weighting=MONTHS)["leased_in"] == 1


def test_leased_floor_is_not_land_by_far_it_is_half_where_the_far_is_two():
    """667㎡ of floor = 1亩 versus floor ÷ FAR ÷ 667: with FAR 2 the tenant's 亩均税收 differs by 2× (评价 13)."""
    claims = [claim(TENANT, floor=1334)]
    tenant = land(TENANT, [plot(far=200)], claims)
    assert (tenant["leased_in"], tenant["floor_in"], tenant["ground_in"]) == (0, 133400, 66700)
    leases, _ = settle(claims)
    without = land_of_year([TENANT], [plot(far=0)], leases, 2021, NONE)
    assert (without.known.tolist(), without.ground_known.tolist()) == ([True], [False])


def test_nobody_lets_more_than_the_parcel_has_on_any_day():
    claims = [
        claim(LANDLORD, 20, until="2021-06-30"),
        claim(LANDLORD, 20, lessee=THIRD, since="2021-07-01"),
        claim(LANDLORD, 15, lessee=OUTSIDE, outsider="小微园", since="2021-09-01"),
    ]
    leases, _ = settle(claims)
    faults = parcel_faults([plot()], leases)
    assert [(f.code, f.stated, f.allowed, date.fromordinal(f.day)) for f in faults] == [
        ("AREA_OVER", 3500, 3000, date(2021, 9, 1))
    ]
    changing = [
        claim(LANDLORD, 20, until="2021-07-01"),
        claim(LANDLORD, 20, lessee=THIRD, since="2021-07-01"),
    ]
    assert [fault.stated for fault in parcel_faults([plot()], settle(changing)[0])] == [4000], (
        "both on one day"
    )
    over_floor = settle([claim(LANDLORD, floor=5001)])[0]
    assert [fault.code for fault in parcel_faults([plot(floor=5000)], over_floor)] == ["FLOOR_OVER"]


def test_a_lease_lies_within_the_days_of_its_parcel_and_names_one_of_its_lessor():
    leases, _ = settle([claim(LANDLORD, 5, since="2020-01-01")])
    (early,) = parcel_faults([plot(since="2020-06-01")], leases)
    assert (early.code, early.stated, early.allowed, early.day) == ("NOT_COVERED", 500, 0, day("2020-01-01"))
    assert [fault.code for fault in parcel_faults([plot(THIRD)], leases)] == ["NO_PARCEL"]
    sublet = settle([claim(TENANT, 10), claim(TENANT, 3, lessor=TENANT, lessee=THIRD)])[0]
    assert parcel_faults([plot()], sublet) == []


def test_many_firms_agree_with_each_firm_alone():
    random = np.random.default_rng(20220708)
    plots = [plot(int(random.integers(1, 40)), "10", f"证{n}", far=150) for n in range(60)]
    claims = []
    for n in range(200):
        lessor, lessee = (int(x) for x in random.choice(40, 2, replace=False) + 1)
        start = day("2020-06-01") + int(random.integers(0, 700))
        claims.append(
            Claim(
                lessor, lessor, lessee, "", f"证{n % 60}", int(random.integers(1, 500)), 0, start, start + 200
            )
        )
    leases, _ = settle(claims)
    whole = land_of_year(range(1, 41), plots, leases, 2021, MONTHS)
    assert (whole.leased_in.sum() > 0) and abs(int(whole.leased_in.sum() - whole.leased_out.sum())) <= 40
    for firm in (3, 17, 40):
        alone = land_of_year([firm], plots, leases, 2021, MONTHS)
        assert alone.used.tolist() == [whole.used[firm - 1]]
