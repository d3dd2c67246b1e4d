"""The one condition language of screening, evaluation and awards: text in, whole columns judged. Pure.

    condition = parse("taxable_sales[year-1] between 500万元 and 2000万元 and not above_scale", catalogue)
    judgement = condition.judge(frame, {"year": 2022})
    judgement.outcome            # int8 a row: 1 true, 0 false, -1 unknown
    judgement.leaves[0].gap      # by how much each row passes (≥ 0) or misses (< 0) the first criterion
    judgement.missing(7)         # ("taxable_sales[2021]",) when row 7 is unknown for want of it
    sentence(judgement.condition, judgement.row(7))

A catalogue maps names to ``FactType``; ``core.facts`` keeps the portal's. The text is explained for clerks in
``docs/conditions.md``. Nothing is ever evaluated as Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.conditions.columns import Column, FactKey, Frame
from core.conditions.grammar import read_syntax
from core.conditions.judging import Condition, Finding, Judgement, RowVerdict
from core.conditions.kinds import YEAR, FactType, Kind
from core.conditions.measuring import Leaf
from core.conditions.nodes import Criterion
from core.conditions.quantities import Measured, Quantity, read_quantity
from core.conditions.reading import Reader
from core.conditions.sentences import sentence
from core.conditions.tokens import ConditionFault

__all__ = [
    "YEAR",
    "Column",
    "Condition",
    "ConditionFault",
    "ConditionFaulty",
    "Criterion",
    "FactKey",
    "FactType",
    "Finding",
    "Frame",
    "Judgement",
    "Kind",
    "Leaf",
    "Measured",
    "Quantity",
    "RowVerdict",
    "parse",
    "read_condition",
    "read_quantity",
    "sentence",
]


class ConditionFaulty(ValueError):
    """The text is no condition; ``faults`` names everything that is wrong with it, in order."""

    def __init__(self, faults: tuple[ConditionFault, ...]) -> None:
        super().__init__("；".join(str(fault) for fault in faults))
        self.faults = faults


def parse(
    text: str, catalogue: Mapping[str, FactType], parameters: Iterable[FactType] = (YEAR,)
) -> Condition:
    """The condition that ``text`` states about these facts; raises ``ConditionFaulty`` with every fault.

    ``parameters`` are given when judging; a condition may compare with them and ask for facts of their year,
    quarter or month (``revenue[year-1]``). A fact of the same name as a parameter is hidden by it.
    """
    condition, faults = read_condition(text, catalogue, parameters)
    if condition is None:
        raise ConditionFaulty(faults)
    return condition


def read_condition(
    text: str, catalogue: Mapping[str, FactType], parameters: Iterable[FactType] = (YEAR,)
) -> tuple[Condition | None, tuple[ConditionFault, ...]]:
    """``parse`` for the reader of a policy document, which collects faults instead of raising the first."""
    syntax, faults = read_syntax(text)
    reader = Reader(catalogue, {parameter.name: parameter for parameter in parameters})
    clause = reader.clause(syntax)
    found = tuple(sorted({*faults, *reader.faults}))
    return (None, found) if found else (Condition(clause), ())
