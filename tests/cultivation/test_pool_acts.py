"""Lowered lines, applications, lists handed on, who answers: three people, reasons, history."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from core.models import AuditEntry, PolicyEdition, Region, User
from core.services.editions import draft_edition
from core.services.policies import load_edition
from cultivation.models import PoolApplication, PoolHandover, PoolLine, PoolMembership, TierChange
from cultivation.services.pool_applications import apply_for, decide_application, review_application
from cultivation.services.pool_handovers import hand_over
from cultivation.services.pool_lines import county_lines, end_line, lower_line
from cultivation.services.pool_lists import ScreeningResult, latest_screening, region_lines, region_sums
from cultivation.services.pool_pages import pool_place
from cultivation.services.pool_screening import screen_pool
from cultivation.services.pool_simulation import simulate_pools
from cultivation.services.pools import PoolRefused, pool_rule
from enterprises.models import Liaison
from enterprises.rules.identity import Act as RegistryAct
from enterprises.rules.identity import EventKind
from enterprises.services.event_undoing import undo_event
from enterprises.services.identity import record_event
from enterprises.services.merging import merge_records, unmerge_records
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME
from tests.cultivation.pool_firms import firm, membership, screened

CITY = "pingdingshan-2022"
SHIPPED = POLICY.parents[1] / "pingdingshan/pingdingshan-2022.yaml"


@pytest.fixture
def counties(db) -> PolicyEdition:
    return load_edition(text=SHIPPED.read_text(encoding="utf-8"), actor=User.objects.system()).edition


def with_revenue(name: str, revenue: str, region: str):
    made = factories.enterprise(f"试验{name}厂", region)
    factories.annual_figure(made, 2021, revenue_wan=revenue)
    return made


def lowered(region: str, amount: str, actor: User, reason: str = "在库数量不足") -> PoolLine:
    where = Region.objects.get(pk=region)
    return lower_line(
        programme=CITY,
        pool="scale_up",
        year=2022,
        region=where,
        amount=Decimal(amount),
        reason=reason,
        actor=actor,
    )


def test_quota_and_shortage_are_told_by_county(counties):
    """S1-24: quota, shortage warning. 138 → 169 when each county is rounded up."""
    with_revenue("甲", "1200", "410425")
    staff = factories.user("bureau_staff", "410400")
    _, rule = pool_rule(CITY, "scale_up")
    found = {line.region.name: line for line in county_lines(counties, rule, 2022, staff)}
    assert sum(line.quota for line in found.values()) == 169
    assert (found["郏县"].inside, found["郏县"].quota, found["郏县"].gap) == (1, 29, 28)


def test_a_county_lowers_its_line_with_reason_logged(counties):
    """S1-25: county lowers its line, with reason, logged. S1-23: parameter, default 50%."""
    _, rule = pool_rule(CITY, "scale_up")
    assert (rule.line.standard, rule.line.share, rule.line.amount) == (2000, Decimal("0.5"), 1000)
    low, other = with_revenue("低", "850", "410425"), with_revenue("别县", "850", "410423")
    officer = factories.user("district_officer", "410425")
    screen_pool(programme=CITY, actor=User.objects.system())
    assert not PoolMembership.objects.current().filter(pool="scale_up").exists()
    lowered("410425", "800", officer)
    entry = AuditEntry.objects.get(act="lower_pool_line")
    assert (entry.actor, entry.counts["amount_wan"], entry.counts["printed_wan"]) == (
        officer,
        "800",
        "1000.00",
    )
    screen_pool(programme=CITY, actor=User.objects.system())
    inside = set(
        PoolMembership.objects.current().filter(pool="scale_up").values_list("enterprise", flat=True)
    )
    assert inside == {low.pk}, f"{other.name} stands under the printed line"
    end_line(line=PoolLine.objects.get(), actor=officer)
    screen_pool(programme=CITY, actor=User.objects.system())
    assert not PoolMembership.objects.current().filter(pool="scale_up").exists()
    assert PoolLine.objects.get().reason == "在库数量不足", "ended, not deleted"


def test_a_simulation_counts_at_the_line_that_the_county_has_set(counties):
    low, other = with_revenue("低", "850", "410425"), with_revenue("别县", "850", "410423")
    lowered("410425", "800", factories.user("district_officer", "410425"))
    text = SHIPPED.read_text(encoding="utf-8").replace("title: “小升规”企业培育库", "title: 小升规培育库")
    draft = draft_edition(text=text, actor=factories.user("bureau_staff", "410400"))
    pool = simulate_pools(draft=draft, current=counties, actor=User.objects.system())[0]
    assert (pool.title, pool.total.before, pool.total.after) == ("小升规培育库", 1, 1), (
        f"{low.name}, not {other.name}"
    )


def test_a_province_sees_its_cities_each_with_its_counties(db):
    """A city of the province sets a line for all its counties, a county one of its own below that."""
    text = (POLICY.parents[1] / "hunan/hunan-2022.yaml").read_text(encoding="utf-8")
    text = text.replace("line: {amount: 1000,", "line: {amount: 1000, may_lower: always,")
    province = load_edition(text=text, actor=User.objects.system()).edition
    city = Region.objects.get(pk="430100")
    for code, kind, parent in (("430121", "county", city), ("430121101", "township", None)):
        parent = parent or Region.objects.get(pk="430121")
        Region.objects.create(code=code, name=code, kind=kind, parent=parent, path=f"{parent.path}{code}/")
    for name, region in (("城", "430100"), ("县", "430121"), ("镇", "430121101")):
        with_revenue(name, "1500", region)
    staff = factories.user("bureau_staff", "430000")
    screen_pool(programme=province.name, actor=User.objects.system())
    place = pool_place(staff, province.name, "scale_up")
    result = ScreeningResult(latest_screening(place, staff), staff)
    lines = {line.region.pk: line for line in region_lines(result, place)}
    assert len(lines) == 15, "fourteen cities, and the county of one"
    shown = [(lines[code].suggested, lines[code].is_inner) for code in ("430100", "430121")]
    assert shown == [(3, False), (2, True)]
    assert region_sums(list(lines.values()), result, place).suggested == 3, "nobody counts twice"
    for code, amount in (("430100", "900"), ("430121", "800")):
        where, officer = Region.objects.get(pk=code), factories.user("district_officer", code)
        held = lines_at(province, place.rule, staff)
        lower_line(
            programme=province.name, pool="scale_up", year=2022, region=where, amount=Decimal(amount),
            reason="在库数量不足", actor=officer,
        )  # fmt: skip
        assert held["430121"] == (2, {"430100": 1000, "430121": 900}[code])
    assert lines_at(province, place.rule, staff)["430121"] == (2, 800)


def lines_at(edition: PolicyEdition, rule, user: User) -> dict[str, tuple[int, Decimal | None]]:
    return {line.region.pk: (line.inside, line.amount) for line in county_lines(edition, rule, 2022, user)}


def test_what_is_not_lawful_is_refused_with_why(counties):
    officer, foreign = (
        factories.user("district_officer", "410425"),
        factories.user("district_officer", "410423"),
    )
    with pytest.raises(PoolRefused, match=r"应低于 1,000 万元"):
        lowered("410425", "1000", officer)
    with pytest.raises(PoolRefused, match="请写明下调的理由"):
        lowered("410425", "800", officer, " ")
    with pytest.raises(PoolRefused, match="本方案范围内"):
        lowered("410425", "800", foreign)
    for number in range(2):
        with_revenue(f"够{number}", "1500", "410472")
    with pytest.raises(PoolRefused, match="已有 2 家，不少于应在库 2 家"):
        lowered("410472", "800", factories.user("district_officer", "410472"))


# ---- 申请 → 审核 → 决定


@pytest.fixture
def by_application(edition) -> PolicyEdition:
    """南通's pool where people decide who goes up and down and out."""
    text = POLICY.read_text(encoding="utf-8").replace(
        "      movement:\n",
        "      movement:\n        promote: application\n        demote: application\n        withdraw: application\n",
        1,
    )
    return load_edition(text=text, actor=User.objects.system()).edition


