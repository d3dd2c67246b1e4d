"""Story 8: from the ranking to one firm's grade, read clause by clause; a client pulls the same grade as a tier."""

from __future__ import annotations

import io
import json
from urllib.request import Request, urlopen

import pytest
from django.core.management import call_command

from core.models import User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.services.months import close_month
from enterprises.models import Enterprise
from evaluation.models import Score
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.evaluation.conftest import FIGURES
from tests.evaluation.schemes import NAME, TEXT

pytestmark = pytest.mark.browser
JUNE = Month(2022, 6)


@pytest.fixture
def graded(house) -> list[Enterprise]:
    """Twenty firms of 启东 in the directory since 2020 and surveyed for 2021, the first the best; three listed in 2022."""
    load_edition(text=TEXT, actor=User.objects.system())
    firms = []
    for n in range(20):
        firm = factories.enterprise(f"启东试验{n}号厂", "320681")
        factories.scale_event(firm, "in_directory", "2020-12")
        factories.annual_figure(firm, 2021, tax_wan=str(200 - n), **FIGURES)
        factories.monthly_figure(firm, JUNE, "200.00", "4.00")
        if n < 3:
            factories.scale_event(firm, "delisted", "2021-12", cause="规模不达标")
            factories.scale_event(firm, "listed", "2022-03", entry_type="again")
        firms.append(firm)
    close_month(programme=PROGRAMME, month=JUNE, actor=User.objects.system())
    round_ = run_evaluation(scheme=NAME, year=2021, actor=User.objects.system())
    publish_round(round_=round_, actor=User.objects.system())
    return firms


def test_from_the_ranking_to_a_firm_s_trace_and_over_rest(sit_down, live_server, graded):
    staff = sit_down(factories.user("bureau_staff", "320600", full_name="陈立群"))
    page = staff.page
    with staff.within_budget("from the ranking to a firm's trace"):
        staff.goes_to("驾驶舱")
        line = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="启东市"))
        line.get_by_role("link", name="3", exact=True).first.click()
        page.get_by_role("heading", name="启东市累计新增").wait_for()
        staff.goes_to(graded[0].name)
        staff.goes_to("得分过程")
        page.get_by_role("heading", name=graded[0].name).wait_for()
    score = Score.objects.select_related("round").get(enterprise=graded[0])
    told = page.locator("main").inner_text()
    assert f"{score.final_grade}" in page.locator(".grade").first.inner_text()
    for indicator in ("2021年度 规下组", "亩均税收", "单位电耗税收"):
        assert indicator in told
    assert str(score.round.score_of(score.total)) in told

    tiers = pull_tiers(live_server.url)
    assert {row["uscc"] for row in tiers} == {firm.uscc for firm in graded}
    mine = next(row for row in tiers if row["uscc"] == graded[0].uscc)
    assert (mine["grade"], mine["year"], mine["score"]) == (score.final_grade, 2021, None)


def pull_tiers(site: str) -> list[dict]:
    """Every page of seven, with a token that may read tiers but no scores."""
    client = factories.user("api_client", "320600")
    printed = io.StringIO()
    call_command(
        "make_token", user=client.username, region="320681", scope=["tiers:read"], days=30, stdout=printed
    )
    rows: list[dict] = []
    following: str | None = f"{site}/api/v1/tiers/?year=2021&page_size=7"
    while following:
        asked = Request(following, headers={"Authorization": f"Token {printed.getvalue().strip()}"})
        with urlopen(asked) as answer:
            body = json.load(answer)
        rows += body["results"]
        following = body["next"]
    return rows
