"""What the evaluation offers to conditions: the grade of a year, once it is published, and who was in its scope."""

from __future__ import annotations

import numpy as np

from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from enterprises.facts.lineage import continued_by
from evaluation.models import Score

GRADES = ("A", "B", "C", "D", "T")


def _grade(context: FactContext) -> Column:
    """Of the rounds that hold for that year, the one published last where several schemes grade a firm.

    A firm without a grade is not known; one that goes on under another record (个转企, 重复档案) keeps its grade there.
    """
    rows = Score.objects.current().filter(round__year=context.period).exclude(final_grade="")
    rows = rows.order_by("round__published_at", "round_id")
    latest = dict(rows.values_list("enterprise_id", "final_grade"))
    for record, goes_on_as in continued_by(context).items():
        if record in latest:
            latest.setdefault(goes_on_as, latest[record])
    words = tuple(dict.fromkeys([*GRADES, *latest.values()]))
    numbers = {word: number for number, word in enumerate(words)}
    codes = np.array([numbers[grade] for grade in latest.values()], np.int64)
    return context.aligned(latest, codes, words=words)


def _in_scope(context: FactContext) -> Column:
    """Whether the newest round of that year, published or not, has the firm in its scope; being surveyed is no secret.

    A firm that no round of the year names is not known.
    """
    rows = Score.objects.filter(round__year=context.period).order_by("round__run_at", "round_id")
    newest = dict(rows.values_list("enterprise_id", "standing"))
    inside = np.array([standing != Score.Standing.OUT for standing in newest.values()], np.bool_)
    return context.aligned(newest, inside)


register_facts(Fact(FactType("in_evaluation", "在综合评价范围内", Kind.FLAG, per=Kind.YEAR), _in_scope))
register_facts(Fact(FactType("grade", "综合评价等级", Kind.TEXT, per=Kind.YEAR), _grade))
