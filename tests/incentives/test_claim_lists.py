"""Claims and events by Excel through the front door, and the claim's form that a rule itself shapes."""

from __future__ import annotations

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from core.services.policies import load_edition
from incentives.models import AwardApplication, AwardOccasion
from incentives.services.claim_forms import claim_form
from incentives.services.taking_back import (
    plan_claims_undo,
    plan_events_undo,
    take_back_claims,
    take_back_events,
)
from intake.models import Batch
from intake.services.sheet_types import UndoPlan
from tests import factories
from tests.enterprises.lists import Sent, firm_cells, send
from tests.incentives.conftest import BAOFENG, CITY, PROGRAMME, XINHUA, policy_text
from tests.incentives.test_occasions import due
from tests.incentives.test_rounds import approve, compute

pytestmark = pytest.mark.django_db
DAY = "2022-09-01"


def claim_row(firm, rule: str, **cells) -> dict[str, object]:
    return {**firm_cells(firm, region="新华区"), "申报事项": rule, "事项日期": DAY, **cells}


def event_row(**cells) -> dict[str, object]:
    row = {"对象类别": "银行", "对象代码": "NCB-1", "对象名称": "某农村商业银行", "所属县区": "宝丰县"}
    return {**row, "事项": "期间结束", "时间": "2022", **cells}


def test_a_list_of_claims_is_checked_and_each_claim_taken_once(edition, staff):
    """The same claim again in a later list is told the first one's number."""
    firm = factories.enterprise("", XINHUA)
    board = {"上市板块": "北交所", "首次小升规企业": "是"}
    sent = send("award_claims", [
        claim_row(firm, "上市三个节点奖励", 事项内容="辅导备案", **board),
        claim_row(firm, "上市三个节点奖励", 事项内容="敲钟", **board),
        claim_row(firm, "企业新型学徒制培训补贴", 事项内容="高级工", **{"培训人数（人年）(人)": "2.5"}),
        claim_row(firm, "企业新型学徒制培训补贴", 事项内容="中级工", **{"培训人数（人年）(人)": 12}),
    ], CITY, "2022-10-08")  # fmt: skip
    assert [(row, code) for row, _cls, code in sent.told] == [(4, "NUMBER_FRACTION"), (3, "CLAIM_REFUSED")]
    assert sent.fault("CLAIM_REFUSED").reason == "事项内容只能是：辅导备案、受理申报、上市交易"
    assert sent.take() == {"new": 2, "changed": 0, "same": 0}
    first = AwardApplication.objects.get(key="辅导备案")
    assert first.facts == {"market_board": "北交所", "scaled_up_first": "是"}
    again = send("award_claims", [
        claim_row(firm, "上市三个节点奖励", 事项内容="辅导备案"),
        claim_row(factories.enterprise("", "320681"), "上市三个节点奖励", 事项内容="辅导备案"),
    ], CITY, "2022-10-08")  # fmt: skip
    assert again.fault("CLAIM_TWICE").reason == f"已经申报过，编号 {first.number}"
    assert again.fault("FIRM_ELSEWHERE").row == 3
    assert due(compute(staff)) == {
        ("market-nodes", firm.uscc): (3_000_000, "proposed"),
        ("apprentice", firm.uscc): (60_000, "proposed"),
    }


def test_a_list_of_events_names_anybody_and_says_what_is_wrong(edition, staff):
    """S1-04: a bank is a recipient; a row of data alone opens nothing and is not lost."""
    firm = factories.enterprise("", XINHUA)
    bank = {"地方法人金融机构": "是", "普惠小微贷款余额增量(万元)": "5000"}
    sent = send("award_events", [
        event_row(**bank),
        event_row(对象类别="企业", 对象代码="91410402MA00000000", 对象名称="没有的企业"),
        event_row(对象类别="县区政府", 对象代码="新华区", 对象名称="宝丰县政府"),
        event_row(对象代码="NCB-2", 时间="前年"),
        event_row(**bank),
        event_row(对象类别="企业", 对象代码=firm.uscc, 对象名称=firm.name, 所属县区="新华区", 事项="融资", 时间="2022-08-01",
                  **{"主营业务收入（季度）(万元)": "100"}),
        event_row(对象类别="县区政府", 对象代码="宝丰县", 对象名称="宝丰县", 事项=None, 时间="2022Q1",
                  **{"主营业务收入（季度）(万元)": "100"}),
    ], CITY, "2023-01-08")  # fmt: skip
    assert {code for _row, _cls, code in sent.told} == {
        "FIRM_UNKNOWN", "REGION_CODE", "EVENT_TIME", "EVENT_TWICE", "PERIOD_KIND",
    }  # fmt: skip
    assert sent.take() == {"new": 2, "changed": 0, "same": 0}
    assert AwardOccasion.objects.get(recipient_kind="district").facts == {"quarter_revenue[2022Q1]": "100"}
    assert due(compute(staff)) == {("inclusive-loan-growth", "NCB-1"): (500_000, "proposed")}
    more = bank | {"普惠小微贷款余额增量(万元)": "6000"}
    again = send("award_events", [event_row(**more)], CITY, "2023-01-08")
    (change,) = again.preview.changes
    assert (change.old, change.new) == ("5000", "6000")
    assert again.take() == {"new": 0, "changed": 1, "same": 0}
    assert due(compute(staff)) == {("inclusive-loan-growth", "NCB-1"): (600_000, "proposed")}


