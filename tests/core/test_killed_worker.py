"""A worker process is really killed in the middle of a job; the next one finishes it with the same result."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from core import jobs
from core.models import User
from tests.core.slow_app.tasks import sum_of_squares

ROOT = Path(__file__).resolve().parents[2]
COUNT = 12
LEASE_SECONDS = 1
#: a worker queues the day's own jobs beside it
OF_THE_JOB = "FROM core_job_run WHERE job = 'count_slowly'"


@pytest.fixture
def shared_database(transactional_db, tmp_path):
    """``(address, ask)`` of a database that other processes can open, holding one queued job.

    On PostgreSQL it is the tests' own; the in-memory one of SQLite is copied to a file.
    """
    jobs.enqueue(
        job="count_slowly",
        key="count_slowly:12",
        arguments={"count": COUNT, "pause": 0.25},
        actor=User.objects.system(),
    )
    if connection.vendor == "sqlite":
        path = tmp_path / "shared.sqlite3"
        with closing(sqlite3.connect(path)) as file:
            connection.connection.backup(file)
        yield f"sqlite:///{path}", lambda sql: _ask_file(path, sql)
    else:
        where = connection.settings_dict
        address = f"{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
        yield f"postgres://{address}", _ask_connection


def _ask_file(path, sql):
    with closing(sqlite3.connect(path, timeout=20)) as file:
        return file.execute(sql).fetchone()


def _ask_connection(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


@pytest.fixture
def start_worker(shared_database, tmp_path):
    address, _ = shared_database
    started = []

    def start():
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "run_worker", "--settings", "tests.core.slow_app.settings"],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": address,
                "VAR_DIR": str(tmp_path),
                "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
                "CELERY_BROKER_URL": "",
                "DJANGO_SETTINGS_MODULE": "",
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.kill()
        worker.communicate()


def wait_until(true, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"waited {seconds} s until {what}"
        time.sleep(0.05)


def test_a_killed_worker_s_job_is_finished_by_the_next_with_the_same_result(shared_database, start_worker):
    _, ask = shared_database

    def state():
        return ask(f"SELECT state, attempts, progress_done {OF_THE_JOB}")

    first = start_worker()
    wait_until(lambda: state()[2] >= 3 or first.poll() is not None, "the job is under way")
    first.kill()
    assert first.wait() == -signal.SIGKILL
    assert state()[:2] == ("running", 1), "the table still says running: nobody could tell it"
    assert ask("SELECT count(*) FROM core_audit_entry") == (0,)

    second = start_worker()
    wait_until(lambda: state()[0] == "done" or second.poll() is not None, "the next worker finished the job")
    second.terminate()
    assert second.wait(timeout=20) == 0, "a worker asked to stop ends in order"

    result, attempts, worker = ask(f"SELECT result, attempts, worker {OF_THE_JOB}")
    result = json.loads(result) if isinstance(result, str) else result
    assert result == {"total": sum_of_squares(COUNT)}
    assert attempts == 2 and f":{second.pid}:" in worker
    assert ask("SELECT count(*) FROM core_audit_entry") == (1,), "the act was written once"
