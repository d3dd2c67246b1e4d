"""驾驶舱: the month page's own numbers, each one click from its rows; a district sees its own line only."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import Region, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import MonthlyIssue
from cultivation.services.months import close_month, issue_month, month_table
from cultivation.services.pool_screening import screen_pool
from evaluation.models import Round
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories

CITY, QIDONG, HAIAN, RUGAO = "320600", "320681", "320685", "320682"
PROGRAMME, SCHEME = "nantong-2022", "nantong-demo-2021"
FEBRUARY, JUNE = Month(2022, 2), Month(2022, 6)
POLICIES = Path(__file__).parents[2] / "config/policies/nantong"
COCKPIT = reverse("reports:cockpit")
pytestmark = pytest.mark.django_db


class Page(HTMLParser):
    """Links with their text, and every table by its id or caption, as rows of (text, link)."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.rows: dict[str, list[tuple[str, str]]] = {}
        self._href, self._cells = "", None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self._href = dict(attrs).get("href", "")
            self.links.append(("", self._href))
        elif tag == "tr":
            self._cells = []
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append(("", ""))

    def handle_data(self, data):
        if self._href:
            text, href = self.links[-1]
            self.links[-1] = (text + data.strip(), href)
        if self._cells:
            text, href = self._cells[-1]
            self._cells[-1] = (text + data.strip(), self._href or href)

    def handle_endtag(self, tag):
        if tag == "a":
            self._href = ""
        elif tag == "tr" and self._cells:
            self.rows[self._cells[0][0]] = self._cells[1:]
            self._cells = None


def load(name: str) -> None:
    load_edition(text=(POLICIES / f"{name}.yaml").read_text(encoding="utf-8"), actor=User.objects.system())


@pytest.fixture
def staff(nantong) -> User:
    load(PROGRAMME)
    return factories.user("bureau_staff", CITY)


@pytest.fixture
def leader(staff) -> User:
    return factories.user("bureau_leader", CITY)


@pytest.fixture
def officer(staff) -> User:
    return factories.user("district_officer", QIDONG)


@pytest.fixture
def firms(staff):
    """启东 enters two (one in February), 海安 one in June, 如皋 loses one; a year before, 启东 had entered one."""
    made = {name: factories.enterprise(f"{name}试验厂", region) for name, region in (
        ("启东甲", QIDONG), ("启东乙", QIDONG), ("启东丙", QIDONG), ("海安丁", HAIAN), ("如皋戊", RUGAO),
    )}  # fmt: skip
    factories.scale_event(made["启东丙"], "listed", "2021-06")
    factories.scale_event(made["启东甲"], "listed", "2022-02")
    factories.scale_event(made["启东乙"], "listed", "2022-06")
    factories.scale_event(made["海安丁"], "listed", "2022-06")
    factories.scale_event(made["如皋戊"], "in_directory", "2021-01", library_year=2020)
    factories.scale_event(made["如皋戊"], "delisted", "2022-06")
    for name in ("启东甲", "海安丁"):
        factories.monthly_figure(made[name], "2022-06", "120.50", "1.00")
    return made


@pytest.fixture
def year(firms, staff, leader) -> MonthlyIssue:
    """June of last year, February (issued) and June are closed; nothing between them."""
    close_month(programme=PROGRAMME, month=Month(2021, 6), actor=staff)
    february = close_month(programme=PROGRAMME, month=FEBRUARY, actor=staff)
    issue_month(issue=february, actor=leader)
    return close_month(programme=PROGRAMME, month=JUNE, actor=staff)


@pytest.fixture
def graded(year, staff, leader) -> Round:
    """A published round of seven firms, five of them 启东's."""
    load(SCHEME)
    for number, region in enumerate([QIDONG] * 5 + [HAIAN] * 2):
        firm = factories.enterprise(f"测评{number}号厂", region)
        factories.scale_event(firm, "in_directory", "2020-12")
        factories.annual_figure(
            firm, land_own_mu="10", land_leased_in_mu="0", land_leased_out_mu="0", staff=30,
            taxable_sales_wan="2000", revenue_wan="2000", main_revenue_wan="1900", value_added_wan="500",
            energy_tce="200", power_wan_kwh="50", emissions_t="0.10", research_wan="50", tax_wan=str(200 - number),
        )  # fmt: skip
    return publish_round(round_=run_evaluation(scheme=SCHEME, year=2021, actor=staff), actor=leader)


def opened(client, user, **query) -> Page:
    client.force_login(user)
    answer = client.get(COCKPIT, query)
    assert answer.status_code == 200
    page = Page(answer.content.decode())
    page.answer, page.text = answer, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))
    return page


