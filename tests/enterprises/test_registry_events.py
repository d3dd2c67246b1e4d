"""Rename, code change, merger, split, move, 个转企, 注销: dated events that figures follow, and their undoing."""

from datetime import date

import pytest

from core.models import AuditEntry, Role
from enterprises.filters import EnterpriseFilter
from enterprises.models import Enterprise, MonthlyFigure, RegionSpell, RegistryEvent
from enterprises.rules.identity import Act, EventKind
from enterprises.services.event_undoing import UndoRefused, undo_event, why_not_undo
from enterprises.services.followers import Follower
from enterprises.services.identity import (
    EventRefused,
    effects_of,
    record_event,
    resolved,
)
from enterprises.services.lineage import current_codes, predecessors_of, successor_of, successors_of
from intake.services.built_on import register_built_on
from tests import factories

pytestmark = pytest.mark.django_db
JULY, TODAY = date(2022, 7, 1), date(2022, 8, 1)
NOTICE = "南通市行政审批局变更登记通知书〔2022〕第15号"


@pytest.fixture
def staff(nantong):
    return factories.user(Role.BUREAU_STAFF, "320600")


def record(firm, actor, kind, **fields):
    act = Act(EventKind(kind), **{"on": JULY, "evidence": NOTICE, **fields})
    event = record_event(firm=firm, act=act, actor=actor, today=TODAY)
    firm.refresh_from_db()
    return event


def snapshot(firm):
    fields = [f.attname for f in Enterprise._meta.concrete_fields if f.attname != "updated_at"]
    return Enterprise.objects.filter(pk=firm.pk).values(*fields).get()


def test_a_rename_keeps_the_former_name_findable_and_names_its_actor(staff):
    firm = factories.enterprise("启东恒砺铸造厂")
    event = record(firm, staff, "renamed", new_name="启东恒砺机械有限公司")
    assert (firm.name, firm.former_names, firm.initials) == (
        "启东恒砺机械有限公司",
        "启东恒砺铸造厂",
        "qdhljxyxgs",
    )
    assert (event.old, event.new, event.actor) == ("启东恒砺铸造厂", "启东恒砺机械有限公司", staff)
    assert list(Enterprise.objects.visible_to(staff).matching("铸造")) == [firm]
    entry = AuditEntry.objects.get(act="record_registry_event")
    assert (entry.actor, entry.counts["evidence"]) == (staff, NOTICE)


def test_an_old_code_of_15_digits_or_18_characters_leads_to_the_firm(staff):
    firm = factories.enterprise(uscc="320681000012345")
    old, new = firm.uscc, factories.uscc(910)
    record(firm, staff, "recoded", new_code=new)
    assert firm.uscc == new
    change = current_codes([old])[old]
    assert (change.uscc, change.on, change.kind) == (new, JULY, "recoded")
    newer = factories.uscc(911)
    record(firm, staff, "recoded", new_code=newer)
    assert {one.uscc for one in current_codes([old, new]).values()} == {newer}
    assert list(Enterprise.objects.visible_to(staff).matching(old)) == [firm]
    asked = EnterpriseFilter({"uscc": old}, Enterprise.objects.visible_to(staff)).qs
    assert list(asked) == [firm], "a client that holds the old code finds the firm"


def test_a_firm_that_moves_in_july_counts_once_in_every_month(staff):
    firm = factories.enterprise(region="320681", township="汇龙镇")
    for month in ("2022-05", "2022-06", "2022-07"):
        factories.monthly_figure(firm, month, "100")
    factories.scale_event(firm, month="2022-07")
    event = record(firm, staff, "moved", new_region="320614")
    regions = dict(
        MonthlyFigure.objects.filter(enterprise=firm).order_by("month").values_list("month", "region_id")
    )
    assert [regions[month] for month in sorted(regions)] == ["320681", "320681", "320614"]
    assert firm.scale_events.get().region_id == "320614"
    spells = (
        RegionSpell.objects.filter(enterprise=firm).order_by("pk").values_list("region_id", "since", "until")
    )
    assert list(spells) == [("320681", None, date(2022, 6, 30)), ("320614", JULY, None)]
    assert (firm.region_id, firm.township) == ("320614", "")
    undo_event(event=event, actor=staff)
    firm.refresh_from_db()
    assert (firm.region_id, firm.township) == ("320681", "汇龙镇")
    assert set(MonthlyFigure.objects.values_list("region_id", flat=True)) == {"320681"}
    assert RegionSpell.objects.get(enterprise=firm).until is None


def test_before_a_move_its_consequences_are_told(staff):
    firm = factories.enterprise()
    for month in ("2022-05", "2022-07", "2022-08"):
        factories.monthly_figure(firm, month, "100")
    act = Act(EventKind.MOVED, JULY, new_region="320614", evidence=NOTICE)
    effects = {effect.label: effect for effect in effects_of(act, firm)}
    assert (effects["月度报表"].count, effects["月度报表"].becomes) == (2, "2022年7月1日起的改按迁入县区统计")


def test_a_merger_ends_the_one_and_leads_to_the_other(staff):
    small, large = factories.enterprise("启东小件厂"), factories.enterprise("启东大件有限公司")
    record(small, staff, "merged", other_code=large.uscc)
    assert (small.ended_on, small.ended_as, small.status, small.successor) == (
        JULY,
        "merged",
        "已并入",
        large,
    )
    assert successor_of(small) == large
    assert predecessors_of([large.pk]) == {large.pk: {small.pk}}
    # a code of its own: what was declared under it stays its own
    assert current_codes([small.uscc]) == {}
    assert list(Enterprise.objects.living_on(JULY).order_by("pk")) == [small, large]
    assert list(Enterprise.objects.living_on(TODAY)) == [large]


