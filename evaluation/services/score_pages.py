"""企业得分: one round's firms as lines of a table, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.models import User
from enterprises.models import Enterprise
from evaluation.models import RankingPool, Round, Score
from evaluation.policy import Scheme
from evaluation.querysets import ScoreQuerySet
from evaluation.rules.gaps import Gap, gap_of
from evaluation.rules.policies_told import ToldPolicy, policies_of
from evaluation.rules.trace import Trace, unpacked
from evaluation.rules.wording import Place, score_text
from evaluation.services.editions import scheme_of


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """``may_open``: whether the firm itself is still within the reader's regions."""

    score: Score
    cohort: str
    score_text: str
    tax_per_mu: str
    may_open: bool


def rounds_to_show(user: User) -> list[Round]:
    """The rounds a reader may choose from, the newest first; the newest version of each first."""
    rounds = Round.objects.visible_to(user).select_related("edition", "region")
    return list(rounds.order_by("-year", "scheme", "-version"))


def score_lines(round_: Round, scores: Sequence[Score], user: User) -> list[ScoreLine]:
    """One query for the firms within reach; the rest is in the scores' own traces."""
    _document, scheme = scheme_of(round_.edition)
    within = set(
        Enterprise.objects.visible_to(user)
        .filter(pk__in=[score.enterprise_id for score in scores])
        .values_list("pk", flat=True)
    )
    return [_line(score, round_, scheme, score.enterprise_id in within) for score in scores]


def trace_of(score: Score, round_: Round, scheme: Scheme) -> Trace:
    cohort = scheme.cohort(score.cohort) if score.cohort else None
    return unpacked(bytes(score.trace), round_.trace_columns, scheme, cohort)


def place_of(score: Score, pool: RankingPool, where: str) -> Place:
    line = pool.line
    return Place(
        total=int(score.total or 0),
        rank=int(score.rank or 0),
        size=pool.size,
        where=where,
        grade=score.initial_grade,
        places=line["places"],
        cuts=line["cuts"],
        means=line["means"],
        final=score.final_grade,
    )


def gap_of_score(score: Score, scheme: Scheme, trace: Trace) -> Gap | None:
    """What the firm lacks to the next grade, as its page, notice and workbook tell it; ``score`` with its pool loaded."""
    if score.pool is None or score.total is None or score.rank is None or not score.cohort:
        return None
    return gap_of(scheme, scheme.cohort(score.cohort), trace, place_of(score, score.pool, ""))


def tax_per_mu_text(trace: Trace) -> str:
    """亩均税收 in 万元/亩, whatever the cohort's own indicators are; ``—`` without tax or land."""
    tax, land = trace.figures["tax"], trace.figures["land"]
    if tax is None or land is None or land <= 0:
        return "—"
    return f"{Decimal(tax) / Decimal(land):,.2f}".replace("-", "−")


def _line(score: Score, round_: Round, scheme: Scheme, may_open: bool) -> ScoreLine:
    trace = trace_of(score, round_, scheme)
    cohort = scheme.cohort(score.cohort).label if score.cohort else ""
    told = score_text(score.total, round_.decimals) if score.total is not None else ""
    return ScoreLine(score, cohort, told, tax_per_mu_text(trace), may_open)


@dataclass(frozen=True, slots=True)
class DossierLine:
    """What one round says of a firm on its own page."""

    score: Score
    title: str
    where: str
    score_text: str
    tax_per_mu: str
    #: under which name and code it was graded, where that was another record of the firm
    former: str
    #: what lacks to the next grade, and what the grade means: of published rounds alone
    gap: str
    policies: tuple[ToldPolicy, ...]


def dossier_lines(scores: ScoreQuerySet, firm: Enterprise) -> list[DossierLine]:
    """Of each scheme and year the version that holds, and a later draft above it; the newest year first. What was published
    of the firm's own record goes before what was published of a former one. One query.
    """
    rows = scores.select_related("enterprise", "round__edition", "round__region", "pool__region").order_by(
        "-round__year", "round__scheme", "-round__version"
    )
    newest: dict[tuple[str, int, bool], Score] = {}
    for score in sorted(rows, key=lambda score: score.enterprise_id != firm.pk):
        newest.setdefault((score.round.scheme, score.round.year, score.round.is_frozen), score)
    lines = sorted(
        newest.values(), key=lambda score: (-score.round.year, score.round.scheme, -score.round.version)
    )
    return [_dossier_line(score, firm) for score in lines]


def _dossier_line(score: Score, firm: Enterprise) -> DossierLine:
    round_ = score.round
    document, scheme = scheme_of(round_.edition)
    cohort = scheme.cohort(score.cohort).label if score.cohort else ""
    pool = score.pool
    region = pool.region.name if pool and pool.region else round_.region.name
    region += pool.place if pool else ""
    told = score_text(score.total, round_.decimals) if score.total is not None else ""
    record = score.enterprise
    former = "" if record.pk == firm.pk else f"当时为 {record.name}（{record.uscc}）"
    trace = trace_of(score, round_, scheme)
    gap = gap_of_score(score, scheme, trace) if round_.is_frozen else None
    return DossierLine(
        score,
        document.title,
        f"{region}{cohort}",
        told,
        tax_per_mu_text(trace),
        former,
        gap.sentence if gap else "",
        policies_of(scheme, score.final_grade, score.cohort) if round_.is_frozen else (),
    )
