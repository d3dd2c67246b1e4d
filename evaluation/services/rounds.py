"""The acts of a round: run (测算) and publish (公布), and the counts that command and summary print."""

from __future__ import annotations

import numpy as np
from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.bulk import write_columns
from core.conditions import Column
from core.models import PolicyEdition, Role, User
from evaluation.models import RankingPool, Round, Score
from evaluation.policy import Scheme, unknown_settings
from evaluation.rules.figures import NOT_ANY, Ints, Mask
from evaluation.rules.process import before_publishing
from evaluation.rules.results import results_digest
from evaluation.rules.rounds import LOCALITY, NO_GRADE, CannotScore, Evaluation, Pool, evaluate, letters
from evaluation.rules.standing import FOLLOWS, GRADED, SPECIAL
from evaluation.rules.told_process import hindrance_text
from evaluation.rules.trace import packed_rows, trace_columns
from evaluation.services.editions import RoundRefused, grade_names, scheme_in_force, scheme_of
from evaluation.services.frozen_rounds import keep_snapshot
from evaluation.services.progress import progress_of
from evaluation.services.ruled_figures import ruled_figures
from evaluation.services.snapshot import Snapshot, read_snapshot

OUT = "out"
UNGRADED = "ungraded"


def evaluate_key(scheme: str, year: int) -> str:
    """The key of the job that runs this round: queued once, however often it is asked for."""
    return f"evaluate:{scheme}:{year}"


def run_evaluation(*, scheme: str, year: int, actor: User) -> Round:
    """Score and grade every firm of the scheme's year and keep the result as the draft.

    The same figures again change nothing; changed figures replace a draft, or stand beside a published version as
    the next one. Raises ``RoundRefused``.
    """
    edition, document, method = scheme_in_force(scheme)
    if year != method.data_year:
        raise RoundRefused(f"{document.title}评价的是{method.data_year}年度，不能用于{year}年度。")
    snapshot = read_snapshot(edition.locality, method, edition.sha256, ruled_figures(scheme, year))
    if not snapshot.firms.size:
        raise RoundRefused(f"{edition.locality.name}还没有{year}年度的评价数据，请先收齐年度数据表。")
    newest = Round.objects.of_scheme(scheme, year).first()
    if newest and newest.inputs_digest == snapshot.digest:
        return newest
    if newest and newest.stage in (Round.Stage.SETTLED, Round.Stage.PUBLICITY):
        raise RoundRefused(f"{newest}{newest.get_stage_display()}，要重新测算请先退回。")
    try:
        result = evaluate(snapshot.firms, method, snapshot.previous, partly=True)
    except CannotScore as missing:
        raise RoundRefused(
            f"{document.title}还有 {len(missing.names)} 项没有载明，不能测算：{missing}。"
        ) from missing
    rows = packed_rows(snapshot.firms, result, method)
    with transaction.atomic():
        # one run of a scheme at a time; SQLite's transaction is the lock itself
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        newest = Round.objects.of_scheme(scheme, year).first()
        if newest and newest.inputs_digest == snapshot.digest:
            return newest
        round_ = _draft(newest, edition, method, snapshot, actor)
        _save(round_, method, snapshot, result, rows)
        record(
            actor=actor,
            act="run_evaluation",
            region=edition.locality,
            subject=str(round_),
            counts={"version": round_.version, **round_.counts},
            digest=round_.results_digest,
        )
    return round_


def publish_round(*, round_: Round, actor: User) -> Round:
    """Freeze a draft. Who ran a round does not publish it, save ``system``; nothing unknown may be published."""
    if actor.pk == round_.run_by_id and actor.role != Role.SYSTEM:
        raise RoundRefused("测算和公布应由两个人办理：这一版是您测算的，请由分管领导公布。")
    document, scheme = scheme_of(round_.edition)
    unknown = unknown_settings(document)
    if unknown:
        raise RoundRefused(
            f"{document.title}还有 {len(unknown)} 项没有载明，不能公布：{'、'.join(unknown)}。"
        )
    asked = [pool.label for pool in round_.pools.select_related("region") if pool.line.get("asks")]
    if asked:
        raise RoundRefused(f"{'、'.join(asked)}不足最小组，方案写明要先确定办法，不能公布。")
    hindrances = before_publishing(scheme.workflow, progress_of(round_)) if not round_.is_frozen else ()
    if hindrances:
        raise RoundRefused(f"不能公布：{'；'.join(hindrance_text(each) for each in hindrances)}。")
    if not round_.is_frozen and has_moved(round_):
        raise RoundRefused(f"{round_.year}年度测算之后数据或方案有变动，请先重新测算，再公布。")
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=round_.edition_id)
        newest = Round.objects.of_scheme(round_.scheme, round_.year).first()
        if newest is None or newest.pk != round_.pk or newest.results_digest != round_.results_digest:
            raise RoundRefused("这一版已被新的测算替换，请刷新后再看。")
        if newest.is_frozen:
            raise RoundRefused(f"{round_.year}年度第{newest.version}版已经公布，不用再办。")
        newest.state, newest.stage = Round.State.PUBLISHED, Round.Stage.PUBLISHED
        newest.published_by, newest.published_at = actor, timezone.now()
        newest.save(update_fields=["state", "stage", "published_by", "published_at"])
        record(
            actor=actor,
            act="publish_round",
            region=newest.region,
            subject=str(newest),
            counts={"version": newest.version, **newest.counts},
            digest=newest.results_digest,
        )
    return newest


