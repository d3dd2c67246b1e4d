"""Pages of 培育库: every number opens exactly its firms, a district sees its own, a change has its reason."""

from __future__ import annotations

import io
import re

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import jobs
from core.models import AuditEntry
from core.panels import dossier_for
from cultivation.models import PoolMembership, PoolScreening
from cultivation.services.pool_members import change_member
from cultivation.services.pool_pages import pool_place
from enterprises.models import Enterprise, RegionSpell
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.cultivation.pool_firms import firm, membership, screened

pytestmark = pytest.mark.django_db
POOL, SCREENING = "cultivation:pool", "cultivation:screening"


@pytest.fixture
def city(edition):
    firms = {
        "reserve": firm("储备", sales="800.00"),
        "both": firm("双来源", sales="1200.00", delisted=2020),
        "left": firm("退统", delisted=2021),
        "risen": firm("已升规", sales="1900.00", above_scale=True),
        "haian": firm("海安提升", sales="1777.77", region="320685"),
        "small": firm("海安太小", sales="333.33", region="320685"),
        "unnamed": firm("无名单"),
    }
    screened()
    return firms


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", "320681")


def text_of(page) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def get(client, name: str, query: str = "", **kwargs):
    return client.get(reverse(name, kwargs=kwargs or None) + (f"?{query}" if query else ""))


def change_url(of: Enterprise) -> str:
    return reverse("cultivation:pool_change", args=[of.pk]) + f"?programme={PROGRAMME}&pool=scale_up"


# ---- 在库企业


def test_each_number_above_the_list_opens_exactly_its_firms(client, city, staff):
    client.force_login(staff)
    page = get(client, POOL)
    assert page.context["totals"].members == page.context["counts"].members == 4
    links = {
        (int(number.replace(",", "")), href.replace("&amp;", "&"))
        for href, number in re.findall(r'<a class="num" href="([^"]*)">([\d,]+)</a>', page.content.decode())
    }
    assert len(links) == 8
    for number, href in links:
        assert client.get(href).context["page"].paginator.count == number, href


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tier=储备", {"储备"}),
        ("tier=未分层", {"退统"}),
        ("planned_year=2023", {"双来源"}),
        ("source=both", {"双来源"}),
        ("source=tax_list", {"储备", "海安提升"}),
        ("region=320685", {"海安提升"}),
        ("region=320681", {"储备", "双来源", "退统"}),
        ("q=双来源", {"双来源"}),
        ("tier=nothing", set()),
        ("planned_year=²0²2", set()),
        ("source=nothing", set()),
        ("region=999999", set()),
        ("state=proposed", set()),
        ("state=nothing", set()),
    ],
)
def test_filters(client, city, staff, query, names):
    client.force_login(staff)
    rows = get(client, POOL, query).context["rows"]
    assert {row.member.enterprise.name.removeprefix("启东试验").removesuffix("厂") for row in rows} == names


def test_the_sum_is_that_of_the_whole_result(client, city, staff):
    client.force_login(staff)
    page = get(client, POOL, "page_size=20&sort=-measure")
    assert page.context["totals"].measure_wan == 800_00 + 1200_00 + 1777_77
    order = [row.member.measure_wan for row in page.context["rows"]]
    assert order == [1777_77, 1200_00, 800_00, None]
    assert "3,777.77" in text_of(page)


def test_a_district_sees_its_own_members_and_numbers(client, city, officer):
    client.force_login(officer)
    for page in (get(client, POOL), get(client, SCREENING), get(client, SCREENING, "which=all")):
        told = text_of(page)
        assert page.status_code == 200
        assert "海安" not in told
        assert not re.search(r"1,777\.77|333\.33", told)
    assert get(client, POOL).context["counts"].members == 3
    assert get(client, POOL, "region=320685").context["rows"] == []


def test_a_member_is_seen_where_its_firm_is_today(client, city, officer):
    RegionSpell.objects.filter(enterprise=city["haian"]).update(region="320681")
    Enterprise.objects.filter(pk=city["haian"].pk).update(region="320681")
    client.force_login(officer)
    assert "海安提升" in text_of(get(client, POOL))


def test_a_pool_that_is_not_there_is_not_found(client, city, staff):
    client.force_login(staff)
    for name in (POOL, SCREENING):
        assert get(client, name, "programme=nowhere").status_code == 404
        assert get(client, name, "pool=delisting_risk").status_code == 404
    client.force_login(factories.user("bureau_staff", factories.Region.objects.create(
        code="410400", name="平顶山市", kind="city", path="410400/"
    )))  # fmt: skip
    assert "没有施行中的培育库" in text_of(get(client, POOL))
    assert get(client, POOL, f"programme={PROGRAMME}").status_code == 404
    assert get(client, "cultivation:pool_export").status_code == 404


