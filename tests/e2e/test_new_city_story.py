"""A bureau whose city the portal does not know brings its plan: uploaded, looked at, simulated, approved, in force."""

from __future__ import annotations

import pytest

from core.models import PolicyEdition, Region, Role
from tests import factories
from tests.core.test_new_city import NEW

pytestmark = pytest.mark.browser


def test_two_people_bring_a_new_city_in_the_browser(sit_down, tmp_path):
    path = tmp_path / "xincheng-2022.yaml"
    path.write_text(NEW, encoding="utf-8")
    maker = sit_down(factories.user(Role.BUREAU_STAFF, None, unit_name="新城市工信局"))
    page = maker.page
    page.screenshot(path=tmp_path / "0-workbench.png")
    maker.goes_to("系统管理")
    maker.goes_to("上传政策文件")
    page.get_by_label("政策文件").set_input_files(path)
    maker.presses("检查并存为草案")
    page.get_by_text("检查通过").wait_for()
    page.screenshot(path=tmp_path / "1-draft.png")
    maker.goes_to("用现有数据模拟")
    page.get_by_text("没有企业进出").wait_for()
    page.screenshot(path=tmp_path / "2-simulation.png")
    maker.goes_to("返回")
    maker.presses("提交批准")
    page.get_by_text("待另一位负责人批准").first.wait_for()

    checker = sit_down(factories.user(Role.BUREAU_LEADER, None, unit_name="新城市工信局"))
    checker.goes_to(f"去看：{PolicyEdition.objects.get(name='xincheng-2022').title}")
    checker.page.screenshot(path=tmp_path / "3-approval.png")
    checker.presses("批准，第1版施行")
    checker.page.get_by_text("已施行").wait_for()
    checker.page.screenshot(path=tmp_path / "4-in-force.png")
    assert Region.objects.get(pk="990681").path == "990600/990681/"
    maker.goes_to("目标任务")
    page.get_by_role("rowheader", name="启东市").first.wait_for()
    page.screenshot(path=tmp_path / "5-targets.png")