def test_what_takes_an_application_waits_for_three_people(by_application):
    made = firm("上升", sales="1200")
    screened()
    made.annual_figures.update(taxable_sales_wan=180_000)
    screened()
    member = membership(made)
    assert (member.tier, member.suggested_tier) == ("培育", "提升"), "the rule suggests, it does not move"
    officer, head, leader = (
        factories.user("district_officer"),
        factories.user("district_leader"),
        factories.user("bureau_leader", "320600"),
    )
    sent = apply_for(
        programme=PROGRAMME, pool="scale_up", firm=made, act="move", tier="提升", planned_year=2022,
        reason="销售已过1500万元", actor=officer,
    )  # fmt: skip
    with pytest.raises(PoolRefused, match="已有一件申请在办"):
        apply_for(
            programme=PROGRAMME, pool="scale_up", firm=made, act="withdraw", reason="又一件", actor=officer
        )
    with pytest.raises(PoolRefused, match="两个人"):
        review_application(application=sent, agrees=True, opinion="同意", actor=officer)
    with pytest.raises(PoolRefused, match="待审核"):
        decide_application(application=sent, agrees=True, opinion="同意", actor=leader)
    review_application(application=sent, agrees=True, opinion="属实", actor=head)
    with pytest.raises(PoolRefused, match="不同的人"):
        decide_application(application=sent, agrees=True, opinion="同意", actor=head)
    decide_application(application=sent, agrees=True, opinion="同意", actor=leader)
    assert membership(made).tier == "提升"
    change = TierChange.objects.filter(membership=member, by_rule=False).get()
    assert "销售已过1500万元" in change.note and change.actor == leader and change.edition == by_application


