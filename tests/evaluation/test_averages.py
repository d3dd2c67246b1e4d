"""亩均 in both ways beside the aims, absolute lines beside the grades, and what a workbook tells of every firm."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from django.urls import reverse

from core.jobs import enqueue, work_all
from core.models import AuditEntry, User
from core.policies import UNKNOWN
from core.services.policies import load_edition
from cultivation.models import PoolMembership
from enterprises.models import Enterprise
from evaluation.models import Score
from evaluation.rules.averages import average_per_mu, is_reached
from evaluation.rules.figures import Figures
from evaluation.services.rounds import run_evaluation
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.schemes import firms, scheme

POLICIES = Path(__file__).parents[2] / "config/policies"
EVERYBODY = np.ones(4, np.bool_)


def test_the_mean_of_ratios_and_the_ratio_of_sums_are_two_numbers():
    rows = firms(
        {"tax": "10", "land_own": "1"}, {"tax": "10", "land_own": "10"}, {"tax": None}, {"land_own": "0"}
    )  # fmt: skip
    found = average_per_mu(Figures(rows, scheme()), "tax", EVERYBODY)
    assert found.mean_of_ratios == Decimal("5.5")
    assert round(found.ratio_of_sums, 4) == Decimal("1.8182")
    assert (found.firms, found.of) == (2, 4)
    nobody = average_per_mu(Figures(rows, scheme()), "tax", ~EVERYBODY)
    assert (nobody.mean_of_ratios, nobody.ratio_of_sums, nobody.firms) == (None, None, 0)


@pytest.mark.parametrize(
    ("value", "comparison", "reached"),
    [
        ("12", "more_than", False),
        ("12.01", "more_than", True),
        ("12", "at_least", True),
        ("12", "", True),
        ("11.99", "at_least", False),
        ("12", "at_most", True),
        ("12", "less_than", False),
    ],
)
def test_over_twelve_is_not_twelve(value, comparison, reached):
    assert is_reached(Decimal(value), Decimal(12), comparison) is reached
    assert is_reached(None, Decimal(12), comparison) is None
    assert is_reached(Decimal(value), UNKNOWN, comparison) is None


@pytest.fixture
def bay(nantong):
    """通州湾's two documents: aims and scope are printed, weights are not."""
    for file in (
        "nantong/nantong-2022.yaml",
        "tongzhouwan/tongzhouwan-2022.yaml",
        "tongzhouwan/tongzhouwan-evaluation-2022.yaml",
    ):
        load_edition(text=(POLICIES / file).read_text("utf-8"), actor=User.objects.system())
    return factories.user("bureau_staff", "3206TW")


@pytest.mark.django_db
def test_the_bays_aims_and_its_low_efficiency_lines_without_any_weight(bay, client):
    """S2-04: averages by group against aims; S2-03: each area's firms under its own line."""
    taxes = {
        "三余低效厂": ("三余镇", "10"),
        "三余够格厂": ("三余镇", "10.02"),
        "片区低效厂": ("第一办事处", "30"),
        "片区够格厂": ("第一办事处", "240"),
    }
    for name, (town, tax) in taxes.items():
        firm = factories.enterprise(name, "3206TW", township=town, started_on=date(2010, 1, 1))
        factories.scale_event(firm, "in_directory", "2020-12")
        for year in (2019, 2020, 2021):
            factories.annual_figure(
                firm, year=year, **{**FIGURES, "tax_wan": tax, "taxable_sales_wan": "6000"}
            )
    round_ = run_evaluation(scheme="tongzhouwan-evaluation-2022", year=2021, actor=bay)
    assert round_.counts == {"ungraded": 4}
    client.force_login(bay)
    answer = client.get(reverse("evaluation:averages", args=[round_.pk]))
    lines = {line.goal.metric: line for line in answer.context["lines"]}
    sales, tax = lines["sales_per_mu_all"], lines["tax_per_mu_above"]
    assert (sales.average.ratio_of_sums, sales.aim_words, sales.sums_reach) == (Decimal(600), "＞500", True)
    # exactly 600 does not exceed 600
    assert lines["sales_per_mu_above"].sums_reach is False
    assert (round(tax.average.mean_of_ratios, 4), tax.aim_words, tax.ratios_reach) == (
        Decimal("7.2505"),
        "＞15",
        False,
    )
    flags = {line.flag.id: line for line in answer.context["flags"]}
    assert (flags["low_sanyu"].regions, flags["low_elsewhere"].total) == ((("通州湾", 1),), 1)
    told = client.get(reverse("evaluation:scores"), {"round": round_.pk, "flag": "0"}).content.decode()
    assert "三余低效厂" in told and "三余够格厂" not in told and "片区低效厂" not in told
    assert (
        "没有符合条件的企业"
        in client.get(reverse("evaluation:scores"), {"round": round_.pk, "flag": "70"}).content.decode()
    )


@pytest.mark.django_db
def test_the_workbook_of_scores_tells_the_gap_as_the_page_does(published, qidong, client):
    client.force_login(factories.user("district_officer", "320681"))
    answer = client.get(reverse("evaluation:scores_export"), {"grade": "B"})
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    heads = [cell.value for cell in sheet[2]]
    rows = [
        dict(zip(heads, [cell.value for cell in row], strict=True))
        for row in sheet.iter_rows(min_row=3, max_row=sheet.max_row - 1)
    ]
    assert len(rows) == 8
    first = rows[0]
    score = Score.objects.get(enterprise__name=first["企业名称"])
    page = client.get(reverse("evaluation:trace", args=[score.pk])).content.decode()
    assert first["距上一级"].startswith("距A类差")
    assert first["距上一级"] in page
    assert (
        first["距上一级"]
        in client.get(reverse("enterprises:detail", args=[score.enterprise_id])).content.decode()
    )
    entry = AuditEntry.objects.get(act="export_scores")
    assert (entry.counts, entry.region_id) == ({"rows": 8}, "320681")
    assert client.get(reverse("evaluation:scores_export"), {"round": "999"}).status_code == 404


@pytest.mark.django_db
def test_a_round_of_before_firms_were_kept_has_no_pages_that_need_them(published, client):
    published.snapshot.delete()
    client.force_login(factories.user("bureau_staff", "320600"))
    for name in ("averages", "gaps", "what_if"):
        assert client.get(reverse(f"evaluation:{name}", args=[published.pk])).status_code == 404
    assert client.get(reverse("evaluation:publicity", args=[published.pk])).status_code == 200
    assert (
        client.get(reverse("evaluation:publicity", args=[published.pk]), {"kind": "land"}).status_code == 404
    )


@pytest.mark.django_db
def test_s2_05_firms_below_scale_found_over_the_line_become_pool_candidates_by_themselves(bay):
    """Evaluation data creates pool candidates: nobody asks for the screening."""
    for name, revenue, above in (
        ("隐形大厂", "2000", False),
        ("小厂", "1999.99", False),
        ("规上厂", "9000", True),
    ):
        firm = factories.enterprise(name, "3206TW", township="第一办事处", started_on=date(2010, 1, 1))
        Enterprise.objects.filter(pk=firm.pk).update(above_scale=above)
        factories.annual_figure(firm, **{**FIGURES, "main_revenue_wan": revenue})
    enqueue(
        job="evaluate", key="x", arguments={"scheme": "tongzhouwan-evaluation-2022", "year": 2021}, actor=bay
    )
    work_all()
    found = PoolMembership.objects.filter(pool="scale_up", programme="tongzhouwan-2022", until=None)
    assert [(one.enterprise.name, one.sources) for one in found] == [("隐形大厂", "evaluation")]
