"""From each count of the preview to its rows: new, changed, the same, in conflict, unknown, left out."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from intake.models import Batch
from intake.services.batches import commit_batch, undo_batch
from intake.services.row_kinds import KINDS, rows_of_kind
from tests.factories import user
from tests.intake.monthly_rows import code, row
from tests.intake.uploads import checked, committed, five_faults, good_rows, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


@pytest.fixture
def page(client, officer):
    client.force_login(officer)
    return client


def rows_page(client, batch: Batch, **asked: str):
    return client.get(reverse("intake:batch_rows", args=[batch.pk]), asked)


def shown_rows(response) -> list[int]:
    return [line.row for line in response.context["rows"].lines]


@pytest.fixture
def mixed(officer) -> Batch:
    """Against two known firms: row 2 changed, row 3 the same, row 4 new, rows 5 and 6 contradict each other, 7 is faulty."""
    committed(officer, workbook(row(1, c5=100), row(2)))
    return checked(
        officer, workbook(row(1, c5=120, c6=3), row(2), row(3), row(4), row(4, c5=77), row(5, c5="无"))
    )


def test_every_count_leads_to_just_its_rows(page, mixed):
    wanted = {
        "new": [4],
        "changed": [2],
        "same": [3],
        "conflict": [5, 6],
        "unknown": [4],
        "blocked": [5, 6, 7],
    }
    assert set(wanted) == set(KINDS)
    batch_page = page.get(reverse("intake:batch", args=[mixed.pk])).content.decode()
    for kind, rows in wanted.items():
        response = rows_page(page, mixed, kind=kind)
        assert shown_rows(response) == rows, kind
        assert mixed.counts[kind] == len(rows), kind
        assert f"rows/?kind={kind}" in batch_page, kind


def test_changed_rows_show_old_and_new_before_the_commit_and_ever_after(page, officer, mixed):
    def told() -> list[tuple[str, str, str]]:
        (line,) = rows_page(page, mixed, kind="changed").context["rows"].lines
        return [(change.heading, change.old, change.new) for change in line.changes]

    before = told()
    assert before == [("营业收入(万元)", "100.00", "120.00"), ("实缴税金(万元)", "20.25", "3.00")]
    done = commit_batch(batch=mixed, actor=officer, good_rows_only=True)
    assert told() == before
    undo_batch(batch=done, actor=officer)
    assert told() == before


def test_rows_left_out_stand_there_as_written_with_what_is_wrong(page, mixed):
    line = rows_page(page, mixed, kind="blocked").context["rows"].lines[-1]
    assert ("无", False) in line.cells
    assert [issue.cell for issue in line.issues] == ["F7"]


def test_rows_are_found_by_name_or_code_and_come_page_by_page(page, officer):
    batch = checked(officer, workbook(*good_rows(60)))
    assert len(shown_rows(rows_page(page, batch))) == 20
    assert shown_rows(rows_page(page, batch, page="3", page_size="20")) == list(range(42, 62))
    assert shown_rows(rows_page(page, batch, q="第7号")) == [8]
    assert shown_rows(rows_page(page, batch, q=code(9).lower())) == [10]
    assert "没有符合条件的行" in rows_page(page, batch, q="海门").content.decode()


def test_a_page_of_rows_costs_the_same_queries_for_ten_rows_as_for_fifty(page, officer):
    costs = []
    for count in (10, 50):
        committed(officer, workbook(*good_rows(count)))
        batch = checked(officer, workbook(*(row(n, c5=700 + n) for n in range(1, count + 1))))
        with CaptureQueriesContext(connection) as queries:
            response = rows_page(page, batch, kind="changed", page_size="50")
        assert len(shown_rows(response)) == count
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 14


def test_an_address_that_makes_no_sense_shows_the_first_kind(page, mixed):
    for asked in ({"kind": "²"}, {"page": "99"}, {"page": "x", "page_size": "7"}):
        assert rows_page(page, mixed, **asked).status_code == 200


def test_a_firm_in_two_waiting_files_is_a_conflict_told_at_its_row(officer):
    first = checked(user(full_name="周明"), workbook(row(1, c5=100), row(2)))
    second = checked(officer, workbook(row(1, c5=120), row(2), row(3)))
    (issue,) = second.issues.filter(code="FIRM_TWO_FILES")
    assert (issue.row, issue.cls) == (2, "D")
    assert issue.reason == f"待提交的批次 {first}（启东市 周明 上传）也报了这一家，内容不同"
    assert second.counts["conflict"] == 1
    assert not first.issues.filter(code="FIRM_TWO_FILES").exists()
    mended = checked(officer, workbook(row(1, c5=100), row(2), row(3)))
    (told,) = mended.issues.exclude(code="FIRM_UNKNOWN")
    assert (told.row, told.code) == (
        None,
        "OWN_EARLIER",
    ) and f"先前上传的批次 {second} 还没有提交" in told.reason
    assert mended.counts["conflict"] == 0, "nobody contradicts himself"


def test_the_other_file_of_a_bureau_is_not_named_to_a_district(officer):
    checked(user("bureau_staff", "320600", full_name="市局王三"), workbook(row(1, c5=100)), code="320600")
    batch = checked(officer, workbook(row(1, c5=120)))
    issue = batch.issues.get(code="FIRM_TWO_FILES")
    assert issue.message.endswith("该企业已由其他地区填报；请与市局联系。")


def test_issues_are_narrowed_by_class_kind_sheet_and_column(page, officer):
    batch = checked(officer, five_faults())

    def cells(**asked: str) -> set[str]:
        response = page.get(reverse("intake:batch", args=[batch.pk]), asked)
        return {issue.cell for issue in response.context["issues"].page.object_list if issue.cls != "D"}

    assert cells() == {"B2", "D3", "F4", "F5", "G6"}
    assert cells(cls="B") == {"G6"}
    assert cells(column="营业收入(万元)") == {"F4", "F5"}
    assert cells(column="营业收入(万元)", code="PLACEHOLDER") == {"F4"}
    assert cells(sheet="3月", cls="A") == {"B2", "D3", "F4", "F5"}
    assert cells(cls="Z", code="<x>") == {"B2", "D3", "F4", "F5", "G6"}


def test_kinds_are_those_of_the_last_check(mixed):
    assert rows_of_kind(mixed, "new") == [4]
    assert rows_of_kind(Batch(pk=10**9), "new") == []
