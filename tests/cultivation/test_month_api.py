"""The month's acts over REST: the services, refusals and numbers of the pages, each act done once under its key."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from core.models import SentAct, User
from core.periods import Month
from core.tokens import make_token
from cultivation.models import Correction, DispatchOrder, MonthReturn, ReturnAct
from cultivation.services.dispatch import draft_orders, send_region
from cultivation.services.month_cycles import ensure_periods
from cultivation.services.months import close_month, issue_month
from tests import factories
from tests.cultivation.conftest import PROGRAMME

pytestmark = pytest.mark.any_database
JUNE, QIDONG, RUDONG = Month(2022, 6), "320681", "320623"
SCOPES = ("months:read", "returns:write", "corrections:write", "orders:write")


class Rest:
    """A person's own client: his role, his region."""

    def __init__(self, user: User, scopes=SCOPES):
        self.user, self.client = user, Client()
        text = make_token(actor=user, user=user, region=user.region, scopes=list(scopes), days=1)
        self.headers = {"Authorization": f"Token {text}"}

    def get(self, route, *path, **query):
        return self.client.get(reverse(f"api:{route}", args=path), query, headers=self.headers)

    def post(self, route, *path, key="", **said):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(
            reverse(f"api:{route}", args=path), said, content_type="application/json", headers=headers
        )


@pytest.fixture
def people(edition, staff, leader, time_machine):
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    ensure_periods(up_to=JUNE, since=JUNE, actor=User.objects.system())
    return {
        "officer": Rest(factories.user("district_officer", QIDONG)),
        "leader": Rest(factories.user("district_leader", QIDONG)),
        "staff": Rest(staff),
        "head": Rest(leader),
    }


@pytest.fixture
def firm(people):
    firm = factories.enterprise("启东试验甲厂", QIDONG)
    factories.monthly_figure(firm, "2021-06", "200.00", "10.00")
    factories.monthly_figure(firm, JUNE, "118.00", "10.00")
    return firm


@pytest.mark.django_db
def test_a_return_goes_up_is_sent_back_with_its_cells_and_each_act_is_done_once(people, firm):
    place = ("return", PROGRAMME, JUNE, QIDONG)
    assert people["officer"].get(*place).json()["may"] == ["hand_on"]
    first = people["officer"].post(*place, key="june", act="hand_on")
    again = people["officer"].post(*place, key="june", act="hand_on")
    assert (
        (first.status_code, first.json()["step"])
        == (again.status_code, again.json()["step"])
        == (200, "review")
    )
    assert ReturnAct.objects.count() == SentAct.objects.count() == 1
    other = people["officer"].post(*place, key="june", act="hand_on", reason="别的")
    assert (other.status_code, other.json()["code"]) == (409, "KEY_REUSED")
    told = people["officer"].post(*place, act="hand_on").json()
    assert told["code"] == "RETURN_REFUSED" and "这一步不由您办理" in told["message"]
    marks = [{"uscc": firm.uscc, "measure": "revenue_wan", "note": "疑为累计数"}]
    wrong = [*marks, {"uscc": "91320681MA00000000", "measure": "staff", "note": "漏填"}]
    refused = people["leader"].post(
        *place, key="back", act="send_back", to="fill", reason="请核", marks=wrong
    )
    assert refused.status_code == 409 and people["leader"].get(*place).json()["marks"] == []
    back = people["leader"].post(*place, key="back", act="send_back", to="fill", reason="请核", marks=marks)
    assert back.json()["state_label"] == "已退回"
    (mark,) = people["officer"].get(*place).json()["marks"]
    assert (mark["uscc"], mark["note"], mark["value"], mark["now"]) == (
        firm.uscc,
        "疑为累计数",
        "118.00",
        "118.00",
    )
    (row,) = people["officer"].get("returns", programme=PROGRAMME, month=JUNE).json()["results"]
    assert (row["region"], row["step"], row["firms"], row["reporting"], row["silent"]) == (
        QIDONG,
        "fill",
        1,
        1,
        0,
    )
    whole = people["staff"].get("returns", programme=PROGRAMME, month=JUNE, step="fill").json()
    assert (len(whole["results"]), whole["due_on"]) == (MonthReturn.objects.count(), "2022-07-10")


@pytest.mark.django_db
def test_a_token_opens_what_its_scopes_and_its_users_role_open(people, firm):
    reader = Rest(people["officer"].user, ("months:read",))
    place = ("return", PROGRAMME, JUNE, QIDONG)
    assert (reader.get(*place).status_code, reader.post(*place, act="hand_on").status_code) == (200, 403)
    assert people["officer"].get("return", PROGRAMME, JUNE, RUDONG).status_code == 404
    assert people["officer"].post("return", PROGRAMME, JUNE, RUDONG, act="hand_on").status_code == 404
    machine = Rest(factories.user("api_client", QIDONG))
    assert (machine.get(*place).status_code, machine.post(*place, act="hand_on").status_code) == (200, 403)
    assert people["officer"].post("correction", 1, agrees=True, opinion="好").status_code == 403


