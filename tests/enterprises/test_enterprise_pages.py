"""企业查询, its export, 一企一档: what each user sees, and how many questions the database is asked."""

from decimal import ROUND_HALF_UP, Decimal
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from core import panels
from core.models import AuditEntry, Role
from core.panels import Panel
from enterprises.filters import EnterpriseFilter
from enterprises.models import Enterprise
from tests import factories

pytestmark = pytest.mark.django_db

LIST, EXPORT = reverse("enterprises:list"), reverse("enterprises:export")


@pytest.fixture
def officer(nantong, client):
    """The officer of 启东市, signed in."""
    officer = factories.user(Role.DISTRICT_OFFICER, "320681")
    client.force_login(officer)
    return officer


def text_of(answer):
    return answer.content.decode()


def names_on(answer):
    return [line.firm.name for line in answer.context["lines"]]


def grow(number, **fields):
    return [factories.enterprise(**fields) for _ in range(number)]


# ---------------------------------------------------------------- the list


def test_a_district_sees_its_own_firms_only(officer, client):
    own, foreign = factories.enterprise(), factories.enterprise(region="320614")
    answer = client.get(LIST)
    assert names_on(answer) == [own.name]
    assert foreign.name not in text_of(answer)
    assert client.get(reverse("enterprises:detail", args=[foreign.pk])).status_code == 404
    assert client.post(reverse("enterprises:contact", args=[foreign.pk])).status_code == 404
    assert names_on(client.get(LIST, {"region": "320614"})) == []


@pytest.mark.parametrize("section", ["", "C"])
def test_statistical_status_splits_the_registry_without_rest(officer, client, section):
    """S0-01: 规上 and 规下 are disjoint and add up to the total."""
    grow(3, above_scale=True)
    grow(4, above_scale=False, industry_code="0610")
    grow(2, above_scale=False)
    counts = {}
    firms = {}
    for scale in ("", "above", "below"):
        page = client.get(LIST, {"scale": scale, "section": section}).context
        counts[scale] = page["page"].paginator.count
        firms[scale] = {line.firm.pk for line in page["lines"]}
        assert page["totals"].firms == counts[scale]
    assert counts[""] == counts["above"] + counts["below"]
    assert firms["above"].isdisjoint(firms["below"])
    assert firms[""] == firms["above"] | firms["below"]


def test_one_box_finds_by_name_former_name_code_and_initials(officer, client):
    firm = factories.enterprise(
        name="启东恒砺（集团）机械有限公司", former_names="启东老铸造厂", initials="qdhljtjxyxgs"
    )
    factories.enterprise(name="启东别家纺织有限公司", initials="qdbjfzyxgs")
    for words in ("恒砺", "恒砺(集团)", "老铸造", "qdhl", "HLJT", firm.uscc, firm.uscc[-9:].lower()):
        assert names_on(client.get(LIST, {"q": words})) == [firm.name], words
    empty = client.get(LIST, {"q": "查无此名"})
    assert names_on(empty) == []
    assert "没有符合条件的企业" in text_of(empty)


def test_filters_by_verification_and_section(officer, client):
    pending = factories.enterprise(verification="pending", industry_code="4430")
    factories.enterprise(industry_code="1711")
    assert names_on(client.get(LIST, {"verification": "pending"})) == [pending.name]
    assert names_on(client.get(LIST, {"section": "D"})) == [pending.name]
    assert client.get(LIST, {"section": "C"}).context["page"].paginator.count == 1


def test_figures_of_a_firm_compare_the_months_of_both_years(officer, client):
    firm = factories.enterprise()
    for month, revenue in (("2021-01", "100"), ("2021-02", "80"), ("2021-12", "120")):
        factories.monthly_figure(firm, month, revenue)
    factories.monthly_figure(firm, "2022-01", "110", "2", power_wan_kwh="3")
    factories.monthly_figure(firm, "2022-03", "150", "3")
    figures = client.get(LIST).context["lines"][0].figures
    assert figures.last_year_revenue == 300_00
    assert figures.revenue_ytd == 260_00
    assert str(figures.revenue_yoy) == "0.1000"  # January alone: 110 ÷ 100 − 1
    assert (figures.tax_ytd, figures.power_ytd) == (500, 300)
    assert figures.spark[-3:] == [110_00, None, 150_00]  # a silent month is a gap, not 0
    assert str(figures.latest_month) == "2022-03"


