"""What "equal tables" means."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core import digest
from core.audit import record
from core.digest import BUSINESS_TABLES, OTHER_TABLES, business_digest, table_digests
from core.models import User
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from tests import factories
from tests.test_foreign_keys import our_models


def test_every_table_of_the_house_is_business_or_named_as_none():
    tables = {model._meta.db_table: model for model in our_models()}
    assert set(BUSINESS_TABLES) | OTHER_TABLES == set(tables)
    assert not set(BUSINESS_TABLES) & OTHER_TABLES
    for table, left_out in BUSINESS_TABLES.items():
        columns = {field.column for field in tables[table]._meta.concrete_fields}
        assert left_out <= columns, f"{table}: no such column"


def test_no_table_tells_moments_of_the_clock():
    """A moment that counted would make the same work differ whenever it is done again."""
    for model in our_models():
        table = model._meta.db_table
        if table in BUSINESS_TABLES:
            moments = {
                field.column
                for field in model._meta.concrete_fields
                if field.get_internal_type() == "DateTimeField"
            }
            assert moments <= BUSINESS_TABLES[table], table


@pytest.fixture
def firm(nantong):
    firm = factories.enterprise("启东试验机械有限公司", uscc=factories.uscc(1))
    factories.monthly_figure(firm, "2022-06", "120.50", "1.20")
    return firm


def test_a_changed_hundredth_changes_its_table_alone(firm):
    before, whole = table_digests(), business_digest()
    MonthlyFigure.objects.update(revenue_wan=12051)
    after = table_digests()
    assert {table for table in after if after[table] != before[table]} == {"monthly_figure"}
    assert business_digest() != whole


def test_moments_and_numbers_of_rows_change_nothing(firm):
    before = table_digests()
    Enterprise.objects.update(updated_at=datetime(2030, 1, 1, tzinfo=UTC))
    Batch.objects.update(stored_path="elsewhere.xlsx", sent_at=datetime(2030, 1, 1, tzinfo=UTC))
    event = factories.scale_event(firm, month="2022-03")
    once = table_digests()
    assert once != before
    event.pk = None
    type(event).objects.all().delete()
    event.save()  # under a number of its own
    assert table_digests() == once


def test_a_row_that_hangs_on_a_changed_row_is_changed_too(firm):
    before = table_digests()
    Enterprise.objects.update(uscc=factories.uscc(2))
    after = table_digests()
    changed = {table for table in after if after[table] != before[table]}
    assert changed == {"enterprise", "enterprise_region_spell", "monthly_figure"}


def test_a_row_written_twice_is_told_from_a_row_written_once(firm):
    before = table_digests()
    for _ in range(2):
        record(actor=User.objects.system(), act="close_month")
    twice = table_digests()["core_audit_entry"]
    assert before["core_audit_entry"].startswith("0 rows") and twice.startswith("2 rows")


def test_what_has_no_place_in_a_digest_is_refused(db):
    with pytest.raises(TypeError, match="no place"):
        digest._plain(object())
