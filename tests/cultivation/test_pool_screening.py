"""Screening on rows: who comes in, who goes out and why, what a person decided is kept, twice changes nothing."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from core import jobs
from core.amounts import to_hundredths
from core.conditions import FactKey
from core.facts import load_frame
from core.management.house_command import UsageFault
from core.models import AuditEntry, JobRun, User
from core.services.policies import load_edition
from cultivation.models import PoolMembership, PoolScreening, TierChange
from cultivation.rules.pool_reasons import told_reasons
from cultivation.services.pool_block import pool_block
from cultivation.services.pool_lists import ScreeningResult
from cultivation.services.pool_members import (
    change_member,
    keep_member,
    readmit_member,
    withdraw_member,
)
from cultivation.services.pool_screening import screen_pool, screen_pool_key
from cultivation.services.pools import PoolRefused, pool_rule
from enterprises.models import AnnualFigure, Enterprise, RegionSpell
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME
from tests.cultivation.pool_firms import firm, membership, screened

pytestmark = pytest.mark.django_db


@pytest.fixture
def city(edition):
    """One firm for each way in, and one for each way to stay out."""
    return {
        "reserve": firm("储备", sales="800.00"),
        "rising": firm("提升", sales="1800.00", region="320685"),
        "both": firm("双来源", sales="1200.00", delisted=2020),
        "left": firm("退统", delisted=2021),
        "risen": firm("已升规", sales="1900.00", above_scale=True),
        "small": firm("太小", sales="499.99"),
        "unnamed": firm("无名单"),
    }


def history(of: Enterprise) -> list[tuple[str, bool]]:
    rows = TierChange.objects.filter(membership__enterprise=of).order_by("pk")
    return list(rows.values_list("kind", "by_rule"))


def reasons(kept: dict) -> list[str]:
    _, rule = pool_rule(PROGRAMME, "scale_up")
    return [told.line for told in told_reasons(rule, [kept])[0]]


def sells(of: Enterprise, amount: str) -> None:
    AnnualFigure.objects.filter(enterprise=of, source="tax").update(taxable_sales_wan=to_hundredths(amount))


# ---- who is in, and why


def test_a_firm_in_both_lists_is_one_member_with_two_sources(city, staff):
    screened(staff)
    member = membership(city["both"])
    assert (member.sources, member.tier, member.planned_year) == ("tax_list+delisted", "培育", 2023)
    assert member.measure_wan == 1200_00
    assert member.admitted_by == staff
    assert reasons(member.reasons) == [
        "税务名单：2021年应税销售（税务名单） 1,200.00 万元，在 500 万元至 2,000 万元 之间",
        "退统名单：退统年度是2020年，不早于 2019年",
    ]


def test_the_members_are_those_of_the_lists_below_scale(city, staff):
    screened(staff)
    inside = set(PoolMembership.objects.current().values_list("enterprise_id", flat=True))
    assert inside == {city[name].pk for name in ("reserve", "rising", "both", "left")}
    assert pool_block(PROGRAMME) == {
        "members": 4,
        "by_tier": {"提升": 1, "培育": 1, "储备": 1, "未分层": 1},
        "by_source": {"tax_list": 2, "delisted": 1, "both": 1},
    }


def test_every_firm_outside_has_its_reason(city, staff):
    result = ScreeningResult(screened(staff), staff)
    listed = {}
    for which in ("out", "off", "absent"):
        for one in result.firms(list(result.listed(which, None))):
            listed[one.pk] = (which, [told.line for told in one.reasons])
    assert listed == {
        city["risen"].pk: (
            "out",
            [
                "规下企业：规上：是",
                "税务名单：2021年应税销售（税务名单） 1,900.00 万元，在 500 万元至 2,000 万元 之间",
            ],
        ),
        city["small"].pk: (
            "off",
            [
                "税务名单：2021年应税销售（税务名单） 499.99 万元，低于 500 万元，差 0.01 万元（应在 500 万元至 2,000 万元 之间）"
            ],
        ),
        city["unnamed"].pk: ("absent", ["不在任何一份名单上"]),
    }


def test_lists_that_disagree_are_told_and_decide_nothing(city, staff):
    AnnualFigure.objects.filter(enterprise=city["reserve"], source="survey").update(taxable_sales_wan=2500_00)
    Enterprise.objects.filter(pk=city["left"].pk).update(verification="pending")
    result = ScreeningResult(screened(staff), staff)
    assert (result.counts["check:sales_differ"], result.counts["check:unmatched"]) == (1, 1)
    assert membership(city["reserve"]).reasons["told"] == ["sales_differ"]
    assert membership(city["left"]).reasons["told"] == ["unmatched"]


# ---- twice, and with changed facts


def rows() -> list[tuple]:
    return [
        list(model.objects.order_by("pk").values_list())
        for model in (PoolMembership, TierChange, PoolScreening)
    ]


def test_the_same_facts_again_change_nothing(city, staff):
    first = screened(staff)
    before, entries = rows(), AuditEntry.objects.count()
    assert screened(factories.user("bureau_staff", "320600")).pk == first.pk
    assert (rows(), AuditEntry.objects.count()) == (before, entries)


def test_a_screening_is_one_entry_in_the_trail(city, staff):
    screening = screened(staff)
    entry = AuditEntry.objects.get(act="screen_pool")
    assert (entry.actor, entry.digest) == (staff, screening.inputs_digest)
    assert entry.counts == {
        "firms": 7,
        "admitted": 4,
        "withdrawn": 0,
        "proposed": 0,
        "cleared": 0,
        "moved": 0,
        "waiting": 0,
        "suggested": 0,
    }


def test_who_is_listed_leaves_the_pool_with_history(city, staff):
    screened(staff)
    factories.scale_event(city["rising"], "listed", "2022-05")
    screening = screened(staff)
    done = {
        "admitted": 0,
        "withdrawn": 1,
        "proposed": 0,
        "cleared": 0,
        "moved": 0,
        "waiting": 0,
        "suggested": 0,
    }
    assert screening.changes == done
    member = PoolMembership.objects.get(enterprise=city["rising"])
    assert (member.until is not None, member.withdrawn_by, member.withdrawn_by_hand) == (True, staff, False)
    assert history(city["rising"]) == [("admitted", True), ("withdrawn", True)]
    last = TierChange.objects.filter(membership=member).first()
    assert reasons(last.reasons)[0] == "规下企业：规上：是"
    assert (last.tier_before, last.tier_after) == ("提升", "提升")


def test_a_firm_that_left_by_rule_may_come_back_by_rule(city, staff):
    screened(staff)
    sells(city["reserve"], "400.00")
    screened(staff)
    sells(city["reserve"], "700.00")
    screened(staff)
    assert history(city["reserve"]) == [("admitted", True), ("withdrawn", True), ("admitted", True)]
    assert PoolMembership.objects.filter(enterprise=city["reserve"]).count() == 2


def test_a_higher_figure_moves_the_tier_with_history(city, staff):
    screened(staff)
    sells(city["reserve"], "1600.00")
    screened(staff)
    member = membership(city["reserve"])
    assert (member.tier, member.planned_year, member.measure_wan) == ("提升", 2022, 1600_00)
    change = TierChange.objects.filter(membership=member).first()
    assert (change.kind, change.tier_before, change.tier_after) == ("moved", "储备", "提升")
    assert (change.year_before, change.year_after) == (2024, 2022)


def test_a_figure_within_the_tier_is_refreshed_without_an_entry(city, staff):
    screened(staff)
    stamp = membership(city["reserve"]).updated_at
    sells(city["reserve"], "801.00")
    screened(staff)
    member = membership(city["reserve"])
    assert (member.measure_wan, member.updated_at) == (801_00, stamp)
    assert history(city["reserve"]) == [("admitted", True)]


def test_a_new_edition_is_screened_anew_and_named(city, staff):
    screened(staff)
    text = POLICY.read_text(encoding="utf-8").replace("between 500万元 and", "between 900万元 and")
    edition = load_edition(text=text, actor=User.objects.system()).edition
    screening = screened(staff)
    assert screening.changes["withdrawn"] == 1
    assert membership(city["both"]).edition == edition
    assert (
        "应在 900 万元至"
        in told_reasons(
            pool_rule(PROGRAMME, "scale_up")[1], [TierChange.objects.get(kind="withdrawn").reasons]
        )[0][0].text
    )


def test_a_year_of_its_own_may_be_asked_for(city, staff):
    screening = screened(staff, year=2024)
    assert screening.year == 2024
    assert not PoolMembership.objects.filter(enterprise=city["both"], sources__contains="delisted").exists()
    assert membership(city["both"]).planned_year == 2024
    with pytest.raises(PoolRefused, match="年度 1200"):
        screened(staff, year=1200)


def test_a_firm_that_moves_out_of_the_city_leaves_and_within_it_stays(city, staff):
    screened(staff)
    factories.Region.objects.create(code="410400", name="平顶山市", kind="city", path="410400/")
    for name, where in (("reserve", "410400"), ("both", "320685")):
        RegionSpell.objects.filter(enterprise=city[name]).update(region=where)
        Enterprise.objects.filter(pk=city[name].pk).update(region=where)
    screened(staff)
    gone = PoolMembership.objects.get(enterprise=city["reserve"])
    assert gone.until is not None
    assert reasons(gone.changes.first().reasons) == ["企业考核地区已不在本方案范围内"]
    haian = factories.user("district_officer", "320685")
    assert membership(city["both"]) in PoolMembership.objects.visible_to(haian)


def test_a_firm_is_once_in_a_pool(city, staff):
    screened(staff)
    member = membership(city["both"])
    with pytest.raises(IntegrityError), transaction.atomic():
        member.pk = None
        member.save(force_insert=True)


# ---- what a person decides


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", "320681")


def test_a_persons_tier_is_kept_and_the_rest_still_follows_the_rule(city, staff, officer):
    screened(staff)
    member = membership(city["reserve"])
    change_member(member=member, tier="培育", planned_year=2024, note="订单已到明年", actor=officer)
    sells(city["reserve"], "1600.00")
    screened(staff)
    member = membership(city["reserve"])
    assert (member.tier, member.planned_year) == ("培育", 2022)
    assert (member.tier_by_hand, member.year_by_hand) == (True, False)
    assert history(city["reserve"]) == [("admitted", True), ("moved", False), ("moved", True)]


def test_whom_a_person_placed_is_only_proposed_and_the_answer_is_kept(city, staff, officer):
    screened(staff)
    member = membership(city["reserve"])
    change_member(member=member, tier="储备", planned_year=2023, note="企业来函", actor=officer)
    sells(city["reserve"], "300.00")
    assert screened(staff).changes["proposed"] == 1
    member = membership(city["reserve"])
    assert member.is_proposed
    assert "差 200.00 万元" in reasons(member.proposal)[0]
    keep_member(member=member, note="税务更正中", actor=officer)
    sells(city["reserve"], "310.00")
    assert screened(staff).changes["proposed"] == 0, "the same reason is not proposed again"
    assert not membership(city["reserve"]).is_proposed
    factories.scale_event(city["reserve"], "listed", "2022-05")
    sells(city["reserve"], "800.00")
    assert screened(staff).changes["proposed"] == 1, "another reason is"
    assert [kind for kind, _ in history(city["reserve"])] == [
        "admitted", "moved", "proposed", "kept", "proposed",
    ]  # fmt: skip


def test_a_proposal_goes_when_its_reason_goes(city, staff, officer):
    screened(staff)
    change_member(
        member=membership(city["reserve"]), tier="储备", planned_year=2023, note="来函", actor=officer
    )
    sells(city["reserve"], "300.00")
    screened(staff)
    sells(city["reserve"], "900.00")
    assert screened(staff).changes["cleared"] == 1
    member = membership(city["reserve"])
    assert (member.is_proposed, member.proposal, member.planned_year) == (False, {}, 2023)


def test_whom_a_person_takes_out_stays_out_until_a_person_puts_him_back(city, staff, officer):
    screened(staff)
    withdraw_member(member=membership(city["reserve"]), note="企业迁出意向", actor=officer)
    sells(city["reserve"], "900.00")
    assert screened(staff).changes["admitted"] == 0
    gone = PoolMembership.objects.get(enterprise=city["reserve"])
    assert (gone.withdrawn_by_hand, gone.withdrawn_by) == (True, officer)
    again = readmit_member(member=gone, tier="储备", planned_year=2024, note="不迁了", actor=officer)
    assert (again.sources, again.measure_wan, again.admitted_by_hand) == ("tax_list", 800_00, True)
    assert membership(city["reserve"]) == again
    with pytest.raises(PoolRefused, match="已在库"):
        readmit_member(member=gone, tier="储备", planned_year=2024, note="再来", actor=officer)


@pytest.mark.parametrize(
    ("tier", "year", "note", "message"),
    [
        ("储备", 2024, "理由", "没有变化"),
        ("冲刺", 2024, "理由", "没有“冲刺”这个层级"),
        ("培育", 2030, "理由", "只能是 2022、2023、2024"),
        ("培育", 2024, "  ", "请写明理由"),
        ("培育", 2024, "长" * 201, "最多 200 个"),
    ],
)
def test_what_a_person_may_not_do(city, staff, officer, tier, year, note, message):
    screened(staff)
    member = membership(city["reserve"])
    with pytest.raises(PoolRefused, match=message):
        change_member(member=member, tier=tier, planned_year=year, note=note, actor=officer)
    assert history(city["reserve"]) == [("admitted", True)]


def test_who_is_out_is_not_changed_any_more(city, staff, officer):
    screened(staff)
    member = membership(city["reserve"])
    withdraw_member(member=member, note="停产", actor=officer)
    for act in (withdraw_member, keep_member):
        with pytest.raises(PoolRefused, match="已经出库"):
            act(member=member, note="再来", actor=officer)


def test_every_act_of_a_person_is_in_the_trail(city, staff, officer):
    screened(staff)
    change_member(
        member=membership(city["reserve"]), tier="培育", planned_year=2023, note="来函", actor=officer
    )
    entry = AuditEntry.objects.get(act="change_pool_member")
    assert (entry.actor, entry.region_id) == (officer, "320681")
    assert entry.counts["tier"] == "培育"


# ---- doors


def test_the_command_prints_the_block_and_nothing_else(city):
    out = StringIO()
    call_command("screen_pool", PROGRAMME, json=True, stdout=out)
    assert json.loads(out.getvalue()) == pool_block(PROGRAMME)
    assert PoolScreening.objects.get().screened_by.username == "system"


def test_the_command_takes_a_year(city):
    out = StringIO()
    call_command("screen_pool", PROGRAMME, "2023", stdout=out)
    assert PoolScreening.objects.get().year == 2023
    assert "在库 4 家" in out.getvalue()


@pytest.mark.parametrize("words", [("nowhere-2022",), (PROGRAMME, "99"), ("pingdingshan-2022",)])
def test_usage_faults_of_the_command(edition, words):
    with pytest.raises(UsageFault):
        call_command("screen_pool", *words, stdout=StringIO())


def test_the_job_screens_and_a_refusal_is_its_result(city, staff):
    for programme in (PROGRAMME, "nowhere"):
        key = screen_pool_key(programme, None)
        jobs.enqueue(job="screen_pool", key=key, arguments={"programme": programme}, actor=staff)
    jobs.work_all()
    done, refused = JobRun.objects.order_by("pk")
    assert done.result == {"screenings": [PoolScreening.objects.get().pk]}
    assert "没有施行中的方案" in refused.result["refused"]


def test_screening_reads_and_writes_a_fixed_number_of_times(city, staff, django_assert_max_num_queries):
    for number in range(40):
        firm(f"另外{number}", sales="700.00")
    with django_assert_max_num_queries(25):
        screened(staff)


def test_the_pool_is_a_fact_for_other_policies(city, staff):
    screened(staff)
    ids = [city["both"].pk, city["left"].pk, city["risen"].pk]
    frame = load_frame([FactKey("in_pool"), FactKey("pool_tier")], enterprises=ids)
    inside, tier = frame.columns["in_pool"], frame.columns["pool_tier"]
    assert inside.values.tolist() == [True, True, False]
    assert inside.known.all()
    assert tier.known.tolist() == [True, False, False]
    assert tier.words[tier.values[0]] == "培育"


def test_a_pool_without_screening_is_empty(edition):
    assert pool_block(PROGRAMME)["members"] == 0
    with pytest.raises(PoolRefused):
        screen_pool(programme="nowhere", actor=User.objects.system())
