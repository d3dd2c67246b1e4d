"""The pages of a round's way: who sees what when, what a district may do, and how often the database is asked."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEntry
from core.panels import alerts_for, todos_for
from enterprises.models import Parcel
from evaluation.models import Appeal, Confirmation, EvaluationFile, Round, Score, StepDone
from tests import factories
from tests.evaluation.test_process import PDF, firms, people, run, score_of

pytestmark = pytest.mark.django_db
__all__ = ["firms", "people"]


@pytest.fixture
def handed(people, firms, client, time_machine) -> Round:
    """A round whose pre-evaluation the districts have."""
    time_machine.move_to(datetime(2022, 5, 9, 1, tzinfo=UTC), tick=False)
    round_ = run(people)
    client.force_login(people["staff"])
    form = {"day": "2022-05-16", "hour": "17:30"}
    client.post(reverse("evaluation:round_hand_out", args=[round_.pk]), form)
    round_.refresh_from_db()
    assert round_.stage == "confirming"
    return round_


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.content.decode()


def page(client, name: str, pk: int, **query) -> str:
    return text(client.get(reverse(f"evaluation:{name}", args=[pk]), query))


def test_a_district_takes_the_sheets_to_its_firms_and_sees_no_other_district(handed, people, firms, client):
    other = factories.user("district_officer", "320614")
    score = score_of(firms[3])
    client.force_login(other)
    assert "没有定级的企业" in page(client, "process", handed.pk)
    assert client.get(reverse("evaluation:confirmation", args=[score.pk])).status_code == 404
    client.force_login(people["officer"])
    sheet = page(client, "confirmation", score.pk)
    assert "距B类差" in sheet
    assert "企业（盖章）" in sheet
    address = reverse("evaluation:confirmation", args=[score.pk])
    form = {"answer": "objected", "signed_by": "李某", "note": "税收漏计"}
    assert client.post(address, form).status_code == 302
    assert "请上传签字盖章的确认单" in text(client.post(address, {"answer": "agreed", "signed_by": "李某"}))
    signed = SimpleUploadedFile("../签字.pdf", PDF)
    client.post(reverse("evaluation:confirmation", args=[score_of(firms[0]).pk]), {"answer": "agreed", "signed_by": "王某", "scan": signed})  # fmt: skip
    assert Confirmation.objects.count() == 2
    (todo,) = [todo for todo in todos_for(people["officer"]) if todo.kind == "待确认"]
    assert todo.title == "3 家企业的预评价结果还没有书面确认"
    assert "启东评价1厂" in text(client.get(todo.url))
    assert not [todo for todo in todos_for(other) if todo.kind == "待确认"]
    listed = page(client, "confirmations", handed.pk)
    assert "有异议" in listed and "已确认" in listed
    assert "启东评价1厂" in page(client, "confirmations", handed.pk, answer="waiting")
    assert "启东评价0厂" not in page(client, "confirmations", handed.pk, answer="waiting")
    scan = EvaluationFile.objects.get()
    taken = client.get(reverse("evaluation:scan", args=[scan.pk]))
    assert (taken.content, taken["Content-Type"]) == (PDF, "application/pdf")
    assert taken["Content-Disposition"].startswith("attachment")
    assert ".." not in taken["Content-Disposition"]
    client.force_login(other)
    assert client.get(reverse("evaluation:scan", args=[scan.pk])).status_code == 404


def test_an_appeal_goes_from_the_district_to_the_leader_who_sees_who_else_moves(
    handed, people, firms, client
):
    client.force_login(people["officer"])
    address = reverse("evaluation:appeal_new", args=[score_of(firms[3]).pk])
    assert "主张" in text(client.get(address))
    assert "请填写企业主张的数" in text(
        client.post(address, {"quantity": "tax", "claimed": "", "reason": "漏"})
    )
    answer = client.post(address, {"quantity": "tax", "claimed": "195.00", "reason": "漏计免抵"})
    appeal = Appeal.objects.get()
    assert answer["Location"] == reverse("evaluation:appeal", args=[appeal.pk])
    told = page(client, "appeal", appeal.pk)
    assert "170.00 → " in told
    assert "采纳后谁会变" not in told
    assert client.post(answer["Location"], {"ruling": "accept", "answer": "准"}).status_code == 403
    client.force_login(people["leader"])
    told = page(client, "appeal", appeal.pk)
    assert '另有 <b class="num">1</b> 家企业的等级随之变化' in told
    assert "启东评价2厂" in told
    assert client.post(answer["Location"], {"ruling": "accept", "answer": "属实"}).status_code == 302
    assert "裁定时告知的连带变化" in page(client, "appeal", appeal.pk)
    client.force_login(people["officer"])
    assert "裁定时告知的连带变化" not in page(client, "appeal", appeal.pk)
    assert "195.00" in page(client, "appeals", handed.pk, state="accepted")
    assert "没有申诉" in page(client, "appeals", handed.pk, state="open")


def test_the_calendar_tells_each_step_and_districts_report_their_own(handed, people, client):
    """S2-12: reminders at each date, state per step."""
    client.force_login(people["officer"])
    told = page(client, "process", handed.pk)
    assert "2022-03-31" in told and "已过期限" in told
    assert "还差" not in told
    step = reverse("evaluation:round_step", args=[handed.pk])
    client.post(step, {"step": "data_entry"})
    client.post(step, {"step": "dept_audit"})
    done = StepDone.objects.get()
    assert (done.step, done.region_id, done.done_by) == ("data_entry", "320681", people["officer"])
    client.force_login(people["leader"])
    told = page(client, "process", handed.pk)
    assert "已报：启东市" in told
    assert "还有 5 家企业没有书面确认（截止 2022年5月16日17:30）" in told
    assert "审定结果" in told
    client.force_login(people["staff"])
    (late,) = [alert for alert in alerts_for(people["staff"]) if "期限" in alert.title]
    assert (late.tone, late.note, late.count) == ("bad", "数据录入（03-31）", 1)
    client.post(step, {"step": "data_entry"})
    assert not [alert for alert in alerts_for(people["staff"]) if "期限" in alert.title]
    assert "2022-05-09" in page(client, "process", handed.pk)


def test_the_public_list_tells_name_and_grade_in_the_order_of_codes_never_of_scores(
    handed, people, firms, client
):
    client.force_login(people["staff"])
    told = page(client, "publicity", handed.pk)
    places = [told.index(firm.name) for firm in sorted(firms, key=lambda firm: firm.uscc)]
    assert places == sorted(places)
    assert "100.0000" not in told and "100.00" not in told
    assert "还没有公示" in told
    land = page(client, "publicity", handed.pk, kind="land")
    assert "10.00" in land and "grade-A" not in land
    answer = client.get(reverse("evaluation:publicity_export", args=[handed.pk]))
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert [cell.value for cell in sheet[2]] == ["序号", "分组", "企业名称", "等级"]
    assert sheet.max_row == 2 + 5 + 1
    assert AuditEntry.objects.get(act="export_publicity").counts["rows"] == 5


def test_firms_that_nobody_surveyed_are_listed_with_the_reason(handed, people, firms, client):
    """S2-06: scope list against entered list, gaps reported."""
    listed, owner = factories.enterprise("漏报规上厂"), factories.enterprise("有地未报厂")
    factories.scale_event(listed, "in_directory", "2020-12")
    factories.annual_figure(listed, source="tax", taxable_sales_wan="3000")
    Parcel.objects.create(
        enterprise=owner,
        certificate="证9",
        area_mu=900,
        region=owner.region,
        batch=factories.batch("parcels"),
    )
    gone = factories.enterprise("已注销厂", ended_on="2021-06-30", ended_as="cancelled")
    factories.scale_event(gone, "in_directory", "2020-12")
    client.force_login(people["officer"])
    told = page(client, "gaps", handed.pk)
    assert "年末在规上名录；在税务名单内" in told
    assert "有地未报厂" in told and "用地台账有宗地" in told
    assert "已注销厂" not in told and firms[0].name not in told
    assert "0 / 5" in told
    answer = client.get(reverse("evaluation:gaps_export", args=[handed.pk]))
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert [sheet.cell(row, 3).value for row in (3, 4)] == sorted(
        [listed.name, owner.name], key=lambda name: name != listed.name
    )
    client.force_login(factories.user("district_officer", "320614"))
    assert "没有漏评的企业" in page(client, "gaps", handed.pk)


def test_a_move_is_approved_with_its_evidence_by_the_leader(handed, people, firms, client):
    score = score_of(firms[4])
    address = reverse("evaluation:moves", args=[handed.pk])
    form = {"score": score.pk, "move": "new", "evidence": "苏统〔2021〕1号"}
    client.force_login(people["staff"])
    assert client.post(address, form).status_code == 403
    client.force_login(people["leader"])
    assert "待批准" in text(client.get(address))
    assert "没有这一项调档" in text(client.post(address, form | {"move": "other"}))
    assert client.post(address, form).status_code == 302
    assert "苏统〔2021〕1号" in text(client.get(address))


@pytest.mark.parametrize(
    ("name", "queries"),
    [("process", 25), ("confirmations", 17), ("appeals", 15), ("moves", 18), ("publicity", 15), ("gaps", 22)],
)
def test_a_page_asks_a_fixed_number_of_times(
    handed, people, client, django_assert_max_num_queries, name, queries
):
    client.force_login(people["leader"])
    address = reverse(f"evaluation:{name}", args=[handed.pk])
    client.get(address)
    with django_assert_max_num_queries(queries) as few:
        client.get(address)
    for number in range(4):
        firm = factories.enterprise(f"又一{number}厂")
        factories.annual_figure(firm, tax_wan=str(50 + number), land_own_mu="10", staff=8)
    run(people)
    assert Score.objects.count() == 9
    with django_assert_max_num_queries(len(few)):
        client.get(address)
