"""Finding the heading rows of a sheet and the columns they name. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.periods import Month

from .columns import Column
from .text import is_blank, simplified, squeezed, without_blanks
from .units import UNIT_WORDS, Unit, family_named_twice, is_unit, line_units, unit_of

#: Titles, notes and unit lines above a heading never fill more rows than these.
SEARCHED_ROWS = 40
#: A heading may stand on up to three merged rows.
DEEPEST = 3
#: Fewer known headings than these are a coincidence.
FEWEST_HITS = 2

#: 必填, 选填, and what asks the sender without saying what the figure is: (请填写) but not (请填累计数), (请按元填写).
_OPTIONAL_MARKS = re.compile(r"\((?:必填|选填|必填项|可选|请(?![^()]*[累年同季计元吨瓦亩])[^()]*)\)")
_BRACKETS = re.compile(r"\(([^()]*)\)")
#: What may stand beside a unit in its brackets and changes nothing: (人民币:万元), (万元,保留两位小数).
_MONEY = re.compile(r"^(?:金额)?(?:单位)?[:]?人民币[:]?")
_PLACES = re.compile(r"[,;、](?:(?:均|请|须)?(?:保留|精确到|精确至|取)[^()]{1,8}|[^()]{0,3}位小数|可有小数)$")
_TO_ROUND = str.maketrans("[]【】〔〕{}", "()()()()")
_THIS_MONTH = re.compile(r"^(?:本月|当月|本期)")
#: Signs that mark a column as required, and numbers before a heading (1.企业名称): they name nothing.
_MARKS = str.maketrans("", "", "*★☆※▲△●○◆■")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.、)]|\(\d{1,2}\))(?=\D)")


@dataclass(slots=True)
class Hit:
    """A column found: its number (1-based), the heading as written, its unit."""

    column: Column
    number: int
    written: str
    unit: Unit | None = None
    unit_stated: bool = False


@dataclass(slots=True)
class Heading:
    """Rows ``first``…``last`` (1-based) and what they name."""

    first: int
    last: int
    hits: list[Hit]
    unknown: list[tuple[int, str]] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    #: Columns whose heading states no unit below a line that names two; columns whose heading contradicts the line.
    unclear_units: list[Hit] = field(default_factory=list)
    other_units: list[tuple[Hit, str]] = field(default_factory=list)

    def plain_own(self, hit: Hit) -> bool:
        """Whether the heading as written is the template's, not only an accepted alias."""
        return (
            _without_units(plain_heading(hit.written))[0]
            == _without_units(plain_heading(hit.column.heading))[0]
        )

    @property
    def found(self) -> set[str]:
        return {hit.column.key for hit in self.hits}


def plain_heading(value: object) -> str:
    """Half width, simplified, without blanks, line breaks, numbers, stars and 必填 marks; one kind of brackets."""
    if not isinstance(value, str) or len(value) > 200:
        return ""
    text = simplified(squeezed(value).translate(_MARKS)).translate(_TO_ROUND).casefold()
    return _NUMBERED.sub("", _OPTIONAL_MARKS.sub("", text)).strip(":：")


class Matcher:
    """Headings of one sheet's columns, ready to be compared."""

    def __init__(self, columns: Sequence[Column], period: Month | int | None = None) -> None:
        self._by_name: dict[str, Column] = {}
        self._this_month = _THIS_MONTH
        if isinstance(period, Month):
            named = rf"(?:{period.year}年)?0?{period.month}月份?"
            self._this_month = re.compile(rf"^(?:本月|当月|本期|{named})")
        for column in columns:
            for name in column.kinds_of_heading:
                plain = plain_heading(name)
                self._by_name.setdefault(plain, column)
                self._by_name.setdefault(_without_units(plain)[0], column)
                if not column.unit:
                    self._by_name.setdefault(_BRACKETS.sub("", plain), column)

    def match(self, parts: Sequence[str]) -> tuple[Column, str | None] | None:
        """The column named by heading parts (top to bottom) and the unit word they state."""
        if not parts:
            return None
        own, above = parts[-1], "".join(parts[:-1])
        if above and is_unit(own.strip("()")):
            own, above = f"{above}({own.strip('()')})", ""
        group_unit = _without_units(above)[1]
        bare_above = _without_units(above)[0]
        texts = (own, f"{bare_above}{own}", f"{own}{bare_above}") if above else (own,)
        if len(parts) > 2 and above:
            nearest = _without_units(parts[-2])[0]
            texts = (*texts, f"{nearest}{own}", f"{own}{nearest}")
        for text in texts:
            hit = self._match_text(text)
            if hit:
                return hit[0], hit[1] or group_unit
        return None

    def _match_text(self, text: str) -> tuple[Column, str | None] | None:
        bare, unit = _without_units(text)
        for name in (text, bare, self._this_month.sub("", bare)):
            column = self._by_name.get(name)
            if column is not None:
                return column, unit
        column = self._by_name.get(_BRACKETS.sub("", bare))
        if column is not None and not column.unit:
            return column, unit
        for word in UNIT_WORDS if unit is None else ():
            if bare.endswith(word):
                stem = bare.removesuffix(word).rstrip("-/:,、—").removesuffix("单位").rstrip("-/:,、—")
                column = self._by_name.get(self._this_month.sub("", stem))
                if column is not None and column.unit:
                    return column, word
        return None


