"""Workers as processes of their own, on the test's database, which can be killed while they write a month."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, transaction

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
JUNE = Month(2022, 6)
LEASE_SECONDS = 2


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory) -> None:
    """SQLite in memory is for one process alone; a file is for all."""
    from django.db import connections

    house = connections["default"]
    if house.vendor == "sqlite":
        house.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("house") / "test.sqlite3")


@pytest.fixture
def june(transactional_db) -> dict[str, str]:
    """Figures of June wait to be closed. Gives the business tables as an undisturbed closing leaves them."""
    load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system())
    for number, region in enumerate(("320681", "320623", "320685") * 8):
        firm = factories.enterprise(f"试验{number}号机械有限公司", region)
        for month in (JUNE - 12, JUNE - 1, JUNE):
            factories.monthly_figure(firm, month, f"{100 + number}.5{number % 10}", "1.2")
        if number % 3 == 0:
            factories.scale_event(firm, month="2022-03")
    before = table_digests()
    close_month(programme=PROGRAMME, month=JUNE, actor=User.objects.system())
    closed = table_digests()
    undo_closing()
    assert table_digests() == before != closed
    return closed


def undo_closing() -> None:
    with transaction.atomic():
        MonthlyIssue.objects.all().delete()
        with connection.cursor() as cursor:  # the trail has no door for it
            cursor.execute("DELETE FROM core_audit_entry WHERE act = 'close_month'")


def send_june() -> JobRun:
    """As the page does it: into the table, and the broker is told once that is committed."""
    return jobs.enqueue(
        job="close_month",
        key=close_month_key(PROGRAMME, JUNE),
        arguments={"programme": PROGRAMME, "month": str(JUNE)},
        actor=User.objects.system(),
    )


class Workers:
    """Starts workers, each with its children in a group of processes of its own."""

    def __init__(self, folder: Path, broker: str) -> None:
        self.folder, self.broker = folder, broker
        self.started: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        command = ["manage.py", "run_worker"]
        if self.broker:
            number = len(self.started)
            command = ["-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--beat"]
            command += ["--hostname", f"drill{number}", "--schedule", str(self.folder / f"beat{number}")]
        worker = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ
            | {
                "DATABASE_URL": address_of_database(),
                "CELERY_BROKER_URL": self.broker,
                "CELERY_QUEUE": settings.CELERY_TASK_DEFAULT_QUEUE,
                "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
                "VAR_DIR": str(self.folder),
                "DRILL_FOLDER": str(self.folder),
                "DJANGO_SETTINGS_MODULE": "tests.drills.held_house.settings",
            },
            stdout=(self.folder / "worker.log").open("ab"),
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.started.append(worker)
        return worker

    def hold(self) -> None:
        """From now on a month stops in the middle of being written."""
        (self.folder / "hold").touch()

    def let_go(self) -> None:
        (self.folder / "hold").unlink()

    def caught(self) -> int:
        """Waits until a worker is in the middle of June; the process that is."""
        reached = self.folder / "reached"
        self.wait_until(lambda: reached.exists() and reached.read_text(), "a worker is in the middle of it")
        return int(reached.read_text())

    def wait_until(self, true: Callable[[], object], what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                log = (self.folder / "worker.log").read_text(errors="replace")
                pytest.fail(f"waited {seconds} s until {what}\n{log[-4000:]}")
            time.sleep(0.05)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Parent and children at once; nobody can tell the table."""
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()


def address_of_database() -> str:
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    where = connection.settings_dict
    return f"postgres://{where['USER']}:{where['PASSWORD']}@{where['HOST']}:{where['PORT']}/{where['NAME']}"


@pytest.fixture
def start_workers(june, tmp_path) -> Iterator[Callable[[str], Workers]]:
    houses: list[Workers] = []

    def of(broker: str) -> Workers:
        houses.append(Workers(tmp_path, broker))
        return houses[-1]

    yield of
    for house in houses:
        for worker in house.started:
            if worker.poll() is None:
                kill(worker)
