"""Whole columns into tables and out of them: the same rows on every database, the same as the ORM writes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from core import bulk
from core.amounts import AmountOutOfRange
from core.bulk import merge_columns, read_blocks, read_columns, write_columns
from core.conditions import Column
from core.models import PolicyEdition, User
from core.periods import Month
from cultivation.models import PoolScreening, ScreenedFirms
from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure
from tests import factories

pytestmark = pytest.mark.django_db
NOW = datetime(2022, 7, 8, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch):
    """So that seven rows are several blocks."""
    monkeypatch.setattr(bulk, "_BLOCK", 3)
    monkeypatch.setattr(bulk, "_READ_BLOCK", 3)


def firms(**columns) -> dict:
    """Seven firms of 启东 and 海门."""
    names = [f"启东试验{number}号（集团）机械有限公司" for number in range(7)]
    return {
        "uscc": [factories.uscc(number) for number in range(7)],
        "name": names,
        "name_key": names,
        "region_id": Column(np.arange(7) % 2, np.ones(7, bool), ("320681", "320614")),
        "created_at": NOW,
        "updated_at": [NOW] * 7,
        **columns,
    }


def test_every_kind_of_column_arrives_as_the_orm_reads_it(nantong):
    days = np.array([17167, 0, -1, 18992, 0, 0, 5])
    write_columns(
        Enterprise,
        firms(
            started_on=Column(days, np.array([1, 0, 1, 1, 0, 0, 1], bool)),
            founded_on=[date(1999, 12, 31), None, None, date(2000, 1, 1), None, None, None],
            above_scale=np.array([True, False] * 3 + [True]),
            registered_capital_wan=Column(np.arange(7) * 10**11, np.arange(7) > 0),
        ),
    )
    rows = list(Enterprise.objects.order_by("uscc"))
    assert [firm.name for firm in rows] == firms()["name"]
    assert [firm.region_id for firm in rows] == ["320681", "320614"] * 3 + ["320681"]
    assert [firm.started_on for firm in rows[:4]] == [
        date(2017, 1, 1),
        None,
        date(1969, 12, 31),
        date(2021, 12, 31),
    ]
    assert [firm.founded_on for firm in rows[:4]] == [date(1999, 12, 31), None, None, date(2000, 1, 1)]
    assert [firm.above_scale for firm in rows] == [True, False, True, False, True, False, True]
    assert [firm.registered_capital_wan for firm in rows] == [None, *(n * 10**11 for n in range(1, 7))]
    assert {(firm.created_at, firm.updated_at) for firm in rows} == {(NOW, NOW)}
    # what nobody named is what the model says
    assert {(firm.township, firm.batch_id, firm.verification) for firm in rows} == {("", None, "pending")}
    assert len({firm.pk for firm in rows}) == 7


def test_months_and_amounts_are_kept_as_their_fields_keep_them(nantong):
    firm, batch = factories.enterprise(), factories.batch()
    months = [Month(2022, 1), Month(2022, 2), Month(2022, 3)]
    columns = {"enterprise_id": firm.pk, "month": months, "region_id": "320681", "batch_id": batch.pk}
    write_columns(
        MonthlyFigure, columns | {"revenue_wan": [1_00, -2_50, 0], "tax_paid_wan": 5, "staff": [1, None, 0]}
    )
    rows = MonthlyFigure.objects.order_by("month")
    assert [(row.month, row.revenue_wan, row.staff) for row in rows] == [
        (months[0], 1_00, 1), (months[1], -2_50, None), (months[2], 0, 0)
    ]  # fmt: skip


def test_documents_and_bytes(nantong):
    system = User.objects.system()
    policy = PolicyEdition.objects.create(
        name="x", number=1, title="x", locality_id="320600", sha256="0" * 64, text="x", loaded_by=system
    )
    of = {"programme": "x", "pool": "scale_up", "year": 2022, "region_id": "320600", "edition_id": policy.pk}
    by = {"inputs_digest": "", "screened_by_id": system.pk, "screened_at": NOW}
    write_columns(PoolScreening, of | by | {"changes": [{"县": 1}, b'{"a":[null,2.5]}']})
    made = list(PoolScreening.objects.order_by("pk"))
    assert [screening.changes for screening in made] == [{"县": 1}, {"a": [None, 2.5]}]
    # bytes that end in zeros are kept to the last
    tables = np.array([[1, 0], [2, 3]], "<i8")
    write_columns(
        ScreenedFirms, {"screening_id": [row.pk for row in made], "regions": [[], []], "tables": tables}
    )
    kept = ScreenedFirms.objects.order_by("pk").values_list("tables", flat=True)
    assert [bytes(row) for row in kept] == [row.tobytes() for row in tables]


def test_it_is_one_statement_and_no_row_is_read(nantong, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):  # COPY is none; elsewhere one statement a block
        write_columns(Enterprise, firms())


def test_nothing_stays_of_rows_that_break_a_rule(nantong):
    wrong = firms(uscc=[factories.uscc(1)] * 7)
    with pytest.raises(IntegrityError), transaction.atomic():
        write_columns(Enterprise, wrong)
    assert not Enterprise.objects.exists()


def test_columns_that_do_not_fit_are_refused_before_anything_is_written(nantong):
    with pytest.raises(ValueError, match=r"\[6, 7\] rows"):
        write_columns(Enterprise, firms(name=["甲"] * 6))
    with pytest.raises(ValueError, match=r"Enterprise\.created_at must be given"):
        write_columns(Enterprise, {"uscc": ["1"], "name": ["甲"], "region_id": "320681"})
    with pytest.raises(AmountOutOfRange):
        write_columns(Enterprise, firms(registered_capital_wan=np.full(7, 10**18)))
    assert not Enterprise.objects.exists()


def test_no_rows_are_no_statement(nantong, django_assert_num_queries):
    with django_assert_num_queries(0):
        write_columns(Enterprise, {name: [] for name in firms()})


def test_rows_that_stand_are_replaced_and_the_others_inserted(nantong):
    firm, other = factories.enterprise(), factories.enterprise()
    factories.monthly_figure(firm, "2022-05", "1", staff=7)
    columns = {
        "enterprise_id": [firm.pk, firm.pk, other.pk],
        "month": [Month(2022, 5), Month(2022, 6), Month(2022, 5)],
        "revenue_wan": [10_00, 20_00, 30_00],
        "tax_paid_wan": 0,
        "staff": [None, 2, None],
        "region_id": "320681",
        "batch_id": factories.batch().pk,
    }
    merge_columns(MonthlyFigure, columns, unique=["enterprise_id", "month"], update=["revenue_wan"])
    rows = MonthlyFigure.objects.order_by("enterprise", "month")
    # only what was asked for is replaced
    assert list(rows.values_list("revenue_wan", "staff")) == [(10_00, 7), (20_00, 2), (30_00, None)]
    merge_columns(MonthlyFigure, columns | {"revenue_wan": 99}, unique=["enterprise_id", "month"])
    merge_columns(MonthlyFigure, columns | {"revenue_wan": 99})
    assert list(rows.values_list("revenue_wan", flat=True)) == [10_00, 20_00, 30_00]


def test_rows_are_found_among_more_values_than_a_statement_has_places(nantong, django_assert_num_queries):
    firms = [factories.enterprise() for _ in range(3)]
    codes = [factories.uscc(number) for number in range(500_000, 502_000)]
    with django_assert_num_queries(1):
        found = Enterprise.objects.filter(uscc__among=[*codes, firms[0].uscc, "x'\\\"]", "启东"])
        assert [firm.pk for firm in found] == [firms[0].pk]
    figure = factories.monthly_figure(firms[1], "2022-05", "1")
    ids = {*range(10**9, 10**9 + 2000), firms[1].pk}
    assert list(MonthlyFigure.objects.filter(enterprise_id__among=ids)) == [figure]
    assert not Enterprise.objects.filter(uscc__among=[]).exists()
    assert not MonthlyFigure.objects.filter(enterprise__uscc__among=()).exists()


def test_columns_are_read_with_what_is_missing_and_in_the_order_of_codes(nantong):
    others = [factories.enterprise(region=code, started_on=day) for code, day in PLACES]
    for place, firm in enumerate(others):
        factories.annual_figure(firm, tax_wan=str(place) if place else None, staff=place)
    rows = AnnualFigure.objects.order_by("-enterprise__uscc")
    read = read_columns(
        rows, "enterprise_id", "enterprise__uscc", "region_id", "tax_wan", "enterprise__started_on"
    )
    assert read.size == 3
    assert read.columns["enterprise_id"].values.tolist() == [firm.pk for firm in reversed(others)]
    in_order = read.by_code("enterprise__uscc")
    assert in_order.codes["enterprise__uscc"].tolist() == [firm.uscc.encode() for firm in others]
    assert in_order.codes["region_id"].tolist() == [b"320681", b"3206SX", b"320681"]
    assert in_order.columns["tax_wan"].values.tolist() == [0, 1_00, 2_00]
    assert in_order.columns["tax_wan"].known.tolist() == [False, True, True]
    started = in_order.columns["enterprise__started_on"]
    assert started.values.tolist() == [17167, 0, -1]
    assert started.known.tolist() == [True, False, True]


PLACES = [("320681", date(2017, 1, 1)), ("3206SX", None), ("320681", date(1969, 12, 31))]


def test_reading_is_one_query_and_nothing_found_is_empty_columns(nantong, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        read = read_columns(Enterprise.objects.filter(name="甲"), "id", "uscc")
    assert (read.size, read.columns["id"].values.tolist(), read.codes["uscc"].tolist()) == (0, [], [])


def test_a_text_that_is_no_code_is_refused_on_every_database(nantong):
    factories.enterprise("启东甲厂")
    with pytest.raises(ValueError):
        read_columns(Enterprise.objects.all(), "name")


def test_blocks_are_the_columns_in_parts(nantong):
    write_columns(Enterprise, firms(started_on=Column(np.arange(7), np.arange(7) % 2 > 0)))
    rows, names = Enterprise.objects.order_by("uscc"), ("uscc", "started_on", "region_id")
    whole, parts = read_columns(rows, *names), []
    read_blocks(rows, parts.append, *names)
    assert [part.size for part in parts if part.size] == [3, 3, 1]
    for name in ("uscc", "region_id"):
        assert np.concatenate([part.codes[name] for part in parts]).tolist() == whole.codes[name].tolist()
    known = np.concatenate([part.columns["started_on"].known for part in parts])
    assert known.tolist() == [False, True] * 3 + [False]
    nobody: list = []
    read_blocks(rows.filter(pk__in=[]), nobody.append, *names)
    assert nobody == []
