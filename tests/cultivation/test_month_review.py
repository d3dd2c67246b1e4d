"""提交 → 审核 → 退回 by level: the upper accepts only when all below are in; a returned cell is marked and found."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest
from django.urls import reverse

from core.models import AuditEntry, Region, User
from core.panels import todos_for
from core.periods import Month
from cultivation.models import MonthReturn, ReturnAct
from cultivation.rules.return_steps import may_move, may_send_back, next_step, steps_back
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.month_return_pages import shown_marks
from cultivation.services.month_review import ReturnRefused, hand_on, mark_cell, send_back, unmark_cell
from cultivation.services.months import MonthRefused, close_month, issue_month
from intake.services.batches import check_batch, commit_batch, receive_upload
from tests import factories
from tests.cultivation.conftest import PROGRAMME
from tests.doors import MONTHLY_HEADINGS, monthly_file

JUNE = Month(2022, 6)
QIDONG = "320681"


@pytest.mark.parametrize(
    ("step", "role", "above", "moves", "returns"),
    [
        ("fill", "district_officer", False, True, False),
        ("fill", "district_leader", False, False, False),
        ("fill", "bureau_staff", True, True, False),
        ("review", "district_leader", False, True, True),
        ("review", "district_officer", False, False, False),
        ("review", "bureau_staff", True, False, True),
        ("accept", "bureau_staff", True, True, True),
        ("accept", "district_leader", False, False, False),
        ("done", "bureau_leader", True, False, True),
        ("done", "district_leader", False, False, False),
        ("done", "finance", True, False, False),
    ],
)
def test_who_moves_a_return_on_and_who_sends_it_back(step, role, above, moves, returns):
    assert may_move(step, role, is_above=above) is moves
    assert may_send_back(step, role, is_above=above) is returns


def test_a_town_stops_at_its_district_and_a_district_goes_up_to_the_city():
    assert [next_step(step, False) for step in ("fill", "review", "accept", "done")] == [
        "review", "accept", "done", None,
    ]  # fmt: skip
    assert [next_step(step, True) for step in ("fill", "review", "done")] == ["review", "done", None]
    assert steps_back("done", False) == ("accept", "review", "fill")


@pytest.fixture
def people(edition, time_machine) -> dict[str, User]:
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    Region.objects.create(
        code="320681100",
        name="汇龙镇",
        kind="township",
        parent_id=QIDONG,
        path=f"320600/{QIDONG}/320681100/",
        order=99,
    )
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    return {
        "town": factories.user("township_officer", "320681100"),
        "officer": factories.user("district_officer", QIDONG),
        "leader": factories.user("district_leader", QIDONG),
        "staff": factories.user("bureau_staff", "320600"),
        "head": factories.user("bureau_leader", "320600"),
    }


@pytest.fixture
def firm(people):
    firm = factories.enterprise("启东试验甲厂", "320681100")
    sent = factories.batch("monthly", QIDONG, sent_by=people["officer"])
    factories.monthly_figure(firm, JUNE, "1180.00", "10.00", batch=sent)
    return firm


def of(region: str) -> MonthReturn:
    return MonthReturn.objects.select_related("cycle", "region").get(region=region)


def up(region: str, *people: User) -> None:
    for person in people:
        hand_on(returned=of(region), actor=person)


@pytest.mark.django_db
def test_the_upper_level_accepts_only_when_all_below_are_in(people, firm):
    with pytest.raises(ReturnRefused, match="下级还没有都审核通过，不能上报：汇龙镇"):
        up(QIDONG, people["officer"])
    up("320681100", people["town"], people["leader"])
    up(QIDONG, people["officer"], people["leader"])
    assert of(QIDONG).step == "accept"
    issue = close_month(programme=PROGRAMME, month=JUNE, actor=people["staff"])
    with pytest.raises(MonthRefused, match="还有 10 个地区的月报没有审核通过，不能印发：海安市"):
        issue_month(issue=issue, actor=people["head"])
    up(QIDONG, people["staff"])
    MonthReturn.objects.exclude(region=QIDONG).update(step="done")
    issue_month(issue=issue, actor=people["head"])
    with pytest.raises(ReturnRefused, match="已经印发，不能再退回或上报；要更正请办更正单"):
        send_back(returned=of(QIDONG), to="fill", reason="再核", actor=people["staff"])


@pytest.mark.django_db
def test_submitting_with_silent_firms_says_why_and_two_people_submit_and_review(people, firm):
    factories.enterprise("启东试验乙厂", "320681100")
    with pytest.raises(ReturnRefused, match="还有 1 家企业未报，请写明原因再上报"):
        up("320681100", people["town"])
    hand_on(returned=of("320681100"), actor=people["town"], reason="乙厂停产，联系不上")
    people["town"].role = "district_leader"
    people["town"].save()
    with pytest.raises(ReturnRefused, match="提交和审核应由两个人办理"):
        up("320681100", people["town"])
    with pytest.raises(ReturnRefused, match="这一步不由您办理"):
        up("320681100", people["staff"])


@pytest.mark.django_db
def test_filling_in_for_a_district_is_marked_and_shown(client, people, firm):
    up("320681100", people["officer"])  # the district for its town
    act = of("320681100").acts.get()
    assert act.on_behalf and act.actor == people["officer"]
    client.force_login(people["leader"])
    page = client.get(reverse("cultivation:month_return", args=[PROGRAMME, JUNE, "320681100"]))
    body = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))
    assert f"{people['officer'].full_name} 提交审核（代汇龙镇办理）" in body
    assert f"{people['officer'].full_name} 代汇龙镇填报 1 家" in body


@pytest.mark.django_db
def test_a_returned_month_shows_only_the_marked_cells_and_the_template_bears_them(client, people, firm):
    up("320681100", people["town"], people["leader"])
    up(QIDONG, people["officer"], people["leader"])
    mark_cell(
        returned=of(QIDONG), uscc=firm.uscc, measure="revenue_wan", note="疑为累计数", actor=people["staff"]
    )
    dropped = mark_cell(
        returned=of(QIDONG), uscc=firm.uscc, measure="staff", note="漏填", actor=people["staff"]
    )
    unmark_cell(returned=of(QIDONG), mark=dropped.pk, actor=people["staff"])
    assert shown_marks(of(QIDONG), to_return=False) == [], "nothing is told before it is sent back"
    with pytest.raises(ReturnRefused, match="请写明退回的原因"):
        send_back(returned=of(QIDONG), to="fill", reason=" ", actor=people["staff"])
    send_back(returned=of(QIDONG), to="fill", reason="营业收入请核对", actor=people["staff"])
    (todo,) = [todo for todo in todos_for(people["officer"]) if todo.kind == "被退回"]
    assert (todo.tone, todo.due) == ("bad", date(2022, 7, 10))
    client.force_login(people["officer"])
    body = client.get(todo.url).content.decode()
    assert "营业收入请核对" in body and "疑为累计数" in body and "漏填" not in body and "未改" in body
    blank = client.get(reverse("intake:template", args=["monthly"]) + f"?region={QIDONG}&period={JUNE}")
    sheet = openpyxl.load_workbook(io.BytesIO(blank.content)).worksheets[0]
    marked = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.comment]
    assert [(cell.value, cell.comment.text) for cell in marked] == [(1180, "退回：疑为累计数")]
    figure = firm.monthly_figures.get(month=JUNE)
    figure.revenue_wan = 180_00
    figure.save()
    assert "已改" in client.get(todo.url).content.decode()
    up(QIDONG, people["officer"])
    assert shown_marks(of(QIDONG), to_return=False) == []
    assert AuditEntry.objects.filter(act="send_back_return", actor=people["staff"]).count() == 1


@pytest.mark.django_db
def test_what_lies_below_takes_what_went_up_above_back_with_it(people, firm):
    up("320681100", people["town"], people["leader"])
    up(QIDONG, people["officer"], people["leader"])
    with pytest.raises(ReturnRefused, match="启东市的月报已经上报，请先由上级退回启东市"):
        send_back(returned=of("320681100"), to="fill", reason="有误", actor=people["leader"])
    send_back(returned=of("320681100"), to="fill", reason="有误", actor=people["staff"])
    assert (of("320681100").step, of(QIDONG).step) == ("fill", "fill")
    fallen = ReturnAct.objects.get(kind="fall_back")
    assert fallen.returned.region_id == QIDONG and fallen.reason == "汇龙镇退回：有误"


@pytest.mark.django_db
def test_both_sides_have_their_todo_and_its_count_is_its_list(client, people, firm):
    kinds = {
        name: [todo.kind for todo in todos_for(person) if "月报" in todo.title]
        for name, person in people.items()
    }
    # the districts that have nobody are the bureau's to hand in
    assert kinds == {"town": ["待上报"], "officer": ["待上报"], "leader": [], "staff": ["待上报"], "head": []}
    up("320681100", people["town"])
    MonthReturn.objects.filter(region__in=["320685", "320682"]).update(step="accept")
    for person, step, count in (("leader", "review", 1), ("staff", "accept", 2)):
        (todo,) = [todo for todo in todos_for(people[person]) if todo.kind == "待审核"]
        assert f"{count} 个地区" in todo.title
        client.force_login(people[person])
        assert len(client.get(todo.url).context["lines"]) == count, step


@pytest.mark.django_db
def test_the_form_of_another_district_moves_nothing(client, people, firm):
    stranger = factories.user("district_leader", "320685")
    client.force_login(stranger)
    url = reverse("cultivation:month_return", args=[PROGRAMME, JUNE, QIDONG])
    assert client.post(url, {"act": "hand_on"}).status_code == 404
    client.force_login(people["leader"])
    told = client.post(url, {"act": "hand_on", "reason": "都好"}, follow=True).content.decode()
    assert "这一步不由您办理" in told
    assert of(QIDONG).step == "fill"


@pytest.mark.django_db
@pytest.mark.any_database
def test_the_list_that_was_sent_is_handed_back_with_exactly_the_returned_cells_marked(client, people):
    """Another column's name, a row of its own: the cell is found in the sender's file, and no other is touched."""
    firms = [factories.enterprise(f"启东试验{name}厂", QIDONG) for name in "甲乙丙"]
    rows = [[firm.uscc, firm.name, "启东市", str(JUNE), "118.00", "10.00"] for firm in firms]
    headings = [*MONTHLY_HEADINGS[:4], "本月营业收入（万元）", MONTHLY_HEADINGS[5]]
    sent = receive_upload(
        actor=people["officer"], sheet="monthly", region=of(QIDONG).region, period=str(JUNE), as_of=date(2022, 7, 8),
        upload_name="启东月报.xlsx", content=monthly_file(rows, headings),
    )  # fmt: skip
    commit_batch(batch=check_batch(batch=sent, actor=people["officer"]), actor=people["officer"])
    MonthReturn.objects.filter(region="320681100").update(step="done")
    up(QIDONG, people["officer"])
    client.force_login(people["officer"])
    copy = reverse("intake:batch_annotated", args=[sent.pk]) + "?cells=returned"
    assert "没有退回的单元格" in client.get(copy, follow=True).content.decode()
    for firm, measure, note in (
        (firms[1], "revenue_wan", "疑为累计数"),
        (firms[2], "tax_paid_wan", "少一位"),
    ):
        mark_cell(returned=of(QIDONG), uscc=firm.uscc, measure=measure, note=note, actor=people["leader"])
    send_back(returned=of(QIDONG), to="fill", reason="两家请核对", actor=people["leader"])
    page = client.get(reverse("cultivation:month_return", args=[PROGRAMME, JUNE, QIDONG])).content.decode()
    assert "退回：两家请核对" in page.partition("h-marks")[0], "why it came back is said first"
    assert copy in page and f"下载标好的原表　{sent}（2 处）" in page
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(copy).content)).worksheets[0]
    red = {cell.coordinate for row in sheet.iter_rows() for cell in row if cell.fill.fill_type == "solid"}
    told = {row[0].row: row[-1].value for row in sheet.iter_rows(min_row=2)}
    assert red == {"E3", "F4"}
    assert told[2] is None and "退回：疑为累计数" in told[3] and "退回：少一位" in told[4]
    heading = sheet.cell(1, sheet.max_column)
    assert "退回原因：两家请核对" in f"{heading.value}{heading.comment and heading.comment.text}"


@pytest.mark.django_db
@pytest.mark.any_database
def test_a_house_where_only_districts_have_officers_has_no_dead_end(client, people, firm):
    """The town has nobody: its district hands in for it. The district has no leader: the city's reviews for both."""
    for name in ("town", "leader"):
        User.objects.filter(pk=people[name].pk).update(is_active=False)
    officer, head = people["officer"], people["head"]

    def behalf(person):
        return [todo for todo in todos_for(person) if "state=behalf" in todo.url]

    (todo,) = behalf(officer)
    assert (todo.kind, todo.title) == ("待上报", "2022年6月月报　代报 1 个地区")
    assert "汇龙镇没有经办人，由您代报" in todo.note
    client.force_login(officer)
    assert [line.region.name for line in client.get(todo.url).context["lines"]] == ["汇龙镇"]
    told = client.post(todo.url, {"reason": ""}, follow=True).content.decode()
    assert "已代为办理 1 个地区的月报" in told and not behalf(officer)
    assert of("320681100").acts.get().on_behalf
    (todo,) = [todo for todo in todos_for(head) if todo.kind == "待审核"]
    client.force_login(head)
    assert [line.region.name for line in client.get(todo.url).context["lines"]] == ["汇龙镇"]
    up("320681100", head)
    up(QIDONG, officer)
    (todo,) = behalf(head)
    assert (todo.kind, todo.title) == ("待审核", "2022年6月月报　代审 1 个地区")
    client.post(todo.url, {"reason": ""})
    assert (of(QIDONG).step, of("320681100").step) == ("accept", "done")
    # the nine districts without anybody are the bureau's to hand in; with a person of its own, one is not
    (todo,) = behalf(people["staff"])
    assert "代报 9 个地区" in todo.title
    factories.user("district_officer", "320685")
    assert "代报 8 个地区" in behalf(people["staff"])[0].title