def test_the_key_figures_are_the_month_tables(client, year, leader):
    page = opened(client, leader)
    total = month_table(issue=year, user=leader).total
    assert (total.target, total.newly_listed_ytd, total.delisted_ytd, total.net_added_ytd) == (1000, 3, 1, 2)
    for words in (
        "2022年目标 1,000 家",
        "累计新增 3 家",
        "6月 2 家，上年6月 1 家",
        "累计退规 1 家",
        "累计净增 2 家",
    ):
        assert words in page.text
    assert "完成率 滞后 0.3 % 序时 50.0%" in page.text
    assert "序时差 −49.7 个百分点" in page.text


def test_regions_stand_in_official_order_or_by_attainment(client, year, leader):
    names = list(opened(client, leader).rows)
    assert names[1:4] == ["海安市", "如皋市", "如东县"]
    page = opened(client, leader, order="rank")
    assert next(name for name in page.rows if name.endswith("市")) == "启东市"
    assert [text for text, _ in page.rows["启东市"]] == [
        "150", "1", "2", "1.3", "", "−48.7", "滞后", "1", "0", "2"
    ]  # fmt: skip
    assert [text for text, _ in page.rows["合计"]][:4] == ["1,000", "2", "3", "0.3"]


def test_every_number_of_a_month_opens_exactly_its_rows(client, year, leader):
    page = opened(client, leader)
    numbers = [(text, href) for text, href in page.links if "/rows/" in href]
    assert len(numbers) >= 20
    for text, href in numbers:
        listed = client.get(href).context["listed"]
        shown = int(text.replace(",", "").replace(".", "").replace("−", "-"))
        assert listed.number == shown or listed.sums[0].value == shown or listed.sums[1].value == shown, href


def test_every_link_of_the_page_leads_somewhere(client, graded, leader):
    screen_pool(programme=PROGRAMME, year=None, actor=User.objects.system())
    page = opened(client, leader)
    for href in {href for _, href in page.links if href and not href.startswith("#")}:
        assert client.get(href if href.startswith("/") else COCKPIT + href).status_code in {200, 302}, href


def test_the_trend_has_a_gap_where_no_month_was_closed(client, year, leader):
    rows = opened(client, leader).rows
    assert [text for text, _ in rows["2月"]] == ["1", "1", "167", "—（上年这个月没有统计）", "0", "1"]
    assert [text for text, _ in rows["6月"]] == ["2", "3", "500", "1", "1", "2"]
    assert [text for text, _ in rows["3月"]][:3] == ["—（这个月没有统计）", "—（这个月没有统计）", "250"]
    assert [text for text, _ in rows["12月"]][:3] == ["—", "—", "1,000"]
    assert "/2022-02/rows/newly_listed/?version=1" in rows["2月"][0][1]


def test_no_reason_in_the_trend_carries_a_digit_that_the_chart_would_read(client, year, leader):
    rows = opened(client, leader).rows
    cells = [text for month in range(1, 13) for text, _ in rows[f"{month}月"] if text.startswith("—")]
    assert len(cells) > 20
    assert not [text for text in cells if re.search(r"[\d.-]", text)]


def test_an_earlier_month_stands_alone(client, year, leader):
    page = opened(client, leader, month="2022-02")
    assert "截至 2022年2月28日 第1版（已印发）" in page.text
    assert "累计新增 1 家" in page.text
    assert [text for text, _ in page.rows["6月"]][:4] == ["—", "—", "500", "1"]


def test_a_year_without_targets_has_no_rate(client, year, leader):
    page = opened(client, leader, month="2021-06")
    assert "2021年目标 — （方案没有下达）" in page.text
    assert "完成率 — （没有年度目标）" in page.text
    assert "序时目标 <" not in page.answer.content.decode()


def test_only_a_page_with_a_chart_loads_the_chart_library(client, firms, staff):
    assert "echarts" not in opened(client, staff).answer.content.decode()
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    html = opened(client, staff).answer.content.decode()
    assert "echarts" in html
    assert 'data-chart="attainment" data-from="#t-trend"' in html
    assert "2022年1—6月累计新增3家，序时目标500家。" in html


def test_without_a_closed_month_the_page_says_what_to_do(client, firms, staff, officer):
    page = opened(client, staff)
    assert "还没有统计过的月份" in page.text
    assert ("到月度看板统计", reverse("cultivation:month", args=[PROGRAMME, JUNE])) in page.links
    assert "由市级业务科室统计" in opened(client, officer).text


def test_a_month_that_is_not_closed_leads_to_the_latest_that_is(client, year, leader):
    page = opened(client, leader, month="2022-07")
    assert "2022年7月还没有统计" in page.text
    assert ("看2022年6月", f"{COCKPIT}?programme={PROGRAMME}") in page.links


