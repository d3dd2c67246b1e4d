"""docs/evaluation-format.md: its whole example is a method that works, and no word that a scheme may use is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.policies import read_document
from core.policies.nodes import read_nodes
from evaluation.policy import (
    adjusting_reader,
    choices,
    cohorts_reader,
    grading_reader,
    indicators_reader,
    quantities_reader,
    scheme_reader,
    workflow,
    workflow_reader,
)
from evaluation.policy.settings import ORIGIN_KEYS
from evaluation.rules.cases import work_evaluation

TEXT = (Path(__file__).parents[2] / "docs/evaluation-format.md").read_text(encoding="utf-8")
WORDS = set(re.findall(r"[A-Za-z_]+(?:/[A-Za-z_]+)*", TEXT))
EXAMPLE = TEXT.rpartition("```yaml\n")[2].partition("```")[0]
#: words of the readers that are no keys or choices of a document
_INNER = {"PROVISIONAL", "GRADES", "GIVEN_BASELINES"}


def tables():
    for name in vars(choices):
        if name.isupper() and name not in _INNER:
            yield name, getattr(choices, name)
    for name in ("STEPS", "DAY_KINDS", "ORDERS", "FIELDS"):
        yield name, getattr(workflow, name)
    readers = (
        adjusting_reader, cohorts_reader, grading_reader, indicators_reader, quantities_reader, scheme_reader, workflow_reader,
    )  # fmt: skip
    for reader in readers:
        for name, table in vars(reader).items():
            if name.endswith("KEYS") and isinstance(table, dict):
                yield f"{reader.__name__}.{name}", table


@pytest.mark.parametrize(("name", "table"), list(tables()))
def test_every_word_that_a_scheme_may_use_is_explained(name, table):
    if name == "PROVISIONAL_DECIMALS" or not isinstance(table, dict):
        return
    words = [word for word in table if isinstance(word, str) and word not in ORIGIN_KEYS]
    told = [word for word in words if word in WORDS or word in TEXT]
    assert words == told, set(words) - set(told)


def test_the_whole_example_is_a_method_that_works():
    document, faults = read_document(EXAMPLE)
    assert faults == []
    given = read_nodes(
        """
        firms:
          甲: {above_scale: {2022: true, 2021: true}, tax: 190, export_exempt: 10, taxable_sales: 5000, land_own: 10, energy: 500, sublet_firms: 3, years_in_production: 9}
          乙: {above_scale: {2022: true, 2021: false}, tax: 100, taxable_sales: 3000, land_own: 10, energy: 900, years_in_production: 9}
          丙: {above_scale: true, tax: 400, taxable_sales: 9000, land_own: 10, energy: 900, years_in_production: 1}
          丁: {tax: 9, floor_leased_in: 2001, years_in_production: 9}
        """
    )[0]
    firms = work_evaluation(document, given)["firms"]
    # 200 ÷ 10 ÷ 20 × 50 = 50; 500 万元/亩: 30; 0.1 of a mean of 0.2: 20; three firms sublet: −2 −1 −1
    assert [str(item["points"]) for item in firms["甲"]["items"].values()] == [
        "50.0000",
        "30.0000",
        "20.0000",
    ]
    assert (str(firms["甲"]["total"]), firms["甲"]["penalty"]["sublet"]) == ("96.00", -4)
    # 25 + 20 + 20 × (2 × 0.2 − 0.3) ÷ 0.2 = 10; ranked second of two: C by its place, newly listed besides
    assert (str(firms["乙"]["total"]), firms["乙"]["initial"], firms["乙"]["special"]) == ("55.00", "C", "N")
    assert (firms["丙"]["final"], firms["丙"]["manage_as"]) == ("T", "B")
    assert (str(firms["丁"]["land"]), str(firms["丁"]["total"]), firms["丁"]["cohort"]) == (
        "3.00",
        "3.00",
        "below",
    )
