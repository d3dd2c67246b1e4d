"""Tiers over REST: who is in the pool, who has which published grade, page by page and in one stream."""

import csv
import io
import json
import random
from datetime import date, timedelta
from itertools import chain

import pytest
from django.urls import reverse

from core.models import AuditEntry, Role
from cultivation.models import PoolMembership
from enterprises.models import Enterprise
from enterprises.services.merging import merge_records
from evaluation.models import Round, Score
from incentives.models import Award
from reports.services import tier_sides
from reports.services.row_formats import csv_stream
from reports.services.tiers import TIER_FIELDS, score_text
from tests import factories
from tests.reports.decided import PROGRAMME, SCHEME, at, award, edition, member, round_, score, screening
from tests.reports.test_api import CITY, QIDONG, RUDONG, TOKEN_QUERIES, Rest

LISTS = ["api:tiers", "api:pool", "api:evaluation_results", "api:awards"]


@pytest.fixture(autouse=True)
def day(time_machine):
    """Firms entered the registry on 1 June, long before anything was decided of them."""
    time_machine.move_to("2022-06-01 08:00+08:00", tick=False)


@pytest.fixture
def firms(nantong):
    """Six firms: three of 启东, then three of 如东."""
    return [
        factories.enterprise(f"试验{number}机械有限公司", QIDONG if number < 3 else RUDONG)
        for number in range(6)
    ]


@pytest.fixture
def decided(firms):
    """2022 in the pool: firms 0, 1, 3. Graded for 2021: 0, 2, 4; for 2022: 0. Firm 5: nothing."""
    screening()
    for number in (0, 1, 3):
        member(firms[number], f"第{number + 1}梯队")
    grades = round_(2021)
    for number, grade, total in ((0, "A", 9050), (2, "D", -325), (4, "T", None)):
        score(grades, firms[number], grade, total)
    score(round_(2022, "2023-07-01 09:00"), firms[0], "B", 7000)
    award(firms[0], 5_000_001)
    award(firms[3], 8_000_000, state="held")
    return firms


def client_of(region=CITY, *scopes):
    return Rest(factories.user(Role.API_CLIENT, CITY), region, scopes or ("tiers:read",))


def told(rows):
    return {(row["uscc"], row["year"]): row for row in rows}


# ---- what a row says


def test_a_firm_with_two_records_is_told_once(decided):
    """Firm 4 was graded for 2021 and is found to be firm 0, graded too: one firm, one row of that year."""
    staff = factories.user(Role.BUREAU_STAFF, CITY)
    merge_records(kept=decided[0], second=decided[4], note="同一家", actor=staff)
    graded = [uscc for uscc, year in told(client_of().rows("api:tiers")) if year == 2021]
    assert sorted(graded) == sorted([decided[0].uscc, decided[2].uscc])


def test_a_firm_and_year_with_both_sides_is_one_row(decided):
    row = told(client_of(CITY, "tiers:read", "scores:read").rows("api:tiers"))[decided[0].uscc, 2022]
    assert row == {
        "uscc": decided[0].uscc,
        "name": "试验0机械有限公司",
        "region": QIDONG,
        "region_name": "启东市",
        "year": 2022,
        "programme": PROGRAMME,
        "pool_tier": "第1梯队",
        "grade": "B",
        "score": "70.00",
        "edition": f"{SCHEME}/1",
        "published_at": "2023-07-01T09:00:00+08:00",
        "updated_at": "2023-07-01T09:00:00+08:00",
    }
    assert tuple(row) == TIER_FIELDS


