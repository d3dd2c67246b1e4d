"""One firm's numbers on its page, on the notice that it gets, in the workbook and over REST: the same story four times."""

from __future__ import annotations

import re
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from core.models import Role
from evaluation.models import Round
from tests import factories
from tests.evaluation.test_projects import firms, people, published, score_of
from tests.reports.test_api import Rest

pytestmark = [pytest.mark.django_db, pytest.mark.any_database]
__all__ = ["firms", "people", "published"]
ADDRESS = "api:evaluation_explained"


def rest(*scopes: str) -> Rest:
    return Rest(factories.user(Role.API_CLIENT, factories.CITY), factories.CITY, scopes)


def words(html: str) -> str:
    """What is read: without tags and blanks."""
    return re.sub(r"\s|　", "", re.sub(r"<[^>]+>", "", html))


def test_page_notice_workbook_and_rest_tell_one_firm_the_same(published, firms, people, client):
    worst = score_of(firms[3], published)
    client.force_login(people["staff"])
    page = words(client.get(reverse("evaluation:trace", args=[worst.pk])).content.decode())
    notice = words(client.get(reverse("evaluation:confirmation", args=[worst.pk])).content.decode())
    book = client.get(reverse("evaluation:scores_export"), {"round": published.pk})
    rows = list(openpyxl.load_workbook(BytesIO(book.content)).active.values)
    row = next(dict(zip(rows[1], line, strict=True)) for line in rows if firms[3].uscc in line)
    (told,) = (
        rest("grades:read", "scores:read").get(ADDRESS, uscc=firms[3].uscc.lower(), listing="true").json()
    )

    # 170 of a baseline of 200, 170 / 200 × 100: 85; the cut of C is 180
    gap, policy = (
        "距C类差5.00分：亩均税收达到18.00万元/亩即可。",
        "差别电价 0.1 元/千瓦时（次年，另需电表户号）",
    )
    assert (told["score"], told["grade"], told["rank"], told["ranked_firms"]) == ("85.0000", "D", 4, 4)
    assert (row["综合得分"], row["终评"], row["位次"], row["排名家数"]) == (85, "D", 4, 4)
    assert told["gap"]["sentence"] == row["距上一级"] == gap
    assert told["policies"] == [policy] and row["差别化政策"] == policy
    (way,) = told["gap"]["ways"]
    assert (way["now"], way["needed"], way["more"], way["is_enough"]) == (
        "17.00", "18.00万元/亩", "税收再增加 10.00 万元", True,
    )  # fmt: skip
    for sheet in (page, notice):
        for sentence in (*told["steps"], gap, policy, told["items"][0]["why"]):
            assert words(sentence) in sheet, sentence
        assert "85.00" in sheet
    assert "结果告知书" in notice and "企业（盖章）" not in notice
    assert [side["is_now"] for side in told["listing"]] == [True, False]


def test_explanations_are_for_tokens_with_scores_and_for_published_versions_alone(published, firms):
    (bare,) = rest("grades:read").get(ADDRESS, uscc=firms[0].uscc, listing="true").json()
    assert (bare["grade"], bare["policies"]) == ("A", ["优先供地"])
    assert not any(bare[name] for name in ("score", "rank", "items", "steps", "gap", "listing"))
    client = rest("grades:read", "scores:read")
    assert client.get(ADDRESS).status_code == 400
    assert client.get(ADDRESS, uscc=firms[0].uscc, year=2020).json() == []
    assert client.get(ADDRESS, uscc=firms[0].uscc).json()[0]["listing"] is None
    Round.objects.update(state="draft")
    assert client.get(ADDRESS, uscc=firms[0].uscc).json() == []


def test_s2_06_the_gap_list_over_rest_is_the_one_of_the_page(published, people, client):
    left_out = factories.enterprise("启东漏评厂")
    factories.scale_event(left_out, "in_directory", "2020-12")
    asked = {"scheme": published.scheme, "year": published.year}
    told = rest("grades:read").get("api:evaluation_gaps", **asked).json()
    assert [(firm["name"], firm["reasons"]) for firm in told["firms"]] == [("启东漏评厂", ["年末在规上名录"])]
    assert {"label": "税收", "department": "税务", "missing": 0, "of": 4} in told["figures"]
    client.force_login(people["staff"])
    page = client.get(reverse("evaluation:gaps", args=[published.pk])).content.decode()
    assert "启东漏评厂" in page and "年末在规上名录" in page
    assert rest("grades:read").get("api:evaluation_gaps", **asked | {"year": 2020}).json()["version"] is None