def test_a_firm_that_never_reported_shows_no_figure(officer, client):
    other, silent = factories.enterprise(), factories.enterprise(name="启东从未填报有限公司")
    factories.monthly_figure(other, "2022-06", "10")
    line = next(line for line in client.get(LIST).context["lines"] if line.firm == silent)
    assert line.figures.revenue_ytd is None
    assert line.figures.latest_month is None


def test_the_total_covers_the_whole_result_and_equals_the_sum_of_its_lines(officer, client):
    for number, firm in enumerate(grow(25)):
        factories.monthly_figure(firm, "2022-06", f"{number}.10", "0.5", power_wan_kwh="1")
        if number % 2:
            factories.monthly_figure(firm, "2021-06", "10")
    first = client.get(LIST)
    assert len(first.context["lines"]) == 20
    lines = [*first.context["lines"], *client.get(LIST, {"page": 2}).context["lines"]]
    total = first.context["totals"].figures
    assert total.revenue_ytd == sum(line.figures.revenue_ytd for line in lines)
    assert total.power_ytd == 2500
    now = sum(line.figures.revenue_ytd for line in lines if line.figures.last_year_revenue)
    # twelve firms have a June of last year, 10.00 each
    assert total.revenue_yoy == (Decimal(now - 12_000) / 12_000).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    assert "合计（25家）" in text_of(first)


def test_sorting_by_a_figure_puts_firms_without_it_last(officer, client):
    low, none, high = grow(3)
    factories.monthly_figure(low, "2022-06", "10")
    factories.monthly_figure(high, "2022-06", "90")
    assert names_on(client.get(LIST, {"sort": "-ytd"})) == [high.name, low.name, none.name]
    assert names_on(client.get(LIST, {"sort": "ytd"})) == [low.name, high.name, none.name]
    assert client.get(LIST, {"sort": "-nonsense"}).status_code == 200


def test_the_page_says_that_these_are_not_statistics(officer, client):
    firm = factories.enterprise()
    for url in (LIST, reverse("enterprises:detail", args=[firm.pk])):
        assert "本数据非统计数据" in text_of(client.get(url))


def query_count(client, url, django_assert_max_num_queries, most):
    with django_assert_max_num_queries(most) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


def test_the_list_asks_a_fixed_number_of_questions(officer, client, django_assert_max_num_queries):
    def fill(number):
        for firm in grow(number):
            factories.monthly_figure(firm, "2022-06", "10")
            factories.monthly_figure(firm, "2021-06", "9")

    url = f"{LIST}?page_size=100&sort=-ytd"
    fill(3)
    few = query_count(client, url, django_assert_max_num_queries, 15)
    fill(60)
    assert query_count(client, url, django_assert_max_num_queries, 15) == few


# ---------------------------------------------------------------- export


def cells_of(answer):
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()], sheet


def test_the_export_holds_the_same_result_with_codes_as_text_and_nothing_a_formula(nantong, client):
    leader = factories.user(Role.BUREAU_STAFF, "320600")
    client.force_login(leader)
    firm = factories.enterprise(name="=cmd|' /C calc'!A0", above_scale=True, uscc="913206007573111265")
    factories.monthly_figure(firm, "2022-06", "120.55", "3")
    factories.enterprise(name="启东规下机械有限公司", region="320614")
    answer = client.get(EXPORT, {"scale": "above"})
    rows, sheet = cells_of(answer)
    assert rows[1][:4] == ["序号", "统一社会信用代码", "企业名称", "地区"]
    assert rows[2][1:6] == ["913206007573111265", "=cmd|' /C calc'!A0", "启东市", "规上", "已核"]
    assert {sheet.cell(3, 2).data_type, sheet.cell(3, 3).data_type} == {"s"}
    assert sheet.cell(3, 2).number_format == "@"
    assert rows[2][8] == 120.55
    assert rows[2][7] is None  # 未报 is an empty cell
    assert rows[3][2] == "合计（1家）"
    assert "本数据非统计数据" in rows[4][0]
    entry = AuditEntry.objects.get(act="export_enterprises")
    assert (entry.actor, entry.counts, entry.subject) == (leader, {"rows": 1}, "scale=above")


