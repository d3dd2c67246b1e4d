"""Ledgers and honours as facts of a year, in a fixed number of queries."""

from datetime import date

import pytest

from core.conditions import FactKey, Kind
from core.facts import load_frame
from enterprises.models import Honour, Lease, Parcel
from tests import factories

pytestmark = pytest.mark.django_db
Y2021 = (Kind.YEAR, 2021)


def columns(firms, *names):
    frame = load_frame([FactKey(name, *Y2021) for name in names], enterprises=[firm.pk for firm in firms])
    return [
        [value if known else None for value, known in zip(column.values.tolist(), column.known, strict=True)]
        for column in (frame.columns[f"{name}[2021]"] for name in names)
    ]


def parcel(firm, mu, certificate="苏2021启东0001", **fields):
    batch = factories.batch("parcels")
    return Parcel.objects.create(
        enterprise=firm, certificate=certificate, area_mu=mu, region=firm.region, batch=batch, **fields
    )


def lease(firm, direction, party_key, **fields):
    fields = {"since": date(2021, 1, 1), "party": "firm", "certificate": "苏2021启东0001", **fields}
    return Lease.objects.create(
        enterprise=firm, direction=direction, party_key=party_key, region=firm.region,
        batch=factories.batch("leases"), **fields,
    )  # fmt: skip


def test_land_of_both_parties_to_a_lease_and_of_nobody_else(nantong, django_assert_max_num_queries):
    landlord, tenant, other = (factories.enterprise() for _ in range(3))
    parcel(landlord, 3000, actual_mu=3100, far=200)
    lease(landlord, "out", tenant.uscc, area_mu=1000)
    lease(tenant, "in", landlord.uscc, area_mu=1000)
    lease(tenant, "in", landlord.uscc, floor_sqm=133400, since=date(2021, 7, 1))
    names = ["parcel_land_own", "parcel_land_own_actual", "parcel_land_leased_in", "parcel_land_leased_out",
             "parcel_floor_leased_in", "parcel_ground_leased_in", "parcel_ground_leased_in_by_months"]  # fmt: skip
    with django_assert_max_num_queries(4):
        found = columns([landlord, tenant, other], *names)
    # the tenant states land and floor of one certificate, the landlord the land alone: they differ
    assert found[0] == [3000, 0, None]
    assert found[2] == [None, None, None]
    Lease.objects.filter(enterprise=landlord).delete()
    assert columns([landlord, tenant, other], *names) == [
        [3000, 0, None],
        [3100, 0, None],
        [0, 1000, None],
        [1000, 0, None],
        [0, 133400, None],
        [0, 66700, None],
        [0, 33350, None],
    ]


def test_honours_are_held_by_day_and_unknown_before_any_list(nantong):
    firm, other = factories.enterprise(), factories.enterprise()
    assert columns([firm], "honours") == [[None]]
    for title, granted, until in (
        ("高新技术企业", date(2018, 11, 30), date(2021, 11, 29)),
        ("专精特新中小企业", date(2021, 9, 1), None),
    ):
        Honour.objects.create(
            enterprise=firm, title=title, granted_on=granted, valid_until=until, region=firm.region,
            batch=factories.batch("honours"),
        )  # fmt: skip
    frame = load_frame(
        [
            FactKey("honours", *Y2021),
            FactKey("honours_granted", Kind.YEAR, 2018),
            FactKey("first_honour_year"),
        ],
        enterprises=[firm.pk, other.pk],
    )
    held, granted = frame.columns["honours[2021]"], frame.columns["honours_granted[2018]"]
    assert (held.words, held.values.tolist(), held.known.tolist()) == (
        ("专精特新中小企业",), [[True], [False]], [True, True]
    )  # fmt: skip
    assert granted.words == ("高新技术企业",)
    first = frame.columns["first_honour_year"]
    assert (first.values.tolist(), first.known.tolist()) == ([2018, 0], [True, False])
