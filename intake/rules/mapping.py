"""A list of unknown layout: where its heading is, what each column holds, and what it is likely to mean. Pure.

Nothing is decided here: a person confirms, and what was confirmed is known again by its headings, in any order and
for any month.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from .columns import Column, MonthColumn, NameColumn, RegionColumn, UsccColumn, YearColumn
from .dates import read_month, read_year
from .figures import is_number
from .findings import Finding
from .headings import DEEPEST, SEARCHED_ROWS, find_heading, heading_texts, plain_heading
from .layout import SILENT
from .source import RawSheet, RawWorkbook
from .text import is_blank, region_code, squeezed, written
from .units import BASE_UNITS, UNIT_WORDS, unit_of

#: Rows looked at to see what a column holds.
SAMPLED = 300
SHOWN = 3
#: The share of filled cells that makes a column one of codes, names, regions or figures.
MOSTLY = 0.6
#: Where a heading states no unit, a median beyond this is a figure in the smaller unit.
_SMALLER = {"wan": (200_000, "元"), "wan_kwh": (20_000, "千瓦时")}
_NAME_END = re.compile(r"(公司|厂|社|部|店|中心|集团|研究所|院)([(（].*[)）])?$")
_NAME_HEADING = re.compile(r"(企业|单位|公司|纳税人|用户|客户|法人|户)(名称|名|全称)$|^户名$")
_NOT_OF_THE_MONTH = re.compile(r"累计|同比|环比|增幅|增速|增长|占比|比重|完成率|上年|去年|上月|%|排名|位次")
_DATED = re.compile(r"(?:(\d{4})年)?(\d{1,2})月份?|(\d{4})年(?!\d)|(\d{4})[-./](\d{1,2})(?!\d)")
_CODE = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,18}", re.ASCII)
ROLES = ("uscc", "name", "region", "month", "year")
LEFT_OUT = ""


@dataclass(frozen=True, slots=True)
class FileColumn:
    """A column of the file. ``normal`` is its heading without year and month: the same in every month's file."""

    number: int
    heading: str
    normal: str
    #: the first values, as people see them
    shown: tuple[str, ...]
    filled: int
    #: the unit that the heading states, "" where it states none
    unit: str
    #: "2022-05", "-05" or "2022": what the heading says of the time
    dated: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a column is taken for. ``target``: a role, a measure's key, or ``LEFT_OUT``; ``why`` in words."""

    target: str
    unit: str
    why: str
    is_sure: bool = False


@dataclass(slots=True)
class Survey:
    """One sheet of a file: the rows of its heading, its columns, and what each is likely to mean."""

    page: str
    first: int
    last: int
    columns: list[FileColumn]
    choices: dict[int, Choice] = field(default_factory=dict)
    #: other sheets with rows, which are not read
    others: list[str] = field(default_factory=list)


def survey_workbook(
    workbook: RawWorkbook,
    measures: Sequence[Column],
    regions: Mapping[str, str],
    known_names: Callable[[Iterable[str]], set[str]],
) -> Survey | None:
    """The sheet that looks most like a list of firms; None where no heading can be made out.

    ``known_names`` tells which of some names the registry knows.
    """
    found = []
    for sheet in workbook.sheets:
        if sheet.visible and (place := _heading_rows(sheet, measures)):
            found.append((_weight(sheet, place), sheet, place))
    if not found:
        return None
    _, sheet, (first, last) = max(found, key=lambda one: one[0])
    texts = heading_texts(sheet.rows, sheet.merges, first, last)
    rows = _sampled(sheet, last)
    survey = Survey(sheet.name, first, last, [])
    survey.others = [other.name for _, other, _ in found if other is not sheet]
    values = {number: [_cell(row, number) for row in rows] for number in texts}
    for number, parts in texts.items():
        survey.columns.append(_file_column(sheet, last, number, parts, values[number]))
    survey.choices = _choices(survey.columns, values, measures, regions, known_names)
    return survey


def _cell(row: Sequence[object], number: int) -> object:
    value = row[number - 1] if number <= len(row) else None
    return None if is_blank(value) else value


def _weight(sheet: RawSheet, place: tuple[int, int]) -> int:
    return sum(1 for row in sheet.rows[place[1] :] if any(not is_blank(value) for value in row))


def _heading_rows(sheet: RawSheet, measures: Sequence[Column]) -> tuple[int, int] | None:
    """By headings that are known; else the first row of texts with a fuller body of figures or codes below it."""
    known = find_heading(
        sheet.rows, sheet.merges, [UsccColumn(), NameColumn(), RegionColumn(), MonthColumn(), *measures]
    )
    if known is not None:
        last = known.last
        # months beside one another stand in a row of their own below the measure
        while (
            last < len(sheet.rows)
            and last - known.first < DEEPEST - 1
            and _only_months(sheet.rows[last], known.texts)
        ):
            last += 1
        return known.first, last
    for number in range(1, min(len(sheet.rows), SEARCHED_ROWS) + 1):
        row = [value for value in sheet.rows[number - 1] if not is_blank(value)]
        if len(row) < 2 or not all(isinstance(value, str) and not is_number(value) for value in row):
            continue
        below = sheet.rows[number : number + DEEPEST + 5]
        if any(is_number(value) or _is_code(value) for line in below for value in line):
            return number, number
    return None