def test_the_absent_side_is_null(decided):
    rows = told(client_of(CITY, "tiers:read", "scores:read").rows("api:tiers"))
    in_pool, graded = rows[decided[1].uscc, 2022], rows[decided[2].uscc, 2021]
    assert [in_pool[name] for name in ("programme", "pool_tier", "edition")] == [
        PROGRAMME,
        "第2梯队",
        f"{PROGRAMME}/1",
    ]
    assert {in_pool[name] for name in ("grade", "score", "published_at")} == {None}
    assert in_pool["updated_at"] == "2022-07-02T09:00:00+08:00"
    assert {graded[name] for name in ("programme", "pool_tier")} == {None}
    assert (graded["grade"], graded["score"]) == ("D", "-3.25")
    assert (rows[decided[4].uscc, 2021]["grade"], rows[decided[4].uscc, 2021]["score"]) == ("T", None)


def test_one_row_per_firm_and_year_that_has_either_side(decided):
    rows = client_of().rows("api:tiers")
    zero, one, two, three, four, _ = (firm.uscc for firm in decided)
    assert [(row["uscc"], row["year"]) for row in rows] == [
        (zero, 2021), (zero, 2022), (one, 2022), (two, 2021), (three, 2022), (four, 2021),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("whole", "decimals", "text"),
    [(7325, 2, "73.25"), (5, 2, "0.05"), (-5, 2, "-0.05"), (-325, 2, "-3.25"), (0, 1, "0.0"), (80, 0, "80"), (None, 2, None)],
)  # fmt: skip
def test_a_score_is_told_with_the_places_of_its_scheme(whole, decimals, text):
    assert score_text(whole, decimals) == text


@pytest.mark.parametrize("route", ["api:tiers", "api:evaluation_results"])
def test_scores_are_for_tokens_with_their_scope_alone(decided, by_session, route):
    with_scope = client_of(CITY, "tiers:read", "scores:read")
    assert {row["score"] for row in with_scope.rows(route, year=2022)} >= {"70.00"}
    assert {row["score"] for row in client_of().rows(route)} == {None}
    assert {row["score"] for row in by_session.get(reverse(route)).json()["results"]} == {None}
    for form in ("ndjson", "csv"):
        assert b"90.50" in b"".join(with_scope.get(route, format=form).streaming_content)
        assert b"90.50" not in b"".join(client_of().get(route, format=form).streaming_content)
    assert client_of(CITY, "scores:read").get(route).status_code == 403, "the scope opens no door by itself"


@pytest.fixture
def by_session(client):
    """A bureau officer by session."""
    client.force_login(factories.user(Role.BUREAU_STAFF, CITY))
    return client


# ---- what is never served


@pytest.mark.parametrize("route", ["api:tiers", "api:evaluation_results"])
def test_an_unpublished_grade_is_never_served(firms, by_session, route):
    score(round_(2021, None), firms[0], "A")
    for rows in (client_of().rows(route), by_session.get(reverse(route)).json()["results"]):
        assert rows == []
    assert b"".join(client_of().get(route, format="ndjson").streaming_content) == b""


def test_a_draft_beside_a_published_version_changes_nothing(firms):
    score(round_(2021), firms[0], "A")
    score(round_(2021, None, version=2), firms[0], "D")
    assert [row["grade"] for row in client_of().rows("api:tiers")] == ["A"]
    assert [row["version"] for row in client_of().rows("api:evaluation_results")] == [1]


def test_of_published_versions_the_newest_holds(firms):
    score(round_(2021), firms[0], "A")
    score(round_(2021, "2022-08-01 09:00", version=2), firms[0], "C")
    row = client_of().rows("api:tiers")[0]
    assert (row["grade"], row["published_at"]) == ("C", "2022-08-01T09:00:00+08:00")


def test_a_firm_out_of_the_round_s_scope_has_no_grade_and_no_row(firms):
    score(round_(2021), firms[0], "")
    assert client_of().rows("api:tiers") == []
    assert [row["standing"] for row in client_of().rows("api:evaluation_results")] == ["out"]


def test_who_has_left_the_pool_has_no_place(firms):
    screening()
    member(firms[0], until=date(2022, 8, 1))
    assert client_of().rows("api:tiers") == []


# ---- several pools, several schemes


