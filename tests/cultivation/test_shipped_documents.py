"""The documents that are shipped: each reads without a fault and all its worked cases come out."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.policies import read_document
from core.policies.cases import read_cases, work_cases

POLICIES = Path(__file__).parents[2] / "config/policies"
CASES = sorted(POLICIES.glob("*/*.cases.yaml"))


@pytest.mark.parametrize("path", CASES, ids=[path.name.removesuffix(".cases.yaml") for path in CASES])
def test_every_worked_case_comes_out(path):
    name = path.name.removesuffix(".cases.yaml")
    document, faults = read_document((path.parent / f"{name}.yaml").read_text(encoding="utf-8"))
    assert faults == []
    cases, faults = read_cases(path.read_text(encoding="utf-8"), document)
    assert faults == []
    for result in work_cases(document, cases):
        assert result.faults == (), result.case.name
        assert result.differences == (), result.case.name
        assert result.case.expect is not None, result.case.name
