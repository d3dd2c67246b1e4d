"""The demo inbox: what districts and departments of an invented city would send."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook
from stdnum.cn import uscc as stdnum_uscc

from config.demo.cities import NANTONG, PINGDINGSHAN
from config.demo.workbooks import Inbox
from core.periods import Month

HEADINGS = {
    "registry": "序号 统一社会信用代码* 企业名称* 所属县区* 乡镇(园区) 行政区划 行业代码 成立日期 投产日期 企业状态 登记注册类型 "
    "注册资本(万元) 联系人 联系电话",
    "listed": "统一社会信用代码* 企业名称* 所属县区* 变动(在库/入库/退库)* 月份* 审批库年度* 入库类型 退库原因",
    "monthly": "序号 统一社会信用代码* 企业名称* 所属县区* 统计月份* 营业收入(万元)* 实缴税金(万元)* 应税销售(万元) "
    "用电量(万千瓦时) 从业人员(人) 入库日期",
    "tax_list": "统一社会信用代码* 企业名称* 所属县区* 年度* 应税销售(万元)*",
    "delisted": "统一社会信用代码* 企业名称* 所属县区* 退统年度* 退统原因",
    "annual": "统一社会信用代码* 企业名称* 所属县区* 年度* 自有用地(亩) 租入用地(亩) 租出用地(亩) 税收(万元) 应税销售(万元) "
    "营业收入(万元) 主营业务收入(万元) 工业增加值(万元) 综合能耗(吨标煤) 用电量(万千瓦时) 主要污染物排放量(吨) "
    "年平均职工人数(人) 研发经费(万元)",
}
ENTRY_TYPES = {"规下升规上", "新建投产", "转专业", "迁入", "再次升规"}
#: Two districts and nine months, but every kind of file.
SMALL = replace(NANTONG, key="small", regions=NANTONG.regions[:2], firms=1100, first_month=Month(2021, 10))
SMALL_FIRMS = 150


@pytest.fixture(scope="module")
def nantong() -> Inbox:
    return Inbox(NANTONG)


@pytest.fixture(scope="module")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inbox")
    Inbox(SMALL, total=SMALL_FIRMS).write(folder, progress=lambda *_: None)
    return folder


def index_of(folder: Path) -> list[dict]:
    return json.loads((folder / "inbox.json").read_text(encoding="utf-8"))


def cells_of(path: Path) -> list[list]:
    rows = load_workbook(path).worksheets[0].iter_rows(values_only=True)
    return [["" if value is None else value for value in row] for row in rows]


def digests_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def events_of(inbox: Inbox) -> list[tuple]:
    return [row for month in inbox.months for row in inbox.listed(month)]


# the same city every time


def test_two_runs_give_the_same_bytes(small_folder: Path, tmp_path: Path) -> None:
    """The second run is another process with another hash seed, as it is on another day."""
    script = (
        "import sys; from pathlib import Path; from config.demo.workbooks import Inbox;"
        "from tests.config.test_demo_inbox import SMALL, SMALL_FIRMS;"
        "Inbox(SMALL, total=SMALL_FIRMS).write(Path(sys.argv[1]), progress=lambda *_: None)"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "271"}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env=environment, timeout=60)
    assert digests_of(tmp_path) == digests_of(small_folder)


def test_another_seed_is_another_city() -> None:
    first, second = Inbox(SMALL, total=SMALL_FIRMS), Inbox(SMALL, total=SMALL_FIRMS, seed=7)
    assert {firm.uscc for firm in first.firms}.isdisjoint(firm.uscc for firm in second.firms)


# firms


def test_codes_are_valid_and_unique(nantong: Inbox) -> None:
    """GB 32100: Σ value × 3^(i−1) over all 18 characters leaves no remainder by 31; body 9–17 by GB 11714."""
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    codes = [firm.uscc for firm in nantong.firms]
    assert len(codes) == len(set(codes)) == 4000
    for code in codes:
        total = sum(alphabet.index(c) * 3**i for i, c in enumerate(code[:17])) + alphabet.index(code[17])
        assert total % 31 == 0, code
        body = [10 + ord(c) - 65 if c.isalpha() else int(c) for c in code[8:16]]
        remainder = 11 - sum(v * w for v, w in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
        assert code[16] == {10: "X", 11: "0"}.get(remainder, str(remainder)), code
        assert stdnum_uscc.is_valid(code), code
    assert 200 < sum(code.isdigit() for code in codes) < 1200


def test_codes_carry_old_offices_of_the_district(nantong: Inbox) -> None:
    """The office in places 3–8 is history: 海安 firms carry 320621, so a region is never read from a code."""
    offices = {firm.uscc[2:8] for firm in nantong.firms if firm.region.name == "海安市"}
    assert offices == {"320621", "320685"}


def test_names_are_unique_and_survive_gbk(nantong: Inbox) -> None:
    names = [firm.name for firm in nantong.firms]
    assert len(set(names)) == 4000
    assert all(name.encode("gbk") for name in names)


def test_nothing_in_the_registry_lies_after_it_was_sent(nantong: Inbox) -> None:
    for firm in nantong.firms:
        assert firm.founded < NANTONG.registry_day
        assert firm.started is None or firm.founded < firm.started < NANTONG.registry_day
        assert (firm.started is None) == (firm.state == "筹建")
        assert 6 <= int(firm.industry.code[:2]) <= 46
        assert firm.phone.startswith("1390000")
        assert len(firm.phone) == 11


def test_only_a_handful_of_pairs_look_like_one_firm(nantong: Inbox) -> None:
    """Two firms with one number are suspected of being one: 3999 // 500 pairs are meant to be."""
    assert len(nantong.firms) - len({firm.phone for firm in nantong.firms}) == 7


