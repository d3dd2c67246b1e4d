"""Template → fill in → import → template again → import: the same, 0 changes."""

from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from core.periods import Month
from enterprises.models import MonthlyFigure
from intake.models import Batch
from intake.services.batches import check_batch, commit_batch, receive_upload
from intake.services.sheet_types import sheet_type, sheet_types
from intake.services.templates import make_template
from tests.factories import enterprise, monthly_figure, region, user
from tests.intake.monthly_rows import code

pytestmark = pytest.mark.django_db
MARCH = Month(2026, 3)


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


@pytest.fixture
def firms(officer):
    found = [enterprise(f"启东第{n}号机械有限公司", uscc=code(n)) for n in (1, 2, 3)]
    for n, firm in enumerate(found):
        monthly_figure(firm, "2026-02", f"{980 + n}.25", "20.10")
    return found


def template(officer, sheet: str, period) -> bytes:
    return make_template(user=officer, sheet=sheet_type(sheet), region=region(), period=period)


def sent(officer, sheet: str, period: str, content: bytes) -> Batch:
    batch = receive_upload(
        actor=officer, sheet=sheet, region=region(), period=period, as_of=date(2026, 4, 8),
        upload_name="模板.xlsx", content=content,
    )  # fmt: skip
    return check_batch(batch=batch, actor=officer)


def filled(content: bytes, cells: dict[str, object]) -> bytes:
    book = load_workbook(io.BytesIO(content))
    for place, value in cells.items():
        book.worksheets[0][place] = value
    saved = io.BytesIO()
    book.save(saved)
    return saved.getvalue()


def headings(content: bytes) -> dict[str, str]:
    """Heading → column letter."""
    first = load_workbook(io.BytesIO(content)).worksheets[0][1]
    return {str(cell.value).rstrip("*"): cell.column_letter for cell in first}


def test_a_month_goes_round_without_a_change(officer, firms):
    blank = template(officer, "monthly", MARCH)
    at = headings(blank)
    cells: dict[str, object] = {}
    for row in (2, 3, 4):
        cells |= {
            f"{at['营业收入(万元)']}{row}": 1000.55 + row, f"{at['实缴税金(万元)']}{row}": 20.25,
            f"{at['从业人员(人)']}{row}": 40 + row, f"{at['入库日期']}{row}": date(2024, 5, 17),
        }  # fmt: skip
    first = sent(officer, "monthly", "2026-03", filled(blank, cells))
    assert [issue.message for issue in first.issues.all()] == []
    commit_batch(batch=first, actor=officer)
    assert MonthlyFigure.objects.filter(month=MARCH).count() == 3
    again = sent(officer, "monthly", "2026-03", template(officer, "monthly", MARCH))
    assert (again.counts["same"], again.counts["changed"], again.counts["new"]) == (3, 0, 0)
    assert [issue.message for issue in again.issues.all()] == []


def test_last_month_stands_beside_this_month_and_is_not_read(officer, firms):
    blank = template(officer, "monthly", MARCH)
    at = headings(blank)
    page = load_workbook(io.BytesIO(blank)).worksheets[0]
    shown = {page[f"B{row}"].value: page[f"{at['上月营业收入(万元)']}{row}"].value for row in (2, 3, 4)}
    assert sorted(shown.values()) == [980.25, 981.25, 982.25]
    assert page[f"{at['营业收入(万元)']}2"].value is None
    batch = sent(officer, "monthly", "2026-03", blank)
    assert {issue.code for issue in batch.issues.all()} == {"EMPTY"}


def test_the_registry_goes_round_without_a_change(officer, firms):
    again = sent(officer, "registry", "", template(officer, "registry", None))
    assert (again.counts["same"], again.counts["changed"], again.counts["new"]) == (3, 0, 0)


def test_every_sheet_has_a_template_with_an_example_of_each_column_that_is_no_data(officer, firms):
    for sheet in sheet_types():
        period = {"month": MARCH, "year": 2025}.get(sheet.period_kind)
        content = make_template(user=officer, sheet=sheet, region=region(), period=period)
        book = load_workbook(io.BytesIO(content))
        notes = book["填表说明"]
        assert [row[0].value for row in notes.iter_rows(min_row=2)] == [
            column.heading for column in sheet.spec_for(region()).columns
        ]
        codes = [c for c in book.worksheets[0][1] if str(c.value).startswith("统一社会信用代码")]
        assert all(book.worksheets[0].column_dimensions[c.column_letter].width for c in codes)


def test_a_template_with_the_notes_sheet_is_read_without_a_word_about_it(officer, firms):
    batch = sent(officer, "monthly", "2026-03", template(officer, "monthly", MARCH))
    assert not batch.issues.filter(
        code__in=["SHEET_OTHER", "SHEETS", "COLUMN_UNKNOWN", "SHEET_HIDDEN"]
    ).exists()
