"""Identity numbers in wrong cells are told of and never repeated: not in messages, rows kept, or the annotated copy."""

from __future__ import annotations

import io

import openpyxl
import pytest

from intake.models import Issue, StagedRow
from intake.rules.faults import ANNOTATION_HEADING, shown
from intake.rules.personal import without_identity
from intake.services.copies import annotated_copy
from intake.services.posts import batch_told
from intake.services.progress import Batch
from tests.factories import user
from tests.intake.monthly_rows import row
from tests.intake.uploads import checked, workbook

NUMBER, FORMER = "32068119900101123X", "320681900101123"


@pytest.mark.parametrize(
    "text",
    [
        NUMBER, NUMBER.lower(), FORMER, "３２０６８１１９９００１０１１２３Ｘ", "320681 19900101 123X", "320681-19900101-123X",
        f"王五{NUMBER}", f"身份证号：{NUMBER}。", f"{NUMBER}、{FORMER}", "320681199001011200", "3.20681199001011E+17",
    ],
)  # fmt: skip
def test_an_identity_number_is_cut_short_however_it_is_typed(text):
    told = shown(text)
    assert "19900101" not in told and "900101" not in told and "１９９００１０１" not in told
    assert "*" in told and ("320681" in told or "3.20681" in told)


@pytest.mark.parametrize(
    "text",
    ["91320681MA00000012", "320681000012345", "913206810123456789", "123,456,789.00", "13800138000", "2026-03", "1234567890123456789012"],
)  # fmt: skip
def test_what_is_no_identity_number_stays_as_it_was_written(text):
    assert without_identity(text) == text == shown(text)


def test_a_number_at_the_cut_of_a_long_text_is_not_left_half():
    assert "1990" not in shown("启东" * 25 + NUMBER)


@pytest.mark.django_db
def test_no_message_row_or_copy_repeats_the_number(nantong):
    officer = user()
    rows = [row(1, c1=NUMBER), row(2, c2=NUMBER), row(3, c5=NUMBER), row(4, c3=f"启东{NUMBER}"), row(5)]
    batch = checked(officer, workbook(*rows))
    assert {issue.row for issue in batch.issues.filter(cls="A")} == {2, 3, 4, 5}
    batch = Batch.objects.with_shown_state().get(pk=batch.pk)
    told = str([Issue.objects.values(), StagedRow.objects.values(), batch_told(batch=batch, user=officer)])
    assert "1990" not in told and "320681************" in told
    page = openpyxl.load_workbook(io.BytesIO(annotated_copy(batch))).worksheets[0]
    headings = [cell.value for cell in page[1]]
    column = headings.index(ANNOTATION_HEADING)
    written = [str(line[column].value or "") for line in page.iter_rows(min_row=2)]
    assert "320681************" in written[0] and not any("1990" in text for text in written)
