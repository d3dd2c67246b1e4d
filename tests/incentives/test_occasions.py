"""A round is opened by every kind of event: lists, claims, honours, grades, pools, period ends; nothing is guessed."""

from __future__ import annotations

from datetime import date

import pytest

from enterprises.models import DeclaredValue, Honour
from incentives.models import Award, AwardOccasion, AwardRefusal, AwardRound
from incentives.rules.matters import LIMIT, matter_of
from incentives.services.applications import apply_for_award
from incentives.services.computing import compute_awards
from tests import factories
from tests.incentives.conftest import BAOFENG, CITY, PROGRAMME, SHILONG, XINHUA
from tests.incentives.test_rounds import approve, compute

pytestmark = pytest.mark.django_db


def told(event: str, kind: str, who, region: str, period: str, **fields) -> AwardOccasion:
    """A row of the list of events; ``who`` is a firm or the code of another recipient."""
    firm = who if kind == "enterprise" else None
    return AwardOccasion.objects.create(
        event=event,
        recipient_kind=kind,
        recipient_code=firm.uscc if firm else who,
        recipient_name=firm.name if firm else f"对象{who}",
        enterprise=firm,
        region_id=region,
        period=period,
        year=int(period[:4]),
        facts=fields.pop("facts", {}),
        batch=factories.batch("award_occasions", region),
        **fields,
    )


def honour(firm, title: str, on: str, level: str = "") -> Honour:
    return Honour.objects.create(
        enterprise=firm,
        title=title,
        level=level,
        granted_on=date.fromisoformat(on),
        region=firm.region,
        batch=factories.batch("honours", firm.region),
    )


def declared(firm, fact: str, value: str, period: str = "", unit: str = "") -> None:
    batch = factories.batch("declared", firm.region)
    DeclaredValue.objects.create(
        enterprise=firm, fact=fact, period=period, value=value, unit=unit, region=firm.region, batch=batch
    )


