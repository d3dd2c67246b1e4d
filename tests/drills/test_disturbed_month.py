"""Something befalls whoever closes a month, in the middle of it; nobody could tell from the tables afterwards.

Each drill: the closing waits before a query drawn for that moment, the thing happens, the closing goes on. Then the business
tables are those of an undisturbed closing, the month is closed once and the trail says so once.
"""

from __future__ import annotations

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import cycle

import pytest
from django.conf import settings
from django.db import connection

from core.digest import business_digest, table_digests
from core.models import AuditEntry, JobRun
from core.tasks import sweep_jobs, work_job
from cultivation.models import MonthlyIssue, RegionMonth
from tests.drills.conftest import JUNE, MAY, kill, moments, run_of, send, undo_closing

pytestmark = [pytest.mark.drill, pytest.mark.django_db]
AFTER_A_KILL, AFTER_REDIS = 30, 60
STATE = JobRun.State


def assert_undisturbed(june, told):
    """As if nothing had happened, with no effect twice; then June waits again."""
    assert table_digests() == june.tables
    assert MonthlyIssue.objects.count() == 1
    assert AuditEntry.objects.filter(act="close_month").count() == 1
    told.equal += 1
    undo_closing()


def test_the_pool_child_is_killed(broker, june, workers, line):
    if broker is None:
        pytest.skip("the embedded worker has no children")
    told = line("pool child killed", AFTER_A_KILL)
    parent = workers.exactly(1)
    for moment in moments("child", june.queries):
        workers.hold(moment)
        send()
        child, _clock = workers.caught()
        assert child != parent.pid
        os.kill(child, signal.SIGKILL)
        workers.let_go()
        told.recovered.append(workers.wait_until_closed())
        assert run_of().attempts == 2
        assert_undisturbed(june, told)
    assert parent.poll() is None, "the parent went on"


def test_the_parent_is_killed_with_its_children_and_another_is_started(june, workers, line):
    told = line("parent and children killed", AFTER_A_KILL)
    for moment in moments("parent", june.queries):
        first = workers.exactly(1)
        workers.hold(moment)
        send()
        workers.caught()
        kill(first)
        assert (run_of().state, run_of().attempts) == (STATE.RUNNING, 1), "nobody could tell the table"
        assert not RegionMonth.objects.exists(), "half a month is no month"
        workers.let_go()
        workers.exactly(1)
        told.recovered.append(workers.wait_until_closed())
        assert run_of().attempts == 2
        assert_undisturbed(june, told)


def test_redis_is_wiped_while_one_month_is_closed_and_another_waits(broker, june, workers, line):
    if broker is None:
        pytest.skip("the embedded house has no Redis")
    told = line("Redis wiped", AFTER_REDIS)
    for moment in moments("redis", june.queries):
        workers.stop()
        send(MAY)
        broker.flushdb()
        workers.hold(0)
        workers.exactly(1)
        begun = workers.wait_until_closed(MAY)
        forget(MAY)
        workers.hold(moment)
        send()
        workers.caught()
        broker.flushdb()
        workers.let_go()
        told.recovered.append(max(begun, workers.wait_until_closed()))
        assert run_of().attempts == 1, "who works holds the job by the table, not by Redis"
        assert_undisturbed(june, told)


def forget(month):
    """Another month that a drill closed besides: its lines, and what the trail says of it."""
    assert AuditEntry.objects.filter(act="close_month", subject__contains=str(month)).count() == 1
    MonthlyIssue.objects.filter(month=month).delete()
    AuditEntry.objects.filter(act="close_month", subject__contains=str(month))._raw_delete("default")


def test_every_connection_to_the_database_is_cut(june, workers, line):
    if connection.vendor != "postgresql":
        pytest.skip("the embedded database is a file: there is no connection to cut")
    told = line("connections to PostgreSQL cut", AFTER_A_KILL)
    workers.exactly(1)
    for moment in moments("cut", june.queries):
        workers.hold(moment)
        send()
        workers.caught()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        workers.let_go()
        told.recovered.append(workers.wait_until_closed())
        assert run_of().attempts == 2
        assert_undisturbed(june, told)


