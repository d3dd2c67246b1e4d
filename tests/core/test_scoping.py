"""Who sees which rows: his assessment region and all below it, by the assessment tree alone."""

import pytest

from core.models import Region, Role, User
from core.scoping import NO_BUSINESS_DATA, may_reach, regions_visible_to
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from tests import factories

CITY, QIDONG, RUDONG, TONGZHOU, SUXITONG = "320600", "320681", "320623", "320612", "3206SX"


@pytest.fixture
def firms(nantong):
    """One firm a region, and one of a town of 启东市."""
    lvsi = Region.objects.create(
        code="320681101",
        name="吕四港镇",
        kind=Region.Kind.TOWNSHIP,
        parent_id=QIDONG,
        path=f"{CITY}/{QIDONG}/320681101/",
    )
    for where in (QIDONG, RUDONG, TONGZHOU, SUXITONG, lvsi):
        firm = factories.enterprise(region=where)
        factories.monthly_figure(firm, "2022-05", "1")


def seen_by(user, model=Enterprise):
    return set(model.objects.visible_to(user).values_list("region_id", flat=True))


@pytest.mark.parametrize("model", [Enterprise, MonthlyFigure])
@pytest.mark.parametrize(
    ("role", "region", "seen"),
    [
        (Role.BUREAU_STAFF, CITY, {QIDONG, RUDONG, TONGZHOU, SUXITONG, "320681101"}),
        (Role.FINANCE, CITY, {QIDONG, RUDONG, TONGZHOU, SUXITONG, "320681101"}),
        (Role.DISTRICT_OFFICER, QIDONG, {QIDONG, "320681101"}),
        (Role.DISTRICT_LEADER, RUDONG, {RUDONG}),
        (Role.TOWNSHIP_OFFICER, "320681101", {"320681101"}),
        # 苏锡通 lies within 通州 on the map, and beside it in the assessment
        (Role.DISTRICT_OFFICER, TONGZHOU, {TONGZHOU}),
        (Role.DISTRICT_OFFICER, None, set()),
        (Role.SYSTEM, None, {QIDONG, RUDONG, TONGZHOU, SUXITONG, "320681101"}),
    ],
)
def test_a_user_sees_his_region_and_all_below(firms, model, role, region, seen):
    assert seen_by(factories.user(role, region), model) == seen


@pytest.mark.parametrize("role", sorted(NO_BUSINESS_DATA))
def test_administrators_see_no_business_data_even_with_a_region(firms, role):
    user = factories.user(role, CITY)
    assert seen_by(user) == seen_by(user, MonthlyFigure) == set()
    assert not regions_visible_to(user).exists()


def test_a_disabled_account_sees_nothing(firms):
    user = factories.user(Role.BUREAU_STAFF, CITY, is_active=False)
    assert seen_by(user) == set()
    assert not may_reach(user, factories.region(QIDONG))


def test_a_region_whose_code_begins_alike_is_another_region(firms):
    other = Region.objects.create(
        code="32068", name="另一地区", kind=Region.Kind.COUNTY, parent_id=CITY, path=f"{CITY}/32068/"
    )
    assert seen_by(factories.user(region=other)) == set()


def test_a_narrowed_user_sees_the_narrower_region_for_one_request_only(firms):
    user = factories.user(Role.API_CLIENT, CITY)
    user.narrow_to(f"{CITY}/{RUDONG}/")
    assert seen_by(user) == {RUDONG}
    assert [r.code for r in regions_visible_to(user)] == [RUDONG]
    assert len(seen_by(User.objects.get(pk=user.pk))) == 5


def test_regions_are_listed_in_the_official_order(firms):
    codes = [region.code for region in regions_visible_to(factories.user(Role.BUREAU_STAFF, CITY))]
    assert [code for code in codes if code != "320681101"] == [code for code, *_ in factories.NANTONG]


@pytest.mark.parametrize(
    ("mine", "other", "reached"),
    [(QIDONG, QIDONG, True), (CITY, QIDONG, True), (QIDONG, CITY, False), (QIDONG, RUDONG, False)],
)
def test_one_may_write_where_one_may_read(nantong, mine, other, reached):
    assert may_reach(factories.user(region=mine), factories.region(other)) is reached


def test_a_department_sees_the_lists_it_bears_the_duty_for(nantong):
    tax = factories.batch("tax_list", CITY, department="tax")
    listed = factories.batch("listed", CITY, department="statistics")
    monthly = factories.batch("monthly", QIDONG, department="industry")
    officer = factories.user(Role.DEPARTMENT_OFFICER, CITY, department="tax")
    assert set(Batch.objects.visible_to(officer)) == {tax}
    staff = factories.user(Role.BUREAU_STAFF, CITY)
    assert set(Batch.objects.visible_to(staff)) == {tax, listed, monthly}
    district = factories.user(region=QIDONG)
    assert set(Batch.objects.visible_to(district)) == {monthly}
