"""A round on rows: run again, replaced, published, frozen, a new version; what the command and conditions are told."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from core.conditions import parse
from core.facts import catalogue, load_frame
from core.jobs import enqueue, work_all
from core.management.house_command import UsageFault
from core.models import AuditEntry, User
from core.services.policies import load_edition
from enterprises.models import AnnualFigure, ScaleEvent
from evaluation.models import Round, Score
from evaluation.rules.trace import unpacked
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.rounds import evaluate_key, publish_round, run_evaluation
from tests import factories
from tests.evaluation.schemes import NAME, TEXT, text_with

pytestmark = pytest.mark.django_db


def run(actor: User) -> Round:
    return run_evaluation(scheme=NAME, year=2021, actor=actor)


def grade(firm, round_: Round) -> str:
    return Score.objects.get(round=round_, enterprise=firm).final_grade


def test_twenty_firms_of_a_region_are_cut_at_20_60_95(draft, qidong):
    letters = "".join(grade(firm, draft) for firm in qidong[:20])
    assert letters == "AAAABBBBBBBBCCCCCCCD"
    assert draft.counts == {"A": 4, "B": 8, "C": 9, "D": 2}
    score = Score.objects.get(round=draft, enterprise=qidong[0])
    assert (score.rank, score.pool.size, score.pool.region_id, score.region_id) == (1, 20, "320681", "320681")
    assert score.initial_grade == score.final_grade


def test_a_region_with_three_firms_is_ranked_with_the_city(draft, qidong):
    score = Score.objects.get(round=draft, enterprise=qidong[20])
    assert (score.rank, score.pool.size, score.pool.region) == (21, 23, None)


def test_every_step_is_kept_with_the_firm(draft, qidong):
    _document, scheme = scheme_of(draft.edition)
    score = Score.objects.get(round=draft, enterprise=qidong[0])
    trace = unpacked(bytes(score.trace), draft.trace_columns, scheme, scheme.cohort("above"))
    assert trace.figures["tax"] == 200_00
    assert trace.figures["land"] == 10_00
    assert trace.figures["staff"] == 30_00
    assert trace.figures["years_in_production"] is None
    assert len(trace.items) == 6
    # 20万元 a mu of 26.01: 30 × 20 ÷ 26.01
    assert trace.items[0].points == 2306805075
    assert (sum(item.points for item in trace.items) + 5_000) // 10_000 == score.total


def test_the_same_figures_again_change_nothing(draft, staff):
    kept = list(Score.objects.order_by("pk").values_list("pk", "total"))
    again = run(factories.user("bureau_staff", "320600"))
    assert (again.pk, again.run_by_id, again.run_at) == (draft.pk, draft.run_by_id, draft.run_at)
    assert list(Score.objects.order_by("pk").values_list("pk", "total")) == kept
    assert AuditEntry.objects.filter(act="run_evaluation").count() == 1


def test_changed_figures_replace_the_draft(draft, qidong, staff):
    AnnualFigure.objects.filter(enterprise=qidong[19]).update(tax_wan=500_00)
    again = run(staff)
    assert (again.version, Round.objects.count(), Score.objects.count()) == (1, 1, 23)
    assert again.results_digest != draft.results_digest
    assert grade(qidong[19], again) == "A"


def test_after_publication_changed_figures_make_a_new_version(published, qidong, staff):
    AnnualFigure.objects.filter(enterprise=qidong[19]).update(tax_wan=500_00)
    draft = run(staff)
    assert (draft.version, draft.state) == (2, Round.State.DRAFT)
    assert grade(qidong[19], published) == "D"
    assert Score.objects.filter(round=published).count() == 23
    published.refresh_from_db()
    assert published.is_frozen


def test_who_ran_a_round_does_not_publish_it(draft, staff, leader):
    with pytest.raises(RoundRefused, match="两个人办理"):
        publish_round(round_=draft, actor=staff)
    published = publish_round(round_=draft, actor=leader)
    assert (published.state, published.published_by) == (Round.State.PUBLISHED, leader)
    entry = AuditEntry.objects.get(act="publish_round")
    assert entry.digest == published.results_digest
    with pytest.raises(RoundRefused, match="已经公布"):
        publish_round(round_=published, actor=leader)


def test_figures_that_moved_since_block_publishing(draft, qidong, leader):
    AnnualFigure.objects.filter(enterprise=qidong[0]).update(tax_wan=1_00)
    with pytest.raises(RoundRefused, match="请先重新测算"):
        publish_round(round_=draft, actor=leader)


def test_an_unknown_setting_lets_a_draft_run_and_blocks_publishing_by_name(draft, staff, leader):
    load_edition(text=text_with(cap="unknown", ties="unknown"), actor=User.objects.system())
    again = run(staff)
    assert again.version == 1
    with pytest.raises(RoundRefused, match="还有 2 项没有载明，不能公布：单项封顶、同分的处理"):
        publish_round(round_=again, actor=leader)


def test_an_unknown_weight_leaves_its_cohort_without_scores(draft, staff, leader):
    load_edition(text=TEXT.replace("weight: 30,", "weight: unknown,"), actor=User.objects.system())
    again = run(staff)
    assert again.counts == {"ungraded": 23}
    with pytest.raises(RoundRefused, match="不能公布：规上组“亩均税收”的权重"):
        publish_round(round_=again, actor=leader)


def test_a_method_is_of_one_year(draft, staff):
    with pytest.raises(RoundRefused, match="评价的是2021年度"):
        run_evaluation(scheme=NAME, year=2022, actor=staff)
    with pytest.raises(RoundRefused, match="没有施行中的评价方案"):
        run_evaluation(scheme="nowhere-2021", year=2021, actor=staff)


def test_without_figures_there_is_nothing_to_run(edition, staff):
    with pytest.raises(RoundRefused, match="南通市还没有2021年度的评价数据"):
        run(staff)


@pytest.mark.parametrize(
    ("events", "cohort"),
    [
        ([], "below"),
        ([("in_directory", "2020-12")], "above"),
        ([("listed", "2021-12")], "above"),
        ([("listed", "2022-01")], "below"),
        ([("in_directory", "2020-12"), ("delisted", "2021-11")], "below"),
        ([("in_directory", "2020-12"), ("delisted", "2022-02")], "above"),
    ],
)
def test_above_scale_is_the_directory_at_the_end_of_the_year(surveyed, staff, events, cohort):
    firm = surveyed(above=False)
    for kind, month in events:
        factories.scale_event(firm, ScaleEvent.Kind(kind), month)
    assert Score.objects.get(round=run(staff), enterprise=firm).cohort == cohort


@pytest.mark.parametrize(
    ("started_on", "grade_"), [(date(2019, 12, 31), "B"), (date(2020, 1, 1), "T"), (date(2022, 3, 1), "T")]
)
def test_less_than_two_years_in_production_is_t(surveyed, staff, started_on, grade_):
    firm = surveyed(started_on=started_on)
    assert grade(firm, run(staff)) == grade_


def test_figures_of_the_tax_list_are_not_the_survey(surveyed, staff):
    firm = surveyed()
    factories.annual_figure(firm, source="tax", taxable_sales_wan="9999", tax_wan="1")
    other = factories.enterprise()
    factories.annual_figure(other, source="tax", taxable_sales_wan="9999")
    round_ = run(staff)
    assert list(Score.objects.filter(round=round_).values_list("enterprise", flat=True)) == [firm.pk]


# ---------------------------------------------------------------- doors and facts


def test_command_prints_the_grades(qidong):
    out = StringIO()
    call_command("evaluate", NAME, "2021", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"A": 4, "B": 8, "C": 9, "D": 2, "T": 0}
    assert Round.objects.get().state == Round.State.DRAFT
    call_command("evaluate", NAME, "2021", "--publish", stdout=out)
    call_command("evaluate", NAME, "2021", "--publish", "--json", stdout=out)
    assert Round.objects.get().state == Round.State.PUBLISHED
    assert "指纹" in out.getvalue()


@pytest.mark.parametrize("words", [(NAME, "2020"), ("nothing", "2021"), (NAME, "x")])
def test_command_refuses_wrong_words(qidong, words):
    with pytest.raises(UsageFault) as fault:
        call_command("evaluate", *words)
    assert fault.value.returncode == 64


def test_job_runs_the_round_and_a_refusal_is_its_result(qidong, staff):
    for year in (2021, 2020):
        arguments = {"scheme": NAME, "year": year}
        enqueue(job="evaluate", key=evaluate_key(NAME, year), arguments=arguments, actor=staff)
    assert work_all() == 2
    done, refused = (enqueue_result(year) for year in (2021, 2020))
    assert done["digest"] == Round.objects.get().results_digest
    assert "评价的是2021年度" in refused["refused"]


def enqueue_result(year: int) -> dict:
    from core.models import JobRun

    return JobRun.objects.get(key=evaluate_key(NAME, year)).result


def grades_in_conditions(firms, year: int = 2021) -> list[int]:
    condition = parse('grade[year] in ("A", "B")', catalogue())
    needs = condition.needs({"year": year})
    frame = load_frame(needs, enterprises=[firm.pk for firm in firms])
    return list(condition.judge(frame, {"year": year}).outcome)


def test_conditions_know_published_grades_only(draft, qidong, leader):
    """S2-10: the grade is usable as a condition of a rule."""
    asked = [qidong[0], qidong[5], qidong[19], factories.enterprise()]
    assert grades_in_conditions(asked) == [-1, -1, -1, -1]
    publish_round(round_=draft, actor=leader)
    assert grades_in_conditions(asked) == [1, 1, 0, -1]
    assert grades_in_conditions(asked, 2020) == [-1, -1, -1, -1]


def test_conditions_know_the_version_published_last(published, qidong, staff, leader):
    AnnualFigure.objects.filter(enterprise=qidong[19]).update(tax_wan=500_00)
    second = run(staff)
    assert grades_in_conditions([qidong[19]]) == [0]
    publish_round(round_=second, actor=leader)
    assert grades_in_conditions([qidong[19]]) == [1]


def test_grades_cost_two_queries(published, qidong, django_assert_num_queries):
    """The grades, and the records under which the same firms stood before."""
    with django_assert_num_queries(2):
        grades_in_conditions(qidong)
