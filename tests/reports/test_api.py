"""The REST door: targets, firms and months, page by page, within the client's region."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from drf_spectacular.validation import validate_schema

from core.models import Role, User
from core.periods import Month
from core.services.policies import load_edition
from core.tokens import make_token
from core.views import bad_request, server_error
from cultivation.models import RegionMonth
from cultivation.services.months import close_month, issue_month, month_table
from tests import factories

CITY, QIDONG, RUDONG = "320600", "320681", "320623"
PROGRAMME = "nantong-2022"
JUNE = Month(2022, 6)
POLICY = Path(__file__).resolve().parents[2] / "config/policies/nantong/nantong-2022.yaml"
LISTS = ["api:targets", "api:enterprises", "api:months"]


class Rest:
    """A client with a token."""

    def __init__(self, user, region=CITY, scopes=("tiers:read",)):
        self.client = Client()
        text = make_token(
            actor=user, user=user, region=factories.region(region), scopes=list(scopes), days=30
        )
        self.headers = {"Authorization": f"Token {text}"}

    def get(self, route, **query):
        return self.client.get(route if "/" in route else reverse(route), query, headers=self.headers)

    def rows(self, route, **query):
        answer = self.get(route, **query)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()["results"]


@pytest.fixture
def house(db):
    """The programme of 南通 in force, two districts with firms, May and June closed, May issued."""
    load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system())
    leader = factories.user(Role.BUREAU_LEADER, CITY)
    for region in (QIDONG, RUDONG):
        for number in range(3):
            firm = factories.enterprise(
                f"{region}第{number}机械有限公司", region, contact="张某", phone="13812345678"
            )
            for month, revenue in (("2021-05", "100"), ("2022-05", "110.005"), ("2022-06", "120.50")):
                factories.monthly_figure(firm, month, revenue, "1.2")
            if number == 0:
                factories.scale_event(firm, month="2022-03")
    for month in (JUNE - 1, JUNE):
        issue = close_month(programme=PROGRAMME, month=month, actor=User.objects.system())
        if month < JUNE:
            issue_month(issue=issue, actor=leader)
    return issue


@pytest.fixture
def city(house):
    return Rest(factories.user(Role.API_CLIENT, CITY))


@pytest.fixture
def qidong(house):
    return Rest(factories.user(Role.API_CLIENT, CITY), QIDONG)


# ---- what the rows say


def test_a_target_is_told_with_its_unit_clause_and_edition(city):
    rows = city.rows("api:targets", year=2022, metric="newly_listed")
    by_region = {row["region_name"]: row for row in rows if row["year"] == row["until_year"]}
    assert by_region["海安市"]["value"] == "130"
    assert by_region["海安市"]["unit"] == "家"
    assert by_region["海安市"]["programme"] == PROGRAMME
    assert by_region["海安市"]["edition"] == 1
    assert all(row["clause"] for row in rows)


def test_a_year_finds_the_targets_whose_span_holds_it(city):
    for year in (2022, 2024):
        spans = {(row["year"], row["until_year"]) for row in city.rows("api:targets", year=year)}
        assert all(first <= year <= last for first, last in spans)
        assert (year, year) in spans
    assert city.rows("api:targets", year=2021) == []


def test_a_firm_is_told_without_contact_and_phone(city):
    row = city.rows("api:enterprises", region=QIDONG)[0]
    assert (row["region"], row["region_name"], row["above_scale"]) == (QIDONG, "启东市", True)
    body = city.get("api:enterprises").content.decode()
    for kept_inside in ("13812345678", "张某", "contact", "phone"):
        assert kept_inside not in body


def test_the_one_filter_of_firms_serves_the_api_too(city):
    assert len(city.rows("api:enterprises", scale="above")) == 2
    assert len(city.rows("api:enterprises", scale="below")) == 4
    assert len(city.rows("api:enterprises", q="第1机械")) == 2
    assert city.rows("api:enterprises", region="410400") == []


def test_a_month_says_what_the_page_says(city, house):
    rows = {row["region"]: row for row in city.rows("api:months", month="2022-06", programme=PROGRAMME)}
    table = month_table(issue=house, user=factories.user(Role.BUREAU_STAFF, CITY))
    assert len(rows) == len(table.lines) == 10
    for line in table.lines:
        row = rows[line.region_id]
        assert row["reporting"] == line.reporting
        assert row["silent"] == line.silent
        assert row["rank"] == line.rank
        assert row["net_added_ytd"] == line.net_added_ytd
        for name in ("attainment", "schedule_gap", "revenue_yoy", "revenue_ytd_yoy"):
            figure = getattr(line, name)
            assert row[name] == (None if figure is None else f"{figure:.4f}"), name
    assert rows[QIDONG]["revenue_wan"] == "361.50"
    assert rows[QIDONG]["newly_listed_ytd"] == 1


def test_unknown_is_null_and_never_zero(city):
    rows = {row["region"]: row for row in city.rows("api:months", month="2022-06")}
    assert rows["320685"]["revenue_yoy"] is None, "海安市 has no firm to compare"
    assert rows["320685"]["revenue_wan"] == "0.00"


def test_amounts_are_strings_with_two_places_rounded_half_up_once(city):
    may = {row["region"]: row for row in city.rows("api:months", month="2022-05")}[QIDONG]
    assert may["revenue_wan"] == "330.03"  # 3 × 110.005, each rounded at its door
    assert may["revenue_yoy"] == "0.1001"
    for name, value in may.items():
        if name.endswith("_wan") and value is not None:
            assert re.fullmatch(r"-?\d+\.\d\d", value), name


def test_growth_on_a_tiny_base_is_told_however_large(city, house):
    line = RegionMonth.objects.filter(issue=house, region_id=QIDONG)
    line.update(revenue_base_wan=1, revenue_comparable_wan=10**11)
    row = city.rows("api:months", month="2022-06", region=QIDONG)[0]
    assert row["revenue_yoy"] == "99999999999.0000"


def test_the_newest_version_is_told_and_the_issued_one_on_request(city, house):
    firm = factories.enterprise("新报数企业有限公司", QIDONG)
    factories.monthly_figure(firm, "2022-05", "1000")
    close_month(programme=PROGRAMME, month=JUNE - 1, actor=User.objects.system())

    def told(**query):
        rows = city.rows("api:months", region=QIDONG, month="2022-05", **query)
        return [(row["version"], row["state"], row["revenue_wan"]) for row in rows]

    assert told() == [(2, "draft", "1330.03")]
    assert told(state="issued") == [(1, "issued", "330.03")]
    assert told(state="draft") == [(2, "draft", "1330.03")]


def test_months_are_chosen_by_span(city):
    def months(**query):
        return sorted({row["month"] for row in city.rows("api:months", region=QIDONG, **query)})

    assert months() == ["2022-05", "2022-06"]
    assert months(since="2022-06") == ["2022-06"]
    assert months(until="2022-05") == ["2022-05"]
    assert months(since="2022-07") == []
    assert months(programme="pingdingshan-2022") == []


# ---- whose rows


@pytest.mark.parametrize("route", LISTS)
def test_a_region_outside_the_token_is_an_empty_page(qidong, route):
    answer = qidong.get(route, region=RUDONG)
    assert (answer.status_code, answer.json()) == (200, {"next": None, "previous": None, "results": []})
    assert qidong.get(route, region="999999").json()["results"] == []
    assert {row["region"] for row in qidong.rows(route)} <= {QIDONG}
    assert qidong.rows(route, region=QIDONG)


@pytest.mark.parametrize("route", LISTS)
def test_a_district_officer_reads_his_district_by_session(house, client, route):
    client.force_login(factories.user(region=QIDONG))
    assert {row["region"] for row in client.get(reverse(route)).json()["results"]} == {QIDONG}


# ---- page by page


def test_pages_follow_one_another_without_gap_or_double(city):
    seen, address, pages = [], reverse("api:enterprises") + "?page_size=4", 0
    while address:
        page = city.get(address).json()
        seen += [row["uscc"] for row in page["results"]]
        address, pages = page["next"], pages + 1
    assert pages == 2
    assert len(seen) == len(set(seen)) == 6


def test_a_page_leads_back(city):
    first = city.get("api:enterprises", page_size=4).json()
    second = city.get(first["next"]).json()
    assert (first["previous"], second["next"]) == (None, None)
    assert city.get(second["previous"]).json()["results"] == first["results"]


def test_rows_that_come_while_a_client_reads_do_not_shift_its_pages(city):
    first = city.get("api:enterprises", page_size=4).json()
    newcomer = factories.enterprise("后来企业有限公司", QIDONG)
    second = city.get(first["next"]).json()["results"]
    assert [row["uscc"] for row in second][-1] == newcomer.uscc
    assert len(second) == 3


@pytest.mark.parametrize(("asked", "given"), [("1", 1), ("1000", 6), ("100000", 6), ("0", 6), ("viele", 6)])
def test_a_page_holds_what_was_asked_for(city, asked, given):
    assert len(city.rows("api:enterprises", page_size=asked)) == given


def test_a_page_never_holds_more_than_1000(city):
    from core.pagination import KeyCursorPagination

    assert KeyCursorPagination.max_page_size == 1000


# ---- wrong words


@pytest.mark.parametrize(
    ("route", "query", "field", "word"),
    [
        ("api:months", {"month": "2022-13"}, "month", "月份应写作 2022-06"),
        ("api:months", {"month": "6月"}, "month", "月份应写作 2022-06"),
        ("api:months", {"since": "2022"}, "since", "月份应写作 2022-06"),
        ("api:months", {"state": "frozen"}, "state", "frozen"),
        ("api:targets", {"year": "今年"}, "year", "数字"),
        ("api:targets", {"metric": "profit"}, "metric", "profit"),
        ("api:enterprises", {"scale": "huge"}, "scale", "huge"),
        ("api:enterprises", {"cursor": "x"}, "cursor", "翻页位置无效"),
        ("api:enterprises", {"cursor": "cD1hYmM="}, "cursor", "翻页位置无效"),  # p=abc
        ("api:enterprises", {"q": "a\x00b"}, "q", ""),
        ("api:tiers", {"updated_since": "0001-01-01"}, "updated_since", "没有这个时刻"),
        ("api:watch", {"updated_since": "9999-12-31T23:59:59-14:00"}, "updated_since", "没有这个时刻"),
    ],
)
def test_a_wrong_parameter_is_answered_with_400_in_chinese(city, route, query, field, word):
    answer = city.get(route, **query)
    body = answer.json()
    assert (answer.status_code, body["code"], body["message"]) == (400, "invalid", "参数有误。")
    told = "".join(body["fields"][field])
    assert word in told and re.search(r"[\u4e00-\u9fff]", told)


@pytest.mark.parametrize(
    ("method", "route", "status", "code"),
    [("post", "api:months", 405, "method_not_allowed"), ("delete", "api:targets", 405, "method_not_allowed")],
)
def test_other_faults_have_a_code_and_a_chinese_sentence(city, method, route, status, code):
    answer = getattr(city.client, method)(reverse(route), headers=city.headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert re.search(r"[\u4e00-\u9fff]", answer.json()["message"])


def test_a_format_that_is_not_offered_is_refused_in_chinese(city):
    answer = city.client.get(reverse("api:months"), headers=city.headers | {"Accept": "application/x-yaml"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")


def test_a_failure_of_the_house_is_told_to_a_program_in_json():
    request = RequestFactory().get(reverse("api:tiers"))
    request.id = "7f3a0912"
    for answer, status, code in (
        (server_error(request), 500, "server_error"),
        (bad_request(request), 400, "bad_request"),
    ):
        told = json.loads(answer.content)
        assert (answer.status_code, told["code"]) == (status, code)
        assert re.search(r"[\u4e00-\u9fff]", told["message"])
    assert json.loads(server_error(request).content)["reference"] == "7f3a0912"


def test_too_many_requests_are_refused_in_chinese(city, monkeypatch):
    from django.core.cache import cache
    from rest_framework.throttling import UserRateThrottle

    cache.clear()
    monkeypatch.setattr(UserRateThrottle, "rate", "2/min", raising=False)
    answers = [city.get("api:months") for _ in range(3)]
    cache.clear()
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "throttled"


# ---- what a page costs

#: token, its user's region, its region, its other tokens; then the rows with all they show
TOKEN_QUERIES = 4
#: the filter of firms, shared with the page, asks for the regions to choose from besides
ROW_QUERIES = {"api:targets": 1, "api:enterprises": 2, "api:months": 1}


@pytest.mark.parametrize("route", LISTS)
def test_a_page_costs_the_same_few_queries_however_many_rows(city, route, django_assert_num_queries):
    for size in (1, 1000):
        with django_assert_num_queries(TOKEN_QUERIES + ROW_QUERIES[route]):
            city.get(route, page_size=size)


# ---- schema and its pages


def test_the_schema_is_valid_openapi_and_says_no_more_than_the_doors_do(tmp_path):
    path = tmp_path / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(path)
    )
    schema = json.loads(path.read_text(encoding="utf-8"))
    validate_schema(schema)
    reading = (
        "targets", "enterprises", "months", "statistics", "statutory", "tiers", "pool", "evaluation/results", "awards",
        "watch", "pool/handovers", "pool/handovers/{id}/file", "findings", "returns", "orders", "bulletins",
        "evaluation/explained", "evaluation/gaps",
        "bulletins/{programme}/{month}/{kind}/word",
    )  # fmt: skip
    told = {path.removeprefix("/api/v1/"): set(doors) for path, doors in schema["paths"].items()}
    assert {path: doors for path, doors in told.items() if not path.startswith("batches/")} == {
        f"{name}/": {"get"} for name in reading
    } | {
        f"{name}/": {"get", "post"}
        for name in (
            "returns/{programme}/{month}/{region}", "corrections", "corrections/{id}", "orders/{id}",
        )
    }  # fmt: skip
    assert {path: doors for path, doors in told.items() if path.startswith("batches/")} == {
        "batches/": {"get", "post"},
        "batches/{id}/": {"get"},
        **{f"batches/{{id}}/{act}/": {"post"} for act in ("notes", "commit", "discard", "retry", "undo")},
    }
    assert schema["components"]["securitySchemes"]["token"]["name"] == "Authorization"
    doors = [door for methods in schema["paths"].values() for door in methods.values()]
    assert all({"401", "403", "429"} <= set(door["responses"]) for door in doors)
    shown = [word["name"] for word in schema["paths"]["/api/v1/batches/"]["get"]["parameters"]]
    assert {"cursor", "page_size"} <= set(shown)
    text = json.dumps(schema)
    assert '"phone"' not in text and '"contact"' not in text


@pytest.mark.parametrize("component", ["Target", "Enterprise", "RegionMonth"])
def test_the_schema_names_exactly_the_fields_that_are_sent(city, component):
    schema = city.get("api:schema", format="json").json()
    sent = {"Target": "api:targets", "Enterprise": "api:enterprises", "RegionMonth": "api:months"}
    row = city.rows(sent[component])[0]
    assert set(schema["components"]["schemas"][component]["properties"]) == set(row)


class Assets(HTMLParser):
    def __init__(self):
        super().__init__()
        self.addresses, self.inline = [], []
        self.inside = ""

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.addresses += [given[name] for name in ("src", "href") if name in given]
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        self.inside = tag if tag in {"script", "style"} else ""

    def handle_data(self, data):
        if self.inside and data.strip():
            self.inline.append(data)

    def handle_endtag(self, tag):
        self.inside = ""


def test_the_pages_of_the_schema_need_no_internet_and_no_inline_code(house, client):
    client.force_login(factories.user(Role.BUREAU_STAFF, CITY))
    page = client.get(reverse("api:docs"))
    assert page.status_code == 200
    assets = Assets()
    assets.feed(page.content.decode())
    assert assets.inline == []
    assert "default-src 'self'" in page["Content-Security-Policy"]
    scripts = [address for address in assets.addresses if address.startswith(reverse("api:docs"))]
    assert len(scripts) == 1
    way_back = reverse("reports:workbench")
    for address in set(assets.addresses) - {*scripts, way_back}:
        assert finders.find(address.removeprefix("/static/")), address
    script = client.get(scripts[0])
    assert script["Content-Type"].startswith("application/javascript")
    assert reverse("api:schema") in script.content.decode()
    assert not re.search(r"https?://(?!testserver)", script.content.decode())