def test_a_zone_lies_in_a_district_of_gbt_2260(nantong: Inbox) -> None:
    lies_in = {row[3]: row[5] for region in NANTONG.regions for row in nantong.registry(region)}
    assert lies_in["海安市"] == "320685"
    assert lies_in["开发区"] == "320613"
    assert lies_in["苏锡通"] == lies_in["通州湾"] == "320612"


# the statistics bureau's list


def test_the_year_is_35_to_60_percent_done_by_june(nantong: Inbox) -> None:
    targets = {
        "海安市": 130,
        "如皋市": 140,
        "如东县": 140,
        "启东市": 150,
        "崇川区": 50,
        "通州区": 140,
        "海门区": 140,
    }
    targets |= {"开发区": 60, "苏锡通": 25, "通州湾": 25}
    listed = Counter(row[2] for row in events_of(nantong) if row[3] == "入库" and row[5] == 2022)
    attainment = {region: Decimal(listed[region]) / target for region, target in targets.items()}
    assert all(Decimal("0.35") <= share <= Decimal("0.60") for share in attainment.values()), attainment
    assert attainment["开发区"] == attainment["苏锡通"]
    assert min(attainment.values()) < Decimal("0.45")
    assert max(attainment.values()) > Decimal("0.50")


def test_the_first_file_is_the_stock_and_later_ones_only_changes(nantong: Inbox) -> None:
    first = nantong.listed(Month(2021, 1))
    assert {row[3] for row in first} == {"在库"}
    assert 1000 <= len(first) <= 1400
    later = [row for month in nantong.months[1:] for row in nantong.listed(month)]
    assert {row[3] for row in later} == {"入库", "退库"}
    assert {row[6] for row in later if row[3] == "入库"} == ENTRY_TYPES
    assert all(row[7] is None for row in later if row[3] == "入库")
    assert all(row[7] and row[6] is None for row in later if row[3] == "退库")


def test_some_january_entries_belong_to_the_library_of_the_year_before(nantong: Inbox) -> None:
    years = Counter(row[5] for row in nantong.listed(Month(2022, 1)) if row[3] == "入库")
    assert 5 <= years[2021] <= 60
    assert years[2022] > 0


def test_who_is_listed_has_mostly_passed_the_line(nantong: Inbox) -> None:
    """规下升规上 of 2021: sales of the twelve months around the entry are near or above 2000万元."""
    listed = {row[0] for row in events_of(nantong) if row[6] == "规下升规上" and row[5] == 2021}
    over = [code for code in listed if sum(f.revenue for f in nantong.series[code][:12]) >= 2000_00]
    assert len(over) > 0.85 * len(listed)