def test_a_place_without_a_programme_is_told_so(client, nantong):
    page = opened(client, factories.user("bureau_leader", CITY))
    assert "本地区还没有方案" in page.text


def test_a_district_sees_its_own_line_alone(client, graded, officer):
    page = opened(client, officer)
    assert "2022年目标 150 家 启东市" in page.text
    assert "累计新增 2 家" in page.text
    for foreign in ("海安", "如皋", "合计", "1,000"):
        assert foreign not in page.text
    assert [text for text, _ in page.rows["6月"]] == ["1", "2", "75", "1", "0", "2"]
    assert "参评 5 家" in page.text


def test_another_city_has_no_such_page(client, year):
    Region.objects.create(code="410400", name="平顶山市", kind="city", path="410400/", order=0)
    client.force_login(factories.user("bureau_leader", "410400"))
    assert client.get(COCKPIT, {"programme": PROGRAMME}).status_code == 404


def test_grades_show_once_they_are_published(client, graded, leader):
    page = opened(client, leader)
    assert "2021年度综合评价 试行·演示 第1版已公布" in page.text
    assert "参评 7 家" in page.text
    scores = reverse("evaluation:scores")
    grades = {href[-1]: text for text, href in page.links if href.startswith(scores) and "grade=" in href}
    assert sum(int(text) for text in grades.values()) == 7
    for grade, text in grades.items():
        listed = client.get(f"{scores}?round={graded.pk}&grade={grade}").context["page"]
        assert listed.paginator.count == int(text)
    Round.objects.update(state=Round.State.DRAFT)
    assert "综合评价 试行" not in opened(client, leader).text


def test_the_pool_shows_its_tiers_when_it_has_members(client, year, firms, leader, officer):
    assert "今日在库" not in opened(client, leader).text
    for name, sales in (("启东丙", "1800"), ("如皋戊", "800")):
        firms[name].above_scale = False
        firms[name].save()
        factories.annual_figure(firms[name], source="tax", taxable_sales_wan=sales)
    screen_pool(programme=PROGRAMME, year=None, actor=User.objects.system())
    page = opened(client, leader)
    assert "今日在库 2 家" in page.text
    tiers = [(text, href) for text, href in page.links if "&tier=" in href]
    assert [text for text, _ in tiers] == ["1", "1"]
    for text, href in tiers:
        assert client.get(href).context["page"].paginator.count == int(text)
    assert "今日在库 1 家" in opened(client, officer).text


#: 工作台, 驾驶舱 and the month's own pages
DASHBOARDS = (
    reverse("reports:workbench"),
    COCKPIT,
    *(
        reverse(f"cultivation:{name}", args=[PROGRAMME, JUNE])
        for name in ("month", "statistics", "analysis", "dispatch", "dispatch_sheet")
    ),
    reverse("cultivation:watch", args=["eligible"]),
)


def questions(client, address) -> tuple[int, bytes]:
    """What an opening asks of the database, session and person among it, and what it shows."""
    with CaptureQueriesContext(connection) as captured:
        shown = client.get(address)
    assert shown.status_code == 200
    asked = [query["sql"] for query in captured if "SAVEPOINT" not in query["sql"]]
    return len(asked), re.sub(rb'(nonce|value)="[^"]*"', b"", shown.content)


def test_every_dashboard_that_stands_costs_five_questions_and_an_act_shows_at_once(
    client, year, leader, settings
):
    settings.STANDING_SECONDS = 10
    cache.clear()
    client.force_login(leader)
    for address in DASHBOARDS:
        _, first = questions(client, address)
        count, second = questions(client, address)
        assert count <= 5, address
        assert second == first, address
    assert not client.get(COCKPIT).context["page"].issue.is_frozen
    issue_month(issue=year, actor=leader)
    for address in DASHBOARDS[1:-1]:
        assert client.get(address).context["page"].issue.is_frozen, address
    cache.clear()


def test_the_page_asks_the_database_a_fixed_number_of_times(client, graded, staff):
    def queries() -> int:
        client.get(COCKPIT)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(COCKPIT).status_code == 200
        return len(captured)

    client.force_login(staff)
    before = queries()
    for number in range(30):
        firm = factories.enterprise(f"另外{number}厂", RUGAO)
        factories.scale_event(firm, "listed", "2022-04")
        factories.monthly_figure(firm, "2022-04", "10.00")
    for month in (Month(2022, 4), Month(2022, 5), JUNE):
        close_month(programme=PROGRAMME, month=month, actor=staff)
    assert queries() == before
    assert before <= 25
