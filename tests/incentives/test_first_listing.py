"""首次入库奖励, every case of the table: amount, shares, held, or why not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from core.models import Region, User
from enterprises.models import ScaleEvent
from incentives.models import Award, AwardRefusal
from incentives.services.computing import compute_awards
from tests import factories
from tests.incentives.conftest import PROGRAMME

CASES = yaml.safe_load((Path(__file__).parent / "first_listing_cases.yaml").read_text(encoding="utf-8"))
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_case(edition, case):
    firm = factories.enterprise("试验机械有限公司", Region.objects.get(name=case["region"]))
    if "revenue" in case:
        factories.annual_figure(firm, case.get("revenue_year", 2021), main_revenue_wan=case["revenue"])
    for kind, month, *library in case.get("before", []):
        fields = {"library_year": library[0]} if library else {}
        factories.scale_event(firm, kind, str(month), **fields)
    if "left" in case:
        factories.delisted_entry(firm, case["left"])
    month = str(case.get("month", "2022-03"))
    factories.scale_event(
        firm,
        ScaleEvent.Kind.LISTED,
        month,
        entry_type=case.get("entry_type", "grown"),
        library_year=case.get("library_year", int(month[:4])),
    )
    compute_awards(programme=PROGRAMME, year=2022, actor=User.objects.system())
    awards, refusals = list(Award.objects.all()), list(AwardRefusal.objects.all())
    expect = case["expect"]
    if expect == "nothing":
        assert (awards, refusals) == ([], [])
    elif "refused" in expect:
        assert [refusal.reasons[0][0] for refusal in refusals] == [expect["refused"]]
        assert awards == []
    else:
        (award,) = awards
        levels = {level: expect[level] * 100 for level in ("city", "district", "unshared") if level in expect}
        assert (award.amount_fen, award.shares) == (expect["yuan"] * 100, levels)
        assert sum(award.shares.values()) == award.amount_fen
        assert award.state == ("held" if expect.get("held") else "proposed")
        assert (award.rule, award.occasion) == ("first-listing", "first_listed")
