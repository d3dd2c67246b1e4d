"""``python -m bench.month [FIRMS]``: closing a month on PostgreSQL, 36 months of figures a firm: lines, statistics, lists, risk
and findings, read → computed → stored; against ``bench/month.sql`` (the lines and two of the findings alone) on the same
PostgreSQL and on DuckDB; and against the floor: the columns that closing needs, read once. Needs ``requirements-bench.txt``.
Peak memory is that of the process that closes; the firms are made in another. 1,000,000 firms take some 8 GB of disk."""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from bench.house import (
    CITY,
    bare,
    house,
    in_child,
    make_firms,
    peak_mib,
    seconds,
    settings_of_server,
    settle,
    versions,
)

POLICY = Path(__file__).resolve().parents[1] / "config/policies/nantong/nantong-2022.yaml"
STATEMENT = Path(__file__).with_name("month.sql")
MONTHS = 36
ROUNDS = 5
#: From here on two rounds must do.
MANY, MANY_ROUNDS = 500_000, 2
PROGRAMME = "nantong-2022"


def main(count: int) -> None:
    with house():
        from django.db import connection

        from core.models import User
        from core.periods import Month
        from core.services.policies import load_edition
        from cultivation.services.months import close_month
        from tests import factories

        if connection.vendor != "postgresql":
            raise SystemExit("bench.month measures PostgreSQL: set DATABASE_URL")
        print(versions(), settings_of_server(), sep="\n")
        system, june = User.objects.system(), Month(2022, 6)
        load_edition(text=POLICY.read_text(encoding="utf-8"), actor=system)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        made = seconds(lambda: in_child(lambda: make_house(count, regions, june)))
        settle()
        print(f"{count} firms × {MONTHS} months made in {made:.0f} s", flush=True)
        before = peak_mib()

        def close() -> None:
            close_month(programme=PROGRAMME, month=june, actor=system)

        cpu = time.process_time()
        first = seconds(close)
        print(f"first closing {first:.1f} s, {time.process_time() - cpu:.1f} s of them CPU here", flush=True)
        print(
            f"{count} firms × {MONTHS} months closed: peak {peak_mib():.0f} MiB, {before:.0f} MiB before",
            flush=True,
        )
        duck = _duck(connection)
        statement = STATEMENT.read_text(encoding="utf-8")
        peers = {
            "plain SQL on PostgreSQL": lambda: _on_postgresql(connection, statement),
            f"plain SQL on DuckDB {duckdb.__version__}": lambda: duck.execute(statement).fetchall(),
            "the columns read once": lambda: _floor(june),
        }
        _compare(_lines(), _on_postgresql(connection, statement), duck.execute(statement).fetchall())
        _measure(count, close, peers)


def _measure(count: int, close: Any, peers: dict[str, Any]) -> None:
    """In each round ours and every peer, one after the other: whatever else the machine does befalls all of them."""
    ours: list[float] = []
    theirs: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(MANY_ROUNDS if count >= MANY else ROUNDS):
        _forget()
        ours.append(seconds(close))
        for name, peer in peers.items():
            theirs[name].append(seconds(peer))
    print(f"closed: {statistics.median(ours):.1f} s (median of {len(ours)})")
    for name, times in theirs.items():
        ratio = statistics.median(mine / other for mine, other in zip(ours, times, strict=True))
        print(f"{name}: {statistics.median(times):.2f} s, ours ÷ peer {ratio:.1f}")


def _lines() -> list[tuple[Any, ...]]:
    """What was stored, as the statement tells it."""
    from cultivation.models import IssueStatistics, MonthlyIssue, RegionMonth
    from cultivation.rules.findings import counts_of
    from cultivation.rules.month_rows import unpacked

    issue = MonthlyIssue.objects.get()
    kept = IssueStatistics.objects.get(issue=issue)
    found = unpacked(bytes(kept.findings))["findings"]
    told = {
        code: [counts_of(found, [place])[kind] for kind in ("fall", "silent")]
        for place, code in enumerate(kept.regions)
    }
    names = (
        "firms", "reporting", "revenue_wan", "tax_paid_wan", "revenue_base_wan", "revenue_ytd_wan",
        "revenue_ytd_comparable_wan", "revenue_ytd_base_wan", "newly_listed_ytd", "above_scale_total",
    )  # fmt: skip
    rows = RegionMonth.objects.filter(issue=issue).order_by("region_id").values_list("region_id", *names)
    return [(*row, *told[row[0]]) for row in rows]