def test_of_several_pools_the_scale_up_pool_is_told(firms):
    screening(pool="delisting_risk", when="2022-08-01 09:00")
    screening(pool="scale_up")
    member(firms[0], "高风险", pool="delisting_risk")
    member(firms[0], "第一梯队")
    member(firms[1], "低风险", pool="delisting_risk")
    assert [row["pool_tier"] for row in client_of().rows("api:tiers")] == ["第一梯队", "低风险"]


def test_of_several_schemes_the_one_published_last_is_told(firms):
    score(round_(2021, "2022-07-01 09:00"), firms[0], "A")
    other = round_(2021, "2022-08-01 09:00", scheme="tongzhouwan-2021", decimals=0)
    score(other, firms[0], "B", 71)
    score(round_(2020, "2022-09-01 09:00"), firms[0], "C")
    rows = client_of(CITY, "tiers:read", "scores:read").rows("api:tiers")
    assert [(row["year"], row["grade"], row["score"]) for row in rows] == [
        (2020, "C", "73.25"),
        (2021, "B", "71"),
    ]


def test_a_membership_counts_for_the_year_its_pool_was_last_screened_for(firms):
    screening(2022)
    member(firms[0])
    assert [row["year"] for row in client_of().rows("api:tiers")] == [2022]
    screening(2023, "2023-01-05 09:00")
    rows = client_of().rows("api:tiers", updated_since="2023-01-01")
    assert [(row["year"], row["updated_at"]) for row in rows] == [(2023, "2023-01-05T09:00:00+08:00")]


# ---- what is asked for


def test_rows_are_chosen_by_year_region_and_code(decided):
    rest = client_of()

    def numbers(**query):
        codes = [firm.uscc for firm in decided]
        return [(codes.index(row["uscc"]), row["year"]) for row in rest.rows("api:tiers", **query)]

    assert numbers(year=2021) == [(0, 2021), (2, 2021), (4, 2021)]
    assert numbers(year=2022) == [(0, 2022), (1, 2022), (3, 2022)]
    assert numbers(year=2019) == []
    assert numbers(region=RUDONG) == [(3, 2022), (4, 2021)]
    assert numbers(region=RUDONG, year=2021) == [(4, 2021)]
    assert numbers(region="999999") == []
    assert numbers(uscc=decided[0].uscc.lower()) == [(0, 2021), (0, 2022)]