def test_the_workbook_is_the_page(client, city, staff):
    client.force_login(staff)
    answer = get(client, "cultivation:pool_export", "source=both")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert rows[0][6:8] == ("来源", "2021年应税销售（税务名单）(万元)")
    assert rows[1][1:9] == (
        city["both"].uscc, city["both"].name, "启东市", "培育", "2023", "税务名单、退统名单", 1200,
        membership(city["both"]).since.isoformat(),
    )  # fmt: skip
    assert rows[1][9] == get(client, POOL, "source=both").context["rows"][0].reasons[0].line + (
        "；退统名单：退统年度是2020年，不早于 2019年"
    )
    assert (rows[2][2], rows[2][7]) == ("合计（1家）", 1200)
    entry = AuditEntry.objects.get(act="export_pool")
    assert (entry.actor, entry.counts) == (staff, {"rows": 1})


# ---- 筛选建议


def test_each_number_of_the_screening_opens_exactly_its_firms(client, city, staff):
    client.force_login(staff)
    page = get(client, SCREENING)
    links = re.findall(
        r'<a class="num(?: strong)?" href="([^"#]*which=[^"]*)">([\d,]+)</a>', page.content.decode()
    )
    assert len(links) > 15
    for href, number in links:
        opened = client.get(reverse(SCREENING) + href.replace("&amp;", "&"))
        assert opened.context["page"].paginator.count == int(number), href


def test_districts_sum_to_the_city(client, city, staff):
    client.force_login(staff)
    context = get(client, SCREENING).context
    sums, counts = context["sums"], context["result"].counts
    assert len(context["lines"]) == 10
    assert (sums.candidates, sums.suggested, sums.members) == (counts["candidates"], counts["in"], 4)


def test_what_is_the_demos_own_says_so(client, city, staff):
    client.force_login(staff)
    assert "未载明·演示取值" in text_of(get(client, SCREENING))


def test_a_list_that_is_not_there_is_not_found(client, city, staff):
    client.force_login(staff)
    for query in ("which=everything", "which=out:nothing", "which=tier", "region=999999"):
        assert get(client, SCREENING, query).status_code == 404, query


def test_before_the_first_screening_the_page_says_what_to_do(client, edition, staff, officer):
    client.force_login(staff)
    assert "开始筛选" in text_of(get(client, SCREENING))
    client.force_login(officer)
    told = text_of(get(client, SCREENING))
    assert "由市级业务科室筛选" in told
    assert "开始筛选" not in told


def test_the_button_queues_the_screening(client, edition, staff, officer):
    firm("储备", sales="800.00")
    client.force_login(officer)
    assert client.post(reverse("cultivation:screening_run"), {"programme": PROGRAMME}).status_code == 403
    client.force_login(staff)
    answer = client.post(reverse("cultivation:screening_run"), {"programme": PROGRAMME}, follow=True)
    assert "已交后台筛选" in text_of(answer)
    assert "正在筛选" in text_of(answer)
    jobs.work_all()
    assert PoolScreening.objects.get().screened_by == staff
    assert "正在筛选" not in text_of(get(client, SCREENING))


# ---- 办理


def test_an_officer_changes_tier_and_year_with_a_reason(client, city, officer):
    client.force_login(officer)
    form = {"act": "change", "tier": "提升", "planned_year": "2022", "note": "新厂房已投产"}
    answer = client.post(change_url(city["reserve"]), form, follow=True)
    assert answer.redirect_chain
    told = text_of(answer)
    assert "已调整为提升，拟2022年列规。" in told
    assert "理由：新厂房已投产" in told
    member = membership(city["reserve"])
    assert (member.tier, member.planned_year, member.tier_by_hand) == ("提升", 2022, True)
    page = get(client, POOL, "state=by_hand")
    assert page.context["page"].paginator.count == page.context["counts"].by_hand == 1


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"act": "change", "tier": "提升", "planned_year": "2022"}, "请写明理由。"),
        ({"act": "change", "tier": "储备", "planned_year": "2024", "note": "无"}, "没有变化"),
        ({"act": "change", "tier": "冲刺", "planned_year": "2024", "note": "无"}, "冲刺"),
        ({"act": "withdraw"}, "请写明理由。"),
        ({"act": "keep", "note": "不在问"}, ""),
        ({"act": "explode", "note": "无"}, ""),
        ({}, ""),
    ],
)
def test_a_faulty_form_changes_nothing(client, city, officer, form, told):
    client.force_login(officer)
    before = PoolMembership.objects.values_list().get(enterprise=city["reserve"])
    answer = client.post(change_url(city["reserve"]), form)
    assert answer.status_code == 200
    assert told in text_of(answer)
    assert PoolMembership.objects.values_list().get(enterprise=city["reserve"]) == before