def test_an_application_of_a_second_record_is_the_kept_ones_and_comes_back_with_an_undo(
    by_application, staff
):
    second, kept = firm("一档", sales="1200"), firm("二档")
    screened()
    officer = factories.user("district_officer")
    asked = {"programme": PROGRAMME, "pool": "scale_up", "planned_year": 2022, "actor": officer}
    sent = apply_for(**asked, firm=second, act="move", tier="提升", reason="销售已过1500万元")
    review_application(application=sent, agrees=True, opinion="属实", actor=factories.user("district_leader"))
    event = merge_records(kept=kept, second=second, note="同一家", actor=staff)
    sent.refresh_from_db()
    assert (sent.enterprise, sent.state) == (kept, "reviewed")
    unmerge_records(event=event, actor=staff)
    sent.refresh_from_db()
    assert sent.enterprise == second
    merge_records(kept=kept, second=second, note="同一家", actor=staff)
    sent.refresh_from_db()
    leader = factories.user("bureau_leader", "320600")
    decide_application(application=sent, agrees=True, opinion="同意", actor=leader)
    assert membership(kept).tier == "提升"


def test_an_application_of_a_firm_that_was_taken_over_is_returned_and_says_why(by_application, staff):
    taken, other = firm("小件", sales="1200"), firm("大件")
    screened()
    sent = apply_for(
        programme=PROGRAMME, pool="scale_up", firm=taken, act="withdraw", reason="停产", actor=factories.user("district_officer"),
    )  # fmt: skip
    act = RegistryAct(
        EventKind.MERGED, on=date(2022, 7, 1), evidence="变更登记通知书〔2022〕第15号", other_code=other.uscc
    )
    event = record_event(firm=taken, act=act, actor=staff, today=date(2022, 9, 1))
    sent.refresh_from_db()
    assert sent.state == "returned" and other.name in sent.decision
    undo_event(event=event, actor=staff)
    sent.refresh_from_db()
    assert (sent.state, sent.decision) == ("applied", "")


def test_a_refusal_changes_nothing_and_what_the_rule_does_needs_no_application(by_application):
    made = firm("下降", sales="1800")
    screened()
    officer, head = factories.user("district_officer"), factories.user("district_leader")
    leader = factories.user("bureau_leader", "320600")
    with pytest.raises(PoolRefused, match="按规则自动办理"):
        apply_for(programme=PROGRAMME, pool="scale_up", firm=made, act="admit", reason="想进", actor=officer)
    sent = apply_for(
        programme=PROGRAMME, pool="scale_up", firm=made, act="withdraw", reason="停产", actor=officer
    )
    review_application(application=sent, agrees=True, opinion="属实", actor=head)
    decide_application(application=sent, agrees=False, opinion="再看一个季度", actor=leader)
    assert membership(made).until is None
    assert PoolApplication.objects.get().state == "refused"


def test_in_and_out_with_reasons_are_history(edition):
    """S4-04: history. S0-08: planned year and tier can be changed with a reason and history."""
    made = firm("动态", sales="1800")
    screened()
    factories.scale_event(made, "listed", month="2022-06")
    screened()
    kinds = list(TierChange.objects.order_by("pk").values_list("kind", "by_rule"))
    assert kinds == [("admitted", True), ("withdrawn", True)]
    assert TierChange.objects.last().reasons


# ---- handing on, and who answers


def test_the_list_for_the_finance_office_has_date_recipient_and_log(edition, staff, client):
    """S1-38: export/API of the pool with date, recipient, log."""
    firm("甲", sales="1800")
    screened()
    place = pool_place(staff, PROGRAMME)
    made = hand_over(
        place=place, region=staff.region, recipient="市金融工作局", purpose="白名单", actor=staff
    )
    client.force_login(staff)
    book = client.get(reverse("cultivation:handover_file", args=[made.pk]))
    assert book.content == bytes(PoolHandover.objects.get().content)
    acts = AuditEntry.objects.filter(act__in=["hand_over_pool", "take_pool_handover"]).order_by("pk")
    assert [(entry.act, entry.digest) for entry in acts] == [
        ("hand_over_pool", made.sha256),
        ("take_pool_handover", made.sha256),
    ]
    page = client.get(reverse("cultivation:handovers")).content.decode()
    assert "市金融工作局" in page and "白名单" in page
    with pytest.raises(PoolRefused, match="抄送给哪个单位"):
        hand_over(place=place, region=staff.region, recipient=" ", purpose="", actor=staff)


def test_no_member_without_a_responsible_person_escapes_the_report_of_gaps(edition, staff, client):
    """S1-45: no pool member without a responsible person; report of gaps."""
    named, nobody = firm("有人管", sales="1800"), firm("没人管", sales="1700", region="320623")
    screened()
    Liaison.objects.create(
        enterprise=named,
        duty="responsible",
        person="张三",
        region=named.region,
        since="2022-01-01",
        assigned_by=staff,
    )
    client.force_login(staff)
    page = client.get(reverse("enterprises:liaison"), {"duty": "pool", "gap": "yes"})
    assert [line.firm for line in page.context["lines"]] == [nobody]
    assert [(one.label, one.firms, one.gaps) for one in page.context["coverage"]][1] == (
        "培育库在库企业",
        2,
        1,
    )
    assert [(one.region, one.gaps) for one in page.context["regions"]] == [("如东县", 1), ("启东市", 0)]
