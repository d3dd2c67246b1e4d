"""``python -m bench.scoring [FIRMS]``: a round on PostgreSQL, read → score with trace → write, against the bare COPY of
the same rows out and in again (same indexes, no foreign key), and against an ORM loop that does the same by the row
(of a sample). Peak memory is that of the process that scores; the firms are made in another."""

from __future__ import annotations

import io
import statistics
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.house import (
    CITY,
    PAIRS,
    house,
    in_child,
    make_firms,
    paired,
    peak_mib,
    seconds,
    settle,
    versions,
)

SCHEME = Path(__file__).resolve().parents[1] / "config/policies/nantong/nantong-demo-2021.yaml"
CITY_POLICY = SCHEME.with_name("nantong-2022.yaml")
#: Firms of the ORM loop: its time is by the row, whatever their number.
SAMPLE = 5000
#: From here on two pairs must do.
MANY = 500_000


def main(count: int) -> None:
    with house():
        from django.db import connection

        from core.models import User
        from core.services.policies import load_edition
        from evaluation.models import Score
        from evaluation.services.rounds import run_evaluation
        from tests import factories

        if connection.vendor != "postgresql":
            raise SystemExit("bench.scoring measures PostgreSQL: set DATABASE_URL")
        print(versions())
        system = User.objects.system()
        for file in (CITY_POLICY, SCHEME):
            load_edition(text=file.read_text(encoding="utf-8"), actor=system)
        regions = [code for code in factories.regions_nantong() if code != CITY]
        in_child(lambda: make_firms(count, regions))
        settle()
        before = peak_mib()

        def score() -> None:
            run_evaluation(scheme=SCHEME.stem, year=2021, actor=system)

        _forget()
        score()
        print(f"{count} firms scored: peak {peak_mib():.0f} MiB, {before:.0f} MiB of them before")
        assert Score.objects.count() == count
        settle()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE bench_score (LIKE eval_score INCLUDING INDEXES)")
            cursor.execute("INSERT INTO bench_score SELECT * FROM eval_score")
        pairs = PAIRS if count < MANY else 2
        paired(
            f"{count} firms scored, bare COPY out and in", score, lambda: _copy(connection), pairs, _forget
        )
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE bench_score")
        _by_the_row(min(count, SAMPLE), count, score, pairs)


def _forget() -> None:
    """So that the same figures are scored again and not recognised as the same; no part of what is timed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE eval_score, eval_pool, eval_round CASCADE")


def _copy(connection: Any) -> None:
    """The floor: figures out, scores out and in, no thought given to any of them."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE bench_score")
        cursor.copy_expert("COPY annual_figure TO STDOUT", io.BytesIO())
        rows = io.BytesIO()
        cursor.copy_expert("COPY eval_score TO STDOUT", rows)
        rows.seek(0)
        cursor.copy_expert("COPY bench_score FROM STDIN", rows)


def _by_the_row(sample: int, count: int, score: Any, pairs: int) -> None:
    ratios, loops = [], []
    for _ in range(pairs):
        _forget()
        mine = seconds(score) / count
        loops.append(seconds(lambda: _loop(sample)) / sample)
        ratios.append(loops[-1] / mine)
    print(
        f"{count} firms scored, ORM loop ({1000 * statistics.median(loops):.2f} ms a firm, of {sample} firms): "
        f"peer ÷ ours {statistics.median(ratios):.0f} (median of {pairs} pairs)"
    )


def _loop(sample: int) -> None:
    """Firm by firm: read its figures and its place in the directory, score it, save it; then place by place."""
    from django.db import transaction

    from enterprises.models import AnnualFigure, Enterprise, ScaleEvent
    from evaluation.models import Round, Score
    from evaluation.services.editions import scheme_of

    round_ = Round.objects.select_related("edition").get()
    with transaction.atomic():
        Score.objects.filter(round=round_).delete()
        _document, scheme = scheme_of(round_.edition)
        by_region = defaultdict(list)
        for firm in Enterprise.objects.order_by("uscc")[:sample]:
            figure = AnnualFigure.objects.get(enterprise=firm, year=2021, source="survey")
            event = ScaleEvent.objects.filter(enterprise=firm, month__lte=202112).order_by("month").last()
            cohort = scheme.cohort("above" if event and event.kind != "delisted" else "below")
            points = [_points(indicator, figure) for indicator in cohort.indicators]
            score = Score(
                round=round_,
                enterprise=firm,
                region_id=figure.region_id,
                standing=Score.Standing.GRADED,
                cohort=cohort.id,
                total=round(sum(points) * 10_000),
                trace=repr(points).encode(),
            )
            score.save()
            by_region[figure.region_id, cohort.id].append(score)
        for scores in by_region.values():
            scores.sort(key=lambda score: -score.total)
            for rank, score in enumerate(scores, 1):
                score.rank = rank
                score.initial_grade = score.final_grade = "ABCD"[min(3, 4 * (rank - 1) // len(scores))]
                score.save()
        transaction.set_rollback(True)


def _points(indicator: Any, figure: Any) -> float:
    """Value ÷ baseline × weight within its bounds."""
    from evaluation.policy import QUANTITIES

    def value(name: str) -> int:
        return figure.land_own_mu if name == "land" else getattr(figure, QUANTITIES[name].field) or 0

    share = value(indicator.num) / max(value(indicator.den), 1)
    points = share / float(indicator.printed_baseline) * float(indicator.weight.known)
    most, least = indicator.most(), indicator.least()
    points = points if most is None else min(points, float(most))
    return points if least is None else max(points, float(least))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
