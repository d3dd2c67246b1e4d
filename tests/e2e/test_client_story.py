"""Story 12: a client with a token pulls months page by page; its operator reads the interface's own page."""

from __future__ import annotations

import io
import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command

from core.models import User
from core.periods import Month
from cultivation.models import RegionMonth
from cultivation.services.months import close_month
from tests import factories
from tests.cultivation.conftest import PROGRAMME

pytestmark = pytest.mark.browser
MONTHS = [Month(2022, 5), Month(2022, 6)]
PAGE_SIZE = 7


@pytest.fixture
def closed(house) -> None:
    for code in ("320681", "320685"):
        firm = factories.enterprise(region=code)
        for month in MONTHS:
            factories.monthly_figure(firm, month, "120.50", "1.20")
    for month in MONTHS:
        close_month(programme=PROGRAMME, month=month, actor=User.objects.system())


def token_for(user: User, region: str) -> str:
    printed = io.StringIO()
    call_command(
        "make_token", user=user.username, region=region, scope=["tiers:read"], days=30, stdout=printed
    )
    return printed.getvalue().strip()


def read(url: str, token: str) -> dict:
    with urlopen(Request(url, headers={"Authorization": f"Token {token}"})) as answer:
        return json.load(answer)


def pull(url: str, token: str) -> list[list[dict]]:
    """All pages, by following ``next``."""
    pages = []
    following: str | None = url
    while following:
        answer = read(following, token)
        pages.append(answer["results"])
        following = answer["next"]
    return pages


def test_a_client_pulls_every_month_once(closed, live_server, sit_down):
    client = factories.user("api_client", "320600")
    url = f"{live_server.url}/api/v1/months/?page_size={PAGE_SIZE}"
    pages = pull(url, token_for(client, "320600"))
    rows = [row for page in pages for row in page]
    # ten regions and the city, two months
    assert len(rows) == RegionMonth.objects.count()
    assert len(pages) == -(-len(rows) // PAGE_SIZE)
    assert len({json.dumps(row, sort_keys=True) for row in rows}) == len(rows)

    district = pull(url, token_for(client, "320681"))
    assert {row["region"] for page in district for row in page} == {"320681"}
    assert sum(len(page) for page in district) == len(MONTHS)

    with pytest.raises(HTTPError) as refused:
        read(url, "0" * 64)
    assert refused.value.code == 401

    operator = sit_down(factories.user("bureau_staff", "320600"))
    operator.page.goto(f"{live_server.url}/api/v1/docs/")
    operator.page.get_by_text("/api/v1/months/").or_(
        operator.page.locator("[id*=months_list]")
    ).first.wait_for()