def test_a_district_exports_its_own_and_a_department_nothing(nantong, client):
    factories.enterprise(region="320614")
    client.force_login(factories.user(Role.DISTRICT_OFFICER, "320681"))
    rows, _ = cells_of(client.get(EXPORT))
    assert rows[2][2] == "合计（0家）"
    client.force_login(factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax"))
    assert client.get(EXPORT).status_code == 403


# ---------------------------------------------------------------- 一企一档


def detail(client, firm):
    return client.get(reverse("enterprises:detail", args=[firm.pk]))


def test_the_dossier_tells_months_sources_events_and_history(officer, client):
    firm = factories.enterprise(former_names="启东老铸造厂", township="汇龙镇")
    batch = factories.batch("monthly", "320681", state="committed", upload_name="启东6月.xlsx")
    factories.monthly_figure(firm, "2021-05", "100")
    factories.monthly_figure(firm, "2022-05", "120", "2", batch=batch)
    factories.annual_figure(firm, 2021, "survey", revenue_wan="1600", staff=41)
    factories.annual_figure(firm, 2021, "tax", taxable_sales_wan="1500")
    factories.scale_event(firm, "listed", "2022-03", entry_type="grown")
    page = text_of(detail(client, firm))
    for words in (
        "启东老铸造厂",
        "汇龙镇",
        "规上",
        "规下升规上",
        "审批库年度 2022",
        "启东6月.xlsx",
        "1,600.00",
        "1,500.00",
    ):
        assert words in page, words
    dossier = detail(client, firm).context["dossier"]
    assert [line.nature for line in dossier.months] == ["未报"] * 4 + ["实际"] + [""] * 7
    assert str(dossier.months[4].yoy) == "0.2000"
    assert dossier.months[3].cumulative is None


def test_the_phone_is_masked_until_asked_for_and_the_asking_leaves_a_trace(officer, client):
    firm = factories.enterprise(contact="陈经理", phone="13900001234")
    page = detail(client, firm)
    assert "139****1234" in text_of(page)
    assert "13900001234" not in text_of(page)
    url = reverse("enterprises:contact", args=[firm.pk])
    assert client.get(url).status_code in (403, 405)
    answer = client.post(url)
    assert "13900001234" in text_of(answer)
    assert "no-store" in answer["Cache-Control"]
    entry = AuditEntry.objects.get(act="view_contact")
    assert (entry.actor, entry.subject) == (officer, firm.uscc)
    assert "1390000" not in str(entry.__dict__)


def test_a_department_may_read_but_not_ask_for_the_phone(nantong, client):
    firm = factories.enterprise(phone="13900001234")
    client.force_login(factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax"))
    assert "查看（留痕）" not in text_of(detail(client, firm))
    assert client.post(reverse("enterprises:contact", args=[firm.pk])).status_code == 403
    assert not AuditEntry.objects.filter(act="view_contact").exists()


def test_a_department_sees_of_the_batches_its_own_lists_only(nantong, client):
    firm = factories.enterprise()
    factories.monthly_figure(firm, "2022-05", "120")
    tax = factories.batch("tax_list", "320600", department="tax", state="committed")
    factories.annual_figure(firm, 2021, "tax", taxable_sales_wan="800", batch=tax)
    client.force_login(factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax"))
    assert detail(client, firm).context["dossier"].batches == [tax]


def test_figures_from_before_a_move_stay_with_the_former_region(nantong, client):
    firm = factories.enterprise(region="320614")
    factories.monthly_figure(firm, "2022-03", "777.77", region="320681")
    factories.monthly_figure(firm, "2022-05", "120")
    client.force_login(factories.user(Role.DISTRICT_OFFICER, "320614"))
    assert detail(client, firm).context["dossier"].reported_months == 1
    assert "777.77" not in text_of(detail(client, firm))
    client.force_login(factories.user(Role.BUREAU_STAFF, "320600"))
    assert detail(client, firm).context["dossier"].reported_months == 2


def test_panels_of_other_apps_stand_in_the_dossier(officer, client, monkeypatch):
    shown = Panel(10, "培育库", "core/_empty.html", lambda user, firm: {"title": f"{firm.name}不在库"})
    silent = Panel(20, "奖补说明", "core/_empty.html", lambda user, firm: None)
    monkeypatch.setattr(panels, "_dossier", [silent, shown])
    firm = factories.enterprise()
    page = text_of(detail(client, firm))
    assert "培育库" in page
    assert f"{firm.name}不在库" in page
    assert "奖补说明" not in page


def test_the_dossier_asks_a_fixed_number_of_questions(officer, client, django_assert_max_num_queries):
    firm = factories.enterprise()
    url = reverse("enterprises:detail", args=[firm.pk])

    def fill(year):
        for number in range(1, 13):
            factories.monthly_figure(firm, f"{year}-{number:02d}", "10", batch=factories.batch())
        factories.annual_figure(firm, year, "survey", revenue_wan="1")
        factories.scale_event(firm, "listed", f"{year}-03")

    fill(2020)
    few = query_count(client, url, django_assert_max_num_queries, 35)
    fill(2021)
    assert query_count(client, url, django_assert_max_num_queries, 35) == few


def test_the_filter_serves_the_api_alike(nantong):
    factories.enterprise(above_scale=True)
    kept = factories.enterprise(region="320614")
    firms = EnterpriseFilter({"scale": "below", "region": "320614"}, Enterprise.objects.all()).qs
    assert list(firms) == [kept]
    assert list(EnterpriseFilter({"uscc": kept.uscc.lower()}, Enterprise.objects.all()).qs) == [kept]
    assert not EnterpriseFilter({"region": "999999"}, Enterprise.objects.all()).qs.exists()


def test_the_month_shown_is_chosen_and_nonsense_falls_back_to_the_latest(officer, client):
    firm = factories.enterprise()
    for month, revenue in (("2021-05", "80"), ("2022-05", "100"), ("2022-06", "40")):
        factories.monthly_figure(firm, month, revenue)
    assert client.get(LIST).context["lines"][0].figures.revenue_ytd == 14000
    chosen = client.get(LIST, {"month": "2022-05"})
    assert chosen.context["lines"][0].figures.revenue_ytd == 10000
    assert "数据截至 2022年5月" in text_of(chosen)
    assert not chosen.context["is_chosen"]
    for nonsense in ("2031-01", "²", "2022-13"):
        assert client.get(LIST, {"month": nonsense}).context["span"].month.month == 6
    rows, _ = cells_of(client.get(EXPORT, {"month": "2022-05"}))
    assert rows[1][8] == "1—5月营业收入(万元)"
    assert (rows[2][8], rows[2][9]) == (100, 25)


def test_the_export_asks_a_fixed_number_of_questions_and_sums_like_the_page(
    officer, client, django_assert_max_num_queries
):
    def fill(number):
        for place, firm in enumerate(grow(number)):
            factories.monthly_figure(firm, "2022-06", f"{place}.05", power_wan_kwh="1.5")
            factories.monthly_figure(firm, "2021-06", "9")

    fill(3)
    few = query_count(client, EXPORT, django_assert_max_num_queries, 14)
    fill(40)
    assert query_count(client, EXPORT, django_assert_max_num_queries, 14) == few
    totals = client.get(LIST).context["totals"].figures
    rows, _ = cells_of(client.get(EXPORT))
    total = rows[-2]
    assert total[2] == "合计（43家）"
    assert (total[8], total[11]) == (totals.revenue_ytd / 100, totals.power_ytd / 100)
    assert total[9] == float((totals.revenue_yoy * 100).quantize(Decimal("0.1"), ROUND_HALF_UP))
