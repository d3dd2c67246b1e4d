"""Story 4: a bureau officer closes June, drills from a district's figure to its firms; the leader issues it; it is locked."""

from __future__ import annotations

import pytest

from core.jobs import work_all
from core.models import Region
from core.periods import Month
from cultivation.models import MonthlyIssue, RegionMonth
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from tests import factories
from tests.intake.uploads import workbook

pytestmark = pytest.mark.browser
JUNE = Month(2022, 6)
#: entries since January by region: 启东市 9 of 150, 海安市 13 of 130, 通州湾 2 of 25
ENTRIES = {"320681": 9, "320685": 13, "3206TW": 2}
BEST, MIDDLE, LAST = "海安市", "通州湾", "启东市"


@pytest.fixture
def firms(house) -> list[Enterprise]:
    made = []
    for code, entries in ENTRIES.items():
        for n in range(1, entries + 4):
            firm = factories.enterprise(f"{house[code].short_name or house[code].name}试验{n}号厂", code)
            factories.monthly_figure(firm, JUNE, f"{200 + n}.50", "4.00")
            factories.monthly_figure(firm, JUNE - 12, "180.00", "3.50")
            if n <= entries:
                factories.scale_event(firm, month="2022-06" if n % 2 else "2022-03")
            made.append(firm)
    return made


def test_june_is_closed_ranked_opened_issued_and_locked(sit_down, house, firms, tmp_path):
    staff = sit_down(factories.user("bureau_staff", "320600", full_name="陈立群"))
    page = staff.page

    with staff.within_budget("close a month and see the ranking"):
        staff.goes_to("统计：2022年6月月度统计")
        staff.presses("统计本月")
        page.get_by_text("正在统计").wait_for()
        assert work_all() == 1
        page.get_by_role("heading", name="各地区完成情况").wait_for()
        staff.goes_to("按完成率")
    rows = page.locator("section[aria-labelledby=h-progress] tbody tr")
    ranked = rows.get_by_role("rowheader").all_inner_texts()
    assert [name for name in ranked if name in {BEST, MIDDLE, LAST}] == [BEST, MIDDLE, LAST]
    assert ranked[0] == BEST
    assert ranked[-1] == "合计"

    with staff.within_budget("from a number to its firms"):
        line = rows.filter(has=page.get_by_role("rowheader", name=LAST, exact=True))
        number = line.get_by_role("link").nth(1)
        shown = int(number.inner_text())
        number.click()
        page.get_by_role("heading", name=f"{LAST}累计新增").wait_for()
    assert shown == ENTRIES["320681"]
    assert page.locator("tbody tr").count() == shown
    assert set(page.locator("tbody td:nth-child(4)").all_inner_texts()) == {LAST}

    boss = sit_down(factories.user("bureau_leader", "320600", full_name="沈砚秋"))
    with boss.within_budget("issue a month"):
        boss.goes_to("看后印发：2022年6月月度调度表第1版")
        boss.goes_to("印发第1版")
        boss.page.get_by_text("印发不能撤回").wait_for()
        boss.presses("印发第1版")
        boss.page.get_by_text("数字冻结").wait_for()
    issue = MonthlyIssue.objects.get(month=JUNE)
    assert issue.is_frozen
    assert RegionMonth.objects.get(issue=issue, region="320681").newly_listed_ytd == shown

    the_month_takes_nothing_more(sit_down, house["320681"], firms[0], tmp_path)


def the_month_takes_nothing_more(sit_down, region: Region, firm: Enterprise, tmp_path) -> None:
    """An officer who sends another figure for June is told that it is locked, and nothing changes."""
    late = tmp_path / "启东市_6月补报.xlsx"
    headings = ["统一社会信用代码", "企业名称", "所属县区", "统计月份", "营业收入(万元)", "实缴税金(万元)"]
    late.write_bytes(workbook([firm.uscc, firm.name, region.name, "2022-06", 999, 9], headings=headings))
    before = MonthlyFigure.objects.get(enterprise=firm, month=JUNE).revenue_wan

    sender = factories.user("district_officer", region.code, full_name="顾晓岚")
    officer = sit_down(sender)
    officer.goes_to("上传报表")
    officer.page.get_by_label("所属期").first.select_option("2022-06")
    officer.choose_file(late)
    officer.presses("上传并校验")
    officer.page.get_by_text("不能上传").wait_for()
    assert officer.page.get_by_text("2022年6月").filter(has_text="不能上传").count() == 1
    assert not Batch.objects.filter(sent_by=sender, period="2022-06").exists()
    assert MonthlyFigure.objects.get(enterprise=firm, month=JUNE).revenue_wan == before