def _without_units(text: str) -> tuple[str, str | None]:
    """A heading without bracketed units, and the last unit found."""
    unit: str | None = None

    def keep(hit: re.Match[str]) -> str:
        nonlocal unit
        word = _PLACES.sub("", hit[1]).removeprefix("计量").removeprefix("单位").lstrip(":：")
        word = word if is_unit(word) else _MONEY.sub("", word)
        if is_unit(word):
            unit = word
            return ""
        return hit[0]

    return _BRACKETS.sub(keep, text), unit


def find_heading(
    rows: Sequence[Sequence[object]],
    merges: Sequence[tuple[int, int, int, int]],
    columns: Sequence[Column],
    period: Month | int | None = None,
) -> Heading | None:
    """The heading with the most known columns, or None. The shallowest wins unless a sub-heading row follows."""
    matcher = Matcher(columns, period)
    best: Heading | None = None
    for first in range(1, min(len(rows), SEARCHED_ROWS) + 1):
        for depth in range(1, DEEPEST + 1):
            last = first + depth - 1
            if last > len(rows) or (depth > 1 and not _is_subheading(rows[last - 1])):
                break
            heading = _match_rows(rows, merges, matcher, first, last)
            if depth == 1 and not heading.hits:
                break
            if depth > 1 and not any(_filled(rows[last - 1], hit.number) for hit in heading.hits):
                continue
            if best is None or _better(heading, best):
                best = heading
    if best is None or len(best.found) < FEWEST_HITS:
        return None
    _add_units_above(best, rows, merges)
    return best


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a person has found a list's columns: the sheet, the rows of its heading, column key → number."""

    page: str
    first: int
    last: int
    numbers: Mapping[str, int]


def placed_heading(
    rows: Sequence[Sequence[object]],
    merges: Sequence[tuple[int, int, int, int]],
    first: int,
    last: int,
    places: Mapping[int, Column],
) -> Heading:
    """The heading with the columns that a person has named; a unit that it states goes before the one he chose."""
    heading = Heading(first, last, [])
    for number, texts in sorted(_parts(rows, merges, first, last).items()):
        plain = [text for text in map(plain_heading, texts) if text]
        heading.texts[number] = "".join(plain)
        written = without_blanks(texts[-1])
        column = places.get(number)
        if column is None:
            if plain:
                heading.unknown.append((number, written))
            continue
        word = _without_units("".join(plain))[1]
        unit = unit_of(word, column.unit) if word and column.unit else None
        heading.hits.append(Hit(column, number, written, unit, unit_stated=unit is not None))
    _add_units_above(heading, rows, merges)
    for hit in heading.hits:
        if not hit.unit_stated and hit.column.unit_chosen:
            hit.unit, hit.unit_stated = unit_of(hit.column.unit_chosen, hit.column.unit), True
    heading.unclear_units = [hit for hit in heading.unclear_units if not hit.unit_stated]
    return heading


def heading_texts(
    rows: Sequence[Sequence[object]], merges: Sequence[tuple[int, int, int, int]], first: int, last: int
) -> dict[int, list[str]]:
    """The texts of each column's heading from top to bottom; columns without one are left out."""
    found = {
        number: [without_blanks(text) for text in texts if plain_heading(text)]
        for number, texts in sorted(_parts(rows, merges, first, last).items())
    }
    return {number: texts for number, texts in found.items() if texts}


