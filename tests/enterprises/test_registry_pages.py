"""Pages of 变更事项, 疑似重复, 责任人 and 用地核对: what is told before an act, what it does, how it is taken back."""

import re
from datetime import date

import pytest
from django.urls import reverse

from core.models import AuditEntry, Role
from enterprises.models import (
    AnnualFigure,
    Contact,
    DuplicateDecision,
    Enterprise,
    Honour,
    Lease,
    Liaison,
    MonthlyFigure,
    Parcel,
    RegistryEvent,
)
from enterprises.services.duplicate_pages import side_by_side
from enterprises.services.duplicates import suspected_duplicates
from enterprises.services.liaison_duty import LiaisonDuty, register_duty
from enterprises.services.merging import DuplicateRefused, merge_records, unmerge_records
from tests import factories
from tests.enterprises.lists import firm_cells, send

pytestmark = pytest.mark.django_db
NOTICE = "启东市行政审批局变更登记通知书"


@pytest.fixture
def officer(nantong, client, time_machine):
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    officer = factories.user(Role.DISTRICT_OFFICER, "320681", full_name="陆经办")
    client.force_login(officer)
    return officer


@pytest.fixture
def staff(officer, client):
    """The city's officer, signed in instead."""
    staff = factories.user(Role.BUREAU_STAFF, "320600", full_name="市局经办")
    client.force_login(staff)
    return staff


def text_of(answer):
    return answer.content.decode()


def event_page(firm):
    return reverse("enterprises:event_new", args=[firm.pk])


def detail(client, firm):
    return client.get(reverse("enterprises:detail", args=[firm.pk]))


# ---------------------------------------------------------------- 变更事项


def test_an_event_is_looked_at_then_recorded_then_shown_and_taken_back(staff, client):
    firm = factories.enterprise("启东恒砺机械有限公司")
    factories.monthly_figure(firm, "2022-07", "100")
    given = {"kind": "moved", "on": "2022-07-01", "new_region": "320614", "evidence": NOTICE}
    looked = client.post(event_page(firm), given)
    assert "登记后的影响" in text_of(looked)
    assert "1 条" in text_of(looked)
    assert not RegistryEvent.objects.exists()
    client.post(event_page(firm), {**given, "confirm": "yes"})
    firm.refresh_from_db()
    assert firm.region_id == "320614"
    page = text_of(detail(client, firm))
    for words in ("变更事项", "启东市 → 海门区", NOTICE, "市局经办", "撤销这一条"):
        assert words in page, words
    assert "启东市 → 海门区" in text_of(client.get(reverse("enterprises:events"), {"kind": "moved"}))
    event = RegistryEvent.objects.get()
    answer = client.post(reverse("enterprises:event_undo", args=[firm.pk]), {"event": event.pk}, follow=True)
    assert "已撤销“迁移”" in text_of(answer)
    firm.refresh_from_db()
    assert firm.region_id == "320681"


def test_all_that_is_wrong_stands_at_its_field_and_nothing_is_recorded(officer, client):
    firm = factories.enterprise()
    page = text_of(client.post(event_page(firm), {"kind": "renamed", "on": "2022-08-01", "evidence": ""}))
    for words in ("日期在今天（2022年7月8日）之后", "请填写新名称", "请填写依据"):
        assert words in page, words
    assert not RegistryEvent.objects.exists()


def test_a_district_may_not_move_a_firm_out_of_its_reach_nor_touch_a_foreign_one(officer, client):
    firm, foreign = factories.enterprise(), factories.enterprise(region="320614")
    given = {
        "kind": "moved",
        "on": "2022-07-01",
        "new_region": "320614",
        "evidence": NOTICE,
        "confirm": "yes",
    }
    assert "跨地区迁移请与市局联系" in text_of(client.post(event_page(firm), given))
    assert client.post(event_page(foreign), given).status_code == 404
    assert not RegistryEvent.objects.exists()


def test_of_an_ended_firm_its_revival_alone_is_offered(officer, client):
    firm = factories.enterprise(ended_on=date(2022, 5, 1), ended_as="closed", status="注销")
    assert [kind for kind, _ in client.get(event_page(firm)).context["kinds"]] == ["revived"]
    assert client.get(event_page(firm), {"kind": "renamed"}).status_code == 404


