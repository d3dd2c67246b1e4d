"""Typed columns: each reads a whole column of cells into values and reports what it cannot read. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.periods import Month

from .dates import EPOCH, is_serial, not_yet, read_date, read_day_or_month, read_month, read_year
from .figures import A_TRUTH, fast_hundredths, read_amount, read_integer
from .findings import PLACEHOLDERS, Finding, must_mend
from .names import read_name, read_text
from .text import is_blank, region_code, region_key, squeezed, without_tick, written
from .units import Unit
from .uscc import read_codes

if TYPE_CHECKING:
    from .reading import ReadingContext

EMPTY = must_mend("EMPTY", "必填项没有填写", "请填写后重新上传")
PLACEHOLDER = must_mend(
    "PLACEHOLDER", "是占位符号，必填项没有填写实际内容", "请填写实际内容；确实没有的整行不报"
)
DITTO = must_mend("DITTO", "写的是“同上”，没有实际内容", "请逐行填写实际内容")
_DITTO = frozenset(["同上", "同前", "如上", "上同", "同上行", "同左", "〃", "″", "''", '"', "””"])


#: Codes of a month that may not be filled: not begun, or frozen.
CLOSED_MONTH = frozenset({"MONTH_NOT_OPEN", "MONTH_LOCKED"})


@dataclass(slots=True)
class Cells:
    """One column as found: values by record, the stated unit, and where findings go."""

    values: list[object]
    unit: Unit | None
    context: ReadingContext
    report: Callable[[int, Finding], None]
    numbers_as_text: bool = False
    told: set[int] = field(default_factory=set)
    #: A workbook whose day numbers count from 1904.
    since_1904: bool = False


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sheet. ``heading`` is the template's, ``aliases`` are other headings accepted."""

    key: str
    heading: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    #: Family of units a heading may state; "" when the column has none.
    unit: str = ""
    #: The unit that a person has chosen for a heading that states none.
    unit_chosen: str = ""
    #: Whether one merged cell may stand for all its rows (a district may, an amount may not).
    carried: bool = True

    @property
    def choices_offered(self) -> tuple[str, ...]:
        """What the blank sheet offers in a drop-down."""
        return ()

    @property
    def kinds_of_heading(self) -> tuple[str, ...]:
        return (self.heading, *self.aliases)

    def parse(self, cells: Cells) -> list[object]:
        """Values by record; None where empty or faulty. Equal cells are read once."""
        known = self._distinct(cells)
        if known is not None and self._is_clean(known):
            return list(map(known.__getitem__, cells.values))
        seen: dict[object, object] = known or {}
        out: list[object] = []
        for i, value in enumerate(cells.values):
            if value is None:
                out.append(self._empty(i, cells))
                continue
            key = value if known is not None or type(value) is str else (type(value), value)
            if key in seen:
                found = seen[key]
            else:
                found = seen[key] = self._read_one(value, cells)
            out.append(self._kept(i, found, cells))
        return out

    def _distinct(self, cells: Cells) -> dict[object, object] | None:
        """What each distinct cell means; None for cells of several types: there 1, 1.0 and TRUE would be one."""
        distinct = set(cells.values)
        has_blanks = None in distinct
        distinct.discard(None)
        if len(set(map(type, distinct))) > 1:
            return None
        known = {value: self._read_one(value, cells) for value in distinct}
        return known | {None: EMPTY if self.required else None} if has_blanks else known

    @staticmethod
    def _is_clean(known: Mapping[object, object]) -> bool:
        """Whether there is nothing to report at any cell."""
        return not any(type(found) is Finding for found in known.values())

    def read(self, value: object, cells: Cells) -> object:
        """One cell that is not blank: a value or a ``Finding``."""
        raise TypeError(f"{type(self).__name__} reads no single cell")

    def _read_one(self, value: object, cells: Cells) -> object:
        if isinstance(value, bool):
            return A_TRUTH
        if isinstance(value, str):
            if is_blank(value):
                return EMPTY if self.required else None
            if len(value) < 8 and squeezed(value) in PLACEHOLDERS and not self._is_choice(value):
                return PLACEHOLDER if self.required else None
            if len(value) < 8 and (value in _DITTO or squeezed(value) in _DITTO):
                return DITTO
            value = without_tick(value)
        return self.read(value, cells)

    def _is_choice(self, value: str) -> bool:
        return False

    def _empty(self, i: int, cells: Cells) -> object:
        """Report a required cell that is blank; the value of a blank cell."""
        if self.required and i not in cells.told:
            cells.report(i, EMPTY)
        return None

    def _kept(self, i: int, found: object, cells: Cells) -> object:
        if type(found) is Finding:
            cells.report(i, found)
            return found.value
        return found


