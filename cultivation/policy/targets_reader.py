"""Reading the ``targets`` part: every cell, sum and region checked, all faults told at once. Pure.

A table carries its stated 合计 and the years must add to the multi-year totals, as printed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.amounts import HUNDREDTH, LIMIT, from_hundredths
from core.policies import (
    UNKNOWN,
    Fields,
    Figure,
    Mapping,
    Node,
    PolicyDocument,
    PolicyFault,
    RegionEntry,
    RegionTree,
    Sequence,
    Unknown,
)
from core.policies.fields import (
    CLAUSE_LIMIT,
    FIGURE_KEYS,
    add_fault,
    as_mapping,
    figure_of,
    is_unknown,
    read_figure,
    read_whole,
)
from cultivation.policy.counting_reader import read_counting
from cultivation.policy.metrics_reader import read_metrics
from cultivation.policy.sums import missed_sum
from cultivation.policy.targets import (
    COUNTED_UNITS,
    METRICS,
    RATE_UNITS,
    YEARS,
    Goal,
    Metric,
    Targets,
)

#: What whole hundredths hold in the database; no target comes near it.
_AMOUNT_LIMIT = from_hundredths(LIMIT)

_PART_KEYS = {
    "clause": "条款",
    "note": "说明",
    "counting": "计数办法",
    "metrics": "本文件的其他指标",
    "tables": "目标表",
    "totals": "总目标",
}
_TABLE_KEYS = {
    "metric": "指标",
    "title": "表名",
    "unit": "单位",
    "years": "年度",
    "of": "合计所属地区",
    "rows": "各地区目标",
    "stated_total": "合计",
    "adds_to": "各行相加与合计",
    "clause": "条款",
    "wording": "原文",
    "note": "说明",
}
#: How the rows of a table stand to the whole: some counties are told more than the city needs (往下多分).
ADDS_TO = {"exactly": "正好等于", "at_least": "不少于"}
_TOTAL_KEYS = {
    "metric": "指标",
    "region": "地区",
    "from": "起始年度",
    "until": "截止年度",
    "each_year": "是否每年",
    "unit": "单位",
} | FIGURE_KEYS


def read_targets(node: Node, document: PolicyDocument) -> tuple[Targets | None, list[PolicyFault]]:
    """The ``targets`` part of ``document``; its regions must be in the document's tree."""
    faults: list[PolicyFault] = []
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None, faults
    if document.regions is None:
        if not document.regions_of:  # what is wrong with that is told there
            message = "有目标任务就要有 regions（地区）部分，请把考核地区列上；地区在别的文件里的，写 regions_of: 政策名"
            add_fault(faults, node, message)
        return None, faults
    fields = Fields(mapping, faults, _PART_KEYS)
    metrics = read_metrics(fields)
    reader = _TargetsReader(
        document.regions, document.locality, fields.text_or_none("clause", CLAUSE_LIMIT), faults, metrics
    )
    fields.text_or_none("note")
    counting_node = fields.mapping("counting")
    counting = read_counting(counting_node, faults) if counting_node else None
    tables = fields.sequence("tables", required=False)
    totals = fields.sequence("totals", required=False)
    if tables is None and totals is None:
        add_fault(faults, node, "没有一项目标，请写 tables（目标表）或 totals（总目标）")
    for item in tables.items if tables else ():
        reader.read_table(item)
    for item in totals.items if totals else ():
        reader.read_total(item)
    reader.check_breakdown()
    reader.check_parts()
    if counting is None or faults:
        return None, faults
    return Targets(counting, tuple(reader.goals), metrics), faults


