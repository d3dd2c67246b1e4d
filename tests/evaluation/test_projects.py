"""三张清单, projects with milestones, acceptance and 复评; what a corrected version changed."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from core.models import User
from core.panels import alerts_for
from core.services.policies import load_edition
from evaluation.models import Milestone, Project, Round, Score
from evaluation.rules.policies_told import policies_of
from evaluation.services.editions import RoundRefused
from evaluation.services.projects import accept_project, plan_project, review_project, submit_project
from evaluation.services.rounds import publish_round, run_evaluation
from evaluation.services.step_days import step_days
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.methods import BANDS, QUANTITIES, cohort, scheme, text_of

pytestmark = pytest.mark.django_db

EFFECTS = [
    {"grade": "D", "policy": "power", "label": "差别电价", "value": 0.1, "unit": "元/千瓦时", "period": "次年", "needs": "电表户号", "clause": "附件2"},
    {"grade": "A", "policy": "land", "label": "优先供地", "clause": "附件2"},
    {"grade": "C", "policy": "water", "label": "差别水价", "value": "unknown", "unit": "元/吨", "cohort": "all", "refundable": "true", "clause": "附件2"},
]  # fmt: skip
HALVES = {
    "clause": "四",
    "A": {"label": "甲", "upto": 25},
    "C": {"label": "丙", "upto": 75},
    "D": {"label": "丁", "upto": 100},
}


@pytest.fixture
def people(nantong) -> dict[str, User]:
    effects = [effect for effect in EFFECTS if effect["grade"] != "C"]
    text = text_of(data_year=2021, quantities=QUANTITIES, cohorts=[cohort(bands=HALVES)], effects=effects)
    load_edition(text=text.replace('"990100"', '"320600"'), actor=User.objects.system())
    return {
        "staff": factories.user("bureau_staff", "320600"),
        "leader": factories.user("bureau_leader", "320600"),
        "officer": factories.user("district_officer", "320681"),
    }


@pytest.fixture
def firms(people):
    made = [factories.enterprise(f"启东项目{number}厂") for number in range(4)]
    for number, firm in enumerate(made):
        factories.annual_figure(firm, **{**FIGURES, "tax_wan": str(200 - 10 * number)})
    return made


@pytest.fixture
def published(people, firms) -> Round:
    round_ = run_evaluation(scheme="haibin-evaluation", year=2021, actor=people["staff"])
    return publish_round(round_=round_, actor=people["leader"])


def score_of(firm, round_) -> Score:
    return Score.objects.select_related("round__edition", "region", "enterprise").get(
        enterprise=firm, round=round_
    )


def test_a_grades_policies_are_told_with_figure_and_period_and_a_trial_has_none():
    method = scheme(effects=EFFECTS, cohorts=[cohort(bands=BANDS)])
    assert [each.sentence for each in policies_of(method, "D", "all")] == [
        "差别电价 0.1 元/千瓦时（次年，另需电表户号）"
    ]
    assert [each.sentence for each in policies_of(method, "A")] == ["优先供地"]
    assert [each.sentence for each in policies_of(method, "C", "all")] == ["差别水价 文件未载明（可退）"]
    assert policies_of(method, "C", "other") == ()
    assert policies_of(scheme(effects=EFFECTS, status="trial"), "D") == ()


def plan(score, actor, **more):
    given = {
        "measure": "merge", "plan": "并入甲集团", "due_on": date(2022, 12, 31),
        "milestones": [("签订协议", date(2022, 9, 30)), ("完成过户", date(2022, 12, 1))],
    }  # fmt: skip
    return plan_project(score=score, actor=actor, **{**given, **more})


def test_a_project_from_plan_to_review(people, firms, published, time_machine):
    """S2-11, S2-14: C plan, D measure code, milestones; acceptance record, whose result feeds the re-evaluation."""
    time_machine.move_to("2022-10-08 09:00+08:00", tick=False)
    officer, leader = people["officer"], people["leader"]
    assert [score_of(firm, published).final_grade for firm in firms] == ["A", "C", "C", "D"]
    worst = score_of(firms[3], published)
    with pytest.raises(RoundRefused, match="公布后的C类、D类企业才立项目"):
        plan(score_of(firms[0], published), officer)
    with pytest.raises(RoundRefused, match="D类整治淘汰的措施请选：兼并重组"):
        plan(worst, officer, measure="upgrade")
    with pytest.raises(RoundRefused, match="C类改造提升的措施请选：改造提升"):
        plan(score_of(firms[1], published), officer, measure="close")
    with pytest.raises(RoundRefused, match="不能晚于完成期限"):
        plan(worst, officer, due_on=date(2022, 11, 1))
    project = plan(worst, officer)
    # an agreement is late by a week, two C firms have no project
    told = {alert.title: alert.count for alert in alerts_for(officer)}
    assert told["D类企业项目过期"] == 1
    assert told["C类企业没有立项"] == 2 and "D类企业没有立项" not in told
    with pytest.raises(RoundRefused, match="还有 2 个节点没有完成"):
        submit_project(project=project, actor=officer)
    with pytest.raises(RoundRefused, match="还没有报验收"):
        accept_project(project=project, passes=True, opinion="好", upload=None, actor=leader)
    project.milestones.update(done_on=date(2022, 10, 1))
    plan(
        worst,
        officer,
        plan="并入乙集团",
        milestones=[("签订协议", date(2022, 9, 30)), ("注销旧证", date(2022, 12, 20))],
    )
    assert sorted(Milestone.objects.values_list("title", "done_on")) == [
        ("完成过户", date(2022, 10, 1)), ("注销旧证", None), ("签订协议", date(2022, 10, 1)),
    ]  # fmt: skip
    Milestone.objects.update(done_on=date(2022, 10, 1))
    submit_project(project=project, actor=officer)
    with pytest.raises(RoundRefused, match="待验收，不能再改"):
        plan(worst, officer)
    with pytest.raises(RoundRefused, match="立项和验收应由两个人办理"):
        accept_project(project=project, passes=True, opinion="好", upload=None, actor=officer)
    returned = accept_project(project=project, passes=False, opinion="协议未盖章", upload=None, actor=leader)
    assert returned.is_open
    submit_project(project=project, actor=officer)
    done = accept_project(project=project, passes=True, opinion="到位", upload=None, actor=leader)
    with pytest.raises(RoundRefused, match="还没有2022年度的数据"):
        review_project(project=done, actor=leader)
    # 250 万元 of 2022 in the field of 2021: the best of four
    factories.annual_figure(
        firms[3], year=2022, tax_wan="250", **{k: v for k, v in FIGURES.items() if k != "tax_wan"}
    )
    reviewed = review_project(project=done, actor=leader)
    assert (reviewed.review_year, reviewed.review_grade, reviewed.review_score) == (2022, "A", "125.00")
    assert score_of(firms[3], published).final_grade == "D"


def test_the_three_lists_on_pages_and_as_workbooks(people, firms, published, client):
    """S2-13: three exports."""
    client.force_login(people["officer"])
    lists = reverse("evaluation:lists", args=[published.pk])
    told = client.get(lists).content.decode()
    assert "差别电价 0.1 元/千瓦时（次年，另需电表户号）" in told
    worst = score_of(firms[3], published)
    address = reverse("evaluation:project", args=[worst.pk])
    assert (
        "不用立项"
        in client.get(reverse("evaluation:project", args=[score_of(firms[0], published).pk])).content.decode()
    )
    form = {"measure": "relocate", "plan": "迁往化工园", "due_on": "2022-12-31", "milestones": "下周 签约"}
    assert "开头应是日期" in client.post(address, form).content.decode()
    assert client.post(address, form | {"milestones": "2022-11-30 签约\n2022-12-31 搬空"}).status_code == 302
    project = Project.objects.get()
    step = reverse("evaluation:project_step", args=[project.pk])
    for mark in project.milestones.all():
        client.post(step, {"milestone": mark.pk})
    client.post(step, {})
    told = client.get(lists, {"which": "clear"}).content.decode()
    assert "异地搬迁" in told and "2 / 2" in told and "待验收" in told
    answer = client.get(reverse("evaluation:lists_export", args=[published.pk]), {"which": "clear"})
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    row = [cell.value for cell in sheet[3]]
    assert row[2:8] == ["启东项目3厂", "启东市", "D", "异地搬迁", "迁往化工园", "2 / 2"]
    client.force_login(people["staff"])
    accept = reverse("evaluation:project_accept", args=[project.pk])
    client.post(
        accept, {"result": "pass", "opinion": "已搬空", "scan": SimpleUploadedFile("验收.pdf", b"%PDF-1")}
    )
    project.refresh_from_db()
    assert (project.state, project.file.name) == ("accepted", "验收.pdf")
    factories.annual_figure(firms[3], year=2022, tax_wan="5", land_own_mu="10")
    client.post(accept, {"review": "1"})
    assert "2022年数据，按2021年度方案" in client.get(address).content.decode()
    client.force_login(factories.user("district_officer", "320614"))
    assert client.get(address).status_code == 404
    assert client.post(step, {}).status_code == 404
    assert "没有这一类企业" in client.get(lists, {"which": "clear"}).content.decode()


def test_a_correction_is_a_new_version_with_a_report_of_what_it_changed(people, firms, published, client):
    plan(score_of(firms[3], published), people["officer"])
    firms[3].annual_figures.update(tax_wan=195_00)
    second = run_evaluation(scheme="haibin-evaluation", year=2021, actor=people["staff"])
    days = step_days(second)
    assert (days["publish"], "firm_confirm" in days) == (timezone.localdate(published.published_at), False)
    publish_round(round_=second, actor=people["leader"])
    client.force_login(people["officer"])
    answer = client.get(reverse("evaluation:differences", args=[second.pk]))
    report = answer.context["report"]
    assert [(row.name, row.before, row.after, row.score_after) for row in report.rows] == [
        ("启东项目2厂", "C", "D", "90.00"),
        ("启东项目3厂", "D", "C", "97.50"),
    ]
    assert report.grades.matrix.sum() == 4
    assert "没有上一版" in client.get(reverse("evaluation:differences", args=[published.pk])).content.decode()
    told = client.get(reverse("evaluation:lists", args=[second.pk]), {"which": "improve"}).content.decode()
    assert "并入甲集团" in told