@dataclass(frozen=True, kw_only=True)
class UsccColumn(Column):
    key: str = "uscc"
    heading: str = "统一社会信用代码"
    aliases: tuple[str, ...] = (
        "社会信用代码", "信用代码", "统一信用代码", "统一社会信用代码证号", "统一代码", "纳税人识别号", "企业统一社会信用代码",
        "单位统一社会信用代码", "统一社会信用代码(18位)", "统一社会信用代码/组织机构代码", "统一社会信用代码/注册号",
    )  # fmt: skip
    required: bool = True

    def parse(self, cells: Cells) -> list[object]:
        out: list[object] = []
        for i, found in enumerate(read_codes(cells.values)):
            if found is None:
                out.append(self._empty(i, cells))
            elif type(found) is Finding:
                placeholder = (
                    isinstance(cells.values[i], str) and squeezed(str(cells.values[i])) in PLACEHOLDERS
                )
                truth = isinstance(cells.values[i], bool)
                out.append(self._kept(i, A_TRUTH if truth else PLACEHOLDER if placeholder else found, cells))
            else:
                out.append(found)
        return out


@dataclass(frozen=True, kw_only=True)
class NameColumn(Column):
    key: str = "name"
    heading: str = "企业名称"
    aliases: tuple[str, ...] = (
        "单位名称", "单位详细名称", "公司名称", "企业全称", "企业(单位)名称", "单位(企业)名称", "纳税人名称", "法人单位名称",
    )  # fmt: skip

    def read(self, value: object, cells: Cells) -> object:
        if not isinstance(value, str):
            return must_mend("NAME_ODD", "不是名称，单元格里是数字或日期", "请检查是否错列，再填写企业全称")
        return read_name(value)


@dataclass(frozen=True, kw_only=True)
class TextColumn(Column):
    limit: int = 200

    def read(self, value: object, cells: Cells) -> object:
        return read_text(written(value), self.limit, "内容")


@dataclass(frozen=True, kw_only=True)
class RegionColumn(Column):
    key: str = "region"
    heading: str = "所属县区"
    aliases: tuple[str, ...] = (
        "县区", "县(市、区)", "县(市)区", "县市区", "县(区)", "区县", "所属县(市、区)", "所属区县", "所属地区", "地区", "所在县区",
        "所属县市区", "所属板块", "板块", "属地", "考核地区",
    )  # fmt: skip
    #: Whether the region must lie within the sender's scope.
    scoped: bool = True

    def read(self, value: object, cells: Cells) -> object:
        context = cells.context
        text = written(value)
        code = region_code(text, context.regions) if len(text) <= 60 else None
        if code is None and squeezed(text) in context.region_names:
            code = squeezed(text)
        if code is None:
            return must_mend("REGION_UNKNOWN", "不是已登记的县区", f"请填写县区全称{_example(context)}")
        if self.scoped and code not in context.scope:
            name = context.region_names.get(code, text)
            own = context.own_name or "本辖区"
            if name == own:
                return must_mend("REGION_SCOPE", f"应写到{own}的县区", "请填写县区全称；合计不用填报")
            return must_mend(
                "REGION_SCOPE",
                f"{name}不在您的权限辖区（{own}）内",
                f"请只报{own}的企业；如属地有误，请与市局联系",
            )
        return code


def _example(context: ReadingContext) -> str:
    names = [context.region_names[code] for code in sorted(context.scope) if code in context.region_names]
    return f"，例如{names[0]}" if names else ""


@dataclass(frozen=True, kw_only=True)
class MonthColumn(Column):
    key: str = "month"
    heading: str = "统计月份"
    aliases: tuple[str, ...] = (
        "月份",
        "所属月份",
        "报告期",
        "所属期",
        "统计期",
        "填报月份",
        "数据月份",
        "统计时间",
        "年月",
    )

    def read(self, value: object, cells: Cells) -> object:
        context = cells.context
        period = context.period if isinstance(context.period, Month) else None
        if cells.since_1904 and is_serial(value):
            return EPOCH._replace(cure="请按 2026-03 或 2026年3月 的写法填写")
        month = read_month(value, period, cells.numbers_as_text)
        if isinstance(month, Finding):
            return month
        if period is not None:
            if month != period:
                return must_mend(
                    "MONTH_OTHER",
                    f"统计月份 {month.label}不是本次填报的月份 {period.label}",
                    "请改正月份，或到对应月份下填报",
                )
        elif isinstance(context.period, int) and month.year != context.period:
            return must_mend(
                "MONTH_OTHER", f"月份 {month.label}不在本次填报的{context.period}年内", "请改正月份"
            )
        return context.closed(month) or month


@dataclass(frozen=True, kw_only=True)
class YearColumn(Column):
    key: str = "year"
    heading: str = "年度"
    aliases: tuple[str, ...] = ("年份", "所属年度", "统计年度")
    #: Whether the year must be the one that is being filled.
    periodic: bool = True

    def read(self, value: object, cells: Cells) -> object:
        year = read_year(value)
        period = cells.context.period
        if self.periodic and isinstance(period, int) and isinstance(year, int) and year != period:
            return must_mend("YEAR_OTHER", f"年度 {year} 不是本次填报的 {period} 年", "请改正年度")
        return year


