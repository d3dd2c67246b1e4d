"""What the dispatch pages show: orders of a month by state, and the counts that 待办 and tabs tell of the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Max, Min
from django.urls import reverse

from core.models import Region, User
from core.periods import Month
from core.permissions import can
from cultivation.models import DispatchOrder
from cultivation.querysets import DispatchOrderQuerySet
from cultivation.rules.dispatch import (
    ACTS,
    ANSWERED,
    BUREAU_SIDE,
    DISTRICT_SIDE,
    DRAFT,
    SENT,
    STATE_WORDS,
    criticised,
    may,
    praised,
)
from cultivation.rules.findings import FINDING_SELECTIONS
from cultivation.rules.measures import MonthMeasures
from cultivation.services.months import MonthTable, ranking

#: beside the states: what is past its day
LATE = "late"


@dataclass(frozen=True, slots=True)
class DispatchTab:
    """A state with the number of its orders; the list behind it has exactly as many."""

    state: str
    label: str
    count: int


class DispatchPage:
    """Orders of a month, those carried over into it among them, that the reader may see, of ``region`` when given;
    two queries."""

    def __init__(
        self, user: User, programme: str, month: Month, state: str = "", region: Region | None = None
    ) -> None:
        self.user, self.programme, self.month, self.state = user, programme, month, state
        self.region = region

    @cached_property
    def _all(self) -> list[DispatchOrder]:
        found = orders_of(self.user, self.programme).of_month(self.month)
        return list(found.select_related("region").order_by("region__order", "month", "id"))

    @property
    def orders(self) -> list[DispatchOrder]:
        if self.region is None:
            return self._all
        return [order for order in self._all if order.region_id == self.region.pk]

    @property
    def regions(self) -> list[tuple[Region, int]]:
        """Regions with orders and how many, in their order: what the page can be narrowed to."""
        return _counted(order.region for order in self._all)

    @cached_property
    def shown(self) -> list[DispatchOrder]:
        return [order for order in self.orders if not self.state or _is_in(order, self.state)]

    @property
    def tabs(self) -> list[DispatchTab]:
        words = {"": "全部", **STATE_WORDS, LATE: "逾期"}
        return [
            DispatchTab(state, label, sum(not state or _is_in(order, state) for order in self.orders))
            for state, label in words.items()
        ]

    @property
    def drafts(self) -> list[tuple[Region, int]]:
        """Regions with drafts and how many, in their order."""
        return _counted(order.region for order in self._all if order.state == DRAFT)

    @property
    def carried(self) -> int:
        """Open ones of earlier months."""
        return sum(order.is_open and order.month < self.month for order in self.orders)


def _counted(regions: Iterable[Region]) -> list[tuple[Region, int]]:
    return list(Counter(regions).items())


def _is_in(order: DispatchOrder, state: str) -> bool:
    return order.is_late if state == LATE else order.state == state


def orders_seen(user: User) -> DispatchOrderQuerySet:
    """Drafts are the bureau's own: a district sees an order when it has been sent."""
    found = DispatchOrder.objects.visible_to(user)
    return found if may_see_drafts(user) else found.exclude(number=None)


def orders_of(user: User, programme: str) -> DispatchOrderQuerySet:
    return orders_seen(user).of_programme(programme)


def may_see_drafts(user: User) -> bool:
    return can(user, "dispatch.send") or can(user, "month.issue")


def order_seen(user: User, pk: int) -> DispatchOrder | None:
    """The order where it is this person's to see."""
    return orders_seen(user).select_related("region", "issue", "drafted_by").filter(pk=pk).first()


def acts_open(order: DispatchOrder, user: User) -> list[str]:
    """What this person may do with the order as it stands: the bureau's side or the district's."""
    if not can(user, "dispatch.step"):
        return []
    side = BUREAU_SIDE if can(user, "dispatch.send") else DISTRICT_SIDE
    return [name for name, act in ACTS.items() if act.side == side and may(name, order.state)]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Orders of a programme in a state that this person's side must act upon; the page of ``month`` lists them all."""

    programme: str
    state: str
    month: Month
    count: int
    first_due: date | None


def waiting_orders(user: User) -> list[Waiting]:
    """One query."""
    states = (DRAFT, ANSWERED) if can(user, "dispatch.send") else (SENT,)
    found = DispatchOrder.objects.visible_to(user).filter(state__in=states).order_by()
    rows = found.values_list("programme", "state").annotate(
        latest=Max("month"), orders=Count("pk"), due=Min("deadline")
    )
    # who reviews is not late: the day is the district's
    return [
        Waiting(programme, state, month, count, due if state == SENT else None)
        for programme, state, month, count, due in sorted(rows, key=lambda row: row[:2])
    ]


def evidence_url(order: DispatchOrder) -> str:
    """Where the numbers of the order's version stand: the list of a finding, or the month's table."""
    if order.issue is None:
        return ""
    place = [order.programme, order.issue.month]
    version = f"version={order.issue.version}"
    if order.kind in FINDING_SELECTIONS:
        url = reverse("cultivation:analysis_rows", args=[*place, order.kind])
        return f"{url}?{version}&region={order.region_id}"
    return f"{reverse('cultivation:month', args=place)}?{version}"


@dataclass(frozen=True, slots=True)
class Bulletin:
    """Whom a 通报 names: praised and criticised districts in their order."""

    praised: list[MonthMeasures]
    criticised: list[MonthMeasures]


def bulletin_of(table: MonthTable) -> Bulletin:
    ranked = ranking(table.lines)
    return Bulletin(praised(ranked), criticised(ranked))
