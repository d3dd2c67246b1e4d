"""用地, 租赁, 荣誉, 联系人, 责任人 and 变更事项 as lists; old codes followed in every list."""

from datetime import date

import pytest

from core.models import Role
from enterprises.models import (
    Contact,
    Enterprise,
    Honour,
    Lease,
    Liaison,
    MonthlyFigure,
    Parcel,
    RegistryEvent,
)
from enterprises.rules.identity import Act, EventKind
from enterprises.services.identity import record_event
from intake.services.commits import CommitRefused
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db
NOTICE = "启东市行政审批局变更登记通知书"


def recoded(firm, old=""):
    """The firm under a new code since July 1st, or known by an old 15-digit number."""
    staff = factories.user(Role.BUREAU_STAFF, "320600")
    act = Act(
        EventKind.RECODED,
        date(2022, 7, 1),
        new_code="" if old else factories.uscc(990),
        old_code=old,
        evidence=NOTICE,
    )
    record_event(firm=firm, act=act, actor=staff, today=date(2022, 7, 8))
    former, firm_code = old or firm.uscc, Enterprise.objects.get(pk=firm.pk).uscc
    return former, firm_code


def month_cells(firm=None, **cells):
    return {
        **firm_cells(firm, **cells),
        "统计月份": "2022-06",
        "营业收入(万元)": "120.00",
        "实缴税金(万元)": "2.00",
    }


# ---------------------------------------------------------------- old codes


def test_a_list_under_the_old_code_is_taken_under_the_new_one_with_a_hint(nantong):
    firm = factories.enterprise()
    old, new = recoded(firm)
    sent = send("monthly", [month_cells(uscc=old, name=firm.name)])
    assert (2, "D", "CODE_FOLLOWED") in sent.told
    assert sent.fault("CODE_FOLLOWED").reason == f"该代码已于2022年7月1日变更为{new}，按新代码采用"
    assert [fault for fault in sent.told if fault[1] == "A"] == []
    sent.take()
    assert MonthlyFigure.objects.get().enterprise == firm
    assert Enterprise.objects.count() == 1


def test_an_old_15_digit_number_is_followed_where_it_is_known_and_else_named(nantong):
    firm = factories.enterprise()
    recoded(firm, old="320681000012345")
    sent = send("monthly", [month_cells(uscc="320681000012345", name=firm.name)])
    assert [fault for fault in sent.told if fault[1] == "A"] == []
    assert sent.records.columns["uscc"] == [firm.uscc]
    assert (2, "A", "USCC_OLD") in send("monthly", [month_cells(uscc="320681000099999", name=firm.name)]).told


def test_old_and_new_code_in_one_list_are_one_firm_twice(nantong):
    firm = factories.enterprise()
    old, _ = recoded(firm)
    firm.refresh_from_db()
    sent = send("monthly", [month_cells(firm), month_cells(uscc=old, name=firm.name)])
    assert (3, "A", "DUPLICATE_CONFLICT") in sent.told


def test_another_districts_old_code_is_not_told(nantong):
    firm = factories.enterprise(region="320614")
    old, new = recoded(firm)
    sent = send("monthly", [month_cells(uscc=old, name="某厂")])
    assert "CODE_FOLLOWED" not in [code for _, _, code in sent.told]
    assert new not in str(sent.frame.faults)


def test_figures_after_a_firms_end_ask_for_a_reason_those_before_do_not(nantong):
    firm = factories.enterprise(ended_on=date(2022, 5, 31), ended_as="closed", status="注销")
    sent = send("monthly", [month_cells(firm), {**month_cells(firm), "统计月份": "2022-05"}])
    assert [(row, cls) for row, cls, code in sent.told if code == "FIRM_ENDED"] == [(2, "C")]


# ---------------------------------------------------------------- land