@dataclass(frozen=True, kw_only=True)
class AmountColumn(Column):
    """Whole hundredths of the unit's base (万元 for ``wan``), half up. ``minimum`` in hundredths."""

    unit: str = "wan"
    carried: bool = False
    minimum: int | None = None

    def parse(self, cells: Cells) -> list[object]:
        out: list[object] = []
        for i, figure in enumerate(fast_hundredths(cells.values, cells.unit)):
            if figure is None:
                value = cells.values[i]
                found = self._read_one(value, cells) if value is not None else self._empty(i, cells)
                out.append(self._kept(i, found, cells))
            elif self.minimum is not None and figure < self.minimum:
                out.append(self._kept(i, self._too_small(), cells))
            else:
                out.append(figure)
        return out

    def read(self, value: object, cells: Cells) -> object:
        figure = read_amount(value, self.unit, cells.unit)
        if isinstance(figure, int) and self.minimum is not None and figure < self.minimum:
            return self._too_small()
        return figure

    def _too_small(self) -> Finding:
        return must_mend(
            "NUMBER_RANGE", "不能是负数" if self.minimum == 0 else "数值过小", "请核对后重新填写"
        )


@dataclass(frozen=True, kw_only=True)
class IntegerColumn(Column):
    unit: str = "person"
    carried: bool = False
    minimum: int = 0
    maximum: int = 10_000_000

    def read(self, value: object, cells: Cells) -> object:
        return read_integer(value, self.unit, cells.unit, self.minimum, self.maximum)


@dataclass(frozen=True, kw_only=True)
class DateColumn(Column):
    carried: bool = False
    #: Firms older than the People's Republic are typing slips.
    earliest: date = date(1949, 10, 1)
    #: Days after today that may be named (planned dates); 0 for what has happened.
    days_ahead: int = 0
    #: Whether a month alone is enough: people know the month in which a firm began.
    month_is_enough: bool = False

    def read(self, value: object, cells: Cells) -> object:
        if cells.since_1904 and is_serial(value):
            return EPOCH
        if not_yet(value):
            return EMPTY if self.required else None
        read = read_day_or_month if self.month_is_enough else read_date
        return read(value, self.earliest, cells.context.today + timedelta(days=self.days_ahead))


@dataclass(frozen=True, kw_only=True)
class ChoiceColumn(Column):
    """One of ``choices``; ``also`` maps other written forms to a choice."""

    choices: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)

    @property
    def choices_offered(self) -> tuple[str, ...]:
        return self.choices

    def _forms(self) -> dict[str, str]:
        forms = {region_key(choice): choice for choice in self.choices}
        return forms | {region_key(form): choice for form, choice in self.also.items()}

    def _is_choice(self, value: str) -> bool:
        return region_key(value) in self._forms()

    def read(self, value: object, cells: Cells) -> object:
        text = written(value)
        choice = self._forms().get(region_key(text)) if len(text) <= 60 else None
        return choice or must_mend("CHOICE", "不在可选的内容里", f"请填写其中之一：{'、'.join(self.choices)}")


@dataclass(frozen=True, kw_only=True)
class IndustryColumn(Column):
    """行业代码 of GB/T 4754: two to four digits, an optional section letter before them is dropped."""

    key: str = "industry_code"
    heading: str = "行业代码"
    aliases: tuple[str, ...] = ("国民经济行业代码", "行业小类代码", "行业小类")

    def read(self, value: object, cells: Cells) -> object:
        text = squeezed(written(value)).upper()
        if not isinstance(value, str) and len(text) < 4:
            return must_mend(
                "INDUSTRY_ZERO",
                "行业代码是数字格式，开头的 0 可能已丢失",
                "请把这一列设为文本，填写 4 位行业代码",
            )
        hit = re.fullmatch(r"[A-T]?(\d{2,4})", text, re.ASCII)
        if not hit or not 1 <= int(hit[1][:2]) <= 97:
            return must_mend("INDUSTRY", "不是国民经济行业分类的代码", "请填写 4 位行业小类代码，例如 3411")
        return hit[1]


@dataclass(frozen=True, kw_only=True)
class PhoneColumn(Column):
    """A telephone number, kept as written; one that looks wrong is only hinted at."""

    key: str = "phone"
    heading: str = "联系电话"
    aliases: tuple[str, ...] = ("电话", "手机", "手机号", "手机号码", "联系方式")

    def read(self, value: object, cells: Cells) -> object:
        text = squeezed(written(value))
        if len(text) > 60 or re.search(r"[<>{}=@|]", text):
            return must_mend("PHONE", "不是电话号码", "请填写手机号或带区号的固定电话")
        numbers = [part for part in re.split(r"[/、,;；，]", text) if part]
        if all(
            re.fullmatch(r"(\+?86-?)?(1\d{10}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|\d{7,8}|400-?\d{3}-?\d{4})", n)
            for n in numbers
        ):
            return text
        return Finding("PHONE", "D", "不像电话号码", "如有误请改正", text)