# monthly returns


def test_returns_pass_a_careful_check(nantong: Inbox) -> None:
    for series in nantong.series.values():
        last = None
        for figures in (figures for figures in series if figures.reported):
            assert 0 <= figures.tax <= figures.revenue * 6 // 100
            if figures.revenue > 100_00:
                assert figures.tax >= figures.revenue * 14 // 1000
            if last is not None and max(last, figures.revenue) > 100_00:
                assert last < 5 * figures.revenue < 25 * last
            last = figures.revenue


def test_february_dips_and_tails_are_heavy(nantong: Inbox) -> None:
    month_sum = Counter()
    yearly = []
    for series in nantong.series.values():
        for figures in series:
            month_sum[str(figures.month)] += figures.revenue
        yearly.append(sum(figures.revenue for figures in series[:12]))
    assert month_sum["2021-02"] < 0.8 * month_sum["2021-01"]
    yearly.sort(reverse=True)
    assert sum(yearly[:400]) > 0.5 * sum(yearly)


def test_silent_months_have_no_row_and_zero_returns_exist(nantong: Inbox) -> None:
    region = NANTONG.regions[3]
    firms = {firm.uscc for firm in nantong.firms if firm.region is region}
    rows = nantong.monthly(region, Month(2022, 6))
    reporting = {row[1] for row in rows}
    silent = {
        f for f in firms if any(str(m.month) == "2022-06" and not m.reported for m in nantong.series[f])
    }
    assert silent
    assert silent.isdisjoint(reporting)
    assert reporting < firms
    assert any(row[5] == 0 for r in NANTONG.regions for row in nantong.monthly(r, Month(2022, 6)))


# lists of the year before


def test_both_ends_of_the_tax_list_are_in_and_one_hundredth_beyond_is_out(nantong: Inbox) -> None:
    sales = {row[0]: row[4] for row in nantong.tax_list()}
    assert all(500 <= amount <= 2000 for amount in sales.values())
    assert sales[nantong.boundaries[500_00]] == 500
    assert sales[nantong.boundaries[2000_00]] == 2000
    assert nantong.boundaries[499_99] not in sales
    assert nantong.boundaries[2000_01] not in sales
    annual = {row[0]: row[8] for region in NANTONG.regions for row in nantong.annual(region)}
    assert annual[nantong.boundaries[499_99]] == 499.99
    assert annual[nantong.boundaries[2000_01]] == 2000.01


def test_delisted_of_three_years_meet_the_tax_list(nantong: Inbox) -> None:
    rows = nantong.delisted()
    assert {row[3] for row in rows} == {2019, 2020, 2021}
    assert len({row[0] for row in rows}) == len(rows)
    both = {row[0] for row in rows} & {row[0] for row in nantong.tax_list()}
    assert len(both) > 30
    exits = {row[0] for row in events_of(nantong) if row[3] == "退库" and row[5] == 2021}
    assert {row[0] for row in rows if row[3] == 2021} == exits


def test_annual_figures_use_land_and_agree_with_the_months(nantong: Inbox) -> None:
    for region in NANTONG.regions:
        for row in nantong.annual(region):
            own, leased_in, leased_out = row[4:7]
            assert own + leased_in - leased_out > 0
            assert row[10] <= row[9]
            months = [f.revenue for f in nantong.series[row[0]] if f.month.year == 2021]
            assert round(row[9] * 100) == sum(months)


def test_one_newly_listed_firm_of_the_second_city_just_misses_the_5000(nantong: Inbox) -> None:
    inbox = Inbox(PINGDINGSHAN)
    rows = [row for region in PINGDINGSHAN.regions for row in inbox.annual(region)]
    listed = {row[0] for row in events_of(inbox) if row[3] == "入库" and row[6] == "规下升规上"}
    misses = [row for row in rows if row[0] in listed and 4900 <= row[10] < 5000]
    assert [(row[0], row[10]) for row in misses] == [(inbox.just_misses, 4986)]
    assert row_fits(misses[0])
    assert nantong.just_misses == ""


