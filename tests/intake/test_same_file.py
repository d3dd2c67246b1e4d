"""The same file once more, and a commit right after its check: nothing is looked at twice while nothing has changed."""

from __future__ import annotations

import pytest

from enterprises.models import MonthlyFigure
from intake.models import Batch
from intake.services import checking, imports
from intake.services.batches import import_file
from intake.services.periods import read_period
from intake.services.records import read_records
from intake.services.sheet_types import sheet_type
from intake.services.uploads import media_path
from tests.factories import enterprise, region, user
from tests.intake.monthly_rows import code, row
from tests.intake.uploads import SENT_ON, committed, good_rows, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


def send(officer, content: bytes, path, **more) -> Batch:
    """The way of a command or a program: checked and committed in one go."""
    file = path / "月报.xlsx"
    file.write_bytes(content)
    sheet = sheet_type("monthly")
    return import_file(
        actor=officer,
        sheet=sheet,
        region=region("320681"),
        period=read_period(sheet, "2026-03"),
        as_of=more.get("as_of", SENT_ON),
        path=file,
    )


@pytest.fixture
def unread(monkeypatch):
    """From here on a file that is read is a failure."""

    def refuse() -> None:
        def read(*arguments: object) -> None:
            raise AssertionError("the file was read again")

        monkeypatch.setattr(checking, "read_workbook", read)

    return refuse


def figures() -> list[tuple[object, ...]]:
    return sorted(MonthlyFigure.objects.values_list("enterprise__uscc", "revenue_wan", "batch_id"))


def test_the_same_file_once_more_is_not_read_again_and_every_row_stands(officer, tmp_path, unread):
    content = workbook(*good_rows())
    first = send(officer, content, tmp_path)
    stood = figures()
    unread()
    again = send(officer, content, tmp_path)
    assert (again.state, again.outcome) == (Batch.State.COMMITTED, Batch.Outcome.ACCEPTED)
    assert {name: again.counts[name] for name in ("rows", "good", "new", "changed", "same", "unknown")} == {
        "rows": 3, "good": 3, "new": 0, "changed": 0, "same": 3, "unknown": 0,
    }  # fmt: skip
    assert figures() == stood
    assert f"批次 {first}" in again.issues.get(code="SAME_FILE").reason
    assert read_records(media_path(again.rows_path), again.rows_digest).rows == [2, 3, 4]


def test_hints_of_the_first_time_are_told_again(officer, tmp_path, unread):
    enterprise(uscc=code(1), name="登记名称有限公司", region="320681")
    content = workbook(row(1))
    first = send(officer, content, tmp_path)
    unread()
    again = send(officer, content, tmp_path)
    told = [(issue.code, issue.row, issue.subject) for issue in first.issues.order_by("code")]
    assert "NAME_DIFFERS" in {code for code, _, _ in told}
    hints = again.issues.exclude(code="SAME_FILE").order_by("code")
    assert [(issue.code, issue.row, issue.subject) for issue in hints] == told


def test_after_any_change_in_the_house_the_same_file_is_compared_anew(officer, tmp_path):
    content = workbook(*good_rows())
    send(officer, content, tmp_path)
    committed(officer, workbook(row(2, c5=999)))
    again = send(officer, content, tmp_path)
    assert (again.counts["changed"], again.counts["same"]) == (1, 2)


def test_on_another_day_the_same_file_is_judged_anew(officer, tmp_path, monkeypatch):
    content = workbook(*good_rows())
    send(officer, content, tmp_path)
    read, seen = checking.read_workbook, []
    monkeypatch.setattr(checking, "read_workbook", lambda *given: seen.append(given) or read(*given))
    again = send(officer, content, tmp_path, as_of=SENT_ON.replace(day=SENT_ON.day + 1))
    assert again.counts["same"] == 3 and len(seen) == 1


def test_a_damaged_copy_of_the_rows_is_no_ground_to_skip_the_reading(officer, tmp_path):
    content = workbook(*good_rows())
    first = send(officer, content, tmp_path)
    media_path(first.rows_path).write_bytes(b"")
    assert send(officer, content, tmp_path).counts["same"] == 3


def test_a_commit_right_after_its_check_compares_once(officer, tmp_path, monkeypatch):
    sheet = type(sheet_type("monthly"))
    compare, seen = sheet._compare, []
    monkeypatch.setattr(sheet, "_compare", lambda *given: seen.append(given) or compare(*given))
    for n in (1, 2, 3):
        enterprise(uscc=code(n), name=row(n)[1], region="320681")
    assert send(officer, workbook(*good_rows()), tmp_path).counts["new"] == 3
    assert len(seen) == 1


def test_what_another_stores_between_check_and_commit_is_not_overwritten(officer, tmp_path, monkeypatch):
    for n in (1, 2, 3):
        enterprise(uscc=code(n), name=row(n)[1], region="320681")
    check = imports.check_for_commit

    def interrupted(**given):
        found = check(**given)
        committed(officer, workbook(row(2, c5=999)))
        return found

    monkeypatch.setattr(imports, "check_for_commit", interrupted)
    batch = send(officer, workbook(*good_rows()), tmp_path)
    assert batch.outcome == Batch.Outcome.REJECTED
    assert [figure[:2] for figure in figures()] == [(code(2), 99900)]
