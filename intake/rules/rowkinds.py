"""Telling records from totals, notes, blanks and repeated headings. Pure; no row is passed over unnamed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .columns import AmountColumn, IntegerColumn, MonthColumn, RegionColumn, UsccColumn, YearColumn
from .figures import is_number
from .headings import Heading, plain_heading
from .source import RawSheet
from .text import is_blank, squeezed

_TOTAL = re.compile(r".{0,16}(合计|总计|共计)(数)?([(（:：].*)?")
_SUBTOTAL = re.compile(r".{0,16}(小计|本页合计|本页小计|累计)(数)?([(（:：].*)?")
#: Rows of what was computed from the others: neither a firm nor a sum.
_SUMMARY = re.compile(
    r".{0,6}(平均|平均值|平均数|均值|户均|最大值|最小值|占比|占全市比重|比重|同比|环比|增幅|增速|完成率|上年同期|去年同期|上月数)"
    r"((增长|增减|增幅)?(\(?[%±]+\)?)?)|(共|共计|合计)\d+(家|户|个).{0,4}|其中[:：].{0,20}"
)
#: 一、汇龙镇: a line that opens a part of the list.
_PART = re.compile(r"(\([一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}[、.:：]).{1,30}")
_SIGNATURES = (
    "填表人|制表人|填报人|编制人|审核人|复核人|审批人|负责人|单位负责人|统计负责人|企业负责人|分管领导|主管领导|经办人|联系人|联系电话|"
    "填报日期|填表日期|制表日期|报出日期|报送日期|填报时间|报送时间|报出时间|填报单位|制表单位|报送单位|填表单位|单位盖章|单位\\(盖章\\)|盖章|签章|签字|"
    "数据来源|资料来源"
)
_NOTE = re.compile(
    r"(日期|时间|制表|填表|填报|审核|复核|校对|经办|签发|电话)[:：]?$|"
    rf"\(?(备注|注释|注意|注|说明|填表说明|填报说明|指标说明)\)?\d{{0,2}}[:：、.]|({_SIGNATURES})([:：(_]|$|\D{{2,4}}$)|"
    r"((金额|计量)?单位[:：])|续表|\(?续\)?$|\(续表?\)|接上页|转下页|[—_*=·…-]*(此行)?以下(空白|无|为空)|(制表|填表|审核|复核)[:：]|本页完|"
    r"第[\d一二三四五六七八九十]+页|共\d+页|\d+/\d+页"
)
#: … and what is one only where nothing else stands in its row.
_ALONE = re.compile(r"[—_*=·….√-]+$|\(?(盖章|签章|公章)\)?$|[此本]表一式|以上共\d|同上$|略$|无$")
_CONTINUED = re.compile(r"(\(?\d{1,2}[).、．]|[①-⑳]|[一二三四五六七八九十][、.])\D")
_DATE_LINE = re.compile(r"\d{4}年\d{1,2}月(\d{1,2}日)?")
_ORDINALS = re.compile(
    r"[甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥]|\(?\d{1,2}\)?|[a-z]|[①-⑳]|[ivx]{1,4}|[—-]*"
    r"|\(?\d{1,2}\)?=[\d()%×÷*/+-]{1,20}"
)
#: A repeated heading must agree with the first in this share of its cells to be one.
REPEATED_SHARE = 0.6


@dataclass(slots=True)
class Total:
    """A row of sums; ``grand`` for 合计 and 总计, else 小计."""

    row: int
    grand: bool


@dataclass(slots=True)
class RowKinds:
    """Excel rows by kind."""

    records: list[int] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    totals: list[Total] = field(default_factory=list)
    #: Repeated headings that differ from the first in order or unit.
    odd_headings: list[int] = field(default_factory=list)
    #: Rows with a district or a month filled down and nothing else.
    idle: list[int] = field(default_factory=list)


class RowSorter:
    """Sorts the rows below one heading."""

    def __init__(self, sheet: RawSheet, heading: Heading, last_row: int) -> None:
        self._sheet, self._heading, self._last = sheet, heading, last_row
        self._mapped = {hit.number: hit.column for hit in heading.hits}
        codes = [hit.number for hit in heading.hits if isinstance(hit.column, UsccColumn)]
        self._code = codes[0] if codes else 0
        self._figures = {
            hit.number for hit in heading.hits if isinstance(hit.column, AmountColumn | IntegerColumn)
        }
        self._titles = {
            squeezed(value)
            for row in sheet.rows[: heading.first - 1]
            for value in row
            if isinstance(value, str) and value
        } - {""}
        self._wide = {top: (left, right) for top, left, _, right in sheet.merges if right > left}
        self._noted = False

    def sort(self) -> RowKinds:
        kinds = RowKinds()
        code = self._code - 1
        rows = self._sheet.rows
        for number in range(self._heading.last + 1, self._last + 1):
            row = rows[number - 1]
            if 0 <= code < len(row):
                value = row[code]
                if type(value) is str and len(value) == 18 and value.isalnum() and value.isascii():
                    kinds.records.append(number)
                    continue
            self._sort_slowly(number, row, kinds)
        return kinds

    def _sort_slowly(self, number: int, row: Sequence[object], kinds: RowKinds) -> None:
        filled = [(column, value) for column, value in enumerate(row, 1) if not is_blank(value)]
        lost = self._lost_cells(number)
        if not filled and not lost:
            kinds.ignored.append(number)
            return
        texts = [squeezed(value) for _, value in filled if isinstance(value, str) and len(value) < 2000]
        if self._repeats_heading(row):
            kinds.ignored.append(number)
            if not self._same_heading(row):
                kinds.odd_headings.append(number)
        elif self._is_other_heading(filled):
            kinds.ignored.append(number)
            kinds.odd_headings.append(number)
        elif self._has_code(row) or lost & {self._code}:
            kinds.records.append(number)
        elif (grand := self._total_kind(filled)) is not None:
            kinds.totals.append(Total(number, grand))
            kinds.ignored.append(number)
        elif (
            (not lost and self._is_summary(filled))
            or self._is_note(number, filled, texts)
            or self._is_ordinals(number, filled)
            or (not any(column in self._mapped for column, _ in filled) and not lost & set(self._mapped))
        ):
            kinds.ignored.append(number)
        elif not lost and self._is_idle(filled):
            kinds.idle.append(number)
            kinds.ignored.append(number)
        else:
            kinds.records.append(number)

    def _lost_cells(self, number: int) -> set[int]:
        """Columns of the row whose cell holds a formula without value or an error."""
        gaps, errors = self._sheet.formula_gaps, self._sheet.error_cells
        if not gaps and not errors:
            return set()
        return {column for column in self._mapped if (number, column) in gaps or (number, column) in errors}

    def _has_code(self, row: Sequence[object]) -> bool:
        value = row[self._code - 1] if 0 < self._code <= len(row) else None
        if isinstance(value, str):
            text = squeezed(value)
            return len(text) >= 8 and any(map(str.isdigit, text)) and text.isascii()
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 10**7

    def _total_kind(self, filled: Sequence[tuple[int, object]]) -> bool | None:
        """True for a grand total, False for a subtotal, None for neither."""
        for column, value in filled:
            if column in self._figures or not isinstance(value, str) or len(value) > 60:
                continue
            text = squeezed(value).strip("-—:：")
            if _SUBTOTAL.fullmatch(text):
                return False
            if _TOTAL.fullmatch(text):
                return True
        # 合 and 计 in a cell each
        labels = [
            squeezed(v) for c, v in filled if c not in self._figures and isinstance(v, str) and len(v) < 5
        ]
        return {"合计": True, "总计": True, "小计": False}.get("".join(labels)) if len(labels) == 2 else None

    def _is_idle(self, filled: Sequence[tuple[int, object]]) -> bool:
        """District, month and running number only, in a list of firms: filled down further than the firms go."""
        settings = [
            c for c, _ in filled if isinstance(self._mapped.get(c), RegionColumn | MonthColumn | YearColumn)
        ]
        others = [value for c, value in filled if c not in settings]
        if not settings or not self._code or any(c in self._mapped for c, _ in filled if c not in settings):
            return False
        if any(isinstance(value, str) and len(value) > 20 for _, value in filled):
            return False
        return all(is_number(value) for value in others)

    def _is_summary(self, filled: Sequence[tuple[int, object]]) -> bool:
        """A row labelled as an average, a ratio or a part of the sum, or a line that opens a part of the list."""
        labels = [v for c, v in filled if c not in self._figures and isinstance(v, str) and len(v) <= 40]
        if len(labels) != 1:
            return False
        text = squeezed(labels[0]).strip("-—:：")
        return bool(_SUMMARY.fullmatch(text)) or (len(filled) == 1 and bool(_PART.fullmatch(text)))

    def _is_note(self, number: int, filled: Sequence[tuple[int, object]], texts: Sequence[str]) -> bool:
        if not texts or any(column in self._figures and is_number(value) for column, value in filled):
            return False
        first = texts[0]
        if _NOTE.match(first) or first in self._titles:
            self._noted = True
            return True
        if len(filled) == 1 and _ALONE.match(first):
            return True
        if len(filled) == 1 and self._noted and (_CONTINUED.match(first) or _DATE_LINE.fullmatch(first)):
            return True
        if (
            len(filled) <= 2
            and number > self._heading.last
            and all(_DATE_LINE.fullmatch(text) for text in texts)
        ):
            return len(texts) == len(filled) and not {column for column, _ in filled} & {self._code}
        return len(filled) == 1 and self._covers_identity(number)

    def _covers_identity(self, number: int) -> bool:
        """One text merged across at least three known columns is a line of its own, not a record."""
        left, right = self._wide.get(number, (1, 0))
        return sum(left <= column <= right for column in self._mapped) >= 3

    def _is_ordinals(self, number: int, filled: Sequence[tuple[int, object]]) -> bool:
        """The row under a heading that numbers the columns: 甲 乙 1 2 3, or says how they are computed: 3=1+2."""
        texts = [plain_heading(value) if isinstance(value, str) else str(value) for _, value in filled]
        if any("=" in text for text in texts):
            return number <= self._heading.last + 2 and all(_ORDINALS.fullmatch(text) for text in texts)
        if number > self._heading.last + 2 or len(filled) < 3:
            return False
        identity = [
            t for (c, _), t in zip(filled, texts, strict=True) if c in self._mapped and c not in self._figures
        ]
        return bool(identity) and all(_ORDINALS.fullmatch(text) for text in texts)

    def _repeats_heading(self, row: Sequence[object]) -> bool:
        known = set(self._heading.texts.values()) | {plain_heading(hit.written) for hit in self._heading.hits}
        texts = [plain_heading(value) for value in row if isinstance(value, str) and not is_blank(value)]
        same = sum(text in known or self._bare(text) in map(self._bare, known) for text in texts if text)
        return same >= 2 and same >= REPEATED_SHARE * len(texts)

    def _is_other_heading(self, filled: Sequence[tuple[int, object]]) -> bool:
        """The heading of another list below: names of columns in other places than theirs, beside words alone."""
        texts = [
            plain_heading(value)
            for _, value in filled
            if isinstance(value, str) and value.strip()[-1:] not in ":："
        ]
        if not 2 <= len(filled) == len(texts) or not all(
            0 < len(t) <= 20 and not re.search(r"\d", t) for t in texts
        ):
            return False
        names = {self._bare(plain_heading(hit.written)): hit.number for hit in self._heading.hits}
        places = {
            names[self._bare(t)]: c for (c, _), t in zip(filled, texts, strict=True) if self._bare(t) in names
        }
        return any(own != found for own, found in places.items())

    def _same_heading(self, row: Sequence[object]) -> bool:
        """Each cell repeats the heading of its own column, unit included."""
        for column, value in enumerate(row, 1):
            text = plain_heading(value)
            whole = self._heading.texts.get(column, "")
            if text and column in self._mapped and text not in whole and self._bare(text) != whole:
                return False
            if "(" in text and column in self._figures and "(" in whole and text not in whole:
                return False
        return True

    @staticmethod
    def _bare(text: str) -> str:
        return re.sub(r"\(.*?\)", "", text)