def test_a_claim_brings_the_figures_of_its_quarters(edition, staff):
    """Full load in the first quarter and a growth of just 10 %: asked for by heading, kept under the period."""
    firm = factories.enterprise("", XINHUA, above_scale=True)
    figures = {
        "2022年第1季度连续满负荷生产": "是",
        "2022年第1季度主营业务收入（季度）(万元)": 1100,
        "2021年第1季度主营业务收入（季度）(万元)": 1000,
    }
    row = claim_row(firm, "2022年第一季度满负荷生产奖励") | {"事项日期": "2022-03-31"} | figures
    sent = send("award_claims", [row], CITY, "2022-10-08")
    assert sent.told == []
    sent.take()
    assert AwardApplication.objects.get().facts == {
        "full_load[2022Q1]": "是",
        "quarter_revenue[2022Q1]": "1100",
        "quarter_revenue[2021Q1]": "1000",
    }
    assert due(compute(staff))["full-load-2022q1", firm.uscc] == (200_000, "proposed")


def test_rules_of_one_title_are_told_apart_by_document_and_clause(edition, staff):
    """A county's document beside the city's: the title alone says neither."""
    text = policy_text()
    title = "      title: 企业新型学徒制培训补贴\n"
    city = load_edition(text=text.replace(title, "      title: 新三板挂牌奖励\n"), actor=staff).edition
    firm = factories.enterprise("", XINHUA)
    sent = send(
        "award_claims", [claim_row(firm, "新三板挂牌奖励", 事项内容="新三板挂牌")], CITY, "2022-10-08"
    )
    assert [code for _row, _cls, code in sent.told] == ["CHOICE"]
    named = f"新三板挂牌奖励（{city.title} 附件2 四(七)）"
    sent = send("award_claims", [claim_row(firm, named, 事项内容="新三板挂牌")], CITY, "2022-10-08")
    sent.take()
    assert AwardApplication.objects.get().rule == "neeq"


def committed(sent: Sent) -> Batch:
    sent.batch.counts, sent.batch.committed_at = sent.take(), timezone.now()
    sent.batch.save()
    return sent.batch


def test_lists_are_taken_back_until_an_award_rests_on_them(edition, staff):
    """Old figures return, the claim may be sent again; an approved award holds its list."""
    bank = {"地方法人金融机构": "是", "普惠小微贷款余额增量(万元)": "5000"}
    first = committed(send("award_events", [event_row(**bank)], CITY, "2023-01-08"))
    more = bank | {"普惠小微贷款余额增量(万元)": "6000"}
    better = committed(send("award_events", [event_row(**more)], CITY, "2023-01-09"))
    assert plan_events_undo(first).obstacles == ["其中 1 行随后已被另一批改写，请先撤销那一批"]
    assert plan_events_undo(better) == UndoPlan(removes=0, restores=1)
    take_back_events(better)
    assert due(compute(staff)) == {("inclusive-loan-growth", "NCB-1"): (500_000, "proposed")}
    firm = factories.enterprise("", XINHUA)
    row = claim_row(firm, "企业新型学徒制培训补贴", 事项内容="中级工", **{"培训人数（人年）(人)": 12})
    claims = committed(send("award_claims", [row], CITY, "2022-10-08"))
    assert plan_claims_undo(claims) == UndoPlan(removes=1)
    take_back_claims(claims)
    again = committed(send("award_claims", [row], CITY, "2022-10-08"))
    assert again.counts == {"new": 1, "changed": 0, "same": 0}
    approve(compute(staff))
    assert plan_events_undo(first).obstacles == ["已审定的奖补用到了这一批中 1 个对象的事项"]
    number = AwardApplication.objects.get().number
    assert plan_claims_undo(again).obstacles == [f"已审定的奖补用到了这一批中 1 份申报：{number}"]


def test_the_form_asks_for_what_the_rule_itself_names(edition, officer, client):
    """Conditions and amounts decide what is asked; a figure with its unit and who vouches for it."""
    given = {"rule": f"{PROGRAMME}/regional-refinance", "day": DAY}
    form = claim_form(user=officer, given=given, today=date(2022, 10, 8))
    assert [(one.asked.label, one.asked.unit, one.choices) for one in form.fields] == [
        ("上市板块", "", ()),
        ("融资方式", "", ("挂牌融资", "可转换债券", "票据", "其他")),
        ("募集资金投资于我市的比例", "%", ()),
        ("融资额度", "元", ()),
    ]
    quarter = {"rule": f"{PROGRAMME}/full-load-2022q1", "day": "2022-04-10"}
    names = [
        one.asked.name for one in claim_form(user=officer, given=quarter, today=date(2022, 10, 8)).fields
    ]
    assert names == ["fact:full_load[2022Q1]", "fact:quarter_revenue[2022Q1]", "fact:quarter_revenue[2021Q1]"]
    client.force_login(officer)
    text = client.get(reverse("incentives:apply"), given).content.decode()
    assert "募集资金80%以上投资于我市的" in text
    assert "以中原股权交易中心的数为准" in text


def test_a_figure_that_cannot_be_read_is_told_beside_its_field_and_nothing_is_taken(edition, officer, client):
    firm = factories.enterprise("", XINHUA)
    client.force_login(officer)
    form = {
        "rule": f"{PROGRAMME}/apprentice", "uscc": firm.uscc, "day": DAY, "key": "高级工", "fact:trainees": "十来个",
    }  # fmt: skip
    answer = client.post(reverse("incentives:apply"), form)
    assert "培训人数（人年）：" in answer.content.decode()
    assert not AwardApplication.objects.exists()
    assert client.post(reverse("incentives:apply"), form | {"fact:trainees": "30"}).status_code == 302
    assert AwardApplication.objects.get().facts == {"trainees": "30"}
    assert client.post(reverse("incentives:apply"), form | {"fact:trainees": "30"}).status_code == 409
    other = factories.enterprise("", BAOFENG)
    assert (
        "名录里没有这家企业"
        in client.post(reverse("incentives:apply"), form | {"uscc": other.uscc}).content.decode()
    )