@pytest.mark.parametrize(
    ("route", "query", "field"),
    [
        ("api:tiers", {"year": "今年"}, "year"),
        ("api:tiers", {"year": "99999999999999999999"}, "year"),
        ("api:tiers", {"updated_since": "gestern"}, "updated_since"),
        ("api:tiers", {"region": "a\x00b"}, "region"),
        ("api:tiers", {"cursor": "12"}, "cursor"),
        ("api:tiers", {"cursor": "².2021"}, "cursor"),
        ("api:tiers", {"year": "x", "format": "csv"}, "year"),
        ("api:pool", {"state": "gone"}, "state"),
        ("api:pool", {"cursor": "x"}, "cursor"),
        ("api:evaluation_results", {"year": "1"}, "year"),
    ],
)
def test_a_wrong_parameter_is_answered_with_400(decided, route, query, field):
    answer = client_of().get(route, **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert field in answer.json()["fields"]
    assert answer["Content-Type"].startswith("application/json")


# ---- updated_since


def changed_since(moment, region=CITY):
    rows = client_of(region).rows("api:tiers", updated_since=moment)
    assert all(row["updated_at"] >= f"{moment}:00+08:00" for row in rows)
    return [(row["uscc"], row["year"]) for row in rows]


def test_updated_since_moves_when_either_side_changes(decided):
    first = decided[0]
    assert changed_since("2023-07-02T00:00") == []
    PoolMembership.objects.filter(enterprise=decided[1]).update(updated_at=at("2023-08-01 09:00"))
    assert changed_since("2023-07-02T00:00") == [(decided[1].uscc, 2022)]
    # both sides of firm 0 in 2022: the pool moved, the grade is told along with it
    PoolMembership.objects.filter(enterprise=first).update(updated_at=at("2023-08-02 09:00"), tier="第2梯队")
    row = client_of().rows("api:tiers", updated_since="2023-08-02T00:00")[0]
    assert (row["pool_tier"], row["grade"], row["updated_at"]) == (
        "第2梯队",
        "B",
        "2023-08-02T09:00:00+08:00",
    )
    assert row["year"] == 2022


def test_a_newly_published_grade_moves_the_row_of_its_year_pool_side_told(decided):
    score(round_(2022, "2023-09-01 09:00", version=2), decided[0], "C")
    rows = client_of().rows("api:tiers", updated_since="2023-08-01T00:00")
    assert [
        (row["year"], row["grade"], row["pool_tier"]) for row in rows if row["uscc"] == decided[0].uscc
    ] == [(2022, "C", "第1梯队")]


def test_a_firm_that_left_the_pool_moves_the_row_of_its_grade(decided):
    left = PoolMembership.objects.filter(enterprise=decided[0])
    left.update(until=date(2023, 8, 1), updated_at=at("2023-08-01 09:00"))
    row = client_of().rows("api:tiers", updated_since="2023-08-01T00:00")[0]
    assert (row["uscc"], row["year"], row["pool_tier"], row["grade"]) == (decided[0].uscc, 2022, None, "B")
    assert row["updated_at"] == "2023-08-01T09:00:00+08:00"
    assert changed_since("2023-08-01T00:00") == [(decided[0].uscc, 2022)], "the row of 2021 has not changed"


def test_a_grade_that_a_newer_version_took_away_moves_the_row_of_its_pool(decided):
    score(round_(2022, "2023-09-01 09:00", version=2), decided[0], "")
    row = told(client_of().rows("api:tiers", updated_since="2023-09-01T00:00"))[decided[0].uscc, 2022]
    assert (row["pool_tier"], row["grade"], row["updated_at"]) == (
        "第1梯队",
        None,
        "2023-09-01T09:00:00+08:00",
    )


def test_a_firm_s_new_name_moves_its_rows(decided):
    Enterprise.objects.filter(pk=decided[4].pk).update(
        name="新名称有限公司", updated_at=at("2023-08-01 09:00")
    )
    rows = client_of().rows("api:tiers", updated_since="2023-08-01T00:00")
    assert [(row["name"], row["year"]) for row in rows] == [("新名称有限公司", 2021)]


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("2022-07-02T09:00:00+08:00", 3),
        ("2022-07-02T09:00:00 08:00", 3),  # the plus of an address that was not quoted
        ("2022-07-02T01:00:00Z", 3),
        ("2022-07-02T09:00:01+08:00", 1),
        ("2022-07-02", 3),
        ("2023-07-02", 0),
    ],
)
def test_the_moment_itself_is_included(decided, asked, count):
    assert len(client_of().rows("api:tiers", updated_since=asked)) == count


# ---- page by page


def by_pages(rest, size, **query):
    rows, address = [], reverse("api:tiers")
    answer = rest.get(address, page_size=size, **query).json()
    pages = [answer["results"]]
    while answer["next"]:
        answer = rest.get(answer["next"]).json()
        pages.append(answer["results"])
    for page in pages:
        rows += page
    return rows, pages


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7])
def test_pages_are_the_whole_without_gap_or_double(decided, size):
    rest = client_of()
    whole = rest.rows("api:tiers")
    rows, pages = by_pages(rest, size)
    assert rows == whole and len(whole) == 6
    assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)


@pytest.mark.parametrize("size", [1, 2, 4])
def test_pages_lead_back_the_way_they_came(decided, size):
    rest = client_of()
    answer = rest.get("api:tiers", page_size=size).json()
    assert answer["previous"] is None
    there = [answer["results"]]
    while answer["next"]:
        answer = rest.get(answer["next"]).json()
        there.append(answer["results"])
    back = [answer["results"]]
    while answer["previous"]:
        answer = rest.get(answer["previous"]).json()
        back.insert(0, answer["results"])
    assert list(chain(*back)) == list(chain(*there))


