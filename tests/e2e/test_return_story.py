"""Story 2: a month comes back with one cell marked, is mended in the list that was sent, and goes up again; once the
month is issued, another figure is put right by a paper that the leader approves."""

from __future__ import annotations

from datetime import date

import openpyxl
import pytest

from core.jobs import work_all
from core.models import User
from core.periods import Month
from cultivation.models import Correction, MonthReturn
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.month_review import hand_on
from cultivation.services.months import close_month, issue_month
from enterprises.models import MonthlyFigure
from intake.services.batches import check_batch, commit_batch, receive_upload
from tests import factories
from tests.doors import monthly_file, monthly_row
from tests.e2e.test_upload_story import red_cells

pytestmark = pytest.mark.browser
JUNE = Month(2022, 6)
PROGRAMME = "nantong-2022"


@pytest.fixture
def people(house) -> dict[str, User]:
    made = (("officer", "district_officer", "顾海燕"), ("head", "district_leader", "顾秉文"))
    return {name: factories.user(role, "320681", full_name=told) for name, role, told in made} | {
        "staff": factories.user("bureau_staff", "320600", full_name="陈立群"),
        "boss": factories.user("bureau_leader", "320600", full_name="沈砚秋"),
    }


@pytest.fixture
def handed_up(people):
    """启东市 has sent three firms for June, the second with the year's sum in it, and handed the month up."""
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    firms = [factories.enterprise(f"启东试验{n}号厂", "320681") for n in (1, 2, 3)]
    rows = [
        monthly_row(firm, JUNE, amount)
        for firm, amount in zip(firms, ("110.00", "660.00", "95.50"), strict=True)
    ]
    sent = receive_upload(
        actor=people["officer"], sheet="monthly", region=firms[0].region, period=str(JUNE), as_of=date(2022, 7, 8),
        upload_name="启东市_6月.xlsx", content=monthly_file(rows),
    )  # fmt: skip
    commit_batch(batch=check_batch(batch=sent, actor=people["officer"]), actor=people["officer"])
    MonthReturn.objects.exclude(region="320681").update(step="done")
    own = MonthReturn.objects.get(region="320681")
    for who in ("officer", "head"):
        own = hand_on(returned=own, actor=people[who])
    return firms


def test_a_month_comes_back_is_mended_in_its_own_list_and_a_later_error_is_a_correction(
    sit_down, people, handed_up, tmp_path
):
    staff = sit_down(people["staff"])
    with staff.within_budget("send a month back with a cell marked"):
        staff.goes_to("去审核：2022年6月月报　1 个地区")
        staff.goes_to("启东市")
        row = staff.page.get_by_role("row").filter(has_text="启东试验2号厂")
        row.get_by_role("link", name="标记").click()
        staff.page.get_by_label("问题", exact=True).fill("疑为累计数")
        staff.presses("加上标记")
        staff.page.get_by_role("heading", name="标记的数").wait_for()
        staff.page.get_by_label("退回到", exact=True).select_option("fill")
        staff.page.get_by_label("原因", exact=True).fill("请核对二号厂")
        staff.page.get_by_role("button", name="退回", exact=True).click()
        staff.page.get_by_text("已退回启东市的月报").wait_for()

    officer = sit_down(people["officer"])
    with officer.within_budget("mend what came back and hand it up again"):
        officer.goes_to("去修改：2022年6月月报　启东市")
        officer.page.get_by_text("疑为累计数").first.wait_for()
        marked = officer.saves("下载标好的原表", tmp_path)
        (place,) = red_cells(marked)
        book = openpyxl.load_workbook(marked)
        assert (place, book.active[place].value) == ("E3", "660.00")
        book.active[place].value = "110.00"
        book.save(marked)
        officer.goes_to("上传")
        officer.page.get_by_label("所属期").first.select_option("2022-06")
        officer.choose_file(marked)
        officer.presses("上传并校验")
        officer.page.get_by_text("等待校验").wait_for()
        assert work_all() == 1
        officer.page.get_by_text("校验通过").first.wait_for()
        officer.presses("提交入库 3 行")
        officer.page.get_by_text("已入库 3 行").first.wait_for()
        officer.page.get_by_role("link", name="工作台").first.click()
        officer.goes_to("去修改：2022年6月月报　启东市")
        officer.page.get_by_text("已改").wait_for()
        officer.page.get_by_role("button", name="提交审核").click()
        officer.page.get_by_text("启东市的月报：待审核").wait_for()
    own = MonthReturn.objects.get(region="320681")
    assert not own.marks.filter(is_open=True).exists()

    for who in ("head", "staff"):
        own = hand_on(returned=own, actor=people[who])
    closed = close_month(programme=PROGRAMME, month=JUNE, actor=people["staff"])
    issue_month(issue=closed, actor=people["boss"])
    officer.page.goto(f"{officer.site}/months/{PROGRAMME}/{JUNE}/corrections/new/?uscc={handed_up[2].uscc}")
    with officer.within_budget("ask for a correction"):
        officer.page.get_by_label("更正为").fill("96.50")
        officer.page.get_by_label("原因").fill("漏计一张发票")
        officer.page.get_by_role("button", name="提出").click()
        officer.page.get_by_text("已提出，待另一人批准").wait_for()
    boss = sit_down(people["boss"])
    with boss.within_budget("approve a correction"):
        boss.goes_to("去看：更正单　1 张")
        boss.goes_to(str(Correction.objects.get()))
        boss.page.get_by_label("意见", exact=True).select_option("yes")
        boss.page.get_by_label("说明", exact=True).fill("属实")
        boss.presses("作出决定")
        boss.page.get_by_text("意见已记录").wait_for()
    assert MonthlyFigure.objects.get(enterprise=handed_up[2], month=JUNE).revenue_wan == 96_50
