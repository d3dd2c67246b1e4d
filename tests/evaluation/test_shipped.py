"""The shipped methods, and three of other shapes as counties write them: every case beside such a document comes out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.policies import read_document
from core.policies.cases import read_cases, work_cases

POLICIES = Path(__file__).parents[2] / "config/policies"
WRITTEN = (*POLICIES.glob("*/*.cases.yaml"), *Path(__file__).parent.glob("documents/*.cases.yaml"))
WORKED = sorted(path for path in WRITTEN if "part: evaluation" in path.read_text(encoding="utf-8"))


def results():
    for path in WORKED:
        text = path.with_name(path.name.replace(".cases", "")).read_text(encoding="utf-8")
        document, faults = read_document(text)
        assert faults == [], (path, faults)
        cases, faults = read_cases(path.read_text(encoding="utf-8"), document)
        assert faults == [], (path, faults)
        for result in work_cases(document, [case for case in cases if case.part == "evaluation"]):
            yield pytest.param(result, id=f"{document.id} {result.case.name}")


@pytest.mark.parametrize("result", list(results()))
def test_a_published_figure_comes_out(result):
    assert result.faults == ()
    assert result.differences == ()
    assert result.case.expect is not None
