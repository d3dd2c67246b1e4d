"""Single cells: what is certain is read in silence, what is doubtful is told."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.periods import Month
from intake.rules.findings import must_mend
from intake.rules.text import name_key, region_code, region_forms, region_key
from intake.rules.uscc import ALPHABET, check_uscc, uscc_check_character

from .monthly_rows import (
    CODE,
    HEADINGS,
    LISTED,
    MONTH,
    NAME,
    REGION,
    REVENUE,
    TAX,
    code,
    read,
    read_cell,
    row,
    told,
)


@pytest.mark.parametrize(
    ("written", "hundredths"),
    [
        ("1,234.50", 123450),
        ("１，２３４．５", 123450),
        ("2 045.06", 204506),
        ("1234.5万元", 123450),
        ("5600000元", 56000),
        ("0.188888亿元", 188888),
        ("560千元", 5600),
        ("¥2045.06万", 204506),
        ("人民币2045.06万元整", 204506),
        ("2045.055", 204506),
        (2045.055, 204506),
        (1.005, 101),
        (0.285, 29),
        (-0.005, -1),
        (0, 0),
        ("0", 0),
        ("+12", 1200),
        (1234.499999999999, 123450),
        (9999999999.99, 999999999999),
        ("'560", 56000),
        (".5", 50),
    ],
)
def test_amounts_that_are_certain(written, hundredths):
    assert read_cell(TAX, written) == (hundredths, None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("-", "PLACEHOLDER"),
        ("无", "PLACEHOLDER"),
        ("暂无", "PLACEHOLDER"),
        ("N/A", "PLACEHOLDER"),
        (None, "EMPTY"),
        ("  ", "EMPTY"),
        ("\u3000\u200b", "EMPTY"),
        ("1,23", "NUMBER_UNCLEAR"),
        ("1.234.50", "NUMBER_UNCLEAR"),
        ("12 34", "NUMBER_UNCLEAR"),
        ("1.2E+05", "NUMBER_SCIENTIFIC"),
        ("约1200", "NUMBER_TEXT"),
        ("1000-2000", "NUMBER_UNCLEAR"),
        ("12%", "NUMBER_TEXT"),
        ("(5.00)", "NUMBER_BRACKETS"),
        ("1200美元", "NUMBER_TEXT"),
        ("12万人", "NUMBER_TEXT"),
        (True, "CELL_BOOLEAN"),
        (date(2026, 3, 1), "NUMBER_DATE"),
        (1e17, "NUMBER_LARGE"),
        ("9" * 40, "NUMBER_LARGE"),
        ("9" * 100, "NUMBER_TEXT"),
        (10**400, "NUMBER_LARGE"),
        (float("nan"), "NUMBER_TEXT"),
        (float("inf"), "NUMBER_TEXT"),
    ],
)
def test_amounts_that_are_doubtful(written, fault):
    assert read_cell(REVENUE, written) == (None, fault)


@pytest.mark.parametrize(
    "written",
    [
        "2026-03", "2026年3月", "２０２６年０３月", "2026年3月份", 202603, "202603", "2026.3", 2026.3, "2026.03", "2026/3", "2026/3/1",
        "2026-03-31", "20260301", date(2026, 3, 1), datetime(2026, 3, 31), 46082, "3月", "三月", "二〇二六年三月", " 2026 年 3 月 ",
        "2026-03-01 00:00:00",
    ],
)  # fmt: skip
def test_months_that_are_certain(written):
    assert read_cell(MONTH, written) == (Month(2026, 3), None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        (2026.1, "MONTH_UNSURE"),
        ("1-3月", "MONTH_SPAN"),
        ("2026年1—3月", "MONTH_SPAN"),
        ("2026年一季度", "MONTH_SPAN"),
        ("2026-13", "MONTH_TEXT"),
        ("26年3月", "MONTH_TEXT"),
        ("Mar-26", "MONTH_TEXT"),
        (2026, "MONTH_TEXT"),
        ("4月", "MONTH_TEXT"),
        (True, "CELL_BOOLEAN"),
        ("2026-02", "MONTH_OTHER"),
        (202502, "MONTH_OTHER"),
        (None, "EMPTY"),
    ],
)
def test_months_that_are_refused(written, fault):
    assert read_cell(MONTH, written) == (None, fault)


def test_october_as_text_is_october_and_as_csv_it_is_unsure():
    october = {"period": Month(2025, 10)}
    assert read_cell(MONTH, "2025.10", **october) == (Month(2025, 10), None)
    assert read_cell(MONTH, 2025.11, period=None) == (Month(2025, 11), None)
    assert read_cell(MONTH, "2025.1", kind="csv", **october) == (None, "MONTH_UNSURE")
    assert read_cell(MONTH, "2025.10", kind="csv", **october) == (Month(2025, 10), None)


def _shut_from_march(month):
    return must_mend("MONTH_LOCKED", f"{month.label}已锁定", "请更正") if month >= Month(2026, 3) else None


def test_without_a_period_the_month_must_be_open():
    shut = {"period": None, "closed": _shut_from_march}
    assert read_cell(MONTH, "2026-02", **shut) == (Month(2026, 2), None)
    stray = read([HEADINGS, row(1, c4="2026-02"), row(2, c4="2026-03")], settings=shut)
    assert told(stray) == [(3, "MONTH_LOCKED")]


def test_a_list_of_a_shut_month_is_told_so_once_and_not_once_a_row():
    rows = [row(n, c4="2026-03") for n in range(1, 40)]
    frame = read([HEADINGS, *rows], settings={"period": Month(2026, 3), "closed": _shut_from_march})
    (fault,) = frame.faults
    assert (fault.row, fault.code, fault.cls) == (None, "MONTH_LOCKED", "A")
    assert fault.reason == "2026年3月已锁定，涉及 39 行"
    assert frame.refused


@pytest.mark.parametrize(
    "written",
    [
        45429, "45429", "2024年5月17日", "2024.5.17", 20240517, "20240517", "2024/5/17", "2024-05-17 08:30:00",
        date(2024, 5, 17), datetime(2024, 5, 17, 8, 30), "二〇二四年五月十七日", 45429.5,
    ],
)  # fmt: skip
def test_days_that_are_certain(written):
    assert read_cell(LISTED, written) == (date(2024, 5, 17), None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("2024-02-30", "DATE_IMPOSSIBLE"),
        ("2024年13月1日", "DATE_IMPOSSIBLE"),
        ("去年五月", "DATE_TEXT"),
        ("0024-05-17", "DATE_RANGE"),
        ("2026-05-17", "DATE_RANGE"),
        ("5/17/2024", "DATE_TEXT"),
        (2024, "DATE_TEXT"),
        (202405, "DATE_TEXT"),
        (99999999, "DATE_IMPOSSIBLE"),
        (-5, "DATE_TEXT"),
        (1e300, "DATE_TEXT"),
        (True, "CELL_BOOLEAN"),
    ],
)
def test_days_that_are_refused(written, fault):
    assert read_cell(LISTED, written) == (None, fault)


def test_an_optional_date_may_be_empty_or_a_dash():
    assert read_cell(LISTED, None) == (None, None)
    assert read_cell(LISTED, "—") == (None, None)


@pytest.mark.parametrize(
    "written",
    [
        "启东市",
        "启东",
        "啟東市",
        "启东市 ",
        "南通市启东市",
        "江苏省南通市启东市",
        "江苏南通启东",
        "启\u200b东市",
    ],
)
def test_regions_written_in_many_ways(written):
    assert read_cell(REGION, written) == ("320681", None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("浙江省南通市启东市", "REGION_UNKNOWN"),
        ("海门区启东市", "REGION_UNKNOWN"),
        ("启东县", "REGION_UNKNOWN"),
        ("海门区", "REGION_SCOPE"),
        ("南通市", "REGION_SCOPE"),
        (True, "CELL_BOOLEAN"),
    ],
)
def test_regions_that_are_refused(written, fault):
    assert read_cell(REGION, written) == (None, fault)


def test_short_forms_shared_by_two_regions_are_not_guessed():
    forms = region_forms({"410402": "新华区", "130105": "新华县", "410425": "郏县"})
    assert region_code("新华", forms) is None
    assert region_code("郏", forms) is None
    assert region_code("新华区", forms) == "410402"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" 南通海启精密机械有限公司\n", "南通海启精密机械有限公司"),
        ("启东恒泰 环保设备厂", "启东恒泰环保设备厂"),
        ("启东市东港\u200b电子材料有限公司", "启东市东港电子材料有限公司"),
        ("南通金阳新能源（启东）有限公司", "南通金阳新能源（启东）有限公司"),
        ("启东𬭎𪨧精密机械有限公司", "启东𬭎𪨧精密机械有限公司"),
        ("启东市㛃䶮电子有限公司", "启东市㛃䶮电子有限公司"),
        ("启东\U000323aa机械有限公司", "启东\U000323aa机械有限公司"),
        ("3M中国（启东）有限公司", "3M中国（启东）有限公司"),
        ("启东A·B机械厂第Ⅱ分厂", "启东A·B机械厂第Ⅱ分厂"),
        ("启东二〇二五科技有限公司", "启东二〇二五科技有限公司"),
        ("启东ＡＢ科技有限公司", "启东ＡＢ科技有限公司"),
    ],
)
def test_names_that_are_kept(written, kept):
    assert read_cell(NAME, written) == (kept, None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("=cmd|'/C calc'!A0", "TEXT_FORMULA"),
        ("\t=1+1公司", "TEXT_FORMULA"),
        ("＝SUM(1)公司", "TEXT_FORMULA"),
        ("@公司", "TEXT_FORMULA"),
        ("<script>alert(1)</script>有限公司", "TEXT_MARKUP"),
        ("{{7*7}}有限公司", "TEXT_MARKUP"),
        ("启东&#60;有限公司", "TEXT_MARKUP"),
        ("启东\u202e司公限有厂", "TEXT_CONTROL"),
        ("启东\x07机械厂", "TEXT_CONTROL"),
        ("启东_x0007_机械厂", "TEXT_CONTROL"),
        ("启东АВС科技有限公司", "NAME_CHARACTER"),
        ("启东Αβ科技有限公司", "NAME_CHARACTER"),
        ("启东😀科技有限公司", "NAME_CHARACTER"),
        ("南通海启\ufffd密机械有限公司", "TEXT_GARBLED"),
        ("启东市东港結構(gòu)材料有限公司", "TEXT_GARBLED"),
        ("姹熻嫃娑︾紡绉戞妧", "TEXT_GARBLED"),
        ("启东锟斤拷有限公司", "TEXT_GARBLED"),
        ("å¯ä¸œå¸‚æœºæ¢°åŽ‚", "TEXT_GARBLED"),
        ("公司" * 101, "TEXT_LONG"),
        (12345, "NAME_ODD"),
        ("ABC", "NAME_ODD"),
        ("无", "PLACEHOLDER"),
    ],
)
def test_names_that_are_refused(written, fault):
    assert read_cell(NAME, written) == (None, fault)


def test_common_names_are_never_taken_for_garbled_text():
    cities, trades, ends = (
        ["启东", "海门", "如皋", "南通", "通州湾", "苏锡通"],
        ["精密机械", "铁锚", "锦纶", "钢绳", "涂料", "镀锌", "醴泉", "镭射", "骏马", "麒麟"],
        ["有限公司", "厂"],
    )
    for name in (f"{city}{trade}{end}" for city in cities for trade in trades for end in ends):
        assert read_cell(NAME, name) == (name, None)


def test_name_keys_ignore_width_brackets_case_and_traditional_letters():
    assert name_key("南通金陽新能源（啟東）有限公司") == name_key(" 南通金阳新能源(启东) 有限公司")
    assert name_key("启东ＡＢ科技") == name_key("启东ab科技")
    assert name_key("启东甲厂") != name_key("启东乙厂")
    assert region_key("啟東市　") == "启东市"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ("91350100-M000100Y-43 ", "91350100M000100Y43"),
        ("\u202a91350100M000100Y43\u202c", "91350100M000100Y43"),
        ("'91350100M000100Y43", "91350100M000100Y43"),
        ("913206007573111265", "913206007573111265"),
    ],
)
def test_codes_that_are_certain(written, kept):
    assert read_cell(CODE, written) == (kept, None)


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("91350100M000100Y4Z", "USCC_LETTER"),
        ("91350100M0001O0Y43", "USCC_LETTER"),
        ("91350100M000100Y34", "USCC_CHECK"),
        ("91350100M000100Y4", "USCC_LENGTH"),
        ("91350100M000100Y433", "USCC_LENGTH"),
        ("000000000000000000", "USCC_OFFICE"),
        (9.1320681e17, "USCC_DIGITS_LOST"),
        (913206817000000000, "USCC_DIGITS_LOST"),
        ("9.13207E+17", "USCC_DIGITS_LOST"),
        (320681000012345, "USCC_OLD"),
        ("320681000012345", "USCC_OLD"),
        ("75731112-6", "USCC_ORGANISATION"),
        (12345, "USCC_LENGTH"),
        (True, "CELL_BOOLEAN"),
        ("无", "PLACEHOLDER"),
        (None, "EMPTY"),
    ],
)
def test_codes_that_are_refused(written, fault):
    assert read_cell(CODE, written) == (None, fault)


def test_a_sole_trader_is_told_and_stays():
    first = "92320681MA1ABCDEF"
    whole = first + uscc_check_character(first)
    assert read_cell(CODE, whole) == (whole, "USCC_SOLE_TRADER")


def test_a_sum_of_zero_has_the_check_character_zero():
    zero = next(
        first
        for n in range(1000)
        if (first := code(n)[:16] + ALPHABET[n % 31]) and uscc_check_character(first) == "0"
    )
    assert check_uscc([zero + "0"]) == [None]


def test_codes_agree_with_python_stdnum_where_its_first_eight_are_digits():
    from stdnum.cn import uscc

    codes = [code(n) for n in range(300)]
    swapped = [c[:9] + c[10] + c[9] + c[11:] for c in codes]
    changed = [c[:-1] + ALPHABET[(ALPHABET.index(c[-1]) + 1) % 31] for c in codes]
    for one in codes + swapped + changed:
        assert (check_uscc([one])[0] is None) == uscc.is_valid(one), one