class _TargetsReader:
    """Collects goals, and the line of each so that a repetition can name it."""

    def __init__(
        self,
        regions: RegionTree,
        locality: str,
        clause: str | None,
        faults: list[PolicyFault],
        metrics: tuple[Metric, ...] = (),
    ) -> None:
        self.metrics = {**METRICS, **{one.code: one for one in metrics}}
        self.regions = regions
        self.locality = locality
        self.clause = clause
        self.faults = faults
        self.goals: list[Goal] = []
        self._lines: dict[tuple[str, str, int, int], int] = {}
        self._nodes: dict[tuple[str, str, int, int], Node] = {}
        #: the rows of one table stand side by side, even where one region lies in another
        self._tables: dict[tuple[str, str, int, int], int] = {}
        self._table_count = 0
        #: numbers of the tables that hand down more than their whole
        self._over: set[int] = set()
        #: whole, metric and year of tables whose stated 合计 has been compared with their rows
        self._compared: set[tuple[str, str, int]] = set()

    def read_table(self, node: Node) -> None:
        mapping = as_mapping(node, self.faults)
        if mapping is None:
            return
        fields = Fields(mapping, self.faults, _TABLE_KEYS)
        metric, unit = self._metric_and_unit(fields)
        clause = fields.text_or_none("clause", CLAUSE_LIMIT) or self.clause
        for key in ("title", "wording", "note"):
            fields.text_or_none(key)
        years = self._years(fields)
        whole = self._region(fields.get("of"), fields.text_or_none("of") or self.locality)
        rows_node = fields.require("rows", unknown_ok=True)
        stated = fields.require("stated_total", unknown_ok=True)
        if rows_node is None:
            return
        # a document that names a figure for the whole alone
        is_whole = is_unknown(rows_node)
        rows = Mapping(rows_node.key, rows_node.line, {}) if is_whole else as_mapping(rows_node, self.faults)
        if rows is None:
            return
        self._table_count += 1
        table = _Table(metric or "", unit, years, clause, self._table_count)
        if fields.choice("adds_to", ADDS_TO, default="exactly") == "at_least":
            self._over.add(table.number)
        if stated is None or whole is None or metric is None or not years:
            self._tell_rows(rows, table)
            return
        figures = self._read_rows(rows, whole, table)
        if not is_unknown(stated):
            self._read_stated_total(stated, whole, table, [[]] if is_whole else figures)

    def _read_rows(self, rows: Mapping, whole: RegionEntry, table: _Table) -> list[list[Figure]]:
        """The figures of every row once; an unknown region is told but still counted in the sum."""
        read = []
        lines: dict[str, int] = {}
        for name, node in rows.entries.items():
            figures = self._figures(node, table)
            region = self._region(node, name)
            if region is None:
                read.append(figures)
            elif region.code in lines:
                message = f"{region.name}在本表写了两次（第 {lines[region.code]} 行已有），请只留一行"
                add_fault(self.faults, node, message)
            elif not self.regions.is_below(region.code, whole.code):
                message = f"{region.name}不在{whole.name}之下；合计请写在 stated_total"
                add_fault(self.faults, node, message)
            else:
                lines[region.code] = node.line
                read.append(figures)
                self._add_row(node, region, table, figures, "row")
        return read

    def _tell_rows(self, rows: Mapping, table: _Table) -> None:
        """The faults that rows have of their own, where the head of their table cannot be used."""
        for name, node in rows.entries.items():
            self._region(node, name)
            self._figures(node, table)

    def _read_stated_total(
        self, node: Node, whole: RegionEntry, table: _Table, rows: list[list[Figure]]
    ) -> None:
        totals = self._figures(node, table)
        self._add_row(node, whole, table, totals, "stated_total")
        if not self.metrics[table.metric].adds_up:
            return
        for place, total in enumerate(totals):
            self._compared.add((whole.code, table.metric, table.years[place]))
            amounts = [figures[place].amount if figures else UNKNOWN for figures in rows]
            told = missed_sum(self._asked(total, table.number), amounts)
            if told:
                add_fault(self.faults, node, f"{table.years[place]} 年合计{told}")

    def _asked(self, total: Figure, *tables: int | None) -> Figure:
        """The figure that rows of these tables must add to; where more is handed down, at least that."""
        if total.comparison is None and self._over.intersection(tables):
            return replace(total, comparison="at_least")
        return total

    def read_total(self, node: Node) -> None:
        mapping = as_mapping(node, self.faults)
        if mapping is None:
            return
        fields = Fields(mapping, self.faults, _TOTAL_KEYS)
        metric, unit = self._metric_and_unit(fields)
        region = self._region(fields.get("region"), fields.text("region"))
        first, last = fields.whole("from"), fields.whole("until")
        figure = figure_of(fields, self.clause)
        self._check_amount(node, figure, unit)
        if metric is None or region is None or first is None or last is None or figure is None:
            return
        if not (first in YEARS and last in YEARS and first <= last):
            add_fault(self.faults, node, f"年度 {first}—{last} 不对，截止年度不能早于起始年度")
            return
        table = _Table(metric, unit, (), None)
        if fields.choice("each_year", ("true", "false"), default="false") == "true":
            for year in range(first, last + 1):
                self._add(node, _goal(table, region, year, year, figure, "total"))
            return
        self._add(node, _goal(table, region, first, last, figure, "total"))
        if self.metrics[metric].is_flow and first < last:
            self._check_years(node, metric, region, range(first, last + 1), figure)

    def check_breakdown(self) -> None:
        """Parts against their whole, both ways: where a region has a figure, those right below it add to it.

        A part without a figure excuses too little, never too much. What one table says of both has been compared.
        """
        by_slot = {(g.metric, g.region, g.first_year, g.last_year): g for g in self.goals}
        for slot, goal in by_slot.items():
            metric = self.metrics[goal.metric]
            if not metric.adds_up or (goal.is_yearly and (slot[1], slot[0], slot[2]) in self._compared):
                continue
            below = self.regions.children_of(goal.region)
            slots = [(slot[0], entry.code, *slot[2:]) for entry in below]
            beside = self._tables.get(slot)
            if beside is not None and any(self._tables.get(one) == beside for one in slots):
                continue
            parts = [by_slot.get(one) for one in slots]
            amounts = [part.amount if part else UNKNOWN for part in parts]
            comparison = None if goal.comparison == "at_least" and not goal.has_end else goal.comparison
            tables = [self._tables.get(one) for one in slots]
            figure = self._asked(Figure(goal.amount, "", comparison), *tables)
            told = any(parts) and missed_sum(figure, amounts)
            if told:
                what = f"{goal.region_name} {goal.span} 年{metric.label}"
                add_fault(self.faults, self._nodes[slot], f"{what}{told}（下一级相加）")

    def check_parts(self) -> None:
        """Metrics that split one (by industry) add to it, region by region and year by year."""
        by_slot = {(g.metric, g.region, g.first_year, g.last_year): g for g in self.goals}
        for whole in dict.fromkeys(one.part_of for one in self.metrics.values() if one.part_of):
            parts = [one.code for one in self.metrics.values() if one.part_of == whole]
            slots = {slot[1:]: goal for slot, goal in by_slot.items() if slot[0] in parts}
            for slot, part in slots.items():
                goal = by_slot.get((whole, *slot))
                found = [by_slot.get((code, *slot)) for code in parts]
                amounts = [one.amount if one else UNKNOWN for one in found]
                told = goal and missed_sum(
                    Figure(goal.amount, "", goal.comparison if goal.has_end else None), amounts
                )
                if told:
                    what = f"{part.region_name} {part.span} 年{self.metrics[whole].label}"
                    add_fault(self.faults, self._nodes[whole, *slot], f"{what}{told}（分项相加）")

    def _check_years(self, node: Node, metric: str, region: RegionEntry, span: range, figure: Figure) -> None:
        by_year = {
            goal.first_year: goal.amount
            for goal in self.goals
            if goal.metric == metric and goal.region == region.code and goal.is_yearly
        }
        told = missed_sum(figure, [by_year.get(year, UNKNOWN) for year in span])
        if told:
            add_fault(self.faults, node, f"{span[0]}—{span[-1]} 年总数{told}")

    def _metric_and_unit(self, fields: Fields) -> tuple[str | None, str]:
        metric = self.metrics.get(fields.choice("metric", self.metrics))
        if metric is None:
            fields.text("unit")
            return None, ""
        return metric.code, fields.choice("unit", metric.units)

    def _years(self, fields: Fields) -> tuple[int, ...]:
        listed = fields.sequence("years")
        if listed is None:
            return ()
        years = [read_whole(item, self.faults) for item in listed.items]
        known = [year for year in years if year is not None]
        if len(known) < len(years):
            return ()
        if not known or sorted(set(known)) != known or any(year not in YEARS for year in known):
            add_fault(self.faults, listed, "年度应由早到晚各写一次，如 [2022, 2023, 2024]")
            return ()
        return tuple(known)

    def _region(self, node: Node | None, word: str) -> RegionEntry | None:
        region = self.regions.find(word)
        if region is None and node is not None and word:
            add_fault(self.faults, node, f"“{word}”不在地区清单里，请改用清单里的名称，或先补进 regions")
        return region

    def _figures(self, node: Node, table: _Table) -> list[Figure]:
        """One figure a year; a missing or faulty one is ``UNKNOWN`` so that the others keep their column."""
        if not isinstance(node, Sequence) or (table.years and len(node.items) != len(table.years)):
            years = "、".join(map(str, table.years))
            many = f"{len(table.years)} 个数（{years} 年）" if years else "一年一个数"
            add_fault(self.faults, node, f"应是{' ' if years else ''}{many}，写成 [130, 130] 的样子")
            return []
        figures = []
        for item in node.items:
            figure = read_figure(item, self.faults, table.clause)
            self._check_amount(item, figure, table.unit)
            figures.append(figure or Figure(UNKNOWN, ""))
        return figures

    def _check_amount(self, node: Node, figure: Figure | None, unit: str) -> None:
        if figure is None or isinstance(figure.amount, Unknown):
            return
        if figure.amount < 0 and unit not in RATE_UNITS:
            add_fault(self.faults, node, f"目标不能是负数（{figure.amount}）")
        elif unit in COUNTED_UNITS and figure.amount != figure.amount.to_integral_value():
            add_fault(self.faults, node, f"{unit}数应是整数（{figure.amount}）")
        elif figure.amount != figure.amount.quantize(HUNDREDTH):
            add_fault(self.faults, node, f"金额最多两位小数（{figure.amount}）")
        elif figure.amount >= _AMOUNT_LIMIT:
            add_fault(self.faults, node, f"数字过大（{figure.amount}），请检查单位")

    def _add_row(
        self, node: Node, region: RegionEntry, table: _Table, figures: list[Figure], origin: str
    ) -> None:
        for year, figure in zip(table.years, figures, strict=False):
            goal = _goal(table, region, year, year, figure, origin)
            if origin == "row":
                self._tables.setdefault((goal.metric, goal.region, year, year), table.number)
            self._add(node, goal)

    def _add(self, node: Node, goal: Goal) -> None:
        slot = (goal.metric, goal.region, goal.first_year, goal.last_year)
        if slot in self._lines:
            what = f"{goal.region_name} {goal.span} 年{self.metrics[goal.metric].label}"
            former = next(g for g in self.goals if (g.metric, g.region, g.first_year, g.last_year) == slot)
            # a county's own line in the city's table and the 合计 of its towns' table; every year's figure of the
            # text and the table of one of its years
            if goal.origin != former.origin:
                if former.amount != goal.amount:
                    word = "合计" if goal.origin == "stated_total" else ""
                    message = (
                        f"{what}{word}写 {goal.amount}，第 {self._lines[slot]} 行写 {former.amount}，请核对"
                    )
                    add_fault(self.faults, node, message)
                return
            message = (
                f"{what}已在第 {self._lines[slot]} 行写过，请只留一处；"
                "另有一档目标（奋斗、争取）的，在 metrics 里另立指标，写 same_as"
            )
            add_fault(self.faults, node, message)
            return
        self._lines[slot] = node.line
        self._nodes[slot] = node
        self.goals.append(goal)


@dataclass(frozen=True, slots=True)
class _Table:
    metric: str
    unit: str
    years: tuple[int, ...]
    clause: str | None
    #: which table of the document it is, from 1; 0 for a figure of the text
    number: int = 0


def _goal(table: _Table, region: RegionEntry, first: int, last: int, figure: Figure, origin: str) -> Goal:
    return Goal(
        metric=table.metric,
        region=region.code,
        region_name=region.name,
        first_year=first,
        last_year=last,
        amount=figure.amount,
        unit=table.unit,
        comparison=figure.comparison or "at_least",
        has_end=figure.comparison is not None,
        clause=figure.clause,
        wording=figure.wording,
        note=figure.note,
        origin=origin,
    )
