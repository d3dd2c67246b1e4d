"""Web and workers as processes of their own, on the test's database, which something befalls while they close a month.

``MOMENTS`` says how often each drill is played (1 unless told otherwise). From ten on the leases are the house's own and
times are judged; below, leases are short, so that nobody waits for them.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
import redis
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from core import jobs
from core.digest import table_digests
from core.models import JobRun, User
from core.periods import Month
from core.services.policies import load_edition
from cultivation.models import MonthlyIssue
from cultivation.services.months import close_month, close_month_key
from tests import factories
from tests.cultivation.conftest import POLICY, PROGRAMME

ROOT = Path(__file__).resolve().parents[2]
MAY, JUNE = Month(2022, 5), Month(2022, 6)
MOMENTS = int(os.environ.get("MOMENTS", "1"))
IS_FULL = MOMENTS >= 10
LEASE_SECONDS = settings.JOB_LEASE_SECONDS if IS_FULL else 2


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory) -> None:
    """SQLite in memory is for one process alone; a file is for all."""
    from django.db import connections

    house = connections["default"]
    if house.vendor == "sqlite":
        house.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("house") / "test.sqlite3")


@pytest.fixture
def _django_db_helper(django_db_setup) -> None:
    """Instead of pytest-django's: no transaction around a drill and no flush after it, the house stands for all of them."""


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What the business tables say once June is closed in peace, and how many queries that takes."""

    tables: dict[str, str]
    queries: int


@pytest.fixture(scope="module")
def june(django_db_setup, django_db_blocker) -> Iterator[Undisturbed]:
    """Figures of May and June wait to be closed; every drill leaves them waiting again."""
    with django_db_blocker.unblock():
        yield _waiting_june()
        call_command("flush", verbosity=0, interactive=False)


def _waiting_june() -> Undisturbed:
    load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system())
    for number, region in enumerate(("320681", "320623", "320685") * 8):
        firm = factories.enterprise(f"试验{number}号机械有限公司", region)
        for month in (JUNE - 12, MAY, JUNE):
            factories.monthly_figure(firm, month, f"{100 + number}.5{number % 10}", "1.2")
        if number % 3 == 0:
            factories.scale_event(firm, month="2022-03")
    before, asked = table_digests(), []

    def count(execute: Callable[..., object], *query: object) -> object:
        asked.append(query[0])
        return execute(*query)

    for _ in range(2):
        # the second time as a worker that has closed before: what it keeps of the edition it does not ask for again
        undo_closing()
        asked.clear()
        with connection.execute_wrapper(count):
            close_month(programme=PROGRAMME, month=JUNE, actor=User.objects.system())
    closed = Undisturbed(table_digests(), len(asked))
    undo_closing()
    assert table_digests() == before != closed.tables
    return closed


def undo_closing() -> None:
    with transaction.atomic():
        MonthlyIssue.objects.all().delete()
        with connection.cursor() as cursor:  # the trail has no door for it
            cursor.execute("DELETE FROM core_audit_entry WHERE act = 'close_month'")


def moments(drill: str, queries: int) -> list[int]:
    """Before which query of the closing it happens, each time: drawn anew for every drill, the same in every run."""
    draw = Random(drill)
    return [draw.randint(1, queries) for _ in range(MOMENTS)]


def send(month: Month = JUNE) -> JobRun:
    """As the page does it: into the table, and the broker is told once that is committed."""
    return jobs.enqueue(
        job="close_month",
        key=close_month_key(PROGRAMME, month),
        arguments={"programme": PROGRAMME, "month": str(month)},
        actor=User.objects.system(),
    )


def run_of(month: Month = JUNE) -> JobRun:
    return JobRun.objects.get(key=close_month_key(PROGRAMME, month))


def environment(folder: Path, broker: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": address_of_database(),
        "CELERY_BROKER_URL": broker,
        "CELERY_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
        "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
        "VAR_DIR": str(folder),
        "DRILL_FOLDER": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.drills.held_house.settings",
    }


class Workers:
    """Starts workers, each with its children in a group of processes of its own."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder, self.broker = folder, broker
        self.running: list[subprocess.Popen[bytes]] = []
        self.count = 0

    def exactly(self, count: int) -> subprocess.Popen[bytes]:
        """So many run, no more; the first of them."""
        self.running = [worker for worker in self.running if worker.poll() is None]
        while len(self.running) > count:
            kill(self.running.pop())
        while len(self.running) < count:
            self.start()
        return self.running[0]

    def stop(self) -> None:
        for worker in self.running:
            if worker.poll() is None:
                kill(worker)
        self.running = []

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        command = ["manage.py", "run_worker"]
        if self.broker:
            self.count += 1
            command = ["-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--beat"]
            command += ["--without-mingle", "--without-gossip", "--hostname", f"drill{self.count}"]
            command += ["--schedule", str(self.folder / f"beat{self.count}")]
        worker = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=environment(self.folder, self.broker) | more,
            stdout=(self.folder / "worker.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.running.append(worker)
        return worker

    def hold(self, moment: int) -> None:
        """The next closing stops before this query of its own."""
        (self.folder / "reached").unlink(missing_ok=True)
        (self.folder / "hold").write_text(str(moment))

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def caught(self) -> tuple[int, datetime]:
        """Waits until a worker is in the middle of the month; the process that is, and its clock."""
        reached = self.folder / "reached"
        self.wait_until(lambda: reached.exists() and reached.read_text(), "a worker is in the middle of it")
        process, clock = reached.read_text().split()
        return int(process), datetime.fromisoformat(clock)

    def wait_until(self, true: Callable[[], object], what: str, seconds: float = 90) -> float:
        """How many seconds it took."""
        begun = time.monotonic()
        while not true():
            if time.monotonic() > begun + seconds:
                log = (self.folder / "worker.log").read_text(errors="replace")
                pytest.fail(f"waited {seconds} s until {what}\n{log[-4000:]}")
            time.sleep(0.05)
        return time.monotonic() - begun

    def wait_until_closed(self, month: Month = JUNE) -> float:
        return self.wait_until(lambda: run_of(month).state == JobRun.State.DONE, f"{month} is closed")


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Parent and children at once; nobody can tell the table."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def address_of_database() -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    where = connection.settings_dict
    return f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


@pytest.fixture(scope="module")
def broker() -> Iterator[redis.Redis | None]:
    """The Redis number named for this run, which is emptied; none where the house works from the table alone."""
    address = settings.CELERY_BROKER_URL
    if connection.vendor != "postgresql" or not address.startswith("redis"):
        yield None
        return
    client = redis.Redis.from_url(address)
    client.flushdb()
    yield client
    client.flushdb()


@pytest.fixture(scope="module")
def workers(broker, june, tmp_path_factory) -> Iterator[Workers]:
    """Celery's with a broker, else the embedded ones."""
    address = settings.CELERY_BROKER_URL if broker is not None else ""
    house = Workers(tmp_path_factory.mktemp("workers"), address)
    with override_settings(CELERY_BROKER_URL=address):
        yield house
    house.stop()


# ---- the web beside it


class Visitor(threading.Thread):
    """Asks the web for its health and for a page, five times a second, and keeps what it was answered."""

    def __init__(self, address: str) -> None:
        super().__init__(daemon=True)
        self.address, self.is_done = address, threading.Event()
        self.answers: list[int] = []
        self.slowest = 0.0

    def run(self) -> None:
        while not self.is_done.wait(0.1):
            for page in ("/health/live/", "/login/"):
                begun = time.monotonic()
                self.answers.append(_status(self.address + page))
                self.slowest = max(self.slowest, time.monotonic() - begun)


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


@pytest.fixture(scope="module")
def web(june, tmp_path_factory) -> Iterator[str]:
    """The address of the pages, served by a process of their own."""
    folder = tmp_path_factory.mktemp("web")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}"]
    web = subprocess.Popen(
        [*command, "--threads", "4", "--log-level", "warning"],
        cwd=ROOT,
        env=environment(folder, "") | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=(folder / "web.log").open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    while _status(f"{address}/login/") != 200:
        assert time.monotonic() < deadline, (folder / "web.log").read_text()
        time.sleep(0.1)
    yield address
    kill(web)


@pytest.fixture
def visitor(web) -> Iterator[Visitor]:
    """Somebody who uses the pages all the while; every answer must be the page."""
    guest = Visitor(web)
    guest.start()
    yield guest
    guest.is_done.set()
    guest.join()


# ---- the table


@dataclass(slots=True)
class Line:
    """One drill: how often it was played, and the longest it took until the month stood."""

    drill: str
    limit: int | None
    recovered: list[float] = field(default_factory=list)
    equal: int = 0
    pages: int = 0
    slowest: float = 0.0


_lines: list[Line] = []


@pytest.fixture
def line(request, visitor) -> Iterator[Callable[[str, int | None], Line]]:
    """Opens the drill's line of the table. Afterwards: every page was answered, and nothing took longer than it may."""
    opened: list[Line] = []

    def begin(drill: str, limit: int | None = None) -> Line:
        opened.append(Line(drill, limit))
        return opened[-1]

    yield begin
    for one in opened:
        one.pages, one.slowest = len(visitor.answers), visitor.slowest
        _lines.append(one)
        assert set(visitor.answers) == {200}, f"{one.drill}: the web answered throughout"
        if one.limit:
            assert max(one.recovered) <= one.limit, f"{one.drill}: {one.recovered}"


def pytest_terminal_summary(terminalreporter) -> None:
    if not _lines:
        return
    terminalreporter.section(f"drills on {connection.vendor}, leases of {LEASE_SECONDS} s")
    terminalreporter.write_line(
        f"{'drill':<48}{'moments':>8}{'equal':>7}{'longest':>10}{'limit':>8}{'pages':>7}{'slowest':>10}"
    )
    for one in _lines:
        count, limit = len(one.recovered), f"{one.limit} s" if one.limit else "—"
        terminalreporter.write_line(
            f"{one.drill:<48}{count:>8}{one.equal:>7}{max(one.recovered, default=0):>8.1f} s{limit:>8}{one.pages:>7}{one.slowest:>8.2f} s"
        )
