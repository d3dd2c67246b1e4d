"""企业得分 as a workbook: the page's result, with what each firm lacks to the next grade, its policies and lines."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from core.audit import record
from core.models import User
from evaluation.models import Round
from evaluation.querysets import ScoreQuerySet
from evaluation.rules.policies_told import policies_of
from evaluation.rules.trace import Trace
from evaluation.services.editions import scheme_of
from evaluation.services.score_pages import gap_of_score, tax_per_mu_text, trace_of
from evaluation.services.workbook import Cell, list_workbook

HEADINGS = [
    ("序号", 6), ("统一社会信用代码", 22), ("企业名称", 38), ("地区", 12), ("分组", 12), ("综合得分", 12), ("位次", 8),
    ("排名家数", 10), ("初评", 6), ("终评", 6), ("亩均税收(万元/亩)", 12), ("距上一级", 44), ("差别化政策", 40), ("绝对标准", 30),
]  # fmt: skip
_CHUNK = 500


def export_scores(*, round_: Round, scores: ScoreQuerySet, chosen: str, actor: User) -> bytes:
    """``scores`` were already narrowed to what the actor may see."""
    rows = scores.select_related("enterprise", "region", "pool")
    subject, counts = f"{round_} {chosen}", {"rows": rows.count()}
    record(actor=actor, act="export_scores", region=actor.region, subject=subject, counts=counts)
    title = f"{round_.region.name}{round_.year}年度工业企业综合评价得分"
    state = "" if round_.is_frozen else "　未公布，等级可能变动"
    foot = f"{round_.edition}　第{round_.version}版{state}"
    return list_workbook(
        sheet="企业得分", title=title, headings=HEADINGS, rows=_rows(round_, rows), foot=foot
    )


def _rows(round_: Round, scores: ScoreQuerySet) -> Iterator[list[Cell]]:
    _document, scheme = scheme_of(round_.edition)
    labels = {cohort.id: cohort.label for cohort in scheme.cohorts}
    for number, score in enumerate(scores.iterator(chunk_size=_CHUNK), 1):
        trace = trace_of(score, round_, scheme)
        gap = gap_of_score(score, scheme, trace)
        policies = policies_of(scheme, score.final_grade, score.cohort) if round_.is_frozen else ()
        lines = [flag.label for flag, is_met in zip(scheme.flags, trace.flags, strict=True) if is_met]
        yield [
            number,
            score.enterprise.uscc,
            score.enterprise.name,
            score.region.name,
            labels.get(score.cohort, score.get_standing_display()),
            round_.score_of(score.total),
            score.rank,
            score.pool.size if score.pool else None,
            score.initial_grade,
            score.final_grade,
            _number(trace),
            gap.sentence if gap else "",
            "；".join(each.sentence for each in policies),
            "；".join(lines),
        ]


def _number(trace: Trace) -> Decimal | None:
    told = tax_per_mu_text(trace)
    return None if told == "—" else Decimal(told.replace("−", "-").replace(",", ""))