def test_the_other_firms_page_tells_of_the_merger_too(officer, client):
    small, large = factories.enterprise("启东小件厂"), factories.enterprise("启东大件有限公司")
    given = {
        "kind": "merged",
        "on": "2022-07-01",
        "other_code": large.uscc,
        "evidence": NOTICE,
        "confirm": "yes",
    }
    client.post(event_page(small), given)
    assert "启东小件厂并入本企业" in text_of(detail(client, large))
    assert "并入启东大件有限公司" in text_of(detail(client, small))


def test_reading_is_open_and_changing_is_not(nantong, client):
    firm = factories.enterprise()
    client.force_login(factories.user(Role.TOWNSHIP_OFFICER, "320681"))
    assert client.get(reverse("enterprises:events")).status_code == 200
    assert client.get(event_page(firm)).status_code == 403
    assert "登记变更" not in text_of(detail(client, firm))


# ---------------------------------------------------------------- 疑似重复


def twins(**fields):
    """The same firm in two records: the older verified, the newer entered by a list that wrote its code wrongly."""
    return factories.enterprise("启东恒砺机械有限公司", **fields), factories.enterprise(
        "启东恒砺机械有限公司"
    )


def test_what_looks_like_one_firm_is_found_with_its_reasons_and_a_park_phone_is_no_reason(officer):
    first, second = twins(phone="13900001234")
    same_place = [factories.enterprise(address="人民路1号", legal_person="张某") for _ in range(2)]
    for _ in range(6):
        factories.enterprise(phone="0513-83300000")
    renamed = factories.enterprise("启东新名有限公司", former_names="启东老名厂")
    old = factories.enterprise("启东老名厂")
    coded = factories.enterprise(former_codes=first.uscc)
    factories.enterprise("启东恒砺机械有限公司", region="320614")
    found = {(one.first, one.second): one.words for one in suspected_duplicates(officer)}
    assert found == {
        (first.pk, second.pk): "名称相同",
        (same_place[0].pk, same_place[1].pk): "地址和法定代表人相同",
        (renamed.pk, old.pk): "名称是对方的曾用名",
        (first.pk, coded.pk): "旧代码相同",
    }


def test_not_the_same_firm_is_remembered(officer, client):
    first, second = twins()
    url = reverse("enterprises:duplicate_pair", args=[second.pk, first.pk])
    page = client.get(url)
    assert "两份档案对照" in text_of(page)
    first.phone, second.phone = "13900001234", "13911111234"
    lines = {line.label: line for line in side_by_side(first, second)}
    assert lines["联系电话"].first == lines["联系电话"].second and lines["联系电话"].differs, "masked alike"
    assert lines["地址"].is_blank
    client.post(url, {"verdict": "different", "note": "两家注册地不同，已电话核实"})
    assert suspected_duplicates(officer) == []
    assert DuplicateDecision.objects.get().decided_by == officer
    assert "两家注册地不同" in text_of(client.get(reverse("enterprises:duplicates")))


def test_merged_records_count_every_figure_once_and_lead_old_lists_to_the_kept_one(officer, client):
    kept, second = twins()
    factories.monthly_figure(kept, "2022-05", "100")
    factories.monthly_figure(second, "2022-05", "100")
    factories.monthly_figure(second, "2022-06", "120")
    factories.annual_figure(second, 2021, "tax", taxable_sales_wan="900")
    factories.scale_event(second, month="2022-03")
    url = reverse("enterprises:duplicate_pair", args=[kept.pk, second.pk])
    given = {"verdict": "same", "keep": str(kept.pk), "note": "同一家，代码录错", "overrule": ""}
    client.post(url, given)
    kept.refresh_from_db()
    months = MonthlyFigure.objects.order_by("month").values_list("enterprise_id", "revenue_wan")
    assert list(months) == [(kept.pk, 10000), (kept.pk, 12000)]
    assert AnnualFigure.objects.get().enterprise == kept
    assert kept.above_scale
    assert second.uscc in kept.former_codes
    assert Enterprise.objects.visible_to(officer).count() == 1
    assert client.get(reverse("enterprises:detail", args=[second.pk]))["Location"].endswith(f"/{kept.pk}/")
    row = {
        **firm_cells(uscc=second.uscc, name=kept.name),
        "统计月份": "2022-07",
        "营业收入(万元)": "118",
        "实缴税金(万元)": "1",
    }
    sent = send("monthly", [row])
    assert "CODE_FOLLOWED" in [code for _, _, code in sent.told]
    assert sent.records.columns["uscc"] == [kept.uscc]