def test_out_and_back_by_hand(client, city, officer):
    client.force_login(officer)
    client.post(change_url(city["reserve"]), {"act": "withdraw", "note": "停产"})
    assert not PoolMembership.objects.current().filter(enterprise=city["reserve"]).exists()
    page = client.get(change_url(city["reserve"]))
    assert list(page.context["forms"]) == ["readmit"]
    form = {"act": "readmit", "tier": "储备", "planned_year": "2024", "note": "复产"}
    client.post(change_url(city["reserve"]), form)
    assert membership(city["reserve"]).admitted_by_hand
    assert len(client.get(change_url(city["reserve"])).context["history"]) == 3


def test_a_proposal_is_answered_on_the_page(client, city, staff, officer):
    change_member(
        member=membership(city["reserve"]), tier="培育", planned_year=2023, note="来函", actor=officer
    )
    factories.scale_event(city["reserve"], "listed", "2022-05")
    screened(staff)
    client.force_login(officer)
    assert get(client, POOL, "state=proposed").context["page"].paginator.count == 1
    assert next(iter(client.get(change_url(city["reserve"])).context["forms"])) == "keep"
    client.post(change_url(city["reserve"]), {"act": "keep", "note": "待统计确认"})
    assert get(client, POOL, "state=proposed").context["page"].paginator.count == 0


def test_a_foreign_firm_does_not_exist(client, city, officer):
    client.force_login(officer)
    assert client.get(change_url(city["haian"])).status_code == 404
    form = {"act": "withdraw", "note": "无"}
    assert client.post(change_url(city["haian"]), form).status_code == 404
    assert membership(city["haian"]).until is None


@pytest.mark.parametrize("role", ["bureau_leader", "finance", "department_officer", "district_leader"])
def test_who_only_reads_finds_no_way_to_change(client, city, role):
    client.force_login(factories.user(role, "320600"))
    assert "cultivation:pool_change" not in get(client, POOL).content.decode()
    assert "调整</a>" not in get(client, POOL).content.decode()
    assert client.get(change_url(city["reserve"])).status_code == 403


def test_a_firm_that_never_was_in_the_pool_says_so(client, city, officer):
    client.force_login(officer)
    assert "没有进过培育库" in text_of(client.get(change_url(city["unnamed"])))


# ---- 一企一档


def test_the_dossier_tells_place_sources_and_history(client, city, officer):
    client.force_login(officer)
    told = text_of(get(client, "enterprises:detail", pk=city["both"].pk))
    assert "三年梯度培育库" in told
    assert "退统年度是2020年" in told
    assert "统计部门提供近三年退统企业名单" in told
    assert "变动记录 1 条" in told
    titles = [panel.title for panel in dossier_for(officer, city["unnamed"])]
    assert "培育库" not in titles


# ---- a fixed number of queries


@pytest.mark.parametrize(("name", "most"), [(POOL, 22), (SCREENING, 23), ("cultivation:pool_export", 15)])
def test_queries_do_not_grow_with_rows(client, city, staff, name, most):
    client.force_login(staff)
    get(client, name)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert get(client, name).status_code == 200
    for number in range(25):
        firm(f"又一{number}", sales="600.00", region="320682")
    screened()
    with CaptureQueriesContext(connection) as many:
        assert get(client, name).status_code == 200
    assert len(many) == len(few) <= most, [query["sql"][:150] for query in many.captured_queries]


def test_the_firms_page_costs_the_same_whatever_its_history(client, city, officer):
    client.force_login(officer)
    client.get(change_url(city["reserve"]))
    with CaptureQueriesContext(connection) as few:
        client.get(change_url(city["reserve"]))
    for year in (2023, 2022, 2023):
        change_member(
            member=membership(city["reserve"]), tier="储备", planned_year=year, note="来函", actor=officer
        )
    with CaptureQueriesContext(connection) as many:
        client.get(change_url(city["reserve"]))
    assert len(many) == len(few)


def test_a_pool_is_found_for_the_city_and_its_districts(city, staff, officer):
    assert pool_place(staff).programme == pool_place(officer).programme == PROGRAMME
    assert pool_place(factories.user("auditor", "320600")) is None
