"""From the annotated copy back to the door: as it came it says the same again; with its red cells mended it is clean.

Here some kinds of files; ``make corpus`` tries every file of the corpus.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.intake.monthly_rows import HEADINGS, row
from tests.intake.officer import annotated, look, mend, repeated_rows
from tests.intake.test_corpus import QIDONG, file_names, written_to
from tests.intake.test_unseen_files import lines_of

#: Files that their sender mends elsewhere: another column, another sheet. In all others the red cells are enough.
NOT_BY_CELLS = frozenset(
    {
        "b01_empty_sheet.xlsx", "b02_header_only.xlsx", "b13_two_data_sheets.xlsx", "b14_duplicate_header.xlsx",
        "b16_missing_column.xlsx",
    }
)  # fmt: skip
SOME = ("b09_hidden_rows.xlsx", "b21_total_wrong.xlsx", "b24_formula_no_cache.xlsx", "c12_bad_dates.xlsx",
        "d04_duplicate_by_format.xlsx")  # fmt: skip


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> tuple[Path, dict[str, dict]]:
    return written_to(tmp_path_factory.mktemp("mended"), "--small")


def check_loop(path: Path, entry: dict) -> bool:
    """Whether the file can be read at all; if so, that its annotated copy goes round."""
    before = look(path, entry["upload_name"], QIDONG)
    if before.frame is None:
        return False
    copy = annotated(path, before, entry["upload_name"])
    if before.frame.rows:
        # else a copy that is sent back untouched would carry a wrong row in
        untouched = look(copy, copy.name, QIDONG)
        assert untouched.told == before.told
        assert untouched.stored == before.stored
    if entry["file"] in NOT_BY_CELLS:
        return False
    mended = mend(copy, before, QIDONG)
    after = look(copy, copy.name, QIDONG)
    assert after.told == [], f"{after.told} after {mended} cells"
    repeated, _ = repeated_rows(before.frame)
    assert len(after.stored) == len(before.frame.rows) - len(repeated)
    return True


@pytest.mark.parametrize("name", SOME)
def test_the_annotated_copy_goes_round(corpus, name):
    folder, manifest = corpus
    assert check_loop(folder / name, manifest[name])


def test_the_copy_of_a_csv_with_a_comma_too_many_still_knows_that_it_was_one(tmp_path):
    """1,001.50 in a csv fills two columns: what follows has moved, in the copy as well."""
    path = tmp_path / "月报.csv"
    path.write_bytes(lines_of(HEADINGS[:7], row(1, c5="1,001.50")[:7], row(2)[:7]).encode())
    before = look(path, path.name, QIDONG)
    copy = annotated(path, before, path.name)
    after = look(copy, copy.name, QIDONG)
    assert before.told == after.told == [(2, "CSV_WIDTH")]
    assert before.stored == after.stored


def test_the_list_of_files_that_cells_cannot_mend_names_files_of_the_corpus():
    assert set(file_names()) >= NOT_BY_CELLS | set(SOME)
