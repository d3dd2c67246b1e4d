"""The tool that tries slips of the hand on the rules: which slips it makes, and that they are where it says."""

from __future__ import annotations

import ast
from pathlib import Path

from bench.mutants import files_for, sample
from bench.mutations import mutated, mutations

SOURCE = '''"""A text with 1 < 2."""
def cut(score: int | None, limit: int = 20) -> bool:
    if score is None or not limit:
        return False
    for one, other in zip("ab", "cd", strict=True):
        pass
    return min(score, 5) + 1 >= limit
'''


def test_each_slip_changes_one_thing_and_leaves_a_module_that_can_be_read():
    slips = [(each.was, each.text) for each in mutations(SOURCE)]
    assert slips == [
        ("20", "21"), ("if", "not (score is None or not limit)"), ("is", "is not"), ("or", "and"), ("False", "True"),
        ("min", "max"), ("5", "6"), ("+", "-"), ("1", "2"), (">=", ">"),
    ]  # fmt: skip
    texts = {mutated(SOURCE, number) for number in range(len(slips))}
    assert len(texts) == len(slips)
    assert all(ast.parse(text) for text in texts)
    assert SOURCE.replace(">= limit", "> limit") in texts


def test_the_same_seed_makes_the_same_mutants_of_every_app_with_rules():
    chosen = sample(300, seed=1)
    assert chosen == sample(300, seed=1) != sample(300, seed=2)
    assert len(chosen) == 300
    root = Path(__file__).resolve().parents[1]
    with_rules = {path.parts[-3] for path in root.glob("*/rules/*.py")}
    assert {mutant.path.partition("/")[0] for mutant in chosen} == with_rules
    pure, with_database = files_for("evaluation")
    assert "tests/evaluation/test_scoring.py" in pure
    assert "tests/evaluation/test_rounds.py" in with_database