def test_records_that_differ_are_not_merged_unasked_and_a_merger_is_taken_back_whole(officer, client):
    kept, second = twins()
    factories.monthly_figure(kept, "2022-05", "100")
    factories.monthly_figure(second, "2022-05", "101", power_wan_kwh="3")
    factories.monthly_figure(second, "2022-06", "120")
    with pytest.raises(DuplicateRefused, match="1 处数据不一致"):
        merge_records(kept=kept, second=second, note="同一家", actor=officer)
    before = list(
        MonthlyFigure.objects.order_by("month", "enterprise").values_list(
            "enterprise_id", "revenue_wan", "power_wan_kwh"
        )
    )
    event = merge_records(kept=kept, second=second, note="同一家", actor=officer, overrule=True)
    assert MonthlyFigure.objects.filter(enterprise=kept).count() == 2
    assert not MonthlyFigure.objects.filter(enterprise=second).exists()
    unmerge_records(event=event, actor=officer)
    after = list(
        MonthlyFigure.objects.order_by("month", "enterprise").values_list(
            "enterprise_id", "revenue_wan", "power_wan_kwh"
        )
    )
    assert after == before
    assert Enterprise.objects.visible_to(officer).count() == 2
    assert {entry.act for entry in AuditEntry.objects.all()} == {"decide_duplicate", "undo_duplicate"}


def test_finding_costs_two_queries_however_many_firms(officer, django_assert_num_queries):
    for _ in range(30):
        twins()
    with django_assert_num_queries(2):
        assert len(suspected_duplicates(officer)) == 0  # sixty of one name are a list gone wrong, not a pair


# ---------------------------------------------------------------- 责任人


def given(firm, person, since="2022-01-01", duty="responsible", user=None):
    return Liaison.objects.create(
        enterprise=firm, duty=duty, person=person, user=user, region=firm.region, since=date.fromisoformat(since),
        assigned_by=user or factories.user(),
    )  # fmt: skip


def test_firms_are_assigned_by_choice_or_all_that_the_filter_shows(officer, client):
    firms = [factories.enterprise() for _ in range(4)]
    url = reverse("enterprises:liaison_assign")
    shown = client.get(reverse("enterprises:liaison")).content.decode()
    assert shown.index('value="picked"') < shown.index('value="all"')  # Enter presses a form's first button
    who = {"duty": "responsible", "user": str(officer.pk), "since": "2022-07-01"}
    client.post(url, {**who, "which": "picked", "firm": [firms[0].pk, firms[1].pk], "filter": ""})
    assert sorted(Liaison.objects.values_list("enterprise_id", "person")) == [
        (firms[0].pk, "陆经办"), (firms[1].pk, "陆经办")
    ]  # fmt: skip
    client.post(url, {**who, "user": "", "person": "顾主任", "which": "all", "filter": "gap=yes"})
    assert Liaison.objects.filter(person="顾主任", until=None).count() == 2
    entry = AuditEntry.objects.filter(act="assign_liaison").latest("pk")
    assert (entry.counts["new"], entry.counts["changed"]) == (2, 0)


def test_a_foreign_firm_is_not_assigned_however_the_form_is_forged(officer, client):
    foreign = factories.enterprise(region="320614")
    client.post(
        reverse("enterprises:liaison_assign"),
        {
            "duty": "responsible",
            "person": "某人",
            "since": "2022-07-01",
            "which": "picked",
            "firm": [foreign.pk],
            "filter": "",
        },
    )
    assert not Liaison.objects.exists()


