"""What one region's return shows: its firms' figures, its marks, and what the reader may do now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core.models import Region, User
from core.periods import Month
from cultivation.models import MonthlyCycle, MonthReturn, ReturnMark
from cultivation.rules.return_steps import steps_back
from cultivation.services.month_review import may_hand_on, may_return
from enterprises.models import MonthlyFigure
from intake.models import Batch
from intake.services.templates import SentBack


@dataclass(frozen=True, slots=True)
class ShownMark:
    """A marked cell with what stands there now."""

    mark: ReturnMark
    now: int | None
    #: the list that the figure of now came with
    batch: int | None = None

    @property
    def is_amount(self) -> bool:
        return self.mark.measure != ReturnMark.Measure.STAFF

    @property
    def is_changed(self) -> bool:
        return self.now != self.mark.value


@dataclass(frozen=True, slots=True)
class ReturnActs:
    """What this reader may do with a return now: the word on the button, and the steps it can be sent back to."""

    hand_on: str
    back_to: tuple[tuple[str, str], ...]


def acts_for(*, returned: MonthReturn, user: User) -> ReturnActs:
    word = {"fill": "提交审核", "review": "审核并上报", "accept": "审核通过"}.get(returned.step, "")
    if returned.is_town and returned.step == "review":
        word = "审核通过"
    steps = steps_back(returned.step, returned.is_town) if may_return(returned=returned, actor=user) else ()
    names = {"fill": "填报", "review": "县区审核", "accept": "市局审核"}
    return ReturnActs(
        word if may_hand_on(returned=returned, actor=user) else "",
        tuple((step, names[step]) for step in steps),
    )


def shown_marks(returned: MonthReturn, *, to_return: bool) -> list[ShownMark]:
    """Open marks with the figures of now; those not sent yet only for who may send them. Two queries."""
    marks = list(returned.marks.filter(is_open=True).select_related("enterprise"))
    if not to_return:
        marks = [mark for mark in marks if mark.act_id]
    firms = [mark.enterprise_id for mark in marks]
    figures = {
        figure.enterprise_id: figure
        for figure in MonthlyFigure.objects.filter(enterprise__in=firms, month=returned.cycle.month)
    }
    found = [(mark, figures.get(mark.enterprise_id)) for mark in marks]
    return [
        ShownMark(mark, getattr(figure, mark.measure, None), figure.batch_id if figure else None)
        for mark, figure in found
    ]


def figures_of(*, cycle: MonthlyCycle, region: Region, user: User) -> QuerySet[MonthlyFigure]:
    """The firms behind 已报 of a region, with their figures; the largest first."""
    figures = MonthlyFigure.objects.visible_to(user).filter(
        month=cycle.month, region__path__startswith=region.path
    )
    return figures.select_related("enterprise", "region", "batch__sent_by").order_by("-revenue_wan", "pk")


def template_marks(sheet: str, region: Region, period: object) -> SentBack:
    """Cells of a region's month that were sent back, and why."""
    if sheet != "monthly" or not isinstance(period, Month):
        return SentBack({})
    marks = ReturnMark.objects.filter(
        is_open=True,
        act__isnull=False,
        returned__cycle__month=period,
        returned__region__path__startswith=region.path,
    )
    rows = marks.values_list("enterprise__uscc", "measure", "note", "act__reason")
    cells = {(uscc, measure): f"退回：{note}" for uscc, measure, note, _ in rows}
    return SentBack(cells, tuple(dict.fromkeys(reason for *_, reason in rows)))


def marked_lists(marks: Sequence[ShownMark], user: User) -> list[tuple[Batch, int]]:
    """The lists that hold the cells sent back, each with how many; where the reader may see the list."""
    sent = Counter(one.batch for one in marks if one.mark.act_id and one.batch)
    batches = Batch.objects.visible_to(user).filter(pk__in=sent).order_by("pk") if sent else ()
    return [(batch, sent[batch.pk]) for batch in batches]
