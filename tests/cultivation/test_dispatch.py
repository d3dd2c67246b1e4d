"""一月一调度: each order has number, owner, due date and status, and stands in every month until it is done."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from core.models import AuditEntry, User
from core.panels import todos_for
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import DispatchOrder, MonthlyIssue
from cultivation.rules.dispatch import ACTS, STATE_WORDS, criticised, due_light, may, praised
from cultivation.rules.measures import LAGGING, NORMAL, SLOW, MonthMeasures, light_rules
from cultivation.services.dispatch import DispatchRefused, draft_orders, send_order, take_step
from cultivation.services.dispatch_pages import DispatchPage
from cultivation.services.months import close_month, issue_month, month_table
from enterprises.models import ScaleEvent
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME

MAY, JUNE = Month(2022, 5), Month(2022, 6)
DUE = date(2022, 7, 15)


@pytest.fixture(autouse=True)
def _today(time_machine):
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)


def test_only_the_acts_of_the_way_can_be_done():
    can = {(act, state) for act in ACTS for state in STATE_WORDS if may(act, state)}
    assert can == {
        ("send", "draft"), ("answer", "sent"), ("accept", "answered"), ("return", "answered"),
        ("withdraw", "draft"), ("withdraw", "sent"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("state", "deadline", "light"),
    [
        ("sent", date(2022, 7, 7), ("bad", "逾期")),
        ("sent", date(2022, 7, 8), ("warn", "临期")),
        ("sent", date(2022, 7, 12), ("info", "办理中")),
        ("answered", date(2022, 7, 1), ("info", "待审核")),
        ("closed", date(2022, 7, 1), ("ok", "已办结")),
        ("draft", None, ("mute", "待下达")),
    ],
)
def test_a_light_is_computed_from_state_and_day(state, deadline, light):
    assert due_light(state, deadline, date(2022, 7, 8)) == light


class Line(MonthMeasures):
    delisted_ytd, months_passed, basis = 0, 6, "gross"

    def __init__(self, listed, target=100, lagging=1000):
        self.newly_listed_ytd, self.target, self.lagging_hundredths = listed, target, lagging


def test_lights_follow_the_programmes_threshold():
    assert [Line(listed).light for listed in (50, 49, 41, 40)] == [NORMAL, SLOW, SLOW, LAGGING]
    assert [Line(listed, lagging=150).light for listed in (49, 48)] == [SLOW, LAGGING]
    assert Line(0, lagging=None).light == SLOW
    assert light_rules(750)[2] == (LAGGING, "差7.5个百分点及以上")
    assert [state for state, _ in light_rules(None)] == [NORMAL, SLOW]


def test_praise_goes_to_the_first_places_and_criticism_to_red_lights_the_furthest_first():
    ranked = [Line(listed) for listed in (80, 70, 60, 60, 55, 45, 30, 20)]
    assert [line.newly_listed_ytd for line in praised(ranked)] == [80, 70, 60, 60]
    assert [line.newly_listed_ytd for line in criticised(ranked)] == [20, 30]


# ---------------------------------------------------------------- on rows


def issued(month, staff, leader) -> MonthlyIssue:
    return issue_month(issue=close_month(programme=PROGRAMME, month=month, actor=staff), actor=leader)


@pytest.fixture
def city(edition):
    """启东: a firm that fell in May and in June. Every district is behind; only 海安 entered one firm."""
    firm = factories.enterprise("启东试验甲厂", "320681")
    haian = factories.enterprise("海安试验丁厂", "320685")
    for month, revenue in (("2021-05", "200"), ("2021-06", "200"), ("2022-05", "90"), ("2022-06", "100")):
        factories.monthly_figure(firm, month, revenue)
        factories.monthly_figure(haian, month, "10")
    factories.scale_event(haian, ScaleEvent.Kind.LISTED, "2022-02", entry_type="grown")
    return firm


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", "320681")


def fall_of(user, **where) -> DispatchOrder:
    return DispatchOrder.objects.visible_to(user).get(kind="fall", **where)


def url(name, month=JUNE):
    return reverse(f"cultivation:{name}", args=[PROGRAMME, month])


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.mark.django_db
def test_an_issued_month_drafts_an_order_for_each_region_and_finding_once(city, staff, leader):
    draft = close_month(programme=PROGRAMME, month=MAY, actor=staff)
    with pytest.raises(DispatchRefused, match="还没有印发"):
        draft_orders(issue=draft, actor=staff)
    issue = issue_month(issue=draft, actor=leader)
    counts = draft_orders(issue=issue, actor=staff)
    orders = DispatchOrder.objects.all()
    assert counts == {"drafted": orders.count(), "carried": 0}
    assert {kind: orders.filter(kind=kind).count() for kind in ("behind", "talk", "fall", "missing")} == {
        "behind": 10, "talk": 10, "fall": 1, "missing": 1,
    }  # fmt: skip
    assert fall_of(staff).evidence == "营业收入大幅下降企业1家"
    assert draft_orders(issue=issue, actor=staff) == {"drafted": 0, "carried": 0}


@pytest.mark.django_db
def test_an_order_goes_its_way_and_each_step_is_told(client, city, staff, leader, officer):
    draft_orders(issue=issued(MAY, staff, leader), actor=staff)
    order = fall_of(staff)
    page = reverse("cultivation:dispatch_order", args=[order.pk])
    client.force_login(officer)
    assert client.get(page).status_code == 404  # a draft is the bureau's own
    client.force_login(staff)
    late = client.post(page, {"act": "send", "owner": "王某", "deadline": "2022-07-07", "asked": "请核查。"})
    assert "办理期限不能早于今天" in text_of(late)
    client.post(page, {"act": "send", "owner": "王某", "deadline": "2022-07-15", "asked": "请逐户核查。"})
    order.refresh_from_db()
    assert (order.label, order.owner, order.deadline, order.state) == ("调度〔2022〕1号", "王某", DUE, "sent")
    client.force_login(officer)
    assert "请逐户核查。" in text_of(client.get(page))
    assert "不能这样办" in text_of(client.post(page, {"act": "accept", "text": "好"}, follow=True))
    client.post(page, {"act": "answer", "text": "已走访，订单减少，属实。"})
    client.force_login(staff)
    client.post(page, {"act": "return", "text": "请附帮扶措施。"})
    client.force_login(officer)
    client.post(page, {"act": "answer", "text": "已落实贷款帮扶。"})
    client.force_login(staff)
    done = text_of(client.post(page, {"act": "accept", "text": "同意办结。"}, follow=True))
    for told in (
        "拟单",
        "下达：责任人王某，2022年7月15日前办结",
        "退回重办：请附帮扶措施。",
        "反馈：已落实贷款帮扶。",
        "已办结",
    ):
        assert told in done
    assert AuditEntry.objects.filter(act="step_dispatch").count() == 5


@pytest.mark.django_db
def test_an_open_order_is_carried_over_and_none_is_drafted_beside_it(city, staff, leader, officer):
    draft_orders(issue=issued(MAY, staff, leader), actor=staff)
    order = send_order(order=fall_of(staff), owner="王某", deadline=DUE, asked="请核查。", actor=staff)
    june = issued(JUNE, staff, leader)
    assert draft_orders(issue=june, actor=staff)["carried"] > 0
    assert draft_orders(issue=june, actor=staff) == {"drafted": 0, "carried": 0}
    assert fall_of(officer) == order
    assert order.steps.get(act="carried").text == "2022年6月：营业收入大幅下降企业1家"
    assert order.months_carried(JUNE) == 1
    # what nobody has been sent yet speaks of the newer month
    waiting = DispatchOrder.objects.get(kind="behind", region="320681")
    assert (waiting.issue, waiting.evidence) == (june, "序时差−50.0个百分点（滞后）")
    assert waiting.steps.get(act="drafted").text == "序时差−41.7个百分点（滞后）"
    for act, person in (("answer", officer), ("accept", staff)):
        take_step(order=order, act=act, text="办妥。", actor=person)
    july = Month(2022, 7)
    assert order in DispatchPage(officer, PROGRAMME, JUNE).orders
    assert order in DispatchPage(officer, PROGRAMME, july).orders  # it ended in July
    assert order not in DispatchPage(officer, PROGRAMME, july + 1).orders
    assert order not in DispatchPage(officer, PROGRAMME, MAY - 1).orders


@pytest.mark.django_db
def test_a_regions_drafts_are_sent_at_once_each_with_its_own_number(client, city, staff, leader, officer):
    draft_orders(issue=issued(MAY, staff, leader), actor=staff)
    ours = DispatchOrder.objects.filter(region="320681")
    client.force_login(staff)
    sent = {"region": "320681", "owner": "王某", "deadline": "2022-07-07"}
    assert "办理期限不能早于今天" in text_of(client.post(url("dispatch_send", MAY), sent, follow=True))
    assert not ours.exclude(state="draft").exists()
    told = text_of(client.post(url("dispatch_send", MAY), sent | {"deadline": "2022-07-15"}, follow=True))
    assert f"已向启东市下达调度单 {ours.count()} 件" in told
    assert sorted(ours.values_list("number", flat=True)) == list(range(1, ours.count() + 1))
    assert set(ours.values_list("state", "owner", "deadline")) == {("sent", "王某", DUE)}
    again = client.post(url("dispatch_send", MAY), sent | {"deadline": "2022-07-15"}, follow=True)
    assert "没有待下达的调度单" in text_of(again)


@pytest.mark.django_db
def test_who_answered_does_not_review(city, staff, leader):
    draft_orders(issue=issued(MAY, staff, leader), actor=staff)
    order = send_order(order=fall_of(staff), owner="王某", deadline=DUE, asked="请核查。", actor=staff)
    take_step(order=order, act="answer", text="代填。", actor=staff)
    with pytest.raises(DispatchRefused, match="两个人"):
        take_step(order=order, act="accept", text="同意。", actor=staff)


@pytest.mark.django_db
def test_every_todo_counts_what_its_list_shows(client, city, staff, leader, officer, time_machine):
    draft_orders(issue=issued(MAY, staff, leader), actor=staff)
    for order in DispatchOrder.objects.filter(region="320681"):
        send_order(order=order, owner="王某", deadline=DUE, asked="请核查。", actor=staff)
    issued(JUNE, staff, leader)
    time_machine.move_to("2022-07-16 10:00+08:00")
    for person, kinds in ((staff, {"待下达"}), (officer, {"待反馈"})):
        client.force_login(person)
        told = [todo for todo in todos_for(person) if todo.title.startswith("调度单")]
        assert {todo.kind for todo in told} == kinds
        for todo in told:
            listed = client.get(todo.url).context["rows"]
            assert f"调度单 {len(listed)} 件" in todo.title
    assert told[0].tone == "bad"
    page = client.get(url("dispatch") + "?state=late")
    assert len(page.context["rows"]) == DispatchOrder.objects.filter(region="320681").count()
    for tab in page.context["dispatch"].tabs:
        assert len(client.get(url("dispatch") + f"?state={tab.state}").context["rows"]) == tab.count
    assert "海安" not in text_of(page)
    client.force_login(staff)
    narrow = client.get(url("dispatch") + "?region=320685").context
    ours = DispatchOrder.objects.filter(region="320685")
    assert {order.region_id for order, *_ in narrow["rows"]} == {"320685"}
    assert {tab.label: tab.count for tab in narrow["dispatch"].tabs}["全部"] == ours.count()
    assert sum(number for _, number in narrow["dispatch"].regions) == DispatchOrder.objects.count()
    assert client.get(url("dispatch") + "?region=410400").status_code == 404


@pytest.mark.django_db
def test_the_bureau_drafts_for_a_reason_of_its_own(client, city, staff, officer):
    client.force_login(staff)
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    sent = {"region": "320681", "asked": "请报送重点企业走访情况。"}
    page = text_of(client.post(url("dispatch_new"), sent, follow=True))
    assert "其他" in page
    assert "请报送重点企业走访情况。" in page
    assert client.post(url("dispatch_new"), {"region": "410400", "asked": "x"}).status_code == 404
    client.force_login(officer)
    assert client.post(url("dispatch_new"), sent).status_code == 403


@pytest.mark.django_db
def test_the_leaders_sheet_tells_the_numbers_of_the_month(client, city, staff, leader):
    issue = issued(JUNE, staff, leader)
    draft_orders(issue=issue, actor=staff)
    client.force_login(leader)
    page = client.get(url("dispatch_sheet"))
    total = month_table(issue=issue, user=leader).total
    told = text_of(page)
    assert (total.target, total.newly_listed_ytd) == (1000, 1)
    assert "0.1" in told and "−49.9" in told
    assert "滞后" in told
    assert {tab.label: tab.count for tab in page.context["dispatch"].tabs}[
        "待下达"
    ] == DispatchOrder.objects.count()


@pytest.mark.django_db
def test_the_threshold_of_the_document_is_frozen_with_the_month(city, staff, leader):
    first = issued(MAY, staff, leader)
    assert (first.lagging_hundredths, first.lagging_origin) == (1000, "文件没有规定，按本系统的约定")
    part = "\ndispatch:\n  clause: 四、保障措施 4\n  thresholds:\n    - {code: lagging, amount: unknown}\n"
    load_edition(text=POLICY.read_text(encoding="utf-8") + part, actor=User.objects.system())
    june = close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    assert (june.lagging_hundredths, june.lagging_origin) == (None, "四、保障措施 4")
    lights = {line.light for line in month_table(issue=june, user=staff).lines}
    assert lights == {SLOW}
    first.refresh_from_db()
    assert first.lagging_hundredths == 1000
