"""Every award document with its worked cases: the three hundred boundaries that the clauses print."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.policies import PolicyDocument, read_document
from core.policies.cases import Case, read_cases, work_cases
from incentives.policy import Awards

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for folder in (ROOT / "config/policies", Path(__file__).parent / "documents")
    for path in folder.rglob("*.yaml")
    if not path.name.endswith(".cases.yaml") and "\nawards:" in path.read_text(encoding="utf-8")
)


def read(path: Path) -> tuple[PolicyDocument, list[Case]]:
    document, faults = read_document(path.read_text(encoding="utf-8"))
    assert document is not None, faults
    beside = path.with_suffix(".cases.yaml")
    if not beside.exists():
        return document, []
    cases, faults = read_cases(beside.read_text(encoding="utf-8"), document)
    assert faults == []
    return document, [case for case in cases if case.part == "awards"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_case_comes_out_as_the_clause_says(path):
    document, cases = read(path)
    for result in work_cases(document, cases):
        assert result.faults == (), result.case.name
        assert result.differences == (), result.case.name


def test_the_boundaries_are_many_and_each_states_what_it_expects():
    """A hundred and twenty for the five documents alone; those of other cities stand beside them."""
    shipped = [path for path in DOCUMENTS if ROOT / "config" in path.parents]
    assert len([case for path in shipped for case in read(path)[1]]) >= 120
    cases = [case for path in DOCUMENTS for case in read(path)[1]]
    assert [case.name for case in cases if case.expect is None] == []


def test_every_rule_that_can_run_has_a_case():
    for path in DOCUMENTS:
        document, cases = read(path)
        awards = document.parts["awards"]
        assert isinstance(awards, Awards)
        told = " ".join(str(case.given) for case in cases)
        lacking = [rule.id for rule in awards.rules if rule.makes_awards and f"'{rule.id}'" not in told]
        assert lacking == [], path.stem


#: The rules that were collected from the five documents and sixteen others → where each stands.
COLLECTED = {
    "nantong-2022": ["district-contribution", "local-awards"],
    "pingdingshan-2022": [
        "first-listing", "full-load-2022q1", "inclusive-loan-growth", "market-nodes", "neeq", "regional-board",
        "regional-refinance", "little-giant", "provincial-specialised", "giant-equipment", "service-platform",
        "platform-rating", "apprentice", "state-rent", "hire-insurance", "injury-insurance-deferral",
        "vat-exemption", "consumption-voucher", "guarantee-fee", "deed-tax", "inspection-relief",
        "county-rent-subsidy", "job-introduction", "stable-jobs", "overseas-warehouse", "demonstration-street",
        "trade-innovation", "utility-deferral", "loan-extension", "renewal-whitelist", "tax-deferral",
        "land-priority", "recommendation", "county-extra",
    ],
    "quzhou-2021": ["park-stars", "bank-race"],
    "hunan-2022": ["region-award", "output-award"],
    "tongzhouwan-2022": ["grade-policy"],
    "web-published-2020s": [
        "web-shanxi-entry", "web-hainan-team", "web-gd-2025", "web-chaozhou-2020-enterprise",
        "web-chaozhou-2020-county", "web-huhhot-60", "web-kecheng-step", "web-kecheng-milestone", "web-xian-entry",
        "web-shuangliu-growth", "web-puyang-match", "web-jiangyan-2018-tech", "web-haicang-growth",
        "web-baishui-department", "web-changxing-township", "web-shangyu-power",
    ],
}  # fmt: skip


def test_all_fifty_seven_collected_rules_are_there():
    assert sum(len(rules) for rules in COLLECTED.values()) == 57
    there = {document.id: document.parts["awards"] for document in (read(path)[0] for path in DOCUMENTS)}
    for policy, rules in COLLECTED.items():
        awards = there[policy]
        assert isinstance(awards, Awards)
        assert set(rules) <= {rule.id for rule in awards.rules}
