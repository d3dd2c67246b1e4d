"""Celery wakes, the table is the truth."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.db import transaction

from config.celery import SWEEP_SECONDS, app
from core import jobs, tasks
from core.audit import record
from core.digest import table_digests
from core.models import JobRun, User

# ---- how a broker is used


def test_a_task_ends_before_redis_hands_its_message_out_again():
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    for options in (app.conf.broker_transport_options, app.conf.result_backend_transport_options):
        assert app.conf.task_time_limit < options["visibility_timeout"]
    assert app.conf.broker_transport_options["visibility_timeout"] == settings.CELERY_VISIBILITY_TIMEOUT


def test_a_message_is_acknowledged_when_its_task_has_ended_and_comes_back_when_the_child_died():
    assert app.conf.task_acks_late and app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_ignore_result
    assert app.conf.worker_soft_shutdown_timeout > 0


def test_nothing_but_json_is_read_from_the_broker():
    assert app.conf.accept_content == app.conf.result_accept_content == ["json"]
    assert app.conf.task_serializer == app.conf.result_serializer == "json"


def test_who_presses_a_button_waits_at_most_two_seconds_for_a_broker_that_is_down():
    options, policy = app.conf.broker_transport_options, app.conf.task_publish_retry_policy
    tries = 1 + policy["max_retries"]
    assert tries * options["socket_timeout"] + policy["interval_start"] <= 2
    assert tries * options["socket_connect_timeout"] + policy["interval_start"] <= 2


def test_the_table_of_contents_names_tasks_that_exist_and_sweeps_every_ten_seconds():
    app.loader.import_default_modules()
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in app.tasks
    sweep = app.conf.beat_schedule["sweep-jobs"]
    assert (sweep["schedule"], sweep["options"]["expires"]) == (SWEEP_SECONDS, SWEEP_SECONDS) == (10, 10)


def test_a_message_carries_the_number_of_a_job_and_nothing_else(settings, monkeypatch):
    settings.CELERY_BROKER_URL = "memory://"
    sent = []
    monkeypatch.setattr(tasks.work_job, "delay", lambda *carried: sent.append(carried))
    jobs.wake(7)
    assert sent == [(7,)]
    assert json.loads(json.dumps(sent)) == [[7]]


# ---- one claim, whoever works it


@pytest.fixture
def effects(monkeypatch):
    """A job that leaves one entry in the trail each time it is worked."""

    def handler(progress):
        with transaction.atomic():
            record(actor=progress.actor, act="close_month", subject=progress.run.key)
        return {}

    monkeypatch.setitem(jobs._handlers, "close_month", handler)


def queued(key="close_month:nantong-2022:2022-06"):
    return jobs.enqueue(job="close_month", key=key, arguments={}, actor=User.objects.system())


def test_a_job_sent_ten_times_has_one_effect(db, effects):
    run = queued()
    before = table_digests()
    for _ in range(10):
        tasks.work_job(run.pk)
    assert jobs.work_all() == 0
    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobRun.State.DONE, 1)
    after = table_digests()
    assert {table for table in after if after[table] != before[table]} == {"core_audit_entry"}
    assert after["core_audit_entry"].startswith("1 rows")


def test_celery_embedded_worker_and_sweeper_all_take_a_job_by_the_same_claim(db, effects, monkeypatch):
    claimed = []
    claim = jobs.claim
    monkeypatch.setattr(jobs, "claim", lambda run_id, worker: claimed.append(run_id) or claim(run_id, worker))
    monkeypatch.setattr(jobs, "wake", tasks.work_job)  # the broker hands on at once
    numbers = [queued(key).pk for key in ("by celery", "by the embedded worker", "by the sweeper")]
    tasks.work_job(numbers[0])
    jobs.work_next()
    tasks.sweep_jobs()
    assert claimed == numbers


def test_progress_told_inside_the_writing_transaction_is_a_fault(db, monkeypatch):
    """Nobody would see it before the end, and the lease could not be renewed beside it."""

    def handler(progress):
        with transaction.atomic():
            progress.tell(1, 2)
        return {}

    monkeypatch.setitem(jobs._handlers, "close_month", handler)
    run = jobs.work(jobs.claim(queued().pk, "worker"))
    assert run.error.startswith("RuntimeError") and run.progress_total == 0


def test_a_dead_worker_s_job_is_taken_up_within_half_a_minute():
    """Its lease runs out, then the sweeper comes by; the rest is for the next worker to begin."""
    assert settings.JOB_LEASE_SECONDS + SWEEP_SECONDS <= 25