def _compare(ours: list[tuple[Any, ...]], *theirs: list[tuple[Any, ...]]) -> None:
    """Raises ``SystemExit`` unless all tell the same month."""
    for rows in theirs:
        told = [(region, *(int(number or 0) for number in numbers)) for region, *numbers in rows]
        if sorted(told) != sorted(ours):
            raise SystemExit(f"not the same month:\n{ours}\n{told}")


def _on_postgresql(connection: Any, statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


def _duck(connection: Any) -> Any:
    """The same rows in DuckDB's own storage, in memory; as many threads as the machine has cores."""
    duck = duckdb.connect()
    for table, columns in {
        "enterprise": "id, region_id",
        "monthly_figure": "id, enterprise_id, month, region_id, revenue_wan, tax_paid_wan",
        "scale_event": "id, enterprise_id, kind, month, library_year, region_id",
    }.items():
        with tempfile.NamedTemporaryFile(suffix=".csv") as file, connection.cursor() as cursor:
            cursor.copy_expert(f"COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT csv, HEADER)", file)  # noqa: S608 - constants above
            file.flush()
            texts = "types = {'region_id': 'VARCHAR'}"
            duck.execute(f"CREATE TABLE {table} AS SELECT * FROM read_csv('{file.name}', {texts})")  # noqa: S608
    return duck


def _floor(last: Any) -> None:
    """Every figure that a month is computed from, as whole columns, with no thought given to any of them: last year and
    this one whole, sales alone of the two years before, which the forecasts are learnt from."""
    from django.db.models import F, IntegerField
    from django.db.models.functions import Cast

    from core.bulk import read_blocks
    from core.periods import Month
    from enterprises.models import MonthlyFigure

    figures = MonthlyFigure.objects.annotate(number=Cast(F("month"), IntegerField())).order_by()
    first = Month(last.year - 1, 1)
    names = ("enterprise_id", "number", "revenue_wan")
    detail = (*names, "tax_paid_wan", "power_wan_kwh", "region_id")
    read_blocks(figures.for_months(first, last), lambda read: None, *detail)
    read_blocks(figures.for_months(first - 24, first - 1), lambda read: None, *names)


def make_house(count: int, regions: list[str], last: Any) -> None:
    from enterprises.models import AnnualFigure, Enterprise, MonthlyFigure, RegionSpell, ScaleEvent

    with bare(Enterprise, RegionSpell, AnnualFigure):
        make_firms(count, regions)
    with bare(MonthlyFigure, ScaleEvent):
        make_months(regions, last)


def make_months(regions: list[str], last: Any) -> None:
    """36 months of every firm, one in twelve silent in the last two; one in five in the directory, one in forty new."""
    from core.bulk import read_columns, write_columns
    from core.conditions import Column
    from enterprises.models import Enterprise, MonthlyFigure, ScaleEvent
    from tests import factories

    ids = read_columns(Enterprise.objects.order_by(), "id", "uscc").by_code("uscc").columns["id"].values
    number = np.arange(ids.size)
    batches = np.array([factories.batch("monthly", code).pk for code in regions])
    for ago in range(MONTHS):
        there = ids if ago > 1 else ids[number % 12 > 0]
        own = number if ago > 1 else number[number % 12 > 0]
        known = np.ones(own.size, np.bool_)
        revenue = 5000 + own * 53 % 30000 + (MONTHS - ago) * (own % 41 - 15) * 10
        write_columns(
            MonthlyFigure,
            {
                "enterprise_id": there,
                "month": (last - ago).number,
                "region_id": Column(own % len(regions), known, tuple(regions)),
                "revenue_wan": np.maximum(revenue, 0),
                "tax_paid_wan": revenue // 25,
                "power_wan_kwh": 100 + own % 900,
                "batch_id": batches[own % len(regions)],
            },
        )
    for kind, month, chosen in (
        (ScaleEvent.Kind.IN_DIRECTORY, 202101, number % 5 == 0),
        (ScaleEvent.Kind.LISTED, 202203, number % 40 == 1),
    ):
        own = number[chosen]
        write_columns(
            ScaleEvent,
            {
                "enterprise_id": ids[chosen],
                "kind": kind,
                "month": month,
                "library_year": month // 100,
                "region_id": Column(own % len(regions), np.ones(own.size, np.bool_), tuple(regions)),
                "batch_id": batches[own % len(regions)],
            },
        )


def _forget() -> None:
    """So that the same figures are closed again and not recognised as the same; no part of what is timed."""
    from cultivation.models import MonthlyIssue

    MonthlyIssue.objects.all().delete()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
