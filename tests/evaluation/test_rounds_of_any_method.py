"""A round in the house of a method that asks for more than the survey: other years, towns, facts, bonus and moves."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.models import User
from core.services.policies import load_edition
from evaluation.models import Round, Score
from evaluation.rules.trace import unpacked
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.methods import QUANTITIES, cohort, text_of

pytestmark = pytest.mark.django_db

GROWTH = {
    "id": "growth", "label": "税收增长", "num": "tax", "den": None, "unit": "比例", "weight": 40,
    "scoring": {"kind": "growth"}, "baseline": 0,
}  # fmt: skip
METHOD = {
    "data_year": 2021,
    "quantities": QUANTITIES,
    "cohorts": [cohort({"weight": 60}, GROWTH)],
    "grading": {"rank_within": "town", "min_size": 2, "small_pool": "ask"},
    "adjust": {"clause": "五", "bonus": [{"id": "age", "label": "老企业", "when": "founded_on <= 2010-12-31", "points": 5}]},
    "moves": [
        {"id": "m", "label": "曾退规", "kind": "down", "steps": 1, "when": "delisted_year is known", "if_unknown": "out",
         "clause": "五", "backfill": "true"},
    ],
    "flags": [{"id": "low", "label": "低效用地", "when": "tax / land <= 12万元/亩", "clause": "二"}],
}  # fmt: skip


@pytest.fixture
def staff(nantong) -> User:
    return factories.user("bureau_staff", "320600")


def loaded(**blocks) -> None:
    text = text_of(**METHOD | blocks).replace('"990100"', '"320600"')
    load_edition(text=text, actor=User.objects.system())


def firm(name: str, town: str, tax: str, before: str | None, **more):
    one = factories.enterprise(name, "320681", township=town, **more)
    factories.annual_figure(one, tax_wan=tax, **FIGURES)
    if before is not None:
        factories.annual_figure(one, year=2020, tax_wan=before, **FIGURES)
    return one


def run(staff: User) -> Round:
    return run_evaluation(scheme="haibin-evaluation", year=2021, actor=staff)


def test_other_years_towns_facts_and_moves_reach_the_trace_and_its_page(staff, client):
    loaded()
    best = firm("甲厂", "汇龙镇", "200", "100", founded_on="2009-01-01")
    second = firm("乙厂", "汇龙镇", "100", "100")
    alone = firm("丙厂", "吕四港镇", "100", None)
    round_ = run(staff)
    scores = {score.enterprise_id: score for score in Score.objects.select_related("pool")}
    # 60 × 20 ÷ 20 and 40 × 2, and 5 for a firm of 2009; 30 and 40; 30 and nothing for a year that nobody told
    assert [str(scores[one.pk].value) for one in (best, second, alone)] == ["145.0000", "70.0000", "30.0000"]
    assert [scores[one.pk].pool.place for one in (best, second, alone)] == ["汇龙镇", "汇龙镇", "吕四港镇"]
    _document, scheme = scheme_of(round_.edition)
    trace = unpacked(bytes(scores[second.pk].trace), round_.trace_columns, scheme, scheme.cohorts[0])
    assert trace.flags == (True,)
    assert trace.items[1].value == 0
    client.force_login(staff)
    page = client.get(reverse("evaluation:trace", args=[scores[best.pk].pk])).content.decode()
    for words in ("老企业", "汇龙镇all组", "税收增长", "比上年增长", "各项的计分办法见"):
        assert words in page
    assert client.get(reverse("evaluation:scores")).status_code == 200


def test_a_ranking_below_the_least_size_is_not_published_before_somebody_decides(staff):
    loaded()
    firm("甲厂", "汇龙镇", "200", "100")
    round_ = run(staff)
    leader = factories.user("bureau_leader", "320600")
    with pytest.raises(RoundRefused, match="汇龙镇 all不足最小组"):
        publish_round(round_=round_, actor=leader)


def test_figures_of_the_year_before_are_part_of_what_was_computed_from(staff):
    loaded(grading={"rank_within": "locality"})
    one = firm("甲厂", "汇龙镇", "200", "100")
    first = run(staff)
    assert run(staff).run_at == first.run_at
    one.annual_figures.filter(year=2020).update(tax_wan=50_00)
    assert run(staff).results_digest != first.results_digest


def test_a_baseline_of_last_years_firms(staff):
    item = {
        "baseline": {"kind": "mean_of_ratios", "factor": 2, "population": "county", "period": "last_year"}
    }
    loaded(cohorts=[cohort(item)], grading={"rank_within": "region"})
    one = firm("甲厂", "汇龙镇", "200", "100")
    gone = factories.enterprise("已歇业厂", "320681")
    factories.annual_figure(gone, year=2020, tax_wan="300", **FIGURES)
    run(staff)
    # (10 + 30) ÷ 2 × 2 = 40 万元/亩 last year, 20 this year
    assert str(Score.objects.get(enterprise=one).value) == "50.0000"