def test_a_split_enters_the_new_firm_and_a_conversion_hands_over(staff):
    firm = factories.enterprise("启东恒砺有限公司")
    code = factories.uscc(920)
    record(firm, staff, "split", other_code=code, other_name="启东恒砺二厂有限公司")
    new = Enterprise.objects.get(uscc=code)
    assert (new.region_id, new.verification, firm.ended_on) == ("320681", "pending", None)
    assert predecessors_of([new.pk]) == {new.pk: {firm.pk}}
    assert successors_of([firm.pk]) == {firm.pk: firm.pk}
    trader = factories.enterprise("启东老王五金店", uscc="92320681MA00000016")
    company = factories.uscc(921)
    record(trader, staff, "converted", other_code=company, other_name="启东老王五金有限公司")
    assert successor_of(trader).uscc == company
    assert trader.status == "个转企注销"


def test_closed_and_revived(staff):
    firm = factories.enterprise(status="正常")
    record(firm, staff, "closed")
    assert (firm.status, firm.ended_on) == ("注销", JULY)
    with pytest.raises(EventRefused, match="已终止"):
        record(firm, staff, "renamed", new_name="启东新名有限公司")
    record(firm, staff, "revived", on=date(2022, 7, 20))
    assert (firm.status, firm.ended_on) == ("存续", None)


@pytest.mark.parametrize("kind", ["renamed", "recoded", "moved", "merged", "split", "converted", "closed"])
def test_whatever_was_recorded_is_undone_to_the_last_field(staff, kind):
    firm, other = factories.enterprise(status="正常", former_names="旧名"), factories.enterprise()
    fields = {
        "renamed": {"new_name": "启东新名有限公司"},
        "recoded": {"new_code": factories.uscc(930)},
        "moved": {"new_region": "320614"},
        "merged": {"other_code": other.uscc},
        "split": {"other_code": factories.uscc(931), "other_name": "启东分出有限公司", "ceases": True},
        "converted": {"other_code": factories.uscc(932), "other_name": "启东转成有限公司"},
    }.get(kind, {})
    before, firms = snapshot(firm), Enterprise.objects.count()
    event = record(firm, staff, kind, **fields)
    assert snapshot(firm) != before
    undo_event(event=event, actor=staff)
    assert snapshot(firm) == before
    assert Enterprise.objects.count() == firms
    assert not RegistryEvent.objects.exists()
    assert AuditEntry.objects.filter(act="undo_registry_event", actor=staff).count() == 1


def test_only_the_latest_event_is_undone_and_only_while_nothing_stands_on_it(staff, monkeypatch):
    firm = factories.enterprise()
    first = record(firm, staff, "renamed", new_name="启东一名有限公司")
    second = record(firm, staff, "split", other_code=factories.uscc(940), other_name="启东分出有限公司")
    with pytest.raises(UndoRefused, match="其后又登记了“分立”"):
        undo_event(event=first, actor=staff)
    factories.monthly_figure(second.other, "2022-07", "10")
    assert "启东分出有限公司已有" in why_not_undo(second)[0]
    MonthlyFigure.objects.all().delete()
    monkeypatch.setattr("intake.services.built_on._readers", [])
    register_built_on(lambda touched: [f"其中 {len(touched.firms)} 家企业的奖补已审定"])
    with pytest.raises(UndoRefused, match="其中 2 家企业的奖补已审定"):
        undo_event(event=second, actor=staff)


def test_a_firm_of_another_region_is_not_a_districts_to_name(nantong):
    officer = factories.user(Role.DISTRICT_OFFICER, "320681")
    mine, foreign = factories.enterprise(), factories.enterprise("海门暗企", region="320614")
    with pytest.raises(EventRefused) as refused:
        record(mine, officer, "merged", other_code=foreign.uscc)
    assert [(one.code, one.cure) for one in refused.value.objections] == [("FIRM_ELSEWHERE", "请与市局联系")]
    act, other = resolved(Act(EventKind.RECODED, JULY, new_code=foreign.uscc), officer)
    assert other is None
    assert "海门" not in act.taken_by


def test_a_name_or_region_that_the_registry_list_changes_is_an_event_too(staff):
    from tests.enterprises.lists import firm_cells, send

    firm = factories.enterprise("启东恒砺铸造厂")
    send("registry", [firm_cells(firm, name="启东恒砺机械有限公司", region="海门区")], region="320600").take()
    events = RegistryEvent.objects.filter(enterprise=firm).order_by("kind")
    assert [(event.kind, event.old, event.new, event.on) for event in events] == [
        ("moved", "320681", "320614", date(2022, 7, 8)),
        ("renamed", "启东恒砺铸造厂", "启东恒砺机械有限公司", date(2022, 7, 8)),
    ]
    assert "请撤销那个批次" in why_not_undo(events[1])[0]


def test_what_becomes_of_a_place_is_told_for_the_kind_of_the_event():
    place = Follower("培育库在库记录", "条", "跟随本企业", len, by_kind={"merged": "出库"})
    assert [place.words(kind, 1) for kind in ("renamed", "merged")] == ["跟随本企业", "出库"]
    assert place.words("merged", 0) == "没有，不受影响"