@pytest.mark.django_db
def test_a_correction_is_asked_for_once_and_another_person_decides(people, firm):
    said = {
        "programme": PROGRAMME,
        "month": "2022-06",
        "uscc": firm.uscc,
        "measure": "revenue_wan",
        "reason": "漏一张票",
    }
    asked = people["officer"].post("corrections", **said, new="181.00")
    assert (asked.status_code, asked.json()["code"]) == (409, "CORRECTION_REFUSED")
    MonthReturn.objects.update(step="done")
    issue = close_month(programme=PROGRAMME, month=JUNE, actor=people["staff"].user)
    issue_month(issue=issue, actor=people["head"].user)
    answers = [people["officer"].post("corrections", key="c1", **said, new="181.00") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    paper = answers[0].json()
    assert (paper["old"], paper["new"], paper["state"]) == ("118.00", "181.00", "waiting")
    assert Correction.objects.count() == 1
    assert people["officer"].post("corrections", **said | {"uscc": "无"}, new="1").json()["fields"] == {
        "uscc": ["范围内没有这家企业。"]
    }
    decided = people["head"].post("correction", paper["id"], agrees=True, opinion="同意")
    assert (decided.json()["state"], decided.json()["decided_by"]) == (
        "approved",
        people["head"].user.full_name,
    )
    listed = people["staff"].get("corrections", state="approved", region="320600").json()["results"]
    assert [row["id"] for row in listed] == [paper["id"]]
    assert Rest(factories.user("district_officer", RUDONG)).get("corrections").json()["results"] == []


@pytest.mark.django_db
def test_findings_and_orders_say_what_the_pages_say_and_the_answer_is_given_once(people, firm):
    MonthReturn.objects.update(step="done")
    issue = close_month(programme=PROGRAMME, month=JUNE, actor=people["staff"].user)
    issue = issue_month(issue=issue, actor=people["head"].user)
    told = people["staff"].get("findings", programme=PROGRAMME, month=JUNE, kind="fall").json()
    fall = next(one for one in told["results"] if one["kind"] == "fall")
    assert (fall["firms"], told["count"]) == (1, 1)
    assert told["firms"][0]["numbers"] == {"revenue": "118.00", "base": "200.00", "rate": "-0.410000"}
    assert len(told["behind"]) == 10 and told["behind"][0]["light"] == "滞后"
    assert sum(float(one["points"]) for one in told["contributions"]) == pytest.approx(-0.41)
    own = (
        people["officer"].get("findings", programme=PROGRAMME, month=JUNE, kind="fall", region=RUDONG).json()
    )
    assert (own["count"], [line["region"] for line in own["behind"]]) == (0, [QIDONG])

    draft_orders(issue=issue, actor=people["staff"].user)
    assert people["officer"].get("orders").json()["results"] == [], "drafts are the bureau's own"
    order = DispatchOrder.objects.get(kind="fall")
    missing = people["staff"].post("order", order.pk, act="send", owner="王某")
    assert missing.json()["fields"] == {"deadline": ["下达时请写明办理期限。"]}
    sent = people["staff"].post("order", order.pk, act="send", owner="王某", deadline="2022-07-15").json()
    assert (sent["number"], sent["state"], sent["light"], sent["asked"]) == (
        "调度〔2022〕1号",
        "sent",
        "办理中",
        order.asked,
    )
    assert people["officer"].get("order", order.pk).json()["may"] == ["answer"]
    assert people["officer"].post("order", order.pk, act="accept", text="好").status_code == 409
    for _ in range(2):
        answer = people["officer"].post("order", order.pk, key="a1", act="answer", text="订单减少，已帮扶。")
        assert (answer.status_code, answer.json()["state"]) == (200, "answered")
    assert [step["act"] for step in answer.json()["steps"]].count("answer") == 1
    assert people["staff"].post("order", order.pk, act="accept", text="属实").json()["state"] == "closed"
    send_region(
        programme=PROGRAMME, region=factories.region(RUDONG), owner="李某", deadline=issue.issued_at.date(),
        actor=people["staff"].user,
    )  # fmt: skip
    assert [row["kind"] for row in people["officer"].get("orders").json()["results"]] == ["fall"]
    open_ = people["staff"].get("orders", region=RUDONG, state="open").json()["results"]
    assert {row["region"] for row in open_} == {RUDONG}