def _only_months(row: Sequence[object], above: Mapping[int, str]) -> bool:
    """A row of months and nothing else but what the heading above says again (cells merged downwards)."""
    filled = {number: value for number, value in enumerate(row, 1) if not is_blank(value)}
    new = [value for number, value in filled.items() if plain_heading(value) != above.get(number)]
    return bool(new) and all(isinstance(value, str) and dated_heading(value) for value in new)


def _sampled(sheet: RawSheet, last: int) -> list[Sequence[object]]:
    rows = [row for row in sheet.rows[last:] if sum(not is_blank(value) for value in row) > 1]
    step = max(1, len(rows) // SAMPLED)
    return rows[::step][:SAMPLED]


def _file_column(
    sheet: RawSheet, last: int, number: int, parts: Sequence[str], values: Sequence[object]
) -> FileColumn:
    heading = "".join(parts)
    shown = [written(value) for value in values if value is not None][:SHOWN]
    filled = sum(1 for row in sheet.rows[last:] if _cell(row, number) is not None)
    return FileColumn(
        number=number,
        heading=heading[:80],
        normal=normal_heading(heading)[:80],
        shown=tuple(text[:40] for text in shown),
        filled=filled,
        unit=stated_unit(heading),
        dated=dated_heading(heading),
    )


def normal_heading(text: str) -> str:
    """Without year and month, so that 2022年5月用电量 and 2022年6月用电量 are one column."""
    return _DATED.sub("", plain_heading(text))


def dated_heading(text: str) -> str:
    """``2022-05`` of 2022年5月用电量, ``-05`` of 5月用电量, ``2022`` of 2022年税收; "" where nothing is said."""
    hit = _DATED.search(plain_heading(text))
    if hit is None:
        return ""
    year, month = hit[1] or hit[4] or "", hit[2] or hit[5]
    if month is None:
        return hit[3]
    return f"{year}-{int(month):02d}" if 1 <= int(month) <= 12 else ""


def stated_unit(text: str) -> str:
    """The unit word in brackets or at the end of a heading."""
    plain = plain_heading(text)
    for inner in reversed(re.findall(r"\(([^()]*)\)", plain)):
        word = inner.removeprefix("计量").removeprefix("单位").lstrip(":：")
        if any(unit_of(word, family) for family in BASE_UNITS):
            return str(word)
    ends = (word for word in UNIT_WORDS if plain.endswith(word) and len(plain) > len(word) + 1)
    return next((word for word in ends if len(word) > 1 or word == "元"), "")


# -------------------------------------------------------------------- what a column may mean


def _choices(
    columns: Sequence[FileColumn],
    values: Mapping[int, Sequence[object]],
    measures: Sequence[Column],
    regions: Mapping[str, str],
    known_names: Callable[[Iterable[str]], set[str]],
) -> dict[int, Choice]:
    chosen: dict[int, Choice] = {}
    shares = {
        role: _shares(role, columns, values, regions, known_names) for role in ("uscc", "name", "region")
    }
    for role, label in (("uscc", "信用代码"), ("name", "企业名称"), ("region", "县区")):
        left = {number: share for number, share in shares[role].items() if number not in chosen}
        best = max(left, key=lambda number: left[number], default=0)
        if best and left[best] >= MOSTLY:
            why = f"{left[best]:.0%}的内容是{label}"
            chosen[best] = Choice(role, "", why, is_sure=left[best] >= 0.9)
    used: set[str] = set()
    for column in columns:
        if column.number not in chosen:
            choice = _figure_choice(column, values[column.number], measures, used)
            chosen[column.number] = choice
            if choice.target and not column.dated:
                used.add(choice.target)
    return chosen


def _shares(
    role: str,
    columns: Sequence[FileColumn],
    values: Mapping[int, Sequence[object]],
    regions: Mapping[str, str],
    known_names: Callable[[Iterable[str]], set[str]],
) -> dict[int, float]:
    found = {}
    for column in columns:
        filled = [written(value) for value in values[column.number] if value is not None]
        texts = [text for text in filled if text]
        if not texts or column.normal in SILENT:
            continue
        if role == "uscc":
            hits = sum(map(_is_code, texts))
        elif role == "region":
            hits = sum(len(text) <= 20 and region_code(text, regions) is not None for text in texts)
        else:
            known = known_names(texts)
            hits = sum(text in known or bool(_NAME_END.search(squeezed(text))) for text in texts)
            if _NAME_HEADING.search(column.normal) and not any(map(is_number, texts)):
                hits = max(hits, round(len(texts) * 0.7))
        found[column.number] = hits / len(texts)
    return found


def _is_code(value: object) -> bool:
    """A credit code, an old register number, or what a spreadsheet has made of one: the check tells which."""
    text = squeezed(written(value)).upper()
    return bool(_CODE.fullmatch(text)) and any(letter.isdigit() for letter in text)


def _figure_choice(
    column: FileColumn, values: Sequence[object], measures: Sequence[Column], used: set[str]
) -> Choice:
    filled = [value for value in values if value is not None]
    if not filled:
        return Choice(LEFT_OUT, "", "这一列是空的")
    if column.normal in SILENT:
        return Choice(LEFT_OUT, "", "序号、备注一类，不采用", is_sure=True)
    time = _time_choice(column, filled)
    if time is not None:
        return time
    numeric = sum(map(is_number, filled)) / len(filled)
    if numeric < MOSTLY:
        return Choice(LEFT_OUT, "", "内容不是数字")
    if hit := _NOT_OF_THE_MONTH.search(plain_heading(column.heading)):
        return Choice(LEFT_OUT, "", f"列名含“{hit[0]}”，不是当期数，不采用")
    measure, word, is_whole = _named(column.normal, measures)
    if measure is None:
        return Choice(LEFT_OUT, "", "列名里没有认得的指标")
    if measure.key in used:
        return Choice(LEFT_OUT, "", f"前面已有一列是{_label(measure)}")
    unit, unit_why = _unit_guess(column, filled, measure)
    why = f"列名就是“{word}”" if is_whole else f"列名含“{word}”"
    return Choice(
        measure.key, unit, f"{why}；{unit_why}", is_sure=is_whole and bool(column.unit or not measure.unit)
    )


def _time_choice(column: FileColumn, filled: Sequence[object]) -> Choice | None:
    for role, names, read in (
        ("month", MonthColumn(), lambda value: read_month(value, None, numbers_as_text=False)),
        ("year", YearColumn(), read_year),
    ):
        named = plain_heading(column.heading) in {plain_heading(name) for name in names.kinds_of_heading}
        readable = sum(not isinstance(read(value), Finding) for value in filled) / len(filled)
        if named and readable >= MOSTLY:
            return Choice(
                role, "", f"列名和内容是{'月份' if role == 'month' else '年度'}", is_sure=readable == 1
            )
    return None


def _named(normal: str, measures: Sequence[Column]) -> tuple[Column | None, str, bool]:
    """The measure whose longest name stands in the heading: 主营业务收入 before 营业收入; the whole heading first."""
    bare = re.sub(r"\([^()]*\)", "", normal)
    best: tuple[Column | None, str] = (None, "")
    for measure in measures:
        for name in measure.kinds_of_heading:
            word = re.sub(r"\([^()]*\)", "", plain_heading(name))
            if word == bare:
                return measure, word, True
            if len(word) >= 2 and word in bare and len(word) > len(best[1]):
                best = (measure, word)
    return *best, False


def _label(measure: Column) -> str:
    return re.sub(r"\([^()]*\)", "", measure.heading)


def _unit_guess(column: FileColumn, filled: Sequence[object], measure: Column) -> tuple[str, str]:
    if not measure.unit:
        return "", "没有单位"
    base = BASE_UNITS[measure.unit]
    if column.unit and unit_of(column.unit, measure.unit):
        return column.unit, f"表头写明单位是{column.unit}"
    sizes = sorted(abs(float(squeezed(written(v)).replace(",", ""))) for v in filled if is_number(v))
    limit, smaller = _SMALLER.get(measure.unit, (0, ""))
    if limit and sizes and sizes[len(sizes) // 2] >= limit:
        return smaller, f"表头没有写单位，数值多在 {sizes[len(sizes) // 2]:,.0f} 上下，像是{smaller}"
    return base, f"表头没有写单位，先按{base}，请核对"


# -------------------------------------------------------------------- known again


def remembered(
    columns: Sequence[FileColumn], layouts: Iterable[tuple[int, Mapping[str, Mapping[str, str]]]]
) -> tuple[int, dict[int, Choice]] | None:
    """The confirmed layout (number, normal heading → target and unit) that knows every heading of the file.

    Columns may stand in another order and speak of another month. A heading that no layout knows, a mapped one that is
    missing, or one that stands twice asks for a person.
    """
    normal = [column.normal for column in columns]
    undated = [column.normal for column in columns if not column.dated]
    if len(set(undated)) != len(undated):
        return None
    for number, targets in layouts:
        wanted = {name for name, said in targets.items() if said["target"]}
        if wanted <= set(normal) <= set(targets):
            return number, {
                column.number: Choice(
                    targets[column.normal]["target"],
                    targets[column.normal]["unit"],
                    "上次确认过",
                    is_sure=True,
                )
                for column in columns
            }
    return None
