"""Programmes as other cities print them, one document each with its cases, and no code of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

import cultivation.policy  # noqa: F401  (registers the readers)
from core.policies import read_document
from core.policies.cases import read_cases, work_cases

DOCUMENTS = Path(__file__).parent / "documents"
PROGRAMMES = sorted(path.stem for path in DOCUMENTS.glob("*.yaml") if not path.stem.endswith(".cases"))


def text_of(name: str) -> str:
    return (DOCUMENTS / f"{name}.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PROGRAMMES)
def test_the_document_gives_what_its_cases_say(name):
    document, faults = read_document(text_of(name))
    assert faults == []
    cases, faults = read_cases((DOCUMENTS / f"{name}.cases.yaml").read_text(encoding="utf-8"), document)
    assert faults == []
    assert [(r.case.name, r.differences, r.faults) for r in work_cases(document, cases) if not r.ok] == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{by_quarter: [15%, 40%, 70%, 100%]}", "linear", "even_by_quarter（按季均摊），或 {by_quarter:"),
        ("[15%, 40%, 70%, 100%]", "[15%, 40%, 100%]", "应是 4 个百分数"),
        ("[15%, 40%, 70%, 100%]", "[15%, 40%, 35%, 100%]", "后面的不小于前面的"),
        ("{临港区: [60], 北仓", "{临港区: [61], 北仓", "临港区 2023 年新增规上工业企业数写 100，各项相加为 101（多 1）"),
        ("      adds_to: at_least\n", "", "各项相加为 530（多 10），请对照文件逐项核对；文件就是这样印的（往下多分）"),
        ("each_year: true, unit: 户, amount: 420", "unit: 户, amount: 430", "写 430，第 38 行写 420，请核对"),
        ("same_as: newly_listed}\n    - {code: stretch", "same_as: growth}\n    - {code: stretch", "只能是：newly_listed"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told_with_how_to_mend_it(old, new, told):
    text = text_of("dongtang-2023")
    assert old in text
    _, faults = read_document(text.replace(old, new))
    assert any(told in fault.message for fault in faults), faults
