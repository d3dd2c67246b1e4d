"""Taking a committed list back: everything as it was before, or a refusal that names what rests on it."""

from __future__ import annotations

from datetime import date

import pytest

from core.digest import table_digests
from core.models import AuditEntry, Role
from core.periods import Month
from enterprises.models import Enterprise, MonthlyFigure, RegionSpell, ScaleEvent
from intake.models import Batch
from intake.services import locks
from intake.services.batches import (
    BatchClosed,
    NotYours,
    UndoRefused,
    check_batch,
    commit_batch,
    discard_batch,
    receive_upload,
    undo_batch,
    undo_plan,
)
from intake.services.replaced import replaced_path
from tests.factories import enterprise, region, user
from tests.intake.monthly_rows import code, row
from tests.intake.uploads import checked, committed, good_rows, workbook

pytestmark = pytest.mark.django_db
FIRM_TABLES = ("enterprise", "enterprise_region_spell", "monthly_figure", "scale_event", "delisted_entry")


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


def sent(actor, sheet, headings, rows, *, period="", code="320681", on=date(2026, 4, 8)) -> Batch:
    """A list of any kind, received, checked and committed."""
    batch = receive_upload(
        actor=actor,
        sheet=sheet,
        region=region(code),
        period=period,
        as_of=on,
        upload_name=f"{sheet}.xlsx",
        content=workbook(*rows, headings=headings),
    )
    return commit_batch(batch=check_batch(batch=batch, actor=actor), actor=actor)


def firms_digest() -> dict[str, str]:
    digests = table_digests()
    return {table: digests[table] for table in FIRM_TABLES}


def test_undoing_a_first_list_leaves_neither_figures_nor_the_firms_it_brought(officer):
    before = firms_digest()
    batch = committed(officer, workbook(*good_rows(4)))
    plan = undo_plan(batch=batch, actor=officer)
    assert (plan.removes, plan.restores, plan.firms, plan.obstacles) == (4, 0, 4, [])
    undone = undo_batch(batch=batch, actor=officer)
    assert firms_digest() == before
    assert (undone.state, undone.undone_by) == (Batch.State.UNDONE, officer)
    entry = AuditEntry.objects.get(act="undo_batch")
    assert (entry.actor, entry.region_id) == (officer, "320681")
    assert entry.counts == {"removed": 4, "restored": 0, "firms_removed": 4}


def test_replaced_figures_come_back_with_the_list_they_came_from(officer):
    first = committed(officer, workbook(row(1, c5=100), row(2, c5=200, c7=None), row(3)))
    before = firms_digest()
    second = committed(officer, workbook(row(1, c5=120), row(2, c5=260), row(3), row(4)))
    assert MonthlyFigure.objects.get(enterprise__uscc=code(1)).revenue_wan == 12000
    plan = undo_plan(batch=second, actor=officer)
    assert (plan.removes, plan.restores, plan.firms) == (1, 2, 1)
    undo_batch(batch=second, actor=officer)
    assert firms_digest() == before
    assert set(MonthlyFigure.objects.values_list("batch", flat=True)) == {first.pk}
    undo_batch(batch=first, actor=officer)
    assert not MonthlyFigure.objects.exists() and not Enterprise.objects.exists()


def test_a_list_that_another_replaced_or_confirmed_is_not_taken_from_under_it(officer):
    first = committed(officer, workbook(row(1, c5=100), row(2)))
    colleague = user(full_name="周明")
    second = committed(colleague, workbook(row(1, c5=120), row(2)))
    with pytest.raises(UndoRefused, match=rf"其中 2 家（条）随后又由批次 {second}（启东市 周明，.*）报送"):
        undo_batch(batch=first, actor=officer)
    assert Batch.objects.get(pk=first.pk).state == Batch.State.COMMITTED
    undo_batch(batch=second, actor=colleague)
    third = committed(colleague, workbook(row(2)))
    assert undo_plan(batch=third, actor=colleague).obstacles == ["这一批没有改动任何数据，不必撤销"]
    with pytest.raises(UndoRefused, match=f"其中 1 家（条）随后又由批次 {third}"):
        undo_batch(batch=first, actor=officer)


def test_what_rests_on_another_district_is_told_without_its_name(officer):
    batch = committed(officer, workbook(row(1)))
    firm = Enterprise.objects.get()
    Enterprise.objects.filter(pk=firm.pk).update(region="320614")
    other = committed(
        user(region="320614", full_name="海门经办"), workbook(row(1, c3="海门区", c4="2026-02")),
        code="320614", period="2026-02",
    )  # fmt: skip
    plan = undo_plan(batch=batch, actor=officer)
    assert plan.obstacles and "其他地区或部门" in plan.obstacles[0]
    assert "海门" not in "".join(plan.obstacles) and str(other) not in "".join(plan.obstacles)


