"""Eighty messy and hostile workbooks, each with what must happen to it.

The generator stands in ``corpus/``; an officer of 启东市 sends the list of 2026-03 on 2026-04-08. Each file is read by
the guarded reader, understood by the rules and judged as a monthly return without history.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from core.amounts import from_hundredths
from core.periods import Month
from enterprises.rules.monthly import MONTHLY_SPEC, judge_monthly
from intake.rules.findings import must_mend
from intake.rules.reading import ReadingContext, read_frame
from intake.rules.text import region_forms
from intake.workbooks import WorkbookRefused, read_workbook

GENERATOR = Path(__file__).parent / "corpus" / "make_bad_inputs.py"
NANTONG = {
    "320600": "南通市",
    "320685": "海安市",
    "320682": "如皋市",
    "320623": "如东县",
    "320681": "启东市",
    "320613": "崇川区",
    "320612": "通州区",
    "320614": "海门区",
    "320671": "开发区",
    "3206SX": "苏锡通",
    "3206TW": "通州湾",
}
QIDONG = ReadingContext(
    regions=region_forms(NANTONG),
    region_names=NANTONG,
    scope=frozenset({"320681"}),
    own_name="启东市",
    period=Month(2026, 3),
    today=date(2026, 4, 8),
    closed=lambda month: must_mend("MONTH_NOT_OPEN", "未开放", "") if month > Month(2026, 4) else None,
)


def file_names() -> list[str]:
    """The names that the generator gives its files, read from its source so that collecting writes nothing."""
    names = set()
    for node in ast.walk(ast.parse(GENERATOR.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in ("add", "ok", "bad") and isinstance(first, ast.Constant):
                names.add(first.value)
    return sorted(names)


def written_to(folder: Path, *options: str) -> tuple[Path, dict[str, dict]]:
    """Write the files; the folder and the manifest's entries by file."""
    subprocess.run([sys.executable, str(GENERATOR), str(folder), *options], check=True, capture_output=True)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return folder, {entry["file"]: entry for entry in manifest["files"]}


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict]]:
    return written_to(tmp_path_factory.mktemp("corpus"), "--small")


def test_all_eighty_files_are_tried(corpus):
    assert sorted(corpus[1]) == file_names()
    assert len(file_names()) == 80


@pytest.mark.parametrize("name", file_names())
def test_file(corpus, name: str):
    folder, manifest = corpus
    check_file(folder / name, manifest[name])


def check_file(path: Path, entry: dict) -> None:
    """Read, understand and judge one file; what comes out is what its manifest says."""
    expected = entry["expected"]
    try:
        workbook = read_workbook(path, entry["upload_name"])
    except WorkbookRefused as refused:
        assert expected == "reject-file", f"refused: {refused.message}"
        assert any(word in refused.message for word in entry["message"]), refused.message
        return
    frame = read_frame(workbook, MONTHLY_SPEC, QIDONG)
    judge_monthly(frame, {})
    told = [fault for fault in frame.faults if fault.cls != "D"]
    messages = " ".join(fault.message() for fault in told)
    if expected == "reject-file":
        assert frame.refused, messages
        assert _stored(frame) == []
    elif expected == "reject-rows":
        assert sorted({fault.row for fault in told}) == entry["reject_rows"], messages
        assert all(fault.row and fault.column and fault.cell for fault in told)
    else:
        assert messages == ""
    if entry["message"]:
        assert any(word in messages for word in entry["message"]), messages
    if expected != "reject-file":
        assert _stored(frame) == entry["rows"]
        assert frame.ignored_rows == entry["ignored_rows"]


def _stored(frame) -> list[dict[str, str]]:
    """The records that would enter the registry, in the manifest's form."""
    blocked = frame.blocked_rows()
    columns = frame.columns
    return [
        {
            "code": columns["uscc"][i],
            "name": columns["name"][i],
            "region": NANTONG[columns["region"][i]],
            "month": str(columns["month"][i]),
            "revenue": str(from_hundredths(columns["revenue_wan"][i])),
            "tax": str(from_hundredths(columns["tax_paid_wan"][i])),
            "entry": columns["listed_on"][i].isoformat(),
        }
        for i, row in enumerate(frame.rows)
        if row not in blocked
    ]
