"""What people see of a round: sums that add up, words beside each sum, nothing of another district."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core.models import AuditEntry, JobRun
from core.panels import alerts_for, dossier_for, menu_for
from core.services.policies import load_edition
from enterprises.models import RegionSpell
from incentives.models import AwardRound
from incentives.services.blocks import programme_lines, round_lines
from incentives.services.computing import compute_awards
from incentives.services.round_pages import round_page
from tests import factories
from tests.incentives.conftest import BAOFENG, PROGRAMME, XINHUA, policy_text
from tests.incentives.test_rounds import listed

pytestmark = pytest.mark.django_db
ROUND = f"/incentives/rounds/{PROGRAMME}/2022/"


@pytest.fixture
def firms(edition, staff):
    """新华区: one just misses, one waits for its figure; 宝丰县: one gets all, one came again."""
    made = {
        "near": listed(XINHUA, "4986.40"),
        "held": listed(XINHUA, None),
        "all": listed(BAOFENG, "5000"),
        "again": listed(BAOFENG, "6000", month="2022-04"),
    }
    made["again"].scale_events.update(entry_type="again")
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    return made


def page_of(user):
    return round_page(user=user, programme=PROGRAMME, year=2022)


def test_regions_add_to_the_whole_and_shares_to_the_amount(firms, staff):
    page = page_of(staff)
    assert page.money.unit == "万元"
    assert (page.total_amount, page.level_sums) == (
        Decimal(18),
        [("市级", Decimal(5)), ("县区", Decimal(13))],
    )
    assert len(page.region_rows) == 12
    assert sum(row.amount for row in page.region_rows) == page.total_row.amount == Decimal(18)
    for row in page.region_rows:
        assert sum(row.shares) == row.amount


def test_who_just_misses_is_told_by_how_much(firms, staff):
    (line,) = page_of(staff).missed
    assert line.award.recipient_code == firms["near"].uscc
    assert line.nearest.words == "2021年主营业务收入 4,986.40 万元，低于 5,000 万元，差 13.60 万元"
    assert (line.nearest.loss, line.nearest.is_near) == ("3万元", True)


def test_each_sum_says_where_it_comes_from(firms, staff):
    words = {line.award.recipient_code: line for line in page_of(staff).lines}
    whole = words[firms["all"].uscc].words
    assert whole == "首次入库 5万元；2021年主营业务收入 5,000.00 万元，不低于 5,000 万元，加 3万元"
    assert words[firms["held"].uscc].missing == "缺2021年主营业务收入，“满5000万元加奖”的 3万元待定"


def test_sums_finer_than_a_hundred_yuan_are_shown_in_yuan(edition, staff):
    load_edition(text=policy_text().replace("yuan: 50000", "yuan: 50000.01"), actor=staff)
    listed(XINHUA)
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    page = page_of(staff)
    assert (page.money.unit, page.total_amount) == ("元", Decimal("50000.01"))
    assert [amount for _level, amount in page.level_sums] == [Decimal("25000.00"), Decimal("25000.01")]


def test_the_page_names_what_the_document_does_not_print(firms, staff, client):
    client.force_login(staff)
    text = client.get(ROUND).content.decode()
    for words in (
        "未载明·演示取值",
        "2021年（奖补年度的上一年）",
        "县（市、区）本地额外奖励",
        "平政办〔2022〕15号",
    ):
        assert words in text
    assert firms["again"].name not in text
    assert firms["again"].name in client.get(ROUND, {"show": "refused"}).content.decode()


def test_a_district_sees_its_own_rows_and_sums(firms, officer, client):
    client.force_login(officer)
    text = client.get(ROUND).content.decode()
    assert firms["near"].name in text
    assert firms["all"].name not in text
    assert "宝丰县" not in text.split('id="h-rules"')[0]
    assert page_of(officer).total_amount == Decimal(10)
    assert client.get(ROUND, {"region": BAOFENG}).status_code == 404


def test_a_firm_that_moved_away_is_named_without_a_link(firms, officer, client):
    firm = firms["near"]
    firm.region_id = BAOFENG
    firm.save()
    RegionSpell.objects.filter(enterprise=firm).update(region=BAOFENG)
    client.force_login(officer)
    text = client.get(ROUND).content.decode()
    assert firm.name in text
    assert f"/enterprises/{firm.pk}/" not in text


def test_people_of_another_city_do_not_find_the_round(firms, nantong, client):
    client.force_login(factories.user("bureau_staff", "320600"))
    assert client.get(ROUND).status_code == 404
    assert client.get(f"{ROUND}export/").status_code == 404
    assert client.post(f"/incentives/rounds/{PROGRAMME}/compute/", {"year": "2022"}).status_code == 404
    assert PROGRAMME not in client.get("/incentives/rounds/").content.decode()


@pytest.mark.parametrize("query", [{"show": "near"}, {"version": "9"}, {"region": "999999"}])
def test_what_does_not_exist_is_not_found(firms, staff, client, query):
    client.force_login(staff)
    assert client.get(ROUND, query).status_code == 404


@pytest.mark.parametrize("query", [{}, {"show": "refused"}, {"show": "missed"}, {"region": XINHUA}])
def test_queries_do_not_grow_with_rows(firms, staff, client, query):
    client.force_login(staff)
    client.get(ROUND, query)
    with CaptureQueriesContext(connection) as few:
        client.get(ROUND, query)
    for _ in range(5):
        listed(XINHUA, "4900")
        listed(BAOFENG, "4900").scale_events.update(entry_type="again")
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    with CaptureQueriesContext(connection) as many:
        client.get(ROUND, query)
    assert len(many) == len(few)


def test_a_round_is_read_in_six_queries(firms, officer, django_assert_num_queries):
    assert officer.scope_path
    with django_assert_num_queries(6):
        page = page_of(officer)
        assert page.lines and page.missed and page.held and page.region_rows and page.group_rows
        assert not page.refused


def test_the_list_of_rounds_tells_sums_and_what_cannot_run(firms, staff, client, django_assert_num_queries):
    assert staff.scope_path
    with django_assert_num_queries(4):
        round_lines(staff)
        programme_lines(staff)
    client.force_login(staff)
    text = client.get("/incentives/rounds/").content.decode()
    for words in ("180,000.00", "未定", "文件未载明金额", "首次入库奖励"):
        assert words in text


def test_nantong_shows_its_reward_as_open_with_its_clause(db, client):
    load_edition(text=policy_text("nantong/nantong-2022"), actor=factories.user("bureau_staff", None))
    client.force_login(factories.user("bureau_staff", "320600"))
    text = client.get("/incentives/rounds/").content.decode()
    assert "市区企业列规后按新增地方贡献奖励各区" in text
    assert "四、保障措施 2" in text
    assert "未定" in text


def test_computing_is_queued_by_bureau_staff_alone(firms, staff, officer, client):
    url = reverse("incentives:compute", args=[PROGRAMME])
    client.force_login(officer)
    assert client.post(url, {"year": "2022"}).status_code == 403
    client.force_login(staff)
    assert client.post(url, {"year": "二〇二二"}).status_code == 404
    assert client.post(url, {"year": "2022"}).status_code == 302
    run = JobRun.objects.get(job="compute_awards")
    assert run.key == f"compute_awards:{PROGRAMME}:2022"


def test_the_workbook_holds_the_page(firms, staff, client):
    client.force_login(staff)
    answer = client.get(f"{ROUND}export/")
    book = load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["拟奖补名单", "各地区汇总", "各条规则", "差多少", "不符合"]
    sheet = book["拟奖补名单"]
    assert [cell.value for cell in sheet[3]][7:10] == ["金额（元）", "市级（元）", "县区（元）"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4, max_row=7)]
    assert rows[-1][0] == "合计"
    assert (
        [sum(row[column] for row in rows[:-1]) for column in (7, 8, 9)]
        == rows[-1][7:10]
        == [180000, 50000, 130000]
    )
    regions = [[cell.value for cell in row] for row in book["各地区汇总"].iter_rows(min_row=4, max_row=16)]
    assert sum(row[3] for row in regions[:-1]) == regions[-1][3] == 180000
    assert AuditEntry.objects.get(act="export_awards").counts == {"awards": 3, "version": 1}


def test_the_firm_page_tells_its_award_and_what_it_misses(firms, officer):
    (block,) = [panel for panel in dossier_for(officer, firms["near"]) if panel.title == "奖补"]
    (line,) = block.context["lines"]
    assert (line.fen, line.state) == (5_000_000, "拟奖补")
    assert line.more.startswith("差一点：2021年主营业务收入 4,986.40 万元")
    refused = list(dossier_for(factories.user("bureau_staff", "410400"), firms["again"]))
    (line,) = next(panel for panel in refused if panel.title == "奖补").context["lines"]
    assert (line.fen, line.state, line.words) == (None, "不符合", "入库类型为再次升规，不是首次入库")
    assert not [
        panel for panel in dossier_for(officer, factories.enterprise("", XINHUA)) if panel.title == "奖补"
    ]


def test_the_firm_page_shows_the_block(firms, officer, client):
    client.force_login(officer)
    text = client.get(f"/enterprises/{firms['held'].pk}/").content.decode()
    assert "缺2021年主营业务收入" in text
    assert "50,000.00" in text


def test_held_awards_are_an_alert(firms, officer):
    (alert,) = [alert for alert in alerts_for(officer) if "奖补" in alert.title]
    assert (alert.count, alert.url) == (1, f"{ROUND}?version=1&show=held")


def test_menu_is_for_those_who_may_read(firms, staff):
    assert "奖补" in [section.label for section in menu_for(staff)]
    assert "奖补" not in [section.label for section in menu_for(factories.user("sys_admin", None))]


def test_an_approved_version_and_its_successor_are_both_reached(firms, staff, client):
    AwardRound.objects.update(state="approved")
    factories.annual_figure(firms["held"], 2021, main_revenue_wan="6000")
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    client.force_login(staff)
    second = client.get(ROUND).content.decode()
    assert "与已审定各版的差额 1" in second
    assert "第1版审定之后数据变动，金额不同" in second
    assert "第1版已审定，金额不再变动" in client.get(ROUND, {"version": "1"}).content.decode()