def test_a_locked_month_keeps_its_lists(officer, monkeypatch):
    batch = committed(officer, workbook(*good_rows()))
    monkeypatch.setattr(locks, "_readers", [])
    locks.register_lock(
        lambda sheet, region: [locks.MonthLock(Month(2026, 3), "月报已印发", date(2026, 4, 12))]
    )
    with pytest.raises(UndoRefused, match="2026年3月自2026年4月12日起已锁定（月报已印发）"):
        undo_batch(batch=batch, actor=officer)
    assert MonthlyFigure.objects.count() == 3


def test_firms_that_a_later_list_speaks_of_stay_and_are_named(officer):
    batch = committed(officer, workbook(row(1), row(2)))
    headings = ["统一社会信用代码", "企业名称", "所属县区", "行业代码"]
    registry = sent(officer, "registry", headings, [[code(1), "启东第1号机械有限公司", "启东市", "3411"]])
    with pytest.raises(UndoRefused, match=f"批次 {registry}.*也有登记或报送"):
        undo_batch(batch=batch, actor=officer)
    undo_batch(batch=registry, actor=officer)
    assert Enterprise.objects.get(uscc=code(1)).verification == Enterprise.Verification.PENDING
    undo_batch(batch=batch, actor=officer)
    assert not Enterprise.objects.exists()


def test_a_registry_list_gives_names_places_and_particulars_back(officer):
    bureau = user(Role.BUREAU_STAFF, "320600")
    firm = enterprise("启东老名机械有限公司", uscc=code(1))
    before = firms_digest()
    headings = ["统一社会信用代码", "企业名称", "所属县区", "行业代码", "投产日期"]
    batch = sent(
        bureau, "registry", headings,
        [
            [code(1), "启东新名机械有限公司", "海门区", "3411", date(2016, 5, 1)],
            [code(2), "启东第2号机械有限公司", "启东市", "3412", None],
        ],
        code="320600",
    )  # fmt: skip
    firm.refresh_from_db()
    assert (firm.name, firm.region_id, firm.former_names) == (
        "启东新名机械有限公司", "320614", "启东老名机械有限公司",
    )  # fmt: skip
    assert RegionSpell.objects.filter(enterprise=firm).count() == 2
    plan = undo_plan(batch=batch, actor=bureau)
    assert (plan.restores, plan.firms, plan.obstacles) == (1, 1, [])
    undo_batch(batch=batch, actor=bureau)
    assert firms_digest() == before


def test_a_move_on_which_figures_rest_is_not_undone(officer):
    bureau = user(Role.BUREAU_STAFF, "320600")
    enterprise("启东老名机械有限公司", uscc=code(1))
    headings = ["统一社会信用代码", "企业名称", "所属县区"]
    batch = sent(
        bureau, "registry", headings, [[code(1), "启东老名机械有限公司", "海门区"]], code="320600",
        on=date(2026, 3, 1),
    )  # fmt: skip
    committed(user(region="320614"), workbook(row(1, c2="启东老名机械有限公司", c3="海门区")), code="320614")
    with pytest.raises(UndoRefused, match=r"调整县区的企业随后由批次 B\d+（海门区 "):
        undo_batch(batch=batch, actor=bureau)


def test_entries_taken_back_take_the_firm_out_of_the_directory_again(officer):
    statistics = user(Role.DEPARTMENT_OFFICER, "320600", department="statistics")
    firm = enterprise("启东某机械有限公司", uscc=code(1))
    headings = ["统一社会信用代码", "企业名称", "所属县区", "变动", "月份", "审批库年度", "入库类型"]
    batch = sent(
        statistics, "listed", headings,
        [[code(1), firm.name, "启东市", "入库", "2026-03", "2026", "规下升规上"]],
        code="320600", period="2026-03",
    )  # fmt: skip
    firm.refresh_from_db()
    assert firm.above_scale
    undo_batch(batch=batch, actor=statistics)
    firm.refresh_from_db()
    assert not firm.above_scale and not ScaleEvent.objects.exists()


def test_only_who_might_have_sent_it_takes_it_back_and_only_once(officer):
    batch = committed(officer, workbook(*good_rows()))
    for stranger in (user(region="320614"), user(Role.DISTRICT_LEADER)):
        with pytest.raises(NotYours):
            undo_batch(batch=batch, actor=stranger)
    undo_batch(batch=batch, actor=officer)
    with pytest.raises(UndoRefused, match="已撤销，只有已入库的批次可以撤销"):
        undo_batch(batch=batch, actor=officer)
    with pytest.raises(BatchClosed):
        discard_batch(batch=batch, actor=officer)
    waiting = checked(officer, workbook(*good_rows()))
    assert undo_plan(batch=waiting, actor=officer).obstacles == [
        f"批次 {waiting} 待提交，只有已入库的批次可以撤销"
    ]
    assert not waiting.issues.filter(code="SAME_FILE").exists()


def test_a_damaged_file_of_old_values_stops_the_undo_before_anything_is_touched(officer):
    committed(officer, workbook(row(1, c5=100)))
    batch = committed(officer, workbook(row(1, c5=120)))
    replaced_path(batch).write_bytes(b"cut")
    with pytest.raises(UndoRefused, match="已损坏，不能还原"):
        undo_batch(batch=batch, actor=officer)
    assert MonthlyFigure.objects.get().revenue_wan == 12000