def test_what_comes_or_goes_while_a_client_reads_shifts_nothing(decided):
    rest = client_of()
    first = rest.get("api:tiers", page_size=3).json()
    PoolMembership.objects.filter(enterprise=decided[1]).delete()
    member(decided[5])
    newcomer = factories.enterprise("后来企业有限公司", QIDONG)
    member(newcomer)
    second = rest.get(first["next"]).json()["results"]
    assert [row["uscc"] for row in second] == [decided[2].uscc, decided[3].uscc, decided[4].uscc]
    third = rest.get(rest.get(first["next"]).json()["next"]).json()["results"]
    assert [row["uscc"] for row in third] == [decided[5].uscc, newcomer.uscc]


def test_any_scope_any_page_size_the_same_rows(nantong):
    """Forty firms with whatever sides chance gives them: pages, stream and a plain look agree."""
    chance = random.Random(6)
    screening()
    screening(2021, "2022-07-03 09:00", pool="delisting_risk")
    rounds = [round_(2020), round_(2021), round_(2022), round_(2021, "2022-09-01 09:00", scheme="other")]
    expected = set()
    for _ in range(40):
        firm = factories.enterprise(region=chance.choice([QIDONG, RUDONG]))
        for of in rounds:
            if chance.random() < 0.4:
                score(of, firm, chance.choice("ABCD"))
                expected.add((firm.uscc, of.year))
        for pool, year in (("scale_up", 2022), ("delisting_risk", 2021)):
            if chance.random() < 0.4:
                member(firm, pool=pool)
                expected.add((firm.uscc, year))
    rest = client_of()
    whole = rest.rows("api:tiers", page_size=1000)
    assert set(told(whole)) == expected and len(whole) == len(expected)
    for size in (1, 7, 50):
        assert by_pages(rest, size)[0] == whole
    assert lines(rest.get("api:tiers", format="ndjson")) == whole


# ---- the whole scope in one stream


def lines(answer):
    return [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]


