"""``python -m bench.scoring [FIRMS]``: a round on PostgreSQL, read → score with trace → write, against the bare COPY of
the same rows out and in again, and against an ORM loop that only reads and writes (of a sample, by the row)."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Any

from bench.house import CITY, PAIRS, house, make_firms, paired, settle

SCHEME = Path(__file__).resolve().parents[1] / "config/policies/nantong/nantong-demo-2021.yaml"
CITY_POLICY = SCHEME.with_name("nantong-2022.yaml")
SAMPLE = 2000


def main(count: int) -> None:
    with house():
        from django.db import connection

        from core.models import User
        from core.services.policies import load_edition
        from evaluation.models import Round, Score
        from evaluation.services.rounds import run_evaluation
        from tests import factories

        if connection.vendor != "postgresql":
            raise SystemExit("bench.scoring measures PostgreSQL: set DATABASE_URL")
        system = User.objects.system()
        for file in (CITY_POLICY, SCHEME):
            load_edition(text=file.read_text(encoding="utf-8"), actor=system)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        make_firms(count, regions)
        settle()

        def score() -> None:
            _forget(Round, Score)
            run_evaluation(scheme=SCHEME.stem, year=2021, actor=system)

        score()
        assert Score.objects.count() == count
        settle()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_score (LIKE eval_score INCLUDING INDEXES)")
            cursor.execute("INSERT INTO bench_score SELECT * FROM eval_score")
        paired(f"{count} firms scored, bare COPY out and in", score, lambda: _copy(connection))
        _loop(connection, Score, count, score)


def _forget(round_model: Any, score_model: Any) -> None:
    """So that the same figures are scored again and not recognised as the same."""
    score_model.objects.all()._raw_delete("default")
    round_model.objects.all().delete()


def _copy(connection: Any) -> None:
    """The floor: figures out, scores out and in, no thought given to any of them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_score")
        cursor.copy_expert("COPY annual_figure TO STDOUT", io.BytesIO())
        rows = io.BytesIO()
        cursor.copy_expert("COPY eval_score TO STDOUT", rows)
        rows.seek(0)
        cursor.copy_expert("COPY bench_score FROM STDIN", rows)


def _loop(connection: Any, score_model: Any, count: int, score: Any) -> None:
    """An ORM loop over a sample, as much as ``count`` rows would take by the row."""
    from django.db import transaction

    from bench.house import seconds
    from enterprises.models import AnnualFigure

    def loop() -> None:
        with transaction.atomic():
            figures = AnnualFigure.objects.select_related("enterprise").order_by("pk")[:SAMPLE]
            for figure in figures:
                row = score_model.objects.get(enterprise=figure.enterprise)
                row.total = (figure.tax_wan * 10_000) // max(figure.land_own_mu, 1)
                row.save()
            transaction.set_rollback(True)

    ratios = []
    for _ in range(PAIRS):
        mine = seconds(score) / count
        ratios.append(seconds(loop) / SAMPLE / mine)
    ratio = sorted(ratios)[PAIRS // 2]
    print(
        f"{count} firms scored, ORM loop (by the row, {SAMPLE} rows): peer ÷ ours {ratio:.1f} (median of {PAIRS} pairs)"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
