"""Jobs: queued once, worked by one, given to another when their worker dies, failed after three attempts."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from config.celery import app
from core import jobs, tasks
from core.models import JobRun, User

State = JobRun.State


@pytest.fixture
def handle(monkeypatch):
    """Registers a handler for the length of a test."""

    def register(handler, name="close_month"):
        monkeypatch.setitem(jobs._handlers, name, handler)

    register(lambda progress: {"firms": progress.arguments["firms"]})
    return register


def enqueue(key="close_month:nantong-2022:2022-06", **arguments):
    return jobs.enqueue(
        job="close_month", key=key, arguments={"firms": 4000, **arguments}, actor=User.objects.system()
    )


def let_lease_run_out(run):
    JobRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_the_same_work_is_queued_once(db, handle):
    first, second = enqueue(), enqueue(firms=1)
    assert first.pk == second.pk
    assert JobRun.objects.get().arguments == {"firms": 4000}
    assert jobs.work_all() == 1
    run = JobRun.objects.get()
    assert (run.state, run.result, run.attempts, run.error) == (State.DONE, {"firms": 4000}, 1, "")
    assert run.finished_at and run.lease_until is None


def test_running_work_is_not_queued_anew(db, handle):
    run = enqueue()
    jobs.claim(run.pk, "first")
    assert enqueue(firms=1).state == State.RUNNING
    assert jobs.next_claimable() is None


def test_finished_work_can_be_queued_again_and_starts_afresh(db, handle):
    enqueue()
    jobs.work_all()
    again = enqueue(firms=3999)
    assert (again.state, again.attempts, again.result, again.finished_at) == (State.QUEUED, 0, None, None)
    jobs.work_all()
    assert JobRun.objects.get().result == {"firms": 3999}


def test_work_that_nobody_can_do_is_refused_at_once(db):
    with pytest.raises(LookupError, match="no handler"):
        jobs.enqueue(job="no_such_job", key="x", arguments={}, actor=User.objects.system())
    assert not JobRun.objects.exists()


def test_work_queued_first_is_worked_first(db, handle):
    order = []
    handle(lambda progress: order.append(progress.run.key))
    for key in ("b", "a", "c"):
        enqueue(key)
    jobs.work_all()
    assert order == ["b", "a", "c"]


def test_of_two_claims_one_wins(db, handle):
    run = enqueue()
    won, lost = jobs.claim(run.pk, "first"), jobs.claim(run.pk, "second")
    assert (won.worker, won.attempts, lost) == ("first", 1, None)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_the_same_moment_one_wins(handle):
    run = enqueue()
    start, claims = threading.Barrier(6), []

    def try_to_claim(name):
        try:
            start.wait()
            claims.append(_answered(lambda: jobs.claim(run.pk, name)))
        finally:
            connection.close()

    workers = [threading.Thread(target=try_to_claim, args=(f"worker {n}",)) for n in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    winners = [claim for claim in claims if claim]
    assert (len(claims), len(winners)) == (6, 1)
    run.refresh_from_db()
    assert (run.worker, run.attempts) == (winners[0].worker, 1)


def _answered(ask, seconds=10):
    """The shared in-memory database of the tests says "locked" at once where a file waits: ask again."""
    for _ in range(seconds * 100):
        try:
            return ask()
        except OperationalError:
            time.sleep(0.01)
    raise AssertionError("the database stayed locked")


def test_a_worker_that_finds_its_job_taken_looks_for_the_next(db, handle, monkeypatch):
    taken, free = enqueue("taken"), enqueue("free")
    seen = iter([taken.pk, free.pk, None])
    jobs.claim(taken.pk, "quicker")
    monkeypatch.setattr(jobs, "next_claimable", lambda: next(seen))
    assert jobs.work_next("slower").key == "free"


@pytest.mark.parametrize("end", ["finishes", "fails"])
def test_who_lost_the_lease_changes_nothing_any_more(db, handle, end):
    """The first worker hangs, the second takes the job and finishes; then the first wakes up."""

    def handler(progress):
        if progress.run.worker == "second":
            return {"by": "second"}
        let_lease_run_out(progress.run)
        jobs.work(jobs.claim(progress.run.pk, "second"))
        progress.tell(1, 100)
        if end == "fails":
            raise RuntimeError("too late")
        return {"by": "first"}

    handle(handler)
    seen = jobs.work(jobs.claim(enqueue().pk, "first"))
    assert (seen.state, seen.result, seen.worker, seen.attempts) == (
        State.DONE,
        {"by": "second"},
        "second",
        2,
    )
    assert (seen.progress_total, seen.error) == (0, "")


def test_a_worker_of_the_same_name_does_not_speak_for_an_earlier_claim(db, handle):
    first = jobs.claim(enqueue().pk, "worker")
    let_lease_run_out(first)
    second = jobs.claim(first.pk, "worker")
    jobs.Progress(first).tell(9, 9)
    assert jobs.work(second).progress_done == 0


def test_three_failures_and_the_job_has_failed_with_its_reason(db, handle):
    def handler(progress):
        raise ValueError(f"第{progress.run.attempts}次")

    handle(handler)
    enqueue()
    assert jobs.work_all() == 3
    run = JobRun.objects.get()
    assert (run.state, run.attempts, run.error) == (State.FAILED, 3, "ValueError: 第3次")
    assert run.finished_at
    handle(lambda progress: {"mended": True})
    enqueue()
    jobs.work_all()
    run.refresh_from_db()
    assert (run.state, run.result, run.error, run.attempts) == (State.DONE, {"mended": True}, "", 1)


def test_a_failure_is_tried_again_and_may_still_succeed(db, handle):
    def handler(progress):
        if progress.run.attempts == 1:
            raise OSError("网络中断")
        return {"attempt": progress.run.attempts}

    handle(handler)
    enqueue()
    assert jobs.work_all() == 2
    assert JobRun.objects.get().result == {"attempt": 2}


def test_work_that_kills_its_worker_every_time_is_given_up(db, handle):
    run = enqueue()
    for _ in range(jobs.MAX_ATTEMPTS):
        let_lease_run_out(jobs.claim(run.pk, "killed"))
    handle(lambda progress: pytest.fail("worked a fourth time"))
    jobs.work_all()
    run.refresh_from_db()
    assert (run.state, run.error) == (State.FAILED, "多次中断，已停止重试")


def test_progress_is_seen_while_it_runs_and_renews_the_lease(db, handle):
    def handler(progress):
        let_lease_run_out(progress.run)
        progress.tell(3, 18)
        now = JobRun.objects.get()
        return {"seen": [now.progress_done, now.progress_total], "held": now.lease_until > timezone.now()}

    handle(handler)
    enqueue()
    jobs.work_all()
    assert JobRun.objects.get().result == {"seen": [3, 18], "held": True}


@pytest.mark.django_db(transaction=True)
def test_the_lease_is_renewed_while_a_handler_computes(handle, settings):
    settings.JOB_LEASE_SECONDS = 1
    seen = {}

    def handler(progress):
        seen["first"] = progress.run.lease_until or _answered(lambda: JobRun.objects.get().lease_until)
        deadline = time.monotonic() + 8
        while time.monotonic() < deadline:
            time.sleep(0.1)  # computes, tells nothing
            seen["last"] = _answered(lambda: JobRun.objects.get().lease_until)
            if seen["last"] > seen["first"] + timedelta(seconds=1.5):
                break
        seen["taken"] = _answered(lambda: jobs.claim(progress.run.pk, "second"))

    handle(handler)
    enqueue()
    jobs.work_all()
    assert seen["last"] > seen["first"] + timedelta(seconds=1.5), "held for longer than one lease"
    assert seen["taken"] is None
    assert JobRun.objects.get().state == State.DONE


def test_the_sweeper_wakes_what_waits_and_what_lost_its_worker(db, handle, monkeypatch):
    done, held, lost, waiting = (enqueue(key) for key in ("done", "held", "lost", "waiting"))
    jobs.work(jobs.claim(done.pk, "a"))
    jobs.claim(held.pk, "b")
    let_lease_run_out(jobs.claim(lost.pk, "c"))
    woken = []
    monkeypatch.setattr(jobs, "wake", woken.append)
    assert jobs.sweep() == woken == [lost.pk, waiting.pk]


@pytest.fixture
def broker(settings):
    """A broker that hands every task to a worker at once."""
    settings.CELERY_BROKER_URL = "memory://"
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_celery_works_the_same_table_once_the_act_is_committed(
    db, handle, broker, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        run = enqueue()
        assert JobRun.objects.get().state == State.QUEUED
    run.refresh_from_db()
    assert (run.state, run.result, run.attempts) == (State.DONE, {"firms": 4000}, 1)
    tasks.work_job.delay(run.pk)  # delivered twice
    run.refresh_from_db()
    assert run.attempts == 1


def test_the_sweeper_of_celery_finishes_what_a_dead_worker_left(db, handle, broker):
    run = jobs.claim(enqueue().pk, "killed")
    tasks.sweep_jobs.delay()
    run.refresh_from_db()
    assert run.state == State.RUNNING, "its lease still stands"
    let_lease_run_out(run)
    tasks.sweep_jobs.delay()
    run.refresh_from_db()
    assert (run.state, run.attempts) == (State.DONE, 2)


def test_without_a_broker_the_job_waits_in_the_table(
    db, handle, settings, monkeypatch, django_capture_on_commit_callbacks
):
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1"

    def unreachable(*args):
        raise ConnectionError

    monkeypatch.setattr(tasks.work_job, "delay", unreachable)
    with django_capture_on_commit_callbacks(execute=True):
        run = enqueue()
    run.refresh_from_db()
    assert run.state == State.QUEUED
    assert jobs.work_all() == 1