@pytest.mark.parametrize("route", LISTS)
def test_a_stream_tells_what_the_pages_tell(decided, route):
    rest = client_of(CITY, "tiers:read", "scores:read")
    rows = rest.rows(route)
    answer = rest.get(route, format="ndjson")
    assert answer["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert lines(answer) == rows and rows
    answer = rest.get(route, format="csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    table = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [list(line) for line in table] == [list(row) for row in rows]
    assert [line["name"] for line in table] == [row["name"] for row in rows]


def test_a_stream_is_narrowed_as_pages_are(decided):
    rest = client_of(RUDONG)
    assert {row["region"] for row in lines(rest.get("api:tiers", format="ndjson"))} == {RUDONG}
    assert len(lines(rest.get("api:tiers", format="ndjson", year=2021))) == 1


def test_csv_says_nothing_that_a_spreadsheet_would_work_out():
    rows = [
        {"name": "=HYPERLINK(1)", "score": "-3.25", "grade": None},
        {"name": "+1+1", "score": "@x", "grade": "\tA"},
    ]
    text = b"".join(csv_stream(rows, ["name", "score", "grade"], bom=False)).decode()
    assert text == "name,score,grade\r\n'=HYPERLINK(1),-3.25,\r\n'+1+1,'@x,'\tA\r\n"


def test_csv_begins_with_a_byte_order_mark_on_request(decided):
    plain, marked = (
        b"".join(client_of().get("api:tiers", format="csv", **query).streaming_content)
        for query in ({}, {"bom": "1"})
    )
    assert marked == b"\xef\xbb\xbf" + plain


def test_who_takes_a_whole_scope_leaves_an_entry(decided):
    rest = client_of(RUDONG)
    rest.get("api:tiers")
    assert not AuditEntry.objects.filter(act="export_tiers").exists()
    rest.get("api:tiers", format="csv", year=2022)
    entry = AuditEntry.objects.get(act="export_tiers")
    assert entry.region_id == RUDONG and "year=2022" in entry.subject and entry.counts["token"]


def test_a_stream_is_read_piece_by_piece(decided, monkeypatch):
    """The first rows leave before the last are read."""
    monkeypatch.setattr("reports.services.row_formats._PIECE", 2)
    read = []
    row = tier_sides.Sides.read_places

    def counted(self, rows, limit=None):
        for place in row(self, rows, limit):
            read.append(place)
            yield place

    monkeypatch.setattr(tier_sides.Sides, "read_places", counted)
    pieces = iter(client_of().get("api:tiers", format="ndjson").streaming_content)
    next(pieces)
    assert len(read) < 3
    list(pieces)
    assert len(read) == 3


# ---- whose rows


@pytest.mark.parametrize("route", LISTS)
def test_a_region_outside_the_token_is_an_empty_page(decided, route):
    rest = client_of(QIDONG)
    answer = rest.get(route, region=RUDONG)
    assert (answer.status_code, answer.json()) == (200, {"next": None, "previous": None, "results": []})
    assert {row["region"] for row in rest.rows(route)} == {QIDONG}


def test_a_firm_that_moved_is_told_where_it_was_graded_and_where_it_is_in_the_pool(firms):
    screening()
    score(round_(2022), firms[0], "A")
    member(firms[0])
    Enterprise.objects.filter(pk=firms[0].pk).update(region=RUDONG)
    here, there = client_of(QIDONG).rows("api:tiers"), client_of(RUDONG).rows("api:tiers")
    assert [(row["region"], row["grade"], row["pool_tier"]) for row in here] == [(QIDONG, "A", None)]
    assert [(row["region"], row["grade"], row["pool_tier"]) for row in there] == [(RUDONG, None, "第一梯队")]
    assert len(client_of().rows("api:tiers")) == 1


# ---- pool and results


def test_a_member_is_told_with_its_sources_and_planned_year(decided):
    row = client_of().rows("api:pool")[0]
    assert row == {
        "uscc": decided[0].uscc,
        "name": "试验0机械有限公司",
        "region": QIDONG,
        "region_name": "启东市",
        "programme": PROGRAMME,
        "pool": "scale_up",
        "tier": "第1梯队",
        "planned_year": 2023,
        "sources": ["tax_list", "delisted"],
        "measure_wan": "1234.50",
        "is_proposed_out": False,
        "since": "2022-07-02",
        "until": None,
        "edition": 1,
        "updated_at": "2022-07-02T09:00:00+08:00",
    }


def test_members_are_chosen_and_those_who_left_are_told_on_request(decided):
    member(decided[5], "第1梯队", "2023-08-01 09:00", until=date(2023, 8, 1))
    rest = client_of()

    def count(**query):
        return len(rest.rows("api:pool", **query))

    assert (count(), count(state="ended"), count(state="all")) == (3, 1, 4)
    assert count(tier="第1梯队", state="all") == 2
    assert (count(region=RUDONG), count(uscc=decided[1].uscc), count(pool="specialised")) == (1, 1, 0)
    assert (count(programme=PROGRAMME), count(programme="x")) == (3, 0)
    assert count(state="all", updated_since="2023-01-01") == 1


def test_a_result_is_told_with_its_round(decided):
    rows = client_of(CITY, "tiers:read", "scores:read").rows("api:evaluation_results", year=2021, grade="A")
    assert rows == [
        {
            "uscc": decided[0].uscc,
            "name": "试验0机械有限公司",
            "region": QIDONG,
            "region_name": "启东市",
            "scheme": SCHEME,
            "year": 2021,
            "version": 1,
            "standing": "graded",
            "cohort": None,
            "initial_grade": "A",
            "grade": "A",
            "score": "90.50",
            "rank": None,
            "ranked_firms": None,
            "edition": 1,
            "published_at": "2022-07-01T09:00:00+08:00",
        }
    ]
    assert len(client_of().rows("api:evaluation_results", scheme=SCHEME)) == 4
    assert client_of().rows("api:evaluation_results", updated_since="2024-01-01") == []


def test_an_award_is_told_in_yuan_with_who_bears_it(decided):
    rows = client_of().rows("api:awards")
    assert rows[0] == {
        "recipient_kind": "enterprise",
        "recipient": decided[0].uscc,
        "name": "试验0机械有限公司",
        "region": QIDONG,
        "region_name": "启东市",
        "programme": PROGRAMME,
        "year": 2022,
        "version": 1,
        "round_state": "draft",
        "rule": "first_listed",
        "occasion": "first_listed",
        "event_month": "2022-03",
        "state": "proposed",
        "amount_yuan": "50000.01",
        "province_yuan": "0.00",
        "city_yuan": "25000.00",
        "district_yuan": "25000.01",
        "unshared_yuan": "0.00",
        "edition": 1,
        "updated_at": "2022-07-03T09:00:00+08:00",
    }
    Award.objects.filter(recipient_code=decided[3].uscc).update(state="cancelled")
    assert [row["recipient"] for row in client_of().rows("api:awards")] == [decided[0].uscc]
    assert (
        client_of().rows("api:awards", state="held")
        == client_of().rows("api:awards", updated_since="2023-01-01")
        == []
    )
    assert len(client_of().rows("api:awards", year=2022, region=QIDONG, uscc=decided[0].uscc)) == 1
    assert client_of().rows("api:awards", region="999999") == []


@pytest.mark.parametrize("route", LISTS)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.TOWNSHIP_OFFICER, 403),
        (Role.DEPARTMENT_OFFICER, 403),
        (Role.DISTRICT_OFFICER, 200),
        (Role.FINANCE, 200),
    ],
)
def test_by_session_the_whole_scope_is_for_those_who_may_export(decided, client, route, role, status):
    region = CITY if role in {Role.DEPARTMENT_OFFICER, Role.FINANCE} else QIDONG
    client.force_login(factories.user(role, region))
    assert client.get(reverse(route)).status_code == 200
    assert client.get(reverse(route), {"format": "csv"}).status_code == status