def grade_counts(round_: Round) -> dict[str, int]:
    """``{"A": n, …, "T": n}``: every grade of the scheme and every special class, 0 where there is none."""
    _document, scheme = scheme_of(round_.edition)
    return {name: int(round_.counts.get(name, 0)) for name in grade_names(scheme)}


def has_moved(round_: Round) -> bool:
    """Whether figures, rulings or the method are no longer those that the round was computed from."""
    edition, _document, method = scheme_in_force(round_.scheme)
    ruled = ruled_figures(round_.scheme, round_.year)
    return read_snapshot(edition.locality, method, edition.sha256, ruled).digest != round_.inputs_digest


def _draft(
    newest: Round | None, edition: PolicyEdition, method: Scheme, snapshot: Snapshot, actor: User
) -> Round:
    """The draft to fill: the present one emptied, or a new version."""
    if newest is None or newest.is_frozen:
        round_ = Round(
            scheme=edition.name, year=method.data_year, version=newest.version + 1 if newest else 1
        )
    else:
        round_ = newest
        Score.objects.filter(round=round_).delete()
        RankingPool.objects.filter(round=round_).delete()
    round_.region, round_.edition = edition.locality, edition
    round_.decimals = method.places
    round_.trace_columns = trace_columns(method, snapshot.firms)
    round_.inputs_digest = snapshot.digest
    round_.run_by, round_.run_at = actor, timezone.now()
    return round_


def _save(round_: Round, method: Scheme, snapshot: Snapshot, result: Evaluation, rows: Ints) -> None:
    initial, grades = letters(method, result)
    standing = result.standing
    inside = np.isin(standing.state, (GRADED, FOLLOWS))
    round_.counts = _counts(grades, inside)
    round_.results_digest = results_digest(round_.inputs_digest, method, result)
    round_.save()
    keep_snapshot(round_, snapshot)
    pools = [_pool(round_, method, snapshot, result, pool) for pool in result.pools]
    for pool in pools:
        pool.save()
    graded = (standing.state == GRADED) & result.scored
    pool_ids = np.array([*(pool.pk for pool in pools), 0], np.int64)
    states = np.select([inside, standing.state == SPECIAL], [0, 1], 2)
    bits = (result.flags << np.arange(result.flags.shape[1])).sum(axis=1).astype(np.int64)
    write_columns(
        Score,
        {
            "round_id": round_.pk,
            "enterprise_id": snapshot.firm_ids,
            "region_id": _words(snapshot.firms.region, [region.code for region in snapshot.regions]),
            "standing": _words(states, [Score.Standing.GRADED, Score.Standing.SPECIAL, Score.Standing.OUT]),
            "cohort": _words(standing.cohort - NOT_ANY, ["", *(cohort.id for cohort in method.cohorts)]),
            "pool_id": Column(pool_ids[result.pool], result.pool != NO_GRADE),
            "total": Column(result.total, graded),
            "rank": Column(result.rank, result.rank > 0),
            "initial_grade": initial,
            "final_grade": grades,
            "flags": bits,
            "trace": rows,
        },
    )


def _counts(grades: Column, inside: Mask) -> dict[str, int]:
    """Firms by grade; in scope without a grade (``ungraded``) and out of it (``out``) apart."""
    words = np.array(grades.words, object)[grades.values]
    words[(words == "") & inside] = UNGRADED
    words[words == ""] = OUT
    names, counts = np.unique(words.astype(str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def _words(numbers: Ints, words: list[str]) -> Column:
    return Column(numbers, np.ones(numbers.size, np.bool_), tuple(words))


def _pool(round_: Round, method: Scheme, snapshot: Snapshot, result: Evaluation, pool: Pool) -> RankingPool:
    cohort = method.cohorts[pool.cohort]
    line = pool.line
    return RankingPool(
        round=round_,
        cohort=cohort.id,
        region=None if pool.region == LOCALITY else snapshot.regions[pool.region],
        place="·".join(pool.place),
        size=line.size,
        base=line.base,
        line={
            "grades": [band.grade for band in cohort.bands],
            "places": line.places,
            "cuts": line.cuts,
            "counts": line.counts,
            "means": result.means[pool.cohort],
            "low": line.low,
            "high": line.high,
            "bars": line.bars,
            **({"asks": True} if pool.asks else {}),
        },
    )
