"""评价轮次, 企业得分, 得分过程 and the panel of 一企一档: who sees what, and how often the database is asked."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.jobs import work_all
from core.models import JobRun
from core.panels import menu_for, todos_for
from core.permissions import ROUTES
from evaluation import urls
from evaluation.models import Round, Score
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories
from tests.evaluation.schemes import NAME

pytestmark = pytest.mark.django_db

ROUNDS, SCORES = reverse("evaluation:rounds"), reverse("evaluation:scores")


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", "320681")


def text_of(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def as_user(client, user):
    client.force_login(user)
    return client


def trace_url(firm) -> str:
    return reverse("evaluation:trace", args=[Score.objects.get(enterprise=firm).pk])


def test_every_page_has_its_line_in_the_table_of_permissions():
    assert {f"evaluation:{path.name}" for path in urls.urlpatterns} == {
        name for name in ROUTES if name.startswith("evaluation:")
    }


# ---------------------------------------------------------------- unpublished grades


@pytest.mark.parametrize("role", ["bureau_staff", "bureau_leader"])
def test_the_bureau_sees_a_draft_and_that_it_is_one(draft, qidong, client, role):
    as_user(client, factories.user(role, "320600"))
    assert "未公布，仅本局可见" in text_of(client.get(ROUNDS))
    assert "这一版还没有公布" in text_of(client.get(SCORES))
    assert "这一版还没有公布" in text_of(client.get(trace_url(qidong[0])))
    assert "未公布" in text_of(client.get(reverse("enterprises:detail", args=[qidong[0].pk])))


@pytest.mark.parametrize(
    ("role", "region"),
    [
        ("district_officer", "320681"),
        ("district_leader", "320681"),
        ("finance", "320600"),
        ("department_officer", "320600"),
        ("bureau_staff", "320681"),
    ],
)
def test_nobody_else_sees_a_draft(draft, qidong, client, role, region):
    as_user(client, factories.user(role, region))
    assert "还没有" in text_of(client.get(ROUNDS))
    assert "还没有评价结果" in text_of(client.get(SCORES))
    assert client.get(SCORES, {"round": draft.pk}).status_code == 404
    assert client.get(trace_url(qidong[0])).status_code == 404
    assert "综合得分" not in text_of(client.get(reverse("enterprises:detail", args=[qidong[0].pk])))


def test_a_later_draft_stays_hidden_behind_the_published_version(published, surveyed, staff, officer, client):
    surveyed("启东新报厂", tax="400")
    second = run_evaluation(scheme=NAME, year=2021, actor=staff)
    as_user(client, officer)
    page = client.get(SCORES)
    assert page.context["round"] == published
    assert "启东新报厂" not in text_of(page)
    assert client.get(SCORES, {"round": second.pk}).status_code == 404
    assert as_user(client, staff).get(SCORES).context["round"] == second


@pytest.mark.parametrize("role", ["sys_admin", "auditor", "api_client"])
def test_administrators_and_clients_have_no_door_here(published, client, role):
    as_user(client, factories.user(role, "320600" if role == "api_client" else None))
    assert client.get(SCORES).status_code == 403


# ---------------------------------------------------------------- published grades


def test_a_district_sees_its_own_firms_and_counts(published, qidong, officer, client):
    as_user(client, officer)
    page = client.get(SCORES)
    assert page.context["page"].paginator.count == 20
    assert page.context["counted"].counts == {"A": 4, "B": 8, "C": 7, "D": 1, "T": 0}
    assert "海门试验" not in text_of(page)
    assert client.get(trace_url(qidong[20])).status_code == 404
    line = client.get(ROUNDS).context["lines"][0]
    assert line.graded == 20


def test_each_count_leads_to_exactly_its_firms(published, staff, client):
    as_user(client, staff)
    counts = client.get(ROUNDS).context["lines"][0].counts
    for grade, count in counts.items():
        page = client.get(SCORES, {"round": published.pk, "grade": grade})
        assert page.context["page"].paginator.count == count


def test_scores_are_chosen_by_region_cohort_grade_and_name(published, qidong, surveyed, staff, client):
    as_user(client, staff)

    def found(**asked) -> list[str]:
        return [line.score.enterprise.name for line in client.get(SCORES, asked).context["lines"]]

    assert found(region="320614") == [f"海门试验{number}号厂" for number in range(3)]
    assert found(region="999999") == []
    assert found(cohort="below") == []
    assert len(found(cohort="above", region="320681")) == 20
    assert found(q=qidong[7].uscc) == ["启东试验7号厂"]
    assert found(grade="D", region="320681") == ["启东试验19号厂"]
    assert found(region="320681", sort="score")[0] == "启东试验19号厂"
    assert found(region="320681", sort="-score")[0] == "启东试验0号厂"
    assert found(page="x", page_size="7", sort="nonsense", region="320681")[0] == "启东试验0号厂"


def test_the_trace_tells_the_score_in_words(published, qidong, officer, client):
    text = text_of(as_user(client, officer).get(trace_url(qidong[5])))
    for words in (
        "启东市规上组第 6 位（共 20 家）",
        "A 级到第 4 位（前20%，",
        "评价税收 195.00 万元 ÷ 用地 10.00 亩 · 税务部门、自然资源部门",
        "距A类差",
        "亩均税收达到19.70万元/亩即可",
        "未载明·演示取值",
        "试行·演示",
    ):
        assert words in text
    assert "style=" not in text.replace("data-bs-theme", "")


def test_a_firm_without_grade_is_told_why(surveyed, staff, client):
    small = surveyed("启东小厂", above=False, taxable_sales_wan="100", land_own_mu="1")
    run_evaluation(scheme=NAME, year=2021, actor=staff)
    text = text_of(as_user(client, staff).get(trace_url(small)))
    assert "不在评价范围，没有评分。" in text
    assert "差 400.00 万元" in text


def test_the_firms_page_shows_year_grade_score_and_place(published, qidong, officer, client):
    """S0-15: the grade of a year is visible on the enterprise page."""
    text = text_of(as_user(client, officer).get(reverse("enterprises:detail", args=[qidong[0].pk])))
    for words in ("2021年", 'grade-A">A', "78.78", "1 / 20", "20.00", trace_url(qidong[0])):
        assert words in text


# ---------------------------------------------------------------- acts


def test_staff_run_and_the_leader_publishes(qidong, staff, leader, client):
    run_url = reverse("evaluation:round_run", args=[NAME, 2021])
    state_url = reverse("evaluation:round_state", args=[NAME, 2021])
    answer = as_user(client, staff).post(run_url, follow=True)
    assert "已交后台测算" in text_of(answer)
    assert "正在测算" in text_of(client.get(state_url))
    work_all()
    assert "data-poll-done" in text_of(client.get(state_url))
    round_ = Round.objects.get()
    publish_url = reverse("evaluation:round_publish", args=[round_.pk])
    assert client.post(publish_url).status_code == 403
    as_user(client, leader)
    assert client.post(run_url).status_code == 403
    assert "请看过新的结果再公布" in text_of(client.post(publish_url, {"digest": "old"}, follow=True))
    answer = client.post(publish_url, {"digest": round_.results_digest}, follow=True)
    assert "第1版已公布" in text_of(answer)


def test_a_scheme_of_another_city_cannot_be_run(edition, client):
    other = factories.user("bureau_staff", "320681")
    url = reverse("evaluation:round_run", args=[NAME, 2021])
    assert as_user(client, other).post(url).status_code == 404
    assert not JobRun.objects.exists()


def test_a_draft_waits_for_the_leader_only(draft, staff, leader, officer):
    assert [todo.title for todo in todos_for(leader)] == ["2021年度综合评价第1版"]
    for user in (staff, officer):
        assert not [todo for todo in todos_for(user) if "综合评价" in todo.title]


def test_the_menu_has_its_section(edition, officer):
    section = next(section for section in menu_for(officer) if section.label == "综合评价")
    assert [item.label for item in section.items] == ["评价轮次", "企业得分"]


# ---------------------------------------------------------------- queries


@pytest.fixture
def counted(client, monkeypatch, django_assert_num_queries):
    """Asks for a page and counts its queries, those of the frame's 待办 left out: other apps own them."""
    monkeypatch.setattr("core.context.todo_count_of", lambda request: 0)

    def ask(url: str, queries: int) -> None:
        client.get(url)
        with django_assert_num_queries(queries):
            assert client.get(url).status_code == 200

    return ask


@pytest.mark.parametrize("count", [1, 12])
def test_queries_do_not_grow_with_firms(surveyed, staff, leader, client, counted, count):
    firms = [surveyed(f"启东增长{number}号厂", tax=str(200 - number)) for number in range(count)]
    run_evaluation(scheme=NAME, year=2021, actor=staff)
    as_user(client, leader)
    counted(SCORES, 9)
    counted(trace_url(firms[0]), 7)


@pytest.mark.parametrize("versions", [1, 3])
def test_queries_do_not_grow_with_rounds(surveyed, staff, leader, client, counted, versions):
    for number in range(versions):
        surveyed(f"启东增长{number}号厂")
        publish_round(round_=run_evaluation(scheme=NAME, year=2021, actor=staff), actor=leader)
    as_user(client, staff)
    counted(ROUNDS, 7)
    assert Round.objects.count() == versions