def due(award_round: AwardRound) -> dict[tuple[str, str], tuple[int, str]]:
    """(rule, recipient) → (yuan, state)"""
    return {
        (award.rule, award.recipient_code): (award.amount_fen // 100, award.state)
        for award in award_round.awards.all()
    }


def refused(award_round: AwardRound) -> dict[tuple[str, str], str]:
    rows = AwardRefusal.objects.filter(round=award_round)
    return {(row.rule, row.recipient_code): row.reasons[0][0] for row in rows}


def test_lists_open_rules_for_firms_banks_and_platforms(edition, staff):
    """S1-39: listing nodes, “refinancing 2‰ ≤100万/户/年 if ≥80% used locally”; S1-04: “1% of balance growth for local
    banks”; S1-66: “yearly rating 20/10/5万”."""
    firm = factories.enterprise("", XINHUA)
    board = {"market_board": "北交所", "scaled_up_first": "是"}
    told("market", "enterprise", firm, XINHUA, "2022-09-01", key="辅导备案", facts=board)
    told("market", "enterprise", firm, XINHUA, "2022-10-01", key="辅导备案", facts=board)
    exchange = {
        "market_board": "中原股权交易中心",
        "financing_kind": "可转换债券",
        "financing_amount": "600000000",
        "local_use": "80",
    }
    told("financing", "enterprise", firm, XINHUA, "2022-11-05", facts=exchange)
    short = factories.enterprise("", BAOFENG)
    told("financing", "enterprise", short, BAOFENG, "2022-11-05", facts=exchange | {"local_use": "79.9"})
    bank = {"local_legal_person": "是", "inclusive_loan_growth": "5000"}
    told("period_end", "bank", "NCB-1", SHILONG, "2022", facts=bank)
    told("rating", "platform", "P-7", BAOFENG, "2022", key="二等奖")
    found = compute(staff)
    assert due(found) == {
        ("market-nodes", firm.uscc): (3_000_000, "proposed"),
        ("regional-refinance", firm.uscc): (1_000_000, "proposed"),
        ("inclusive-loan-growth", "NCB-1"): (500_000, "proposed"),
        ("platform-rating", "P-7"): (100_000, "proposed"),
    }
    assert refused(found) == {
        ("market-nodes", firm.uscc): "already_awarded",
        ("regional-refinance", short.uscc): "condition_failed",
    }
    bank_award = Award.objects.get(recipient_kind="bank")
    assert (bank_award.enterprise, bank_award.shares) == (None, {"city": 0, "district": 50_000_000})


def test_given_events_have_one_fingerprint_and_the_same_fen_on_any_database(edition, staff):
    """2‰ of 1,234,567.89元 and 1% of 4,999.99万元, a node of 300万元, and one whose share spent here is not known."""
    firms = [factories.enterprise("", region, uscc=factories.uscc(9_000_001 + place, region))
             for place, region in enumerate((XINHUA, BAOFENG, SHILONG))]  # fmt: skip
    exchange = {
        "market_board": "中原股权交易中心",
        "financing_kind": "票据",
        "financing_amount": "1234567.89",
        "local_use": "80.01",
    }
    told("financing", "enterprise", firms[0], XINHUA, "2022-11-05", facts=exchange)
    told("financing", "enterprise", firms[1], BAOFENG, "2022-11-05", facts=exchange | {"local_use": "79.99"})
    del exchange["local_use"]
    told("financing", "enterprise", firms[2], SHILONG, "2022-11-05", facts=exchange)
    node = {"market_board": "主板", "scaled_up_first": "是"}
    told("market", "enterprise", firms[1], BAOFENG, "2022-09-01", key="受理申报", facts=node)
    bank = {"local_legal_person": "是", "inclusive_loan_growth": "4999.99"}
    told("period_end", "bank", "NCB-1", SHILONG, "2022", facts=bank)
    found = compute(staff)
    kept = found.awards.order_by("recipient_code", "rule").values_list(
        "recipient_code", "amount_fen", "state"
    )
    assert list(kept) == [
        (firms[0].uscc, 2_469_14, "proposed"),
        (firms[2].uscc, 2_469_14, "held"),
        (firms[1].uscc, 3_000_000_00, "proposed"),
        ("NCB-1", 499_999_00, "proposed"),
    ]
    assert found.snapshot.decided == "6e8c767f50f710e2063b70d86b2cd380aa8d50de6ce3acaf4321ab382b0c699b"


def test_an_honour_of_the_registry_is_first_unless_it_was_held_before(edition, staff):
    """S1-63: “First 小巨人 50万, first provincial 专精特新 20万”; a renewal is not a first."""
    new, again, provincial = (factories.enterprise("", XINHUA) for _ in range(3))
    honour(new, "专精特新小巨人", "2022-08-01", "nation")
    honour(again, "国家级专精特新小巨人", "2019-08-01")
    honour(again, "国家级专精特新小巨人", "2022-08-01")
    honour(provincial, "专精特新中小企业", "2022-07-01", "province")
    found = compute(staff)
    assert due(found)["little-giant", new.uscc] == (500_000, "proposed")
    assert due(found)["provincial-specialised", provincial.uscc] == (200_000, "proposed")
    assert refused(found)["little-giant", again.uscc] == "not_first_event"
    assert not any(rule == "little-giant" and code == provincial.uscc for rule, code in refused(found))


def test_the_end_of_a_quarter_names_nobody_of_whom_nothing_is_known(edition, staff):
    """S1-03: “主营收入 +≥10% → 20万, province:local 1:1”, 9.99 % nothing; a firm without figures is wanting, by the name of
    what is wanting, and no award."""
    full, short, silent, claimed = (factories.enterprise("", XINHUA) for _ in range(4))
    for firm, now in ((full, "1100"), (short, "1099.90")):
        factories.scale_event(firm, "in_directory", "2021-01")
        declared(firm, "full_load", "是", "2022Q1")
        declared(firm, "quarter_revenue", now, "2022Q1", "万元")
        declared(firm, "quarter_revenue", "1000", "2021Q1", "万元")
    factories.scale_event(silent, "in_directory", "2021-01")
    found = compute(staff)
    rule = "full-load-2022q1"
    assert due(found) == {(rule, full.uscc): (200_000, "proposed")}
    assert Award.objects.get().shares == {"province": 10_000_000, "local": 10_000_000}
    assert refused(found) == {(rule, short.uscc): "condition_failed"}
    (gap,) = found.gaps
    assert (gap["rule"], gap["recipients"]) == (rule, 1)
    assert gap["missing"]["full_load[2022Q1]"] == 1
    # below scale and never asked: not a candidate, and not told one by one
    assert claimed.uscc not in {code for _rule, code in refused(found)}


def test_a_claim_opens_its_own_rule_with_the_figures_it_declares(edition, officer, staff):
    """What a firm claims is judged by the rule it names, on the figures that it gave."""
    firm = factories.enterprise("", XINHUA)
    apply_for_award(
        programme=PROGRAMME,
        rule="market-nodes",
        enterprise=firm,
        happened_on=date(2022, 9, 1),
        key="受理申报",
        facts={"market_board": "主板", "scaled_up_first": "否", "nodes_for_all": "是"},
        actor=officer,
    )
    found = compute(staff)
    assert due(found) == {("market-nodes", firm.uscc): (3_000_000, "proposed")}
    assert refused(found) == {}


def test_what_a_claim_leaves_open_is_held_by_name(edition, officer, staff):
    firm = factories.enterprise("", XINHUA)
    apply_for_award(
        programme=PROGRAMME,
        rule="apprentice",
        enterprise=firm,
        happened_on=date(2022, 9, 1),
        key="高级工",
        actor=officer,
    )
    award = compute(staff).awards.get()
    assert (award.amount_fen, award.state) == (0, "held")
    assert award.parts[0]["how"]["inner"][0]["missing"] == ["trainees"]


def test_an_award_of_another_year_counts_for_recipients_that_are_no_firms(edition, staff):
    """A platform recognised at one level is not rewarded for it twice, though it be another year."""
    told("honour", "platform", "P-1", XINHUA, "2022-05", key="省级", is_first=True)
    approve(compute(staff))
    told("honour", "platform", "P-1", XINHUA, "2023-05", key="省级", is_first=True)
    told("honour", "platform", "P-1", XINHUA, "2023-06", key="国家级", is_first=True)
    again = compute(staff, 2023)
    assert due(again) == {("service-platform", "P-1"): (500_000, "proposed")}
    assert refused(again) == {("service-platform", "P-1"): "already_awarded"}


def test_the_same_lists_change_nothing_and_a_new_row_does(edition, staff):
    told("rating", "platform", "P-7", BAOFENG, "2022", key="二等奖")
    first = compute(staff)
    assert compute(staff).inputs_digest == first.inputs_digest
    AwardOccasion.objects.update(key="一等奖")
    assert compute(staff).inputs_digest != first.inputs_digest
    assert due(AwardRound.objects.get()) == {("platform-rating", "P-7"): (200_000, "proposed")}


def test_a_page_tells_what_is_wanting_to_those_who_see_the_whole_city(edition, staff, officer, client):
    factories.scale_event(factories.enterprise("", XINHUA), "in_directory", "2021-01")
    compute_awards(programme=PROGRAMME, year=2022, actor=staff)
    address = f"/incentives/rounds/{PROGRAMME}/2022/"
    client.force_login(staff)
    assert "2022年第1季度连续满负荷生产" in client.get(address).content.decode()
    client.force_login(officer)
    assert "缺数未列入" not in client.get(address).content.decode()
    assert factories.user("bureau_staff", CITY).scope_path == "410400/"


def test_a_matter_that_is_too_long_keeps_apart_what_differs():
    names = [f"{'很长的项目名称' * 10}{end}" for end in "甲乙"]
    matters = {matter_of("project", "20220901", project=name) for name in names}
    assert len(matters) == 2
    assert all(len(matter) <= LIMIT for matter in matters)
    assert matter_of("year", "20220901", event="rating") == "rating:year:2022"