def test_parcels_come_in_by_certificate_and_change_on_the_next_list(nantong):
    firm = factories.enterprise()
    row = {
        **firm_cells(firm), "不动产权证号": "苏2021启东0001", "用地性质": "出让", "证载面积(亩)": "30.5",
        "建筑面积(㎡)": "12000", "容积率": "1.2", "取得日期": "2015-03-01",
    }  # fmt: skip
    sent = send("parcels", [row])
    assert sent.told == []
    assert sent.take()["new"] == 1
    parcel = Parcel.objects.get()
    assert (parcel.area_mu, parcel.floor_sqm, parcel.far, parcel.kind) == (3050, 1200000, 120, "granted")
    assert send("parcels", [row]).preview.same == 1
    closed = send("parcels", [{**row, "转出日期": "2022-06-30"}])
    assert [(change.heading, change.new) for change in closed.preview.changes] == [("转出日期", "2022-06-30")]


def test_a_lease_states_land_or_floor_and_whom_it_is_with(nantong):
    firm, other = factories.enterprise(), factories.enterprise()
    base = {**firm_cells(firm), "租入/租出": "租出", "起租日期": "2021-01-01"}
    rows = [
        {**base, "对方类型": "企业", "对方信用代码": other.uscc, "租赁土地(亩)": "10"},
        {**base, "对方类型": "民房", "对方名称": "汇龙村民房", "租赁建筑面积(㎡)": "300"},
        {**base, "对方类型": "企业", "对方信用代码": "123", "租赁土地(亩)": "10"},
        {**base, "对方类型": "小微园", "租赁土地(亩)": "1"},
        {**base, "对方类型": "村二厂", "对方名称": "村二厂", "租赁土地(亩)": "1", "租赁建筑面积(㎡)": "600"},
        {**base, "对方类型": "其他", "对方名称": "某合作社", "止租日期": "2020-01-01", "租赁土地(亩)": "1"},
    ]
    sent = send("leases", rows)
    assert sent.told == [
        (4, "A", "LEASE_PARTY"), (5, "A", "LEASE_PARTY"), (6, "A", "LEASE_BOTH"), (7, "A", "DAYS_ORDER")
    ]  # fmt: skip
    assert sent.take()["new"] == 2
    stored = Lease.objects.order_by("party_key").values_list("party", "party_key", "area_mu", "floor_sqm")
    assert sorted(stored) == sorted([("firm", other.uscc, 1000, None), ("house", "汇龙村民房", None, 30000)])


# ---------------------------------------------------------------- honours and people


def test_honours_have_a_day_of_grant_and_an_end(nantong):
    firm = factories.enterprise()
    row = {
        **firm_cells(firm),
        "荣誉名称": "高新技术企业",
        "级别": "国家级",
        "认定日期": "2020-12-02",
        "有效期至": "2023-12-01",
    }
    assert send("honours", [row]).take()["new"] == 1
    honour = Honour.objects.get()
    assert (honour.title, honour.level, honour.valid_until) == ("高新技术企业", "nation", date(2023, 12, 1))
    assert send("honours", [{**row, "有效期至": "2019-12-01"}]).told == [(2, "A", "DAYS_ORDER")]


def test_several_contacts_of_a_firm(nantong):
    firm = factories.enterprise()
    rows = [
        {**firm_cells(firm), "联系人": name, "职务": job, "联系电话": phone}
        for name, job, phone in (("周某", "厂长", "13900001234"), ("吴某", "会计", "13900005678"))
    ]
    assert send("contacts", rows).take()["new"] == 2
    again = send("contacts", [{**rows[0], "联系电话": "13900009999"}])
    assert [(change.old, change.new) for change in again.preview.changes] == [("139****1234", "139****9999")]
    assert Contact.objects.filter(enterprise=firm).count() == 2


