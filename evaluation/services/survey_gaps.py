"""少评漏评: firms that ought to be in the year's survey and are not, and figures of surveyed firms that nobody sent. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.audit import record
from core.models import User
from core.periods import Month
from enterprises.models import AnnualFigure, Enterprise, Parcel
from evaluation.models import Round, Score
from evaluation.rules.figures import Figures
from evaluation.rules.standing import OUT_OF_SCOPE, standing_of
from evaluation.services.directory import in_directory
from evaluation.services.editions import scheme_of
from evaluation.services.frozen_rounds import firms_of
from evaluation.services.workbook import list_workbook

#: why a firm ought to have been surveyed
DIRECTORY, LAST_ROUND, TAX_LIST, LEDGER = (
    "年末在规上名录",
    "上年在评价范围内",
    "在税务名单内",
    "用地台账有宗地",
)


@dataclass(frozen=True, slots=True)
class MissingFirm:
    enterprise: Enterprise
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingFigure:
    """``firms``: in scope without the figure; ``of``: all in scope; both of the reader's regions."""

    label: str
    department: str
    firms: int
    of: int


def missing_firms(round_: Round, user: User) -> list[MissingFirm]:
    """Living firms of the reader's regions without a row of the survey, in the official order."""
    reasons: dict[int, list[str]] = defaultdict(list)
    for label, firms in _expected(round_):
        for firm in firms:
            reasons[firm].append(label)
    surveyed = AnnualFigure.objects.filter(year=round_.year, source=AnnualFigure.Source.SURVEY).order_by()
    for firm in surveyed.values_list("enterprise_id", flat=True):
        reasons.pop(firm, None)
    last = Month(round_.year, 12).last_day
    living = (
        Enterprise.objects.visible_to(user)
        .filter(region__path__startswith=round_.region.path)
        .living_on(last)
    )
    rows = (
        living.filter(pk__among=list(reasons))
        .select_related("region")
        .order_by("region__order", "region_id", "uscc")
    )
    return [MissingFirm(firm, tuple(reasons[firm.pk])) for firm in rows]


def _expected(round_: Round) -> Iterable[tuple[str, Iterable[int]]]:
    yield DIRECTORY, in_directory(round_.year)
    before = Round.objects.current().filter(region=round_.region_id, year=round_.year - 1)
    scores = Score.objects.filter(round__in=before.order_by()).exclude(standing=Score.Standing.OUT).order_by()
    yield LAST_ROUND, scores.values_list("enterprise_id", flat=True).distinct()
    tax = AnnualFigure.objects.filter(year=round_.year, source=AnnualFigure.Source.TAX).order_by()
    yield TAX_LIST, tax.values_list("enterprise_id", flat=True)
    yield (
        LEDGER,
        Parcel.objects.filter(until=None).order_by().values_list("enterprise_id", flat=True).distinct(),
    )


def missing_figures(round_: Round, user: User) -> list[MissingFigure]:
    """Of the figures that the method uses, in its order, with the department that each comes from."""
    _document, scheme = scheme_of(round_.edition)
    figures = Figures(firms_of(round_).firms, scheme)
    seen = (
        Score.objects.visible_to(user).filter(round=round_).order_by().values_list("enterprise_id", flat=True)
    )
    mine = np.isin(figures.firms.keys(), np.fromiter(seen, np.int64)) & (
        standing_of(figures).state != OUT_OF_SCOPE
    )
    found = []
    for name, use in scheme.quantities.items():
        empty = ~figures.column(name).known & ~figures.not_applicable(name) & mine
        found.append(MissingFigure(use.label, use.department, int(empty.sum()), int(mine.sum())))
    return found


def export_gaps(*, round_: Round, actor: User) -> bytes:
    firms = missing_firms(round_, actor)
    rows = (
        (number, one.enterprise.uscc, one.enterprise.name, one.enterprise.region.name, "；".join(one.reasons))
        for number, one in enumerate(firms, 1)
    )
    headings = [("序号", 6), ("统一社会信用代码", 22), ("企业名称", 40), ("地区", 14), ("为什么应当参评", 44)]
    record(
        actor=actor,
        act="export_survey_gaps",
        region=actor.region,
        subject=str(round_),
        counts={"rows": len(firms)},
    )
    title = f"{round_.region.name}{round_.year}年度综合评价少评漏评核对清单"
    return list_workbook(
        sheet="少评漏评", title=title, headings=headings, rows=rows, foot=str(round_.edition)
    )
