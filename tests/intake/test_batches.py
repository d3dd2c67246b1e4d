"""The life of a batch: received, checked, answered, committed or given up; who may, and what two officers see."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from django.db import connection
from django.utils import timezone

from core import jobs
from core.models import AuditEntry, JobRun, Region, Role
from core.periods import Month
from enterprises.models import Enterprise, MonthlyFigure
from intake.models import Batch
from intake.rules.text import region_key
from intake.services import locks
from intake.services.batches import (
    BatchClosed,
    CommitRefused,
    NotYours,
    Overtaken,
    UploadRefused,
    answer_issues,
    check_batch,
    commit_batch,
    discard_batch,
    import_file,
    retry_check,
)
from intake.services.reading_context import accepted_names, scope_of
from intake.services.records import RecordsDamaged, read_records, write_records
from intake.services.retries import check_key
from intake.services.sheet_types import Records, sheet_type
from intake.services.uploads import clean_name, media_path
from intake.services.write_queue import long_write
from tests.factories import enterprise, monthly_figure, region, user
from tests.intake.monthly_rows import code, row
from tests.intake.uploads import (
    SENT_ON,
    checked,
    committed,
    five_faults,
    good_rows,
    received,
    stored_files,
    workbook,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


@pytest.fixture
def lock(monkeypatch):
    """Months locked for the length of a test."""
    monkeypatch.setattr(locks, "_readers", [])

    def lock(*months: str) -> None:
        issued = [locks.MonthLock(Month.parse(month), "月报已印发", date(2026, 4, 12)) for month in months]
        locks.register_lock(lambda sheet, region: issued)

    return lock


# ------------------------------------------------------------------ receiving


def test_a_file_is_kept_under_a_name_of_our_own(officer, settings):
    batch = received(officer, workbook(*good_rows()), name="..\\..\\../../etc/启东<img src=x>.xlsx")
    assert batch.upload_name == "启东<img src=x>.xlsx"
    assert stored_files(Path(settings.MEDIA_ROOT)) == ["batches/2026-04/….xlsx"]
    assert batch.state == Batch.State.RECEIVED
    assert batch.department == "industry"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("名" * 290 + "\x00\r\nX: 1.xlsx", "名" * 115 + ".xlsx"),
        ("C:\\报表\\6月.xlsx", "6月.xlsx"),
        ("/etc/", "未命名"),
        ("\u202exslx.月报.csv", "xslx.月报.csv"),
        ("报\udcff表.xlsx", "报?表.xlsx"),
    ],
)
def test_names_are_shown_without_paths_and_invisible_characters(sent, shown):
    assert clean_name(sent) == shown


def test_a_file_over_the_limit_is_not_kept(officer, settings):
    settings.UPLOAD_MAX_BYTES = 1000
    with pytest.raises(UploadRefused, match="上限"):
        received(officer, b"x" * 1001)
    assert stored_files(Path(settings.MEDIA_ROOT)) == []
    assert not Batch.objects.exists()


def test_nobody_sends_for_another_district_or_another_department(officer):
    with pytest.raises(NotYours):
        received(officer, workbook(*good_rows()), code="320614")
    tax = user(Role.DEPARTMENT_OFFICER, "320600", department="tax")
    with pytest.raises(NotYours):
        received(tax, workbook(*good_rows()))
    with pytest.raises(NotYours):
        received(user(Role.DISTRICT_LEADER), workbook(*good_rows()))


def test_a_district_never_speaks_for_the_statistics_or_the_tax_bureau(nantong):
    district, bureau = user(), user(Role.BUREAU_STAFF, "320600")
    statistics = user(Role.DEPARTMENT_OFFICER, "320600", department="statistics")
    for name in ("listed", "delisted", "tax_list"):
        assert not sheet_type(name).may_send(district)
        assert sheet_type(name).may_send(bureau)
    assert [sheet_type(name).may_send(statistics) for name in ("listed", "tax_list", "monthly")] == [
        True,
        False,
        False,
    ]


def test_a_colleague_of_another_district_cannot_check_commit_or_discard(officer):
    batch = checked(officer, workbook(*good_rows()))
    other = user(region="320614")
    for act in (check_batch, commit_batch, discard_batch, retry_check):
        with pytest.raises(NotYours):
            act(batch=batch, actor=other)
    assert not MonthlyFigure.objects.exists()


# ------------------------------------------------------------------ checking


def test_five_faults_are_all_told_at_once(officer):
    batch = checked(officer, five_faults())
    told = {(issue.row, issue.cls) for issue in batch.issues.exclude(cls="D")}
    assert told == {(2, "A"), (3, "A"), (4, "A"), (5, "A"), (6, "B")}
    assert batch.state == Batch.State.READY
    counts = batch.counts
    assert (counts["rows"], counts["good"], counts["blocked"]) == (7, 2, 5)
    assert (counts["class_a"], counts["class_b"], counts["class_c"]) == (4, 1, 0)
    assert (counts["new"], counts["unknown"]) == (2, 2)
    assert not MonthlyFigure.objects.exists()


def test_every_issue_names_its_place_value_reason_and_cure(officer):
    batch = checked(officer, five_faults())
    issue = batch.issues.get(row=4, cls="A")
    assert (issue.cell, issue.column, issue.value) == ("F4", "营业收入(万元)", "无")
    assert issue.subject == "启东第3号机械有限公司"
    assert issue.message.startswith("第4行“营业收入(万元)”（F4）：")


def test_only_rows_with_issues_beyond_a_hint_are_staged(officer):
    rows = good_rows()
    rows[1][5] = "无"
    batch = checked(officer, workbook(*rows))
    staged = batch.staged_rows.get()
    assert (staged.row, staged.blocked, staged.raw["营业收入(万元)"]) == (3, True, "无")


def test_checking_again_replaces_what_was_found(officer):
    batch = checked(officer, five_faults())
    before = (batch.counts, batch.rows_digest, batch.issues.count(), batch.staged_rows.count())
    again = check_batch(batch=Batch.objects.get(pk=batch.pk), actor=officer)
    assert (again.counts, again.rows_digest, again.issues.count(), again.staged_rows.count()) == before
    assert len(list(media_path(batch.stored_path).parent.glob("*.jsonl.gz"))) == 1


def test_notes_given_survive_another_check(officer):
    batch = checked(officer, five_faults())
    issue = batch.issues.get(cls="B")
    answer_issues(batch=batch, actor=officer, notes={issue.pk: "补缴去年税款"})
    check_batch(batch=batch, actor=officer)
    assert batch.issues.get(cls="B").note == "补缴去年税款"
    assert batch.counts["good"] == 3


def test_a_file_that_is_no_workbook_is_refused_whole(officer):
    batch = checked(officer, b"%PDF-1.7\n", name="月报.xlsx")
    issue = batch.issues.get()
    assert (batch.state, batch.outcome) == (Batch.State.REFUSED, Batch.Outcome.REJECTED)
    assert (issue.row, issue.code, issue.cls) == (None, "PDF", "A")
    with pytest.raises(CommitRefused):
        commit_batch(batch=batch, actor=officer, good_rows_only=True)


def test_the_same_file_twice_says_so_and_names_the_batch(officer):
    content = workbook(*good_rows())
    first = committed(officer, content)
    second = checked(officer, content)
    issue = second.issues.get(code="SAME_FILE")
    assert issue.cls == "D"
    assert str(first) in issue.reason
    assert (second.counts["new"], second.counts["same"]) == (0, 3)
    other = checked(user(region="320614"), content, code="320614")
    assert not other.issues.filter(code="SAME_FILE").exists()


def test_issues_beyond_the_limit_are_counted_and_their_rows_stay_out(officer, monkeypatch):
    monkeypatch.setattr("intake.services.checking.ISSUES_KEPT", 2)
    rows = good_rows(6)
    for cells in rows[:4]:
        cells[5] = "无"
    batch = checked(officer, workbook(*rows))
    more = batch.issues.get(code="MORE_ISSUES")
    assert "2" in more.reason
    assert (batch.counts["good"], batch.counts["blocked"]) == (2, 4)
    done = commit_batch(batch=batch, actor=officer, good_rows_only=True)
    assert MonthlyFigure.objects.count() == 2
    assert done.outcome == Batch.Outcome.PARTIAL


def test_a_month_not_begun_or_locked_stays_out(officer, lock):
    lock("2026-02")
    rows = [row(1, c4="2026-02"), row(2, c4="2026-05"), row(3, c4="2026-04")]
    batch = checked(officer, workbook(*rows), period="")
    assert dict(batch.issues.filter(cls="A").values_list("row", "code")) == {
        2: "MONTH_LOCKED", 3: "MONTH_NOT_OPEN",
    }  # fmt: skip
    assert batch.counts["good"] == 1


def test_a_locked_month_is_one_fault_that_says_why_since_when_and_who_may_reopen(officer, lock):
    lock("2026-03")
    batch = checked(officer, workbook(*good_rows(30)))
    issue = batch.issues.get(cls="A")
    assert issue.message == (
        "工作表“3月”：2026年3月自2026年4月12日起已锁定（月报已印发），涉及 30 行；"
        "要更正请联系市局业务科室办理更正，或改报未锁定的月份。"
    )
    assert batch.state == Batch.State.REFUSED


# ------------------------------------------------------------------ answering


def test_a_note_answers_b_and_six_characters_answer_c(officer):
    rows = good_rows(4)
    rows[0][6] = 5000
    rows[1][5] = 1830500
    batch = checked(officer, workbook(*rows))
    assert batch.counts["good"] == 2
    b, c = batch.issues.get(cls="B"), batch.issues.get(cls="C")
    short = answer_issues(batch=batch, actor=officer, notes={b.pk: "补缴", c.pk: "属实"})
    assert [issue.pk for issue in short] == [c.pk]
    assert batch.issues.get(pk=c.pk).note == "属实"
    assert Batch.objects.get(pk=batch.pk).counts["good"] == 3
    assert answer_issues(batch=batch, actor=officer, notes={c.pk: "集中交付大型设备"}) == []
    done = commit_batch(batch=Batch.objects.get(pk=batch.pk), actor=officer)
    assert (done.outcome, MonthlyFigure.objects.count()) == (Batch.Outcome.ACCEPTED, 4)


def test_a_note_cannot_lift_an_a_fault_nor_reach_another_batch(officer):
    batch, other = checked(officer, five_faults()), checked(officer, five_faults())
    a, foreign = batch.issues.filter(cls="A").first(), other.issues.get(cls="B")
    answer_issues(batch=batch, actor=officer, notes={a.pk: "情况属实请放行", foreign.pk: "说明", 2**70: "x"})
    assert not batch.issues.exclude(note="").exists()
    assert not other.issues.exclude(note="").exists()


# ------------------------------------------------------------------ committing


def test_a_clean_file_is_taken_whole_with_one_line_in_the_trail(officer):
    batch = committed(officer, workbook(*good_rows()))
    assert (batch.state, batch.outcome) == (Batch.State.COMMITTED, Batch.Outcome.ACCEPTED)
    assert MonthlyFigure.objects.filter(batch=batch).count() == 3
    assert Enterprise.objects.filter(verification="pending").count() == 3
    entry = AuditEntry.objects.get(act="commit_batch")
    assert (entry.actor, entry.region_id) == (officer, "320681")
    assert entry.digest == batch.rows_digest
    assert (entry.counts["rows"], entry.counts["new"]) == (3, 3)


def test_open_rows_stop_a_whole_commit_and_only_the_good_ones_are_taken_when_asked(officer):
    batch = checked(officer, five_faults())
    with pytest.raises(CommitRefused, match="还有 5 行"):
        commit_batch(batch=batch, actor=officer)
    assert not MonthlyFigure.objects.exists()
    done = commit_batch(batch=batch, actor=officer, good_rows_only=True)
    assert done.outcome == Batch.Outcome.PARTIAL
    assert MonthlyFigure.objects.count() == 2
    kept = read_records(media_path(done.rows_path), done.rows_digest)
    assert kept.rows == [7, 8]


def test_a_batch_is_committed_once(officer):
    batch = checked(officer, workbook(*good_rows()))
    twin = Batch.objects.get(pk=batch.pk)
    commit_batch(batch=batch, actor=officer)
    with pytest.raises(CommitRefused, match="已入库"):
        commit_batch(batch=twin, actor=officer)
    with pytest.raises(BatchClosed):
        discard_batch(batch=batch, actor=officer)
    assert AuditEntry.objects.filter(act="commit_batch").count() == 1


def test_a_month_locked_after_the_check_is_not_written(officer, lock):
    batch = checked(officer, workbook(*good_rows()))
    lock("2026-03")
    with pytest.raises(CommitRefused, match="2026年3月自2026年4月12日起已锁定"):
        commit_batch(batch=batch, actor=officer)
    assert not MonthlyFigure.objects.exists()
    assert Batch.objects.get(pk=batch.pk).state == Batch.State.READY


def test_a_damaged_canonical_file_stores_nothing(officer):
    batch = checked(officer, workbook(*good_rows()))
    media_path(batch.rows_path).write_bytes(b"cut")
    with pytest.raises(CommitRefused, match="重新校验"):
        commit_batch(batch=batch, actor=officer)
    check_batch(batch=batch, actor=officer)
    commit_batch(batch=batch, actor=officer)
    assert MonthlyFigure.objects.count() == 3


def test_the_second_officer_sees_the_firsts_value_in_the_preview(officer):
    committed(officer, workbook(row(1, c5=100)))
    second = checked(user(full_name="周明"), workbook(row(1, c5=120)))
    assert (second.counts["changed"], second.counts["new"]) == (1, 0)
    change = second.changes[0]
    assert (change["old"], change["new"], change["row"]) == ("100.00", "120.00", 2)


def test_of_two_officers_at_once_one_wins_and_the_other_is_told_who(officer):
    mine = checked(officer, workbook(row(1, c5=100), row(2)))
    colleague = user(full_name="周明")
    committed(colleague, workbook(row(1, c5=120)))
    with pytest.raises(Overtaken, match=r"启东市 周明.*重新校验"):
        commit_batch(batch=mine, actor=officer)
    assert MonthlyFigure.objects.get().revenue_wan == 12000
    assert Batch.objects.get(pk=mine.pk).state == Batch.State.READY
    assert not AuditEntry.objects.filter(act="commit_batch", actor=officer).exists()
    check_batch(batch=mine, actor=officer)
    commit_batch(batch=mine, actor=officer)
    assert MonthlyFigure.objects.get(enterprise__uscc=code(1)).revenue_wan == 10000


def test_an_officer_outside_the_winners_scope_is_not_told_who(officer):
    """The firm is entered by 海门区 between the check and the commit of 启东市."""
    mine = checked(officer, workbook(row(1)))
    committed(user(region="320614", full_name="海门经办"), workbook(row(1, c3="海门区")), code="320614")
    with pytest.raises(CommitRefused, match="该企业已由其他地区填报，请与市局联系") as refused:
        commit_batch(batch=mine, actor=officer)
    assert "海门" not in str(refused.value)
    assert MonthlyFigure.objects.get().region_id == "320614"


def test_values_that_did_not_change_overtake_nobody(officer):
    mine = checked(officer, workbook(row(1), row(2)))
    committed(user(), workbook(row(1)))
    done = commit_batch(batch=mine, actor=officer)
    assert (done.counts["new"], done.counts["same"]) == (1, 1)


def test_discarding_leaves_nothing_behind_but_the_trail(officer):
    batch = checked(officer, workbook(*good_rows()))
    discard_batch(batch=batch, actor=officer)
    with pytest.raises(CommitRefused):
        commit_batch(batch=batch, actor=officer)
    with pytest.raises(BatchClosed):
        check_batch(batch=batch, actor=officer)
    assert AuditEntry.objects.filter(act="discard_batch").count() == 1
    assert not MonthlyFigure.objects.exists()


def test_a_batch_given_up_while_it_is_checked_stays_given_up(officer, monkeypatch):
    batch = received(officer, workbook(*good_rows()))
    judge = sheet_type("monthly").judge

    def give_up_meanwhile(frame, batch):
        discard_batch(batch=Batch.objects.get(pk=batch.pk), actor=officer)
        judge(frame, batch)

    monkeypatch.setattr(sheet_type("monthly"), "judge", give_up_meanwhile)
    assert check_batch(batch=batch, actor=officer).state == Batch.State.DISCARDED
    assert not batch.issues.exists()


# ------------------------------------------------------------------ the queue, and a worker that dies


def _queued(officer) -> tuple[Batch, JobRun]:
    batch = received(officer, workbook(*good_rows()))
    run = jobs.enqueue(job="check_batch", key=check_key(batch), arguments={"batch": batch.pk}, actor=officer)
    return batch, run


def _shown(batch: Batch) -> str:
    return Batch.objects.with_shown_state().get(pk=batch.pk).shown_state


def test_a_worker_checks_what_was_queued(officer):
    batch, run = _queued(officer)
    assert _shown(batch) == Batch.State.RECEIVED
    assert jobs.work_all() == 1
    assert _shown(batch) == Batch.State.READY
    run.refresh_from_db()
    assert (run.state, run.result) == (JobRun.State.DONE, {"state": "ready"})


def test_a_killed_check_can_be_retried(officer):
    batch, run = _queued(officer)
    jobs.claim(run.pk, "killed")
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.CHECKING)
    assert _shown(batch) == Batch.State.CHECKING
    JobRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    assert _shown(batch) == Batch.State.INTERRUPTED
    retry_check(batch=batch, actor=officer)
    jobs.enqueue(job="check_batch", key=check_key(batch), arguments={"batch": batch.pk}, actor=officer)
    jobs.work_all()
    assert _shown(batch) == Batch.State.READY


def test_a_check_that_keeps_failing_can_be_retried_once_mended(officer, monkeypatch):
    batch, run = _queued(officer)
    with monkeypatch.context() as broken:
        broken.setattr(sheet_type("monthly"), "judge", lambda frame, batch: 1 / 0)
        jobs.work_all()
    run.refresh_from_db()
    assert (run.state, _shown(batch)) == (JobRun.State.FAILED, Batch.State.INTERRUPTED)
    retry_check(batch=batch, actor=officer)
    jobs.enqueue(job="check_batch", key=check_key(batch), arguments={"batch": batch.pk}, actor=officer)
    assert _shown(batch) == Batch.State.RECEIVED
    jobs.work_all()
    assert _shown(batch) == Batch.State.READY


def test_a_file_whose_check_was_never_queued_can_be_retried(officer):
    batch = received(officer, workbook(*good_rows()))
    assert _shown(batch) == Batch.State.RECEIVED
    Batch.objects.filter(pk=batch.pk).update(sent_at=timezone.now() - timedelta(seconds=61))
    assert _shown(batch) == Batch.State.INTERRUPTED


def test_a_check_under_way_is_left_alone(officer):
    batch, run = _queued(officer)
    jobs.claim(run.pk, "alive")
    Batch.objects.filter(pk=batch.pk).update(state=Batch.State.CHECKING)
    assert retry_check(batch=batch, actor=officer).state == Batch.State.CHECKING


def test_a_job_for_a_batch_given_up_ends_quietly(officer):
    batch, run = _queued(officer)
    discard_batch(batch=batch, actor=officer)
    jobs.work_all()
    run.refresh_from_db()
    assert run.state == JobRun.State.DONE
    assert _shown(batch) == Batch.State.DISCARDED


# ------------------------------------------------------------------ regions, files, one call for all


def _names(sender: str) -> dict[str, str]:
    regions = list(Region.objects.order_by("path"))
    return accepted_names(regions, scope_of(region(sender), regions))


def test_regions_are_known_by_name_short_name_alias_and_full_name(nantong):
    names = _names("320600")
    for written in ("启东市", "启东", "啟東市", "南通市启东市", "启东 市"):
        assert names[region_key(written)] == "320681"
    assert names[region_key("南通经济技术开发区")] == "320671"


def test_a_name_that_two_cities_share_counts_only_within_the_senders_scope(nantong):
    Region.objects.create(code="410400", name="平顶山市", kind="city", path="410400/", order=90)
    Region.objects.create(
        code="410471", name="开发区", kind="zone", parent_id="410400", path="410400/410471/", order=91
    )
    assert _names("320671")[region_key("开发区")] == "320671"
    assert _names("410471")[region_key("开发区")] == "410471"
    assert region_key("开发区") not in _names("320681")


def test_a_city_list_may_name_its_districts_and_not_the_city(nantong):
    regions = list(Region.objects.order_by("path"))
    assert len(scope_of(region("320600"), regions)) == 10
    assert scope_of(region("320681"), regions) == {"320681"}


def test_records_come_back_as_they_were_written(tmp_path):
    records = Records(
        [2, 5],
        {
            "uscc": ["A", "B"],
            "month": [Month(2026, 3), None],
            "revenue_wan": [12345, None],
            "on": [SENT_ON, None],
        },
    )
    digest = write_records(tmp_path / "rows.gz", records)
    assert read_records(tmp_path / "rows.gz", digest) == records
    assert write_records(tmp_path / "again.gz", records) == digest
    assert (tmp_path / "again.gz").read_bytes() == (tmp_path / "rows.gz").read_bytes()
    with pytest.raises(RecordsDamaged):
        read_records(tmp_path / "rows.gz", "0" * 64)


def test_one_call_takes_a_file_all_the_way_or_refuses_it(officer, tmp_path):
    path = tmp_path / "月报.xlsx"
    path.write_bytes(five_faults())
    way = {"actor": officer, "sheet": sheet_type("monthly"), "region": region(), "period": Month(2026, 3)}
    refused = import_file(**way, as_of=SENT_ON, path=path)
    assert (refused.state, refused.outcome) == (Batch.State.REFUSED, Batch.Outcome.REJECTED)
    assert not MonthlyFigure.objects.exists()
    partial = import_file(**way, as_of=SENT_ON, path=path, good_rows_only=True)
    assert (partial.state, partial.outcome) == (Batch.State.COMMITTED, Batch.Outcome.PARTIAL)
    assert MonthlyFigure.objects.count() == 2


def test_a_firm_of_another_district_is_refused_without_saying_whose_it_is(officer):
    monthly_figure(enterprise("海门某厂", "320614", uscc=code(1)), "2026-02", "100")
    batch = checked(officer, workbook(row(1), row(2)))
    issue = batch.issues.get(row=2, cls="A")
    assert "其他地区" in issue.message
    assert "海门" not in issue.message


def test_a_long_write_waits_for_the_one_before_it(settings):
    """On SQLite, where nobody else keeps the order; across processes, so by a lock of the file system."""
    if connection.vendor != "sqlite":
        pytest.skip("other databases queue by themselves")
    entered = Event()

    def second() -> None:
        with long_write():
            entered.set()

    with long_write():
        waiting = Thread(target=second)
        waiting.start()
        assert not entered.wait(0.2)
    assert entered.wait(5)
    waiting.join()