def test_the_list_of_responsible_people_keeps_who_answered_before(nantong):
    firm = factories.enterprise()
    officer = factories.user(full_name="陆经办", username="lujb")
    cells = {**firm_cells(firm), "姓名": "陆经办", "账号": "lujb", "起始日期": "2022-01-01"}
    sent = send("liaisons", [cells])
    assert sent.told == []
    assert (sent.preview.new, sent.take()["new"]) == (1, 1)
    assert Liaison.objects.get().user == officer
    later = send(
        "liaisons", [{**firm_cells(firm), "姓名": "顾主任", "单位": "汇龙镇", "起始日期": "2022-07-01"}]
    )
    assert [(change.old, change.new) for change in later.preview.changes] == [("陆经办", "顾主任")]
    later.take()
    rows = Liaison.objects.order_by("since").values_list("person", "since", "until")
    assert list(rows) == [
        ("陆经办", date(2022, 1, 1), date(2022, 6, 30)),
        ("顾主任", date(2022, 7, 1), None),
    ]
    assert later.preview.same == 1
    wrong = send("liaisons", [{**cells, "账号": "nobody"}, {**cells, "职责": "包联领导", "姓名": "他人"}])
    assert wrong.told == [(2, "A", "ACCOUNT_UNKNOWN"), (3, "A", "ACCOUNT_NAME")]


# ---------------------------------------------------------------- events


def test_events_come_as_a_list_and_every_row_is_told_what_speaks_against_it(nantong):
    one, two, three = (factories.enterprise() for _ in range(3))
    rows = [
        {
            **firm_cells(one),
            "变更事项": "名称变更",
            "变更日期": "2022-06-01",
            "新名称": "启东新名有限公司",
            "依据": NOTICE,
        },
        {
            **firm_cells(two),
            "变更事项": "合并",
            "变更日期": "2022-06-01",
            "对方信用代码": one.uscc,
            "依据": NOTICE,
        },
        {**firm_cells(three), "变更事项": "更名", "变更日期": "2022-06-01", "依据": "口头"},
        {
            **firm_cells(three),
            "变更事项": "并入",
            "变更日期": "2022-06-01",
            "对方信用代码": factories.uscc(998),
            "依据": NOTICE,
        },
    ]
    sent = send("registry_events", rows)
    assert sent.told == [(4, "A", "NEW_NAME"), (4, "A", "EVIDENCE"), (5, "A", "OTHER_UNKNOWN")]
    assert sent.take()["new"] == 2
    two.refresh_from_db()
    assert (two.successor, two.status) == (one, "已并入")
    assert RegistryEvent.objects.filter(batch=sent.batch).count() == 2


def test_a_row_that_another_list_overtook_keeps_the_whole_list_out(nantong):
    firm, other = factories.enterprise(), factories.enterprise()
    rows = [
        {
            **firm_cells(other),
            "变更事项": "更名",
            "变更日期": "2022-06-01",
            "新名称": "启东甲有限公司",
            "依据": NOTICE,
        },
        {**firm_cells(firm), "变更事项": "注销", "变更日期": "2022-06-01", "依据": NOTICE},
    ]
    sent = send("registry_events", rows)
    Enterprise.objects.filter(pk=firm.pk).update(ended_on=date(2022, 5, 1), ended_as="closed")
    with pytest.raises(CommitRefused, match="第3行：该企业2022年5月1日已终止，没有写入任何一行"):
        sent.take()


def test_a_list_of_events_is_taken_back_whole_the_latest_first(nantong):
    firm, other = factories.enterprise("启东甲有限公司"), factories.enterprise()
    rows = [
        {
            **firm_cells(firm),
            "变更事项": "更名",
            "变更日期": "2022-05-01",
            "新名称": "启东乙有限公司",
            "依据": NOTICE,
        },
        {
            **firm_cells(firm),
            "变更事项": "并入",
            "变更日期": "2022-06-01",
            "对方信用代码": other.uscc,
            "依据": NOTICE,
        },
    ]
    sent = send("registry_events", rows)
    sent.take()
    officer = sent.batch.sent_by
    assert sent.sheet.plan_undo(sent.records, sent.batch, officer).removes == 2
    sent.sheet.undo(sent.batch)
    firm.refresh_from_db()
    assert (firm.name, firm.former_names, firm.ended_on, firm.successor) == ("启东甲有限公司", "", None, None)
    assert not RegistryEvent.objects.exists()
    assert sent.sheet.plan_undo(sent.records, sent.batch, officer).obstacles == ["这一批的事项都已撤销"]
