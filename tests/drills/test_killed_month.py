"""Workers are killed in the middle of closing a month; the next one finishes it and nobody could tell from the tables."""

from __future__ import annotations

import os
import signal

import pytest
import redis
from django.conf import settings
from django.db import connection

from core.digest import business_digest, table_digests
from core.models import AuditEntry, JobRun
from core.tasks import work_job
from cultivation.models import MonthlyIssue, RegionMonth
from tests.drills.conftest import kill, send_june

pytestmark = pytest.mark.drill


def run():
    return JobRun.objects.get()


def test_the_embedded_worker_s_month_is_finished_by_the_next(june, start_workers, settings):
    settings.CELERY_BROKER_URL = ""
    workers = start_workers("")
    workers.hold()
    first = workers.start()
    send_june()
    workers.caught()
    kill(first)
    assert (run().state, run().attempts) == ("running", 1), "the table still says so: nobody could tell it"
    assert not RegionMonth.objects.exists(), "half a month is no month"

    workers.let_go()
    workers.start()
    workers.wait_until(lambda: run().state == "done", "the next worker finished the month")
    assert table_digests() == june
    assert run().attempts == 2


# ---- with Celery


@pytest.fixture
def broker():
    """The Redis number named for this run; it is emptied. Needs PostgreSQL besides: a bureau runs both."""
    address = settings.CELERY_BROKER_URL
    if connection.vendor != "postgresql" or not address.startswith("redis"):
        pytest.skip("needs PostgreSQL and Redis: DATABASE_URL and CELERY_BROKER_URL")
    client = redis.Redis.from_url(address)
    try:
        client.ping()
    except redis.ConnectionError:
        pytest.skip("no Redis where CELERY_BROKER_URL points")
    client.flushdb()
    yield client
    client.flushdb()


@pytest.mark.parametrize(
    "loss", ["parent and child", "parent, child and all of Redis", "the pool child alone"]
)
def test_the_sweeper_finishes_what_a_killed_celery_worker_left(broker, june, start_workers, loss):
    workers = start_workers(settings.CELERY_BROKER_URL)
    workers.hold()
    first = workers.start()
    send_june()
    child = workers.caught()
    assert child != first.pid
    if loss == "the pool child alone":
        os.kill(child, signal.SIGKILL)
    else:
        kill(first)
    if "Redis" in loss:
        broker.flushdb()
    assert (run().state, run().attempts) == ("running", 1)

    workers.let_go()
    if loss != "the pool child alone":
        workers.start()
    workers.wait_until(lambda: run().state == "done", "the sweeper had the month finished")
    assert table_digests() == june
    assert run().attempts == 2
    assert AuditEntry.objects.filter(act="close_month").count() == 1


def test_a_month_sent_ten_times_is_closed_once(broker, june, start_workers):
    workers = start_workers(settings.CELERY_BROKER_URL)
    number = send_june().pk
    for _ in range(9):
        work_job.delay(number)
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    assert broker.llen(queue) == 10
    workers.start()
    workers.wait_until(lambda: run().state == "done", "the month is closed")
    workers.wait_until(lambda: not broker.llen(queue) and not broker.hlen("unacked"), "all ten are read")
    for _ in range(10):
        work_job.delay(number)
    workers.wait_until(lambda: not broker.llen(queue) and not broker.hlen("unacked"), "ten more are read")
    assert table_digests() == june
    assert (run().attempts, MonthlyIssue.objects.count()) == (1, 1)


def test_wake_ups_lost_between_are_made_up_for_by_the_table(broker, june, start_workers):
    workers = start_workers(settings.CELERY_BROKER_URL)
    send_june()
    broker.flushdb()
    workers.start()
    workers.wait_until(lambda: run().state == "done", "the table was worked without a message")
    assert table_digests() == june
    assert run().attempts == 1


def test_the_digest_tells_one_hundredth_of_one_district(june, start_workers, settings):
    """Else the tests above could not fail."""
    settings.CELERY_BROKER_URL = ""
    workers = start_workers("")
    workers.start()
    send_june()
    workers.wait_until(lambda: run().state == "done", "the month is closed")
    assert table_digests() == june
    whole = business_digest()
    line = RegionMonth.objects.filter(region="320681").get()
    RegionMonth.objects.filter(pk=line.pk).update(revenue_wan=line.revenue_wan + 1)
    changed = {table for table, digest in table_digests().items() if digest != june[table]}
    assert changed == {"region_month"}
    assert business_digest() != whole
