"""A house of many firms in a database of its own, and how pairs are timed."""

from __future__ import annotations

import os
import resource
import statistics
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
os.environ.setdefault("API_RATE", "100000000/min")
os.environ.setdefault("LOG_LEVEL", "ERROR")
PAIRS = 5
CITY = "320600"


@contextmanager
def house() -> Iterator[None]:
    """Django on a fresh test database beside the one that ``DATABASE_URL`` names."""
    import django

    django.setup()
    from django.conf import settings
    from django.test.utils import (
        setup_databases,
        setup_test_environment,
        teardown_databases,
        teardown_test_environment,
    )

    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # in a file, as durable as the portal's own
        database["TEST"]["NAME"] = str(settings.VAR_DIR / "bench.sqlite3")
    setup_test_environment(debug=False)
    made = setup_databases(verbosity=0, interactive=False)
    try:
        yield
    finally:
        teardown_databases(made, verbosity=0)
        teardown_test_environment()


def make_firms(count: int, regions: list[str]) -> None:
    """Firms of invented names with figures of 2021, district by district in turn."""
    from django.utils import timezone

    from core.bulk import write_columns
    from core.conditions import Column
    from enterprises.models import AnnualFigure, Enterprise, RegionSpell
    from tests import factories

    number = np.arange(count)
    known = np.ones(count, np.bool_)
    where = Column(number % len(regions), known, tuple(regions))
    names = [f"试验{place}号机械有限公司" for place in range(count)]
    now = timezone.now()
    write_columns(
        Enterprise,
        {
            "uscc": [factories.uscc(place) for place in range(count)],
            "name": names,
            "name_key": names,
            "region_id": where,
            "started_on": date(2010, 1, 1),
            "verification": Enterprise.Verification.VERIFIED,
            "created_at": now,
            "updated_at": now,
        },
    )
    batches = np.array([factories.batch("annual", code).pk for code in regions])
    ids = np.fromiter(Enterprise.objects.order_by("uscc").values_list("pk", flat=True).iterator(), np.int64)
    sales = 200000 + number * 53 % 900000
    write_columns(RegionSpell, {"enterprise_id": ids, "region_id": where})
    write_columns(
        AnnualFigure,
        {
            "enterprise_id": ids,
            "year": 2021,
            "source": AnnualFigure.Source.SURVEY,
            "region_id": where,
            "land_own_mu": 1000 + number % 5000,
            "land_leased_in_mu": 0,
            "land_leased_out_mu": 0,
            "tax_wan": 1000 + number * 37 % 90000,
            "taxable_sales_wan": sales,
            "revenue_wan": sales,
            "main_revenue_wan": sales,
            "value_added_wan": 50000 + number * 31 % 200000,
            "energy_tce": 1000 + number * 17 % 60000,
            "power_wan_kwh": 1000 + number * 13 % 60000,
            "emissions_t": 100 + number * 11 % 5000,
            "staff": 10 + number % 300,
            "research_wan": number * 7 % 20000,
            "batch_id": batches[number % len(regions)],
        },
    )


@contextmanager
def bare(*models: type) -> Iterator[None]:
    """Tables without indexes, keys and checks while they are filled, where the database is PostgreSQL: all of them stand
    again afterwards, built over what is there."""
    from django.db import connection

    if connection.vendor != "postgresql":
        yield
        return
    again: list[str] = []
    with connection.cursor() as cursor:
        for model in models:
            again += _stripped(cursor, model._meta.db_table)  # type: ignore[attr-defined]
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for statement in again:
            cursor.execute(statement)


def _stripped(cursor: Any, table: str) -> list[str]:
    """Takes away what slows a table's filling; returns what puts it back."""
    cursor.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = %s::regclass AND contype IN ('f', 'u') ORDER BY contype DESC",
        [table],
    )
    keys = cursor.fetchall()
    for name, _ in keys:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    cursor.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT LIKE %s",
        [table, "%_pkey"],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f"DROP INDEX {name}")
    return [
        *(f"ALTER TABLE {table} ADD CONSTRAINT {name} {told}" for name, told in keys),
        *(told for _, told in indexes),
    ]


def settings_of_server() -> str:
    """What a PostgreSQL server was set to, of all that moves such figures."""
    from django.db import connection

    names = (
        "shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size", "max_wal_size", "fsync",
        "synchronous_commit", "jit", "max_parallel_workers_per_gather", "random_page_cost",
    )  # fmt: skip
    with connection.cursor() as cursor:
        told = []
        for name in names:
            cursor.execute(f"SHOW {name}")
            told.append(f"{name} {cursor.fetchone()[0]}")
    return ", ".join(told)


def settle() -> None:
    """What a database knows of its tables after the night's upkeep."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def paired(
    name: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    pairs: int = PAIRS,
    before: Callable[[], object] = lambda: None,
) -> float:
    """Times both in turn, after one round that does not count; prints and returns the median of peer ÷ ours.

    ``before`` is done, and not timed, before each of our turns.
    """

    def our_turn() -> float:
        before()
        return seconds(ours)

    our_turn(), peer()
    rounds = [(our_turn(), seconds(peer)) for _ in range(pairs)]
    ratio = statistics.median(theirs / mine for mine, theirs in rounds)
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    told = f"peer ÷ ours {ratio:.1f}" if ratio >= 1 else f"ours ÷ peer {1 / ratio:.1f}"
    print(f"{name}: {mine:.3f} s, peer {theirs:.3f} s, {told} (median of {pairs} pairs)", flush=True)
    return ratio


def in_child(work: Callable[[], object]) -> None:
    """``work`` in a process of its own, so that its memory is not ours. Raises ``SystemExit`` when it fails."""
    from django.db import connections

    connections.close_all()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            connections.close_all()
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)
    _pid, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"the child failed with status {status}")


def peak_mib() -> float:
    """The most memory that this process has held so far.

    ``getrusage`` counts what the process that began this one held at that moment; the kernel's own line does not.
    """
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def versions() -> str:
    """What was measured on."""
    import django
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT sqlite_version()" if connection.vendor == "sqlite" else "SHOW server_version")
        server = cursor.fetchone()[0]
    python = ".".join(map(str, sys.version_info[:3]))
    return f"{connection.vendor} {server}, Python {python}, Django {django.__version__}, numpy {np.__version__}, {os.cpu_count()} cores"
