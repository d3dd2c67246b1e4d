"""A bureau officer opens what June's figures show, has orders drafted and sent; the district answers; the brief is Word."""

from __future__ import annotations

import zipfile

import pytest

from core.models import User
from core.periods import Month
from cultivation.models import DispatchOrder
from cultivation.services.months import close_month, issue_month
from tests import factories

pytestmark = pytest.mark.browser
JUNE = Month(2022, 6)
PROGRAMME = "nantong-2022"


@pytest.fixture
def issued(house):
    for number in range(3):
        firm = factories.enterprise(f"启东试验{number}号厂", "320681")
        factories.monthly_figure(firm, JUNE, "90.00", "1.00")
        factories.monthly_figure(firm, JUNE - 12, "180.00", "3.50")
    closed = close_month(programme=PROGRAMME, month=JUNE, actor=factories.user("bureau_staff", "320600"))
    return issue_month(issue=closed, actor=User.objects.system())


def test_findings_become_orders_that_a_district_answers_and_the_brief_is_word(sit_down, issued, tmp_path):
    staff = sit_down(factories.user("bureau_staff", "320600", full_name="陈立群"))
    page = staff.page
    with staff.within_budget("from the workbench to a finding's firms"):
        staff.goes_to("月度调度")
        staff.goes_to("分析")
        page.get_by_role("heading", name="需要关注的企业").wait_for()
        page.locator("section[aria-labelledby=h-findings] tbody tr").first.get_by_role("link").last.click()
        page.get_by_role("heading", name="营业收入大幅下降　3 家").wait_for()
    assert page.locator("tbody tr").count() == 3

    with staff.within_budget("draft and send a district's orders"):
        staff.goes_to("调度单")
        staff.presses("按分析拟单")
        page.get_by_text("拟单 21 件，结转 0 件").wait_for()
        page.get_by_label("责任地区").first.select_option("320681")
        page.get_by_label("责任人").fill("王某")
        page.get_by_label("办理期限").fill("2099-07-15")
        page.locator("section[aria-labelledby=h-send]").get_by_role("button", name="下达").click()
        page.get_by_text("已向启东市下达调度单").wait_for()

    officer = sit_down(factories.user("district_officer", "320681", full_name="顾海燕"))
    with officer.within_budget("answer a dispatch order"):
        officer.page.get_by_role("link", name="办理：调度单").first.click()
        officer.page.get_by_role("link", name="调度〔2022〕1号").click()
        officer.page.get_by_label("说明").fill("已逐户核查。")
        officer.presses("提交反馈")
        officer.page.get_by_text("现为“待审核”").wait_for()
    assert DispatchOrder.objects.get(number=1).state == "answered"

    with staff.within_budget("the monthly brief in Word"):
        staff.goes_to("报表通报")
        path = staff.saves("下载 Word", tmp_path)
    with zipfile.ZipFile(path) as file:
        assert "南通市2022年6月规上工业企业培育情况简报" in file.read("word/document.xml").decode()