# ---- what a page costs

#: tiers: the rounds that hold, the screenings, the grades, the places; the others: their rows
ROW_QUERIES = {"api:tiers": 4, "api:pool": 1, "api:evaluation_results": 1, "api:awards": 1}


@pytest.mark.parametrize("route", LISTS)
def test_a_page_costs_the_same_few_queries_however_many_rows(decided, route, django_assert_num_queries):
    rest = client_of()
    for size in (1, 1000):
        with django_assert_num_queries(TOKEN_QUERIES + ROW_QUERIES[route]):
            rest.get(route, page_size=size)


def test_updated_since_costs_no_more(decided, django_assert_num_queries):
    rest = client_of()
    with django_assert_num_queries(TOKEN_QUERIES + ROW_QUERIES["api:tiers"]):
        rest.get("api:tiers", updated_since="2022-07-01")


# ---- the schema


@pytest.mark.parametrize(
    ("component", "route"),
    [
        ("Tier", "api:tiers"),
        ("PoolMember", "api:pool"),
        ("EvaluationResult", "api:evaluation_results"),
        ("Award", "api:awards"),
    ],
)
def test_the_schema_names_exactly_the_fields_that_are_sent(decided, component, route):
    rest = client_of()
    schema = rest.get("api:schema", format="json").json()
    assert list(schema["components"]["schemas"][component]["properties"]) == list(rest.rows(route)[0])


def test_published_rounds_are_what_the_round_calls_current(decided):
    assert Round.objects.current().count() == 2 and Score.objects.current().count() == 4
    assert edition(SCHEME).number == 1 and timedelta(0) == at("2022-07-01 09:00").utcoffset() - timedelta(
        hours=8
    )