def test_an_officers_firms_are_handed_over_in_one_action_and_the_history_stays(officer, client):
    firms = [factories.enterprise() for _ in range(3)]
    successor = factories.user(Role.TOWNSHIP_OFFICER, "320681", full_name="沈接手")
    for firm in firms:
        given(firm, "陆经办", user=officer)
    given(firms[0], "王局长", duty="leader")
    url = reverse("enterprises:liaison_handover")
    form = {"giver": f"u{officer.pk}", "user": str(successor.pk), "since": "2022-07-08"}
    assert "将把陆经办负责的 3 项移交沈接手" in text_of(client.post(url, form))
    assert Liaison.objects.filter(user=officer, until=None).count() == 3
    client.post(url, {**form, "confirm": "yes"})
    assert Liaison.objects.filter(user=successor, until=None).count() == 3
    assert set(Liaison.objects.filter(user=officer).values_list("until", flat=True)) == {date(2022, 7, 7)}
    entry = AuditEntry.objects.get(act="hand_over_firms")
    assert (entry.counts["firms"], entry.subject) == (3, "陆经办 → 沈接手")
    page = text_of(detail(client, firms[0]))
    assert "沈接手" in page
    assert "以前的 1 条" in page
    assert "王局长" in page


def test_no_pool_member_without_a_responsible_person_report_of_gaps(officer, client, monkeypatch):
    """S1-45: no pool member without a responsible person; report of gaps."""
    monkeypatch.setattr("enterprises.services.liaison_duty._duties", {})
    firms = [factories.enterprise() for _ in range(3)]
    register_duty(
        LiaisonDuty(
            "pool",
            "在库企业",
            lambda: Enterprise.objects.filter(pk__in=[f.pk for f in firms[:2]]).values("pk"),
        )
    )
    given(firms[0], "陆经办")
    page = client.get(reverse("enterprises:liaison"), {"duty": "pool", "gap": "yes"})
    names = re.findall(r'\sid="([^"]+)"', page.content.decode())
    assert len(names) == len(set(names)), (
        "the filter and the assignment both ask for a person: each has its own label"
    )
    assert [line.firm for line in page.context["lines"]] == [firms[1]]
    assert [(one.label, one.firms, one.gaps) for one in page.context["coverage"]] == [
        ("存续企业", 3, 2),
        ("在库企业", 2, 1),
    ]
    assert [(one.region, one.gaps) for one in page.context["regions"]] == [("启东市", 1)]
    workbench = client.get(reverse("reports:workbench"))
    assert "在库企业未指派责任人" in text_of(workbench)


# ---------------------------------------------------------------- land, honours, people on the firm's page


def land_rows(firm, tenant, stated):
    common = {"region": firm.region, "batch": factories.batch("parcels")}
    Parcel.objects.create(enterprise=firm, certificate="苏2021启东0001", area_mu=1000, **common)
    lease = {"certificate": "苏2021启东0001", "party": "firm", "since": date(2021, 1, 1), **common}
    Lease.objects.create(enterprise=firm, direction="out", party_key=tenant.uscc, area_mu=1200, **lease)
    Lease.objects.create(enterprise=tenant, direction="in", party_key=firm.uscc, area_mu=stated, **lease)


def test_what_the_ledgers_contradict_is_listed_and_told_on_the_firms_page(officer, client):
    landlord, tenant = factories.enterprise(), factories.enterprise()
    land_rows(landlord, tenant, 1300)
    page = text_of(client.get(reverse("enterprises:land")))
    assert "出租方 12.00，承租方 13.00" in page
    assert "双方填报不一致" in text_of(detail(client, landlord))
    Lease.objects.filter(enterprise=tenant).update(area_mu=1200)
    page = text_of(client.get(reverse("enterprises:land")))
    assert "租出土地合计 12.00 亩，超过证载 10.00 亩" in page
    assert "租入" in text_of(detail(client, tenant))


def test_another_districts_contradictions_are_not_told(officer, client):
    land_rows(factories.enterprise(region="320614"), factories.enterprise(region="320614"), 1300)
    assert "还没有用地台账" in text_of(client.get(reverse("enterprises:land")))


def test_honours_and_several_contacts_stand_on_the_page_masked_until_asked_for(officer, client):
    firm = factories.enterprise(contact="周某", phone="13900001234")
    common = {"enterprise": firm, "region": firm.region, "batch": factories.batch("honours")}
    Honour.objects.create(
        title="高新技术企业", granted_on=date(2018, 11, 30), valid_until=date(2021, 11, 29), **common
    )
    Contact.objects.create(name="吴某", position="会计", phone="13900005678", **common)
    page = text_of(detail(client, firm))
    assert "高新技术企业" in page
    assert "已过期" in page
    assert "139****5678" in page
    assert "13900005678" not in page
    asked = text_of(client.post(reverse("enterprises:contact", args=[firm.pk])))
    assert "13900005678" in asked
    assert "13900001234" in asked
