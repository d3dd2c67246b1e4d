"""``import_sheet``: one JSON object on standard output, exit 0, 1 or 2, and 64 for a call that makes no sense."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from django.core.management import call_command

from core.management.house_command import UsageFault
from enterprises.models import MonthlyFigure
from intake.models import Batch
from tests.factories import user
from tests.intake.monthly_rows import code, row
from tests.intake.test_corpus import corpus  # noqa: F401 - the generated files
from tests.intake.uploads import five_faults, good_rows, workbook

ROOT = Path(__file__).parents[2]
ISSUE_KEYS = ["sheet", "row", "column", "code", "level", "class", "value", "message"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(nantong, tmp_path):
    return tmp_path / "月报.xlsx"


def run(path: Path | str, *options: str, sheet: str = "monthly", code: str = "320681") -> tuple[int, dict]:
    """(exit code, the answer); whatever else reaches standard output makes the JSON unreadable."""
    out = io.StringIO()
    words = ["import_sheet", sheet, str(path), "--region", code, "--today", "2026-04-08", *options]
    with redirect_stdout(out):
        try:
            call_command(*words, stdout=out)
            exit_code = 0
        except SystemExit as ended:
            exit_code = ended.code
    return exit_code, json.loads(out.getvalue())


def test_a_good_file_is_accepted_and_its_canonical_rows_are_told(path):
    path.write_bytes(workbook(row(1, c5="1,234.505", c4="2026年3月"), row(2, c7=None)))
    exit_code, answer = run(path, "--period", "2026-03", "--json")
    assert exit_code == 0
    assert list(answer) == ["outcome", "issues", "ignored_rows", "rows"]
    assert answer["outcome"] == "accepted"
    assert answer["rows"][0] == {
        "uscc": code(1),
        "name": "启东第1号机械有限公司",
        "region": "启东市",
        "month": "2026-03",
        "revenue_wan": "1234.51",
        "tax_paid_wan": "20.25",
        "listed_on": "2024-05-17",
    }
    assert answer["rows"][1]["listed_on"] is None
    assert MonthlyFigure.objects.count() == 2


def test_any_error_rejects_the_file_unless_good_rows_are_accepted(path):
    path.write_bytes(five_faults())
    exit_code, answer = run(path, "--period", "2026-03")
    assert (exit_code, answer["outcome"], answer["rows"]) == (2, "rejected", [])
    assert {issue["row"] for issue in answer["issues"] if issue["level"] == "error"} == {2, 3, 4, 5, 6}
    assert not MonthlyFigure.objects.exists()
    exit_code, answer = run(path, "--period", "2026-03", "--accept-good-rows")
    assert (exit_code, answer["outcome"]) == (1, "partial")
    assert [record["uscc"] for record in answer["rows"]] == [code(6), code(7)]
    assert MonthlyFigure.objects.count() == 2


def test_each_issue_tells_all_eight_things(path):
    path.write_bytes(five_faults())
    _, answer = run(path, "--period", "2026-03")
    for issue in answer["issues"]:
        assert list(issue) == ISSUE_KEYS
    issue = next(issue for issue in answer["issues"] if (issue["row"], issue["class"]) == (5, "A"))
    assert (issue["sheet"], issue["column"], issue["value"]) == ("3月", "营业收入(万元)", "-12.5")
    assert issue["message"].startswith("第5行“营业收入(万元)”（F5）")


def test_levels_follow_class_and_note(path):
    headings = [
        "统一社会信用代码",
        "企业名称",
        "所属县区",
        "统计月份",
        "营业收入(万元)",
        "实缴税金(万元)",
        "情况说明",
    ]
    rows = [[*row(n, c6=5000)[1:7], note] for n, note in ((1, "补缴去年税款"), (2, None))]
    path.write_bytes(workbook(*rows, headings=headings))
    _, answer = run(path, "--period", "2026-03", "--accept-good-rows")
    levels = {(issue["row"], issue["class"]): issue["level"] for issue in answer["issues"]}
    assert levels[2, "B"] == "warning"
    assert levels[3, "B"] == "error"
    assert levels[2, "D"] == "info"
    assert [record["uscc"] for record in answer["rows"]] == [code(1)]


def test_a_file_without_a_good_row_is_rejected_even_when_good_rows_are_accepted(path):
    path.write_bytes(workbook(row(1, c5="无"), row(2, c3="海门区")))
    exit_code, answer = run(path, "--accept-good-rows")
    assert (exit_code, answer["outcome"], answer["rows"]) == (2, "rejected", [])


def test_a_fault_of_the_file_has_no_row(path):
    path.write_bytes(b"")
    exit_code, answer = run(path, "--accept-good-rows")
    issue = answer["issues"][0]
    assert exit_code == 2
    assert (issue["row"], issue["column"], issue["level"]) == (None, None, "error")
    assert "空" in issue["message"]


def test_a_wrong_total_hides_no_fault_of_a_row(path):
    path.write_bytes(workbook(*good_rows(2), row(3, c5=-1), ["合计", *[None] * 4, 99999]))
    _, answer = run(path, "--accept-good-rows")
    told = {issue["code"]: issue["row"] for issue in answer["issues"] if issue["level"] == "error"}
    assert told == {"TOTAL_MISMATCH": None, "REVENUE_NEGATIVE": 4}
    assert (answer["outcome"], answer["rows"]) == ("rejected", [])


def test_a_file_too_large_to_be_taken_in_is_rejected_in_the_same_form(path, settings):
    settings.UPLOAD_MAX_BYTES = 100
    path.write_bytes(workbook(*good_rows()))
    exit_code, answer = run(path)
    assert (exit_code, answer["outcome"]) == (2, "rejected")
    assert list(answer["issues"][0]) == ISSUE_KEYS
    assert not Batch.objects.exists()


def test_the_same_call_again_changes_nothing(path):
    path.write_bytes(workbook(*good_rows()))
    _, first = run(path, "--period", "2026-03")
    stored = list(MonthlyFigure.objects.order_by("pk").values())
    exit_code, again = run(path, "--period", "2026-03")
    assert (exit_code, again["rows"]) == (0, first["rows"])
    assert list(MonthlyFigure.objects.order_by("pk").values()) == stored
    assert "SAME_FILE" in {issue["code"] for issue in again["issues"]}


def test_a_department_list_uses_the_citys_code_and_names_any_district(path):
    path.write_bytes(workbook(row(1), row(2, c3="海门区"), row(3, c3="崇川")))
    exit_code, answer = run(path, "--period", "2026-03", code="320600")
    assert exit_code == 0
    assert [record["region"] for record in answer["rows"]] == ["启东市", "海门区", "崇川区"]


def test_a_month_that_has_not_begun_is_not_open(path):
    path.write_bytes(workbook(row(1, c4="2026-05")))
    assert run(path)[0] == 2
    path.write_bytes(workbook(row(1, c4="2026-04")))
    assert run(path)[0] == 0


@pytest.mark.parametrize(
    "words",
    [
        ("yearbook", "{path}", "--region", "320681"),
        ("monthly", "{path}", "--region", "999999"),
        ("monthly", "{path}.gone", "--region", "320681"),
        ("monthly", "{path}", "--region", "320681", "--period", "2026-13"),
        ("monthly", "{path}", "--region", "320681", "--period", "2026"),
        ("annual", "{path}", "--region", "320681", "--period", "2026-03"),
        ("monthly", "{path}", "--region", "320681", "--today", "8 April"),
        ("monthly", "{path}", "--region", "320681", "--as", "nobody"),
    ],
)
def test_a_call_that_makes_no_sense_is_a_usage_fault(path, words):
    path.write_bytes(workbook(*good_rows()))
    with pytest.raises(UsageFault) as fault:
        call_command("import_sheet", *(word.format(path=path) for word in words))
    assert fault.value.returncode == 64
    assert not Batch.objects.exists()


def test_it_acts_as_the_named_user_within_his_scope(path):
    officer = user(username="qidong")
    path.write_bytes(workbook(*good_rows()))
    assert run(path, "--as", "qidong")[0] == 0
    assert Batch.objects.get().committed_by == officer
    with pytest.raises(UsageFault):
        call_command("import_sheet", "monthly", str(path), "--region", "320614", "--as", "qidong")


# ------------------------------------------------------------------ messy and hostile files, one of each kind

#: file of the corpus → exit code with --accept-good-rows
MESSY = {
    "a06_billion_laughs_sheet.xlsx": 2,
    "a15_xls_renamed.xlsx": 2,
    "a20_encrypted.xlsx": 2,
    "a34_huge_cell_10mb.xlsx": 1,
    "a35_name_traversal.xlsx": 0,
    "b04_ghost_rows.xlsx": 0,
    "b09_hidden_rows.xlsx": 1,
    "b19_total_row.xlsx": 0,
    "b21_total_wrong.xlsx": 2,
    "b22_footnotes.xlsx": 0,
    "c03_unit_suffix.xlsx": 0,
    "c09_month_float.xlsx": 1,
    "c17_code_scientific.xlsx": 1,
    "c29_html_injection.xlsx": 1,
    "d04_duplicate_by_format.xlsx": 1,
    "d06_unit_outlier.xlsx": 1,
    "d11_other_region.xlsx": 1,
    "d13_mixed_months.xlsx": 1,
    "z03_5000_rows.xlsx": 0,
}
COLUMNS = {
    "code": "uscc",
    "name": "name",
    "region": "region",
    "month": "month",
    "revenue": "revenue_wan",
    "tax": "tax_paid_wan",
    "entry": "listed_on",
}


@pytest.mark.parametrize("name", MESSY)
def test_messy_file(nantong, corpus, name):  # noqa: F811
    folder, manifest = corpus
    entry = manifest[name]
    exit_code, answer = run(folder / name, "--period", "2026-03", "--accept-good-rows")
    assert exit_code == MESSY[name]
    assert answer["rows"] == [
        {COLUMNS[key]: value for key, value in record.items()} for record in entry["rows"]
    ]
    told = {issue["row"] for issue in answer["issues"] if issue["level"] == "error" and issue["row"]}
    if entry["expected"] == "reject-rows":
        assert told == set(entry["reject_rows"])
    assert set(entry["ignored_rows"]) <= set(answer["ignored_rows"])
    assert MonthlyFigure.objects.count() == len(entry["rows"])
    if entry["message"]:
        assert any(word in issue["message"] for issue in answer["issues"] for word in entry["message"])


# ------------------------------------------------------------------ as a process of its own


def _process(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "DATABASE_URL": f"sqlite:///{folder / 'own.sqlite3'}",
        "MEDIA_ROOT": str(folder / "media"),
        "VAR_DIR": str(folder / "var"),
    }
    command = [sys.executable, str(ROOT / "manage.py"), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=folder)


def test_a_process_answers_with_json_alone_and_with_exit_codes(tmp_path):
    """With nothing set but database and media: not ready 69, then usage fault 64, then an answer."""
    path = tmp_path / "月报.xlsx"
    path.write_bytes(workbook(row(1, c5="无")))
    words = ("import_sheet", "monthly", str(path), "--region", "320681", "--today", "2026-04-08")
    unready = _process(tmp_path, *words)
    assert (unready.returncode, unready.stdout) == (69, "")
    assert _process(tmp_path, "migrate", "--verbosity", "0").returncode == 0
    assert _process(tmp_path, *words).returncode == 64
    assert _process(tmp_path, "load_policy", "nantong-2022").returncode == 0
    done = _process(tmp_path, *words)
    assert done.returncode == 2
    assert json.loads(done.stdout)["outcome"] == "rejected"