def _better(new: Heading, best: Heading) -> bool:
    if len(new.found) != len(best.found):
        return len(new.found) > len(best.found)
    return new.first == best.first and new.last > best.last


def _filled(row: Sequence[object], number: int) -> bool:
    return number <= len(row) and not is_blank(row[number - 1])


def _is_subheading(row: Sequence[object]) -> bool:
    """Texts only, none of them a total, a code or a figure."""
    filled = [value for value in row if not is_blank(value)]
    if not filled or not all(isinstance(value, str) for value in filled):
        return False
    texts = [plain_heading(value) for value in filled]
    return not any(re.search(r"合计|总计|小计|^[\d.,%-]+$|\d{6}|^注", text) for text in texts)


def _match_rows(
    rows: Sequence[Sequence[object]],
    merges: Sequence[tuple[int, int, int, int]],
    matcher: Matcher,
    first: int,
    last: int,
) -> Heading:
    heading = Heading(first, last, [])
    parts = _parts(rows, merges, first, last)
    for number, texts in sorted(parts.items()):
        plain = [text for text in map(plain_heading, texts) if text]
        heading.texts[number] = "".join(plain)
        found = matcher.match(plain)
        written = without_blanks(texts[-1]).replace("*", "").replace("＊", "")
        if found is None:
            if plain:
                heading.unknown.append((number, written))
            continue
        column, word = found
        unit = unit_of(word, column.unit) if word and column.unit else None
        heading.hits.append(Hit(column, number, written, unit, unit_stated=word is not None))
    return heading


def _parts(
    rows: Sequence[Sequence[object]], merges: Sequence[tuple[int, int, int, int]], first: int, last: int
) -> dict[int, list[str]]:
    """Texts of each column from top to bottom, merged cells spread over what they cover, repeats dropped."""
    grid: dict[tuple[int, int], object] = {}
    for number in range(first, last + 1):
        for column, value in enumerate(rows[number - 1], 1):
            if not is_blank(value):
                grid[number, column] = value
    wide: set[int] = set()
    for top, left, bottom, right in merges:
        if bottom < first or top > last or (top, left) not in grid:
            continue
        for number in range(max(top, first), min(bottom, last) + 1):
            wide.update({number} if right > left else ())
            for column in range(left, right + 1):
                grid[number, column] = grid[top, left]
    _spread_groups(grid, first, last, wide)
    parts: dict[int, list[str]] = {}
    for number, column in sorted(grid):
        texts = parts.setdefault(column, [])
        text = str(grid[number, column])
        if not texts or texts[-1] != text:
            texts.append(text)
    return parts


def _spread_groups(grid: dict[tuple[int, int], object], first: int, last: int, wide: set[int]) -> None:
    """In files that keep no merges (csv) a group heading stands over blanks: spread it to the right."""
    for number in range(first, last):
        if number in wide:
            continue
        below = {column for row, column in grid if row == number + 1}
        group: object = None
        for column in range(1, max(below, default=0) + 1):
            own = grid.get((number, column))
            group = own if own is not None else group
            if own is None and group is not None and column in below and (number + 1, column - 1) in grid:
                grid[number, column] = group


def _add_units_above(
    heading: Heading, rows: Sequence[Sequence[object]], merges: Sequence[tuple[int, int, int, int]]
) -> None:
    """Units from a group heading or a line such as 单位：万元 above the heading."""
    if heading.first == 1:
        return
    families = {hit.column.unit for hit in heading.hits} - {""}
    above = _parts(rows, merges, heading.first - 1, heading.first - 1)
    lines: dict[str, Unit] = {}
    torn: set[str] = set()
    for row in rows[: heading.first - 1]:
        for value in row:
            if isinstance(value, str) and "位" in value:
                line = squeezed(value[:200])
                lines.update(line_units(line))
                torn |= {family for family in families if family_named_twice(line, family)}
    for hit in heading.hits:
        if hit.unit_stated or not hit.column.unit:
            line_unit = lines.get(hit.column.unit)
            if line_unit and hit.unit and line_unit.factor != hit.unit.factor:
                heading.other_units.append((hit, line_unit.word))
            continue
        word = _without_units("".join(map(plain_heading, above.get(hit.number, []))))[1]
        hit.unit = unit_of(word, hit.column.unit) if word else lines.get(hit.column.unit)
        hit.unit_stated = hit.unit is not None
        if not hit.unit_stated and hit.column.unit in torn:
            heading.unclear_units.append(hit)
