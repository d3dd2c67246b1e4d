"""疑似达规: firms below the line that seem to be over it, each signal with its number and what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import xlsxwriter
from django.db.models import Max

from core.amounts import format_amount, from_hundredths
from core.audit import record
from core.models import Department, User
from core.periods import Month
from enterprises.facts.sizes import QUANTITY, Estimated, estimate_sizes
from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure, SourceFigure
from enterprises.rules.estimate import (
    SCALED,
    SIGNALS,
    most_first,
    over,
)
from enterprises.rules.measures import BY_KEY
from enterprises.services.exporting import NOT_STATISTICS


@dataclass(frozen=True, slots=True)
class SignalLine:
    """One signal of one firm. ``basis`` says in words where the number comes from."""

    label: str
    value: int
    basis: str
    is_over: bool


@dataclass(frozen=True, slots=True)
class Suspect:
    firm_id: int
    reached: int
    known: int
    signals: tuple[SignalLine, ...]


def latest_month(user: User) -> Month | None:
    """The last month of which a firm or a department has stated anything."""
    reported = MonthlyFigure.objects.visible_to(user).aggregate(last=Max("month"))["last"]
    stated = (
        SourceFigure.objects.visible_to(user)
        .filter(period__contains="-")
        .aggregate(last=Max("period"))["last"]
    )
    months = [Month.from_number(reported) if isinstance(reported, int) else reported] if reported else []
    return max([*months, *([Month.parse(stated)] if stated else [])], default=None)


def size_estimates(user: User, month: Month) -> Estimated:
    """What a user may see estimated: firms, figures and the industries' ratios, all within his scope."""
    return estimate_sizes(
        Enterprise.objects.visible_to(user).living_on(month.last_day),
        MonthlyFigure.objects.visible_to(user),
        SourceFigure.objects.visible_to(user),
        AnnualFigure.objects.visible_to(user),
        month,
    )


def suspect_places(
    estimated: Estimated, line: int, *, signal: str = "", only: set[int] | None = None
) -> list[int]:
    """Places of the firms below the line of which at least one signal (or the one named) reaches it, most signals
    first, then the largest estimate."""
    if not len(estimated.ids):
        return []
    reached, _ = over(estimated.estimates, line)
    wanted = ~estimated.above_scale & (reached > 0)
    if signal:
        one = estimated.estimates[signal]
        wanted &= one.known & (one.value >= line)
    if only is not None:
        wanted &= np.isin(estimated.ids, np.fromiter(only, dtype=np.int64, count=len(only)))
    largest = np.max([np.where(e.known, e.value, 0) for e in estimated.estimates.values()], axis=0)
    places = np.flatnonzero(wanted)
    order = most_first(reached[places], largest[places], estimated.ids[places].tolist())
    return list(places[order].tolist())


def suspects_at(estimated: Estimated, places: Sequence[int], line: int) -> list[Suspect]:
    """The firms at these places with every signal in words."""
    reached, known = over(estimated.estimates, line)
    return [
        Suspect(int(estimated.ids[i]), int(reached[i]), int(known[i]), _signals(estimated, i, line))
        for i in places
    ]


def _signals(estimated: Estimated, i: int, line: int) -> tuple[SignalLine, ...]:
    return tuple(
        SignalLine(SIGNALS[key], int(one.value[i]), _basis(estimated, key, i), bool(one.value[i] >= line))
        for key, one in estimated.estimates.items()
        if one.known[i]
    )


def _basis(estimated: Estimated, key: str, i: int) -> str:
    one, month = estimated.estimates[key], estimated.month
    base, months = format_amount(from_hundredths(int(one.base[i]))), int(one.months[i])
    if key == "last_year":
        return f"{month.year - 1}年应税销售 {base} 万元，税务部门"
    span = f"{month.year}年1—{month.month}月" if month.month > 1 else f"{month.year}年1月"
    if key not in SCALED:
        return f"{span}有 {months} 个月的数，合计 {base} 万元，按 12 个月折算"
    measure = BY_KEY[QUANTITY[key][0]]
    source = "自报" if estimated.own[key][i] else Department(QUANTITY[key][1]).label
    ratio = from_hundredths(round(int(one.ratio[i]) / 10_000))
    each = f"本行业 {int(one.peers[i])} 家规上企业每{measure.unit_label}营业收入的中位数 {ratio} 万元"
    what = (
        f"{months} 个月的平均数"
        if key == "staff"
        else f"{months} 个月合计 {base} {measure.unit_label}，折算全年"
    )
    return f"{span}{measure.label}（{source}）{what}；{each}"


def export_suspects(*, actor: User, estimated: Estimated, found: list[Suspect], line: int) -> bytes:
    """One row a firm and signal, so that no number stands without its basis; leaves one entry."""
    firms = (
        Enterprise.objects.visible_to(actor).select_related("region").in_bulk([one.firm_id for one in found])
    )
    head = [
        "序号",
        "统一社会信用代码",
        "企业名称",
        "地区",
        "达到的信号",
        "信号",
        "估算全年营业收入(万元)",
        "达到规上线",
        "依据",
    ]
    out = BytesIO()
    with xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        amount, bold = book.add_format({"num_format": "#,##0.00"}), book.add_format({"bold": True})
        page = book.add_worksheet("疑似达规")
        told = f"截至{estimated.month.label}，规上线 {format_amount(from_hundredths(line))} 万元"
        page.write_string(0, 0, f"疑似达规企业 {len(found)} 家　{told}", bold)
        page.write_row(1, 0, head, bold)
        page.freeze_panes(2, 3)
        row = 2
        for number, one in enumerate(found, 1):
            firm = firms[one.firm_id]
            for signal in one.signals:
                page.write_number(row, 0, number)
                for column, text in enumerate((firm.uscc, firm.name, firm.region.name), 1):
                    page.write_string(row, column, text)
                page.write_string(row, 4, f"{one.reached}/{one.known}")
                page.write_string(row, 5, signal.label)
                page.write_number(row, 6, float(from_hundredths(signal.value)), amount)
                page.write_string(row, 7, "是" if signal.is_over else "否")
                page.write_string(row, 8, signal.basis)
                row += 1
        page.write_string(row, 0, NOT_STATISTICS)
    record(
        actor=actor, act="export_suspects", region=actor.region, subject=str(estimated.month),
        counts={"rows": len(found)},
    )  # fmt: skip
    return out.getvalue()
