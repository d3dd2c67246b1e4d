"""The inbox: which file is sent by whom and when, and its rows. Pure apart from writing the files.

Two runs give the same bytes: the document dates are fixed and XlsxWriter dates its zip entries 1980.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import xlsxwriter

from config.demo import lists
from config.demo.annual import annual_figures, nearest_below, scaled_to
from config.demo.cities import City, DemoRegion
from config.demo.city import SERIES_START, Firm, build_firms
from config.demo.series import MonthFigures, firm_series, pin_boundaries
from core.periods import Month, months_between

INDEX_NAME = "inbox.json"
_DISTRICT = {"role": "district_officer", "department": ""}
_STATISTICS = {"role": "department_officer", "department": "统计局"}
_TAX = {"role": "department_officer", "department": "税务局"}
_FIXED_CREATED = datetime(2022, 7, 1, tzinfo=UTC)
_WIDTHS = {"统一社会信用代码*": 22, "企业名称*": 34}


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One line of the index: ``region`` is the sender's scope, ``today`` the day on which it is sent."""

    file: str
    sheet: str
    region: str
    period: str | None
    today: str
    sender: dict[str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A file still to be written; ``rows`` makes its rows when it is its turn."""

    sheet: str
    region: str
    sender_name: str
    period: str | None
    today: date
    sender: dict[str, str]
    rows: Callable[[], list[lists.Row]]


class Inbox:
    """A city with its figures, ready to be written. ``total`` and ``seed`` default to the city's own."""

    def __init__(self, city: City, *, total: int | None = None, seed: int | None = None) -> None:
        self.city = city
        self.seed = city.seed if seed is None else seed
        self.firms = build_firms(city, total=total, seed=self.seed)
        self.months = months_between(city.first_month, city.last_month)
        span = months_between(SERIES_START, city.last_month)
        self.series: dict[str, list[MonthFigures]] = {
            firm.uscc: firm_series(firm, span, seed=self.seed) for firm in self.firms
        }
        self.boundaries = pin_boundaries(self.firms, self.series, city.annual_year)
        self.just_misses = nearest_below(self.firms, self.series, city, seed=self.seed)
        self._by_region: dict[str, list[Firm]] = {region.code: [] for region in city.regions}
        for firm in self.firms:
            self._by_region[firm.region.code].append(firm)

    def registry(self, region: DemoRegion) -> list[lists.Row]:
        return [
            lists.registry_row(number, firm) for number, firm in enumerate(self._by_region[region.code], 1)
        ]

    def listed(self, month: Month) -> list[lists.Row]:
        return [
            lists.listed_row(firm, event)
            for firm in self.firms
            for event in firm.events
            if event.month == month
        ]

    def monthly(self, region: DemoRegion, month: Month) -> list[lists.Row]:
        returns = [
            (firm, figures)
            for firm in self._by_region[region.code]
            for figures in self.series[firm.uscc]
            if figures.month == month and figures.reported
        ]
        return [lists.monthly_row(number, firm, figures) for number, (firm, figures) in enumerate(returns, 1)]

    def tax_list(self) -> list[lists.Row]:
        rows = (
            lists.tax_list_row(firm, self.series[firm.uscc], self.city.annual_year) for firm in self.firms
        )
        return [row for row in rows if row is not None]

    def delisted(self) -> list[lists.Row]:
        rows = (lists.delisted_row(firm, self.city.annual_year) for firm in self.firms)
        return sorted((row for row in rows if row is not None), key=lambda row: str(row[3]))

    def annual(self, region: DemoRegion) -> list[lists.Row]:
        year = self.city.annual_year
        rows = []
        for firm in self._by_region[region.code]:
            figures = annual_figures(firm, self.series[firm.uscc], year, seed=self.seed)
            if figures is not None:
                if firm.uscc == self.just_misses:
                    figures = scaled_to(figures, self.city.just_misses)
                rows.append(lists.annual_row(firm, year, figures))
        return rows

    def dispatches(self) -> list[Dispatch]:
        """Every file in the order in which it is sent."""
        sent = [dispatch for dispatch in self._all_dispatches() if dispatch.sheet in self.city.sheets]
        return sorted(sent, key=lambda dispatch: dispatch.today)

    def _all_dispatches(self) -> Iterator[Dispatch]:
        city = self.city
        for region in city.regions:
            rows = partial(self.registry, region)
            yield Dispatch("registry", region.code, region.name, None, city.registry_day, _DISTRICT, rows)
        for month in self.months:
            after = month + 1
            sent = date(after.year, after.month, 5)
            yield Dispatch(
                "listed", city.code, "统计局", str(month), sent, _STATISTICS, partial(self.listed, month)
            )
            for region in city.regions:
                sent = date(after.year, after.month, 8)
                rows = partial(self.monthly, region, month)
                yield Dispatch("monthly", region.code, region.name, str(month), sent, _DISTRICT, rows)
        year = city.annual_year
        sent = date(year + 1, 3, 15)
        yield Dispatch("tax_list", city.code, "税务局", str(year), sent, _TAX, self.tax_list)
        yield Dispatch("delisted", city.code, "统计局", None, sent, _STATISTICS, self.delisted)
        for region in city.regions:
            sent = date(year + 1, 3, 31)
            yield Dispatch(
                "annual", region.code, region.name, str(year), sent, _DISTRICT, partial(self.annual, region)
            )

    def write(self, folder: Path, *, progress: Callable[[int, int, str], None]) -> list[InboxEntry]:
        """Writes every workbook and the index; ``progress(done, of, file)`` is called after each file."""
        folder.mkdir(parents=True, exist_ok=True)
        _remove_former(folder)
        dispatches = self.dispatches()
        entries = []
        for number, dispatch in enumerate(dispatches, 1):
            period = f"{dispatch.period}-" if dispatch.period else ""
            name = f"{number:03d}-{dispatch.sheet}-{period}{dispatch.region}-{dispatch.sender_name}.xlsx"
            rows = dispatch.rows()
            _write_workbook(folder / name, lists.SHEETS[dispatch.sheet], rows)
            entries.append(
                InboxEntry(
                    file=name,
                    sheet=dispatch.sheet,
                    region=dispatch.region,
                    period=dispatch.period,
                    today=dispatch.today.isoformat(),
                    sender=dispatch.sender,
                    rows=len(rows),
                )
            )
            progress(number, len(dispatches), name)
        index = json.dumps([asdict(entry) for entry in entries], ensure_ascii=False, indent=1)
        (folder / INDEX_NAME).write_text(index + "\n", encoding="utf-8")
        return entries


def _remove_former(folder: Path) -> None:
    """Removes what an earlier run wrote here, by its own index, and nothing else."""
    index = folder / INDEX_NAME
    if index.exists():
        for entry in json.loads(index.read_text(encoding="utf-8")):
            (folder / Path(entry["file"]).name).unlink(missing_ok=True)
        index.unlink()


def _write_workbook(path: Path, sheet: lists.SheetForm, rows: list[lists.Row]) -> None:
    workbook = xlsxwriter.Workbook(str(path))
    workbook.set_properties({"title": sheet.title, "comments": "合成数据", "created": _FIXED_CREATED})
    bold = workbook.add_format({"bold": True, "text_wrap": True})
    formats = {
        "text": workbook.add_format({"num_format": "@"}),
        "date": workbook.add_format({"num_format": "yyyy-mm-dd"}),
        "amount": workbook.add_format({"num_format": "0.00"}),
        "count": None,
    }
    page = workbook.add_worksheet(sheet.title)
    page.freeze_panes(1, 0)
    for column, heading in enumerate(sheet.headings):
        page.set_column(column, column, _WIDTHS.get(heading, 14))
        page.write_string(0, column, heading, bold)
    writers = {
        "text": page.write_string,
        "date": page.write_datetime,
        "amount": page.write_number,
        "count": page.write_number,
    }
    columns = [(column, writers[kind], formats[kind]) for column, kind in enumerate(sheet.kinds)]
    for number, row in enumerate(rows, 1):
        for (column, write, cell_format), value in zip(columns, row, strict=True):
            if value is not None:
                write(number, column, value, cell_format)
    workbook.close()
