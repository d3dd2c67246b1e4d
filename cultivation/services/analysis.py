"""一月一分析: the words drafted from a month's numbers, edited by a person, frozen when the month is issued."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from cultivation.models import IssueStatistics, MonthAnalysis, MonthlyIssue
from cultivation.services.analysis_figures import AnalysisFigures, analysis_figures
from cultivation.services.analysis_text import drafted_text
from cultivation.services.months import MonthRefused

TEXT_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class AnalysisText:
    """The words on view; ``written`` is ``None`` while nobody has edited them and the month is not issued."""

    text: str
    written: MonthAnalysis | None
    #: the numbers are newer than the words
    is_stale: bool


def sees_whole(user: User, issue: MonthlyIssue) -> bool:
    """Whether everything of the locality is the reader's: only then may he read what speaks of all its districts."""
    path = user.scope_path
    return path is not None and issue.region.path.startswith(path)


def analysis_text(figures: AnalysisFigures) -> AnalysisText:
    """As edited or frozen, else as drafted; for readers of the whole locality."""
    written = MonthAnalysis.objects.filter(issue=figures.issue).select_related("edited_by").first()
    if written is None:
        return AnalysisText(drafted_text(figures), None, False)
    return AnalysisText(written.text, written, written.written_over != figures.kept.inputs_digest)


def edit_analysis(*, issue: MonthlyIssue, text: str, actor: User) -> MonthAnalysis:
    """Keep the words of a draft; empty ones take it back to what is drafted. Raises ``MonthRefused``."""
    text = "\n".join(line.strip() for line in text.replace("\r\n", "\n").split("\n") if line.strip())
    if len(text) > TEXT_LIMIT:
        raise MonthRefused(f"分析有 {len(text)} 个字，最多 {TEXT_LIMIT} 个。")
    with transaction.atomic():
        locked = MonthlyIssue.objects.select_for_update().get(pk=issue.pk)
        if locked.is_frozen:
            raise MonthRefused(f"{locked.month.label}第{locked.version}版已经印发，分析随之冻结，不能再改。")
        if locked.inputs_digest != issue.inputs_digest:
            raise MonthRefused("统计已经更新，请看过新的数字再改。")
        statistics = IssueStatistics.objects.filter(issue=locked).only("inputs_digest").first()
        if statistics is None:
            raise MonthRefused("这一版没有统计，请先重新统计。")
        if not text:
            MonthAnalysis.objects.filter(issue=locked).delete()
            written = MonthAnalysis(issue=locked)
        else:
            kept = {
                "text": text,
                "written_over": statistics.inputs_digest,
                "edited_by": actor,
                "edited_at": timezone.now(),
            }
            written, _ = MonthAnalysis.objects.update_or_create(issue=locked, defaults=kept)
        counts = {"characters": len(text)}
        record(actor=actor, act="edit_analysis", region=issue.region, subject=str(locked), counts=counts)
    return written


def freeze_analysis(issue: MonthlyIssue) -> None:
    """With the issue: words that nobody edited are kept as they were drafted."""
    if MonthAnalysis.objects.filter(issue=issue).exists():
        return
    figures = analysis_figures(issue, User.objects.system())
    if figures is not None:
        MonthAnalysis.objects.create(
            issue=issue, text=drafted_text(figures), written_over=figures.kept.inputs_digest
        )