def row_fits(row: tuple) -> bool:
    """Land, tax, revenue and people of one firm, in the order of the form, still fit together."""
    return row[10] <= row[9] and 0 < row[7] < row[9] and row[4] + row[5] - row[6] > 0 and row[15] > 10


# the files


def test_headings_are_exactly_those_of_the_forms(small_folder: Path) -> None:
    seen = set()
    for entry in index_of(small_folder):
        rows = cells_of(small_folder / entry["file"])
        assert rows[0] == HEADINGS[entry["sheet"]].split(" "), entry["file"]
        assert len(rows) - 1 == entry["rows"]
        seen.add(entry["sheet"])
    assert seen == set(HEADINGS)


def test_codes_and_phones_are_text_cells(small_folder: Path) -> None:
    registry = cells_of(small_folder / index_of(small_folder)[0]["file"])
    assert all(isinstance(row[1], str) and len(row[1]) == 18 for row in registry[1:])
    assert all(isinstance(row[6], str) and isinstance(row[13], str) for row in registry[1:])


def test_a_file_holds_only_what_its_sender_and_month_may_say(small_folder: Path) -> None:
    names = {region.code: region.name for region in SMALL.regions}
    for entry in index_of(small_folder):
        heading, *rows = cells_of(small_folder / entry["file"])
        region_column = heading.index("所属县区*")
        regions = {row[region_column] for row in rows}
        assert regions <= ({names[entry["region"]]} if entry["region"] in names else set(names.values()))
        for column in {"统计月份*", "月份*"} & set(heading):
            assert {row[heading.index(column)] for row in rows} <= {entry["period"]}
        if entry["sheet"] in ("annual", "tax_list"):
            assert {str(int(row[3])) for row in rows} == {entry["period"]}


def test_sorted_by_name_is_the_order_of_sending(small_folder: Path) -> None:
    index = index_of(small_folder)
    files = [entry["file"] for entry in index]
    assert files == sorted(files)
    assert set(files) == {path.name for path in small_folder.glob("*.xlsx")}
    days = [entry["today"] for entry in index]
    assert days == sorted(days)
    assert index[0]["sheet"] == "registry"
    for entry in index:
        if entry["period"]:
            assert entry["today"][: len(entry["period"])] > entry["period"]


def test_senders_are_districts_or_the_department_for_the_whole_city(small_folder: Path) -> None:
    senders = {(e["sheet"], e["sender"]["role"], e["sender"]["department"]) for e in index_of(small_folder)}
    assert senders == {
        *((sheet, "district_officer", "") for sheet in ("registry", "monthly", "annual")),
        *((sheet, "department_officer", "统计局") for sheet in ("listed", "delisted")),
        ("tax_list", "department_officer", "税务局"),
    }
    assert {e["region"] for e in index_of(small_folder) if e["sender"]["department"]} == {"320600"}


def test_a_second_city_is_data_only(tmp_path: Path) -> None:
    """平顶山: 300 firms in twelve regions; the stock in January 2022 and entries up to June."""
    inbox = Inbox(PINGDINGSHAN)
    entries = inbox.write(tmp_path, progress=lambda *_: None)
    assert len(inbox.firms) == 300
    assert len({firm.region.code for firm in inbox.firms}) == 12
    assert Counter(entry.sheet for entry in entries) == {"registry": 12, "listed": 6, "annual": 12}
    entered = [row for row in events_of(inbox) if row[3] == "入库"]
    assert 0.35 * 138 <= len(entered) <= 0.60 * 138
    assert {row[5] for row in entered} == {2022}


# the command


def test_the_command_replaces_its_own_files_and_ends_with_counts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "别人的.xlsx").write_bytes(b"kept")
    for firms in ("40", "24"):
        call_command("make_demo_inbox", "--city", "pingdingshan", "--out", str(tmp_path), "--firms", firms)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "企业 24 家，文件 30 个" in lines[-1]
    assert len(list(tmp_path.glob("*.xlsx"))) == 31


def test_too_few_firms_are_refused_in_plain_words(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="每个地区至少一家"):
        call_command("make_demo_inbox", "--out", str(tmp_path), "--firms", "3")
