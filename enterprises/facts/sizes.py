"""How large firms seem by each signal: a year's stated quantities as estimates of its revenue, a fact each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Sum
from numpy.typing import NDArray

from core.conditions import Column, FactType, Kind
from core.facts import Fact, FactContext, register_facts
from core.models import Department
from core.periods import Month
from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure, SourceFigure
from enterprises.querysets import EnterpriseQuerySet, OfEnterpriseQuerySet
from enterprises.rules.estimate import SCALED, SIGNALS, Estimate, Firms, Sums, sales_estimate, scaled_estimate

TAX, POWER = Department.TAX.value, Department.POWER.value
#: the quantity behind each scaled signal, and the department whose word goes before the firm's own
QUANTITY = {"power": ("power", POWER), "tax": ("tax", TAX), "staff": ("staff", Department.LABOUR.value)}


@dataclass(frozen=True, eq=False)
class Estimated:
    """All estimates of a year up to a month, aligned with ``ids``."""

    month: Month
    ids: NDArray[np.int64]
    above_scale: NDArray[np.bool_]
    estimates: dict[str, Estimate]
    #: which quantities come from the firms' own returns, by scaled signal
    own: dict[str, NDArray[np.bool_]]


def estimate_sizes(
    firms: EnterpriseQuerySet,
    reported: OfEnterpriseQuerySet,
    stated: OfEnterpriseQuerySet,
    listed: OfEnterpriseQuerySet,
    month: Month,
) -> Estimated:
    """Every signal of these firms from what is stated of January to ``month``; four queries for any number of firms.

    ``reported``, ``stated`` and ``listed`` are the monthly, the departments' and the yearly figures within reach.
    """
    rows = list(firms.order_by("pk").values_list("pk", "above_scale", "industry_code"))
    ids = np.array([row[0] for row in rows], dtype=np.int64)
    world = Firms(
        np.array([row[1] for row in rows], dtype=bool),
        np.array([int(row[2][:2]) if row[2][:2].isdecimal() else 0 for row in rows], dtype=np.int64),
    )
    first = Month(month.year, 1)
    own = _own_sums(ids, reported.for_months(first, month))
    theirs = _stated_sums(
        ids, stated.filter(period__gte=str(first), period__lte=str(month), period__contains="-")
    )
    nothing = Sums(np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64))
    last = listed.filter(year=month.year - 1, source=AnnualFigure.Source.TAX, taxable_sales_wan__isnull=False)
    last_year = _spread_out(
        ids,
        [
            (firm, value, 12)
            for firm, value in last.order_by().values_list("enterprise_id", "taxable_sales_wan")
        ],
    )
    estimates = {
        "tax_sales": sales_estimate(theirs.get(("taxable_sales", TAX), nothing)),
        "invoiced": sales_estimate(theirs.get(("invoiced_sales", TAX), nothing)),
        "declared": sales_estimate(own["revenue"]),
        "last_year": sales_estimate(last_year),
    }
    is_own = {}
    for signal in SCALED:
        measure, source = QUANTITY[signal]
        department = theirs.get((measure, source), nothing)
        is_own[signal] = department.months == 0
        quantity = Sums(
            np.where(is_own[signal], own[measure].total, department.total),
            np.where(is_own[signal], own[measure].months, department.months),
        )
        estimates[signal] = scaled_estimate(quantity, own["revenue"], world, is_stock=signal == "staff")
    return Estimated(month, ids, world.above_scale, estimates, is_own)


def _own_sums(ids: NDArray[np.int64], figures: OfEnterpriseQuerySet) -> dict[str, Sums]:
    fields = {"revenue": "revenue_wan", "tax": "tax_paid_wan", "power": "power_wan_kwh", "staff": "staff"}
    wanted = {f"{name}_sum": Sum(field) for name, field in fields.items()}
    wanted |= {f"{name}_months": Count(field) for name, field in fields.items()}
    rows = list(figures.order_by().values("enterprise_id").annotate(**wanted))
    return {
        name: _spread_out(
            ids,
            [
                (
                    row["enterprise_id"],
                    (row[f"{name}_sum"] or 0) * (100 if name == "staff" else 1),
                    row[f"{name}_months"],
                )
                for row in rows
            ],
        )
        for name in fields
    }


def _stated_sums(ids: NDArray[np.int64], figures: OfEnterpriseQuerySet) -> dict[tuple[str, str], Sums]:
    rows = (
        figures.order_by()
        .values("measure", "source", "enterprise_id")
        .annotate(total=Sum("value"), n=Count("id"))
    )
    by_kind: dict[tuple[str, str], list[tuple[int, int, int]]] = {}
    for row in rows:
        by_kind.setdefault((row["measure"], row["source"]), []).append(
            (row["enterprise_id"], row["total"], row["n"])
        )
    return {kind: _spread_out(ids, found) for kind, found in by_kind.items()}


def _spread_out(ids: NDArray[np.int64], rows: list[tuple[int, int, int]]) -> Sums:
    """(firm, total, months) as columns aligned with ``ids``."""
    total, months = np.zeros(len(ids), dtype=np.int64), np.zeros(len(ids), dtype=np.int64)
    if rows and len(ids):
        found = np.array(rows, dtype=np.int64)
        places = np.minimum(np.searchsorted(ids, found[:, 0]), len(ids) - 1)
        here = ids[places] == found[:, 0]
        total[places[here]], months[places[here]] = found[here, 1], found[here, 2]
    return Sums(total, months)


def _loader(signal: str) -> Callable[[FactContext], Column]:
    """Of all firms at once: the industries' ratios rest on every firm above the line, whoever asks."""

    def load(context: FactContext) -> Column:
        december = Month(context.period, 12)

        def read() -> Estimated:
            return estimate_sizes(
                Enterprise.objects.all(),
                MonthlyFigure.objects.all(),
                SourceFigure.objects.all(),
                AnnualFigure.objects.all(),
                december,
            )

        found = context.once(("sizes", context.period), read)
        one = found.estimates[signal]
        return context.aligned(found.ids.tolist(), one.value, one.known)

    return load


register_facts(
    *(
        Fact(
            FactType(f"size_by_{signal}", f"全年营业收入估算（{label}）", Kind.AMOUNT, per=Kind.YEAR),
            _loader(signal),
        )
        for signal, label in SIGNALS.items()
    )
)