def test_ten_ask_for_the_month_in_the_same_moment(june, workers, line):
    told = line("asked for by ten at once")
    workers.exactly(1)
    for _ in moments("asked", june.queries):
        with ThreadPoolExecutor(10) as people:
            assert len(set(people.map(_ask, range(10)))) == 1, "one job, whoever asks"
        told.recovered.append(workers.wait_until_closed())
        assert_undisturbed(june, told)


def _ask(_number):
    try:
        return send().pk
    finally:
        connection.close()


def test_the_month_is_sent_ten_times_at_once_to_two_workers(broker, june, workers, line):
    told = line("sent ten times at once, two workers")
    workers.exactly(2)
    for moment in moments("ten", june.queries):
        workers.hold(moment)
        number = send().pk
        workers.caught()
        for _ in range(10):
            # without a broker both workers look at the table twice a second
            work_job.delay(number) if broker is not None else time.sleep(0.1)
        workers.let_go()
        told.recovered.append(workers.wait_until_closed())
        if broker is not None:
            _wait_until_read(broker, workers)
        assert run_of().attempts == 1
        assert_undisturbed(june, told)


def _wait_until_read(broker, workers):
    queue = settings.CELERY_TASK_DEFAULT_QUEUE
    workers.wait_until(lambda: not broker.llen(queue) and not broker.hlen("unacked"), "every message is read")


def test_two_beats_send_everybody_to_the_table(broker, june, workers, line):
    """A house has one beat; of a second, started by mistake, nobody notices anything."""
    if broker is None:
        pytest.skip("the embedded workers have no beat: two of them are the drill above")
    told = line("two beats")
    workers.exactly(2)
    for moment in moments("beats", june.queries):
        workers.hold(moment)
        send()
        workers.caught()
        for _ in range(2):
            sweep_jobs.delay()
        workers.let_go()
        told.recovered.append(workers.wait_until_closed())
        _wait_until_read(broker, workers)
        assert run_of().attempts == 1
        assert_undisturbed(june, told)


def test_the_first_of_july_begins_while_june_is_closed_by_a_server_in_another_zone(june, workers, line):
    """The clock of the house is Shanghai's; in New York it is noon of the 30th, in Tonga the 1st since hours."""
    told = line("midnight of the 1st, server in another zone")
    july, midnight = JUNE + 1, datetime.fromisoformat("2022-07-01T00:00+08:00")
    zones = cycle(["America/New_York", "Pacific/Tongatapu"])
    for moment, zone in zip(moments("midnight", june.queries), zones, strict=False):
        workers.stop()
        workers.hold(0)
        workers.start(TZ=zone, DRILL_NOW="2022-06-30T23:59:55+08:00")
        send(july)
        workers.wait_until_closed(july)
        assert "还没有开始" in run_of(july).result["refused"], "still the 30th of June"
        workers.hold(moment)
        send()
        _process, clock = workers.caught()
        time.sleep(max(0, (midnight - clock).total_seconds()) + 0.5)
        workers.let_go()
        told.recovered.append(workers.wait_until_closed())
        send(july)
        workers.wait_until_closed(july)
        assert "refused" not in run_of(july).result, "July has begun"
        forget(july)
        assert_undisturbed(june, told)
    workers.stop()


def test_the_digest_tells_one_hundredth_of_one_district(june, workers):
    """Else the drills above could not fail."""
    workers.exactly(1)
    workers.hold(0)
    send()
    workers.wait_until_closed()
    assert table_digests() == june.tables
    whole = business_digest()
    one = RegionMonth.objects.filter(region="320681").get()
    RegionMonth.objects.filter(pk=one.pk).update(revenue_wan=one.revenue_wan + 1)
    changed = {table for table, digest in table_digests().items() if digest != june.tables[table]}
    assert changed == {"region_month"}
    assert business_digest() != whole
    undo_closing()
