"""更正单: one figure of an issued month, asked for by one person and approved by another; the issue stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.amounts import AmountOutOfRange, to_hundredths
from core.audit import record
from core.models import User
from core.periods import Month
from cultivation.models import Correction, IssueRows, MonthlyIssue, RegionMonth, ReturnMark
from cultivation.rules.correction_effect import Effect, effects_on
from cultivation.rules.month_rows import unpacked
from cultivation.rules.months import total_of
from enterprises.models import Enterprise, MonthlyFigure
from enterprises.services.correcting import FigureMoved, correct_figure
from intake.services.scans import ScanRefused, read_scan

REASON_LIMIT = 200
MOST_PERSONS = 1_000_000


class CorrectionRefused(Exception):
    """The correction cannot be asked for or decided; the message says why."""


@dataclass(frozen=True, slots=True)
class EffectTable:
    """How the published totals of one region, or of the whole, would differ."""

    name: str
    effects: tuple[Effect, ...]


def ask_correction(
    *,
    programme: str,
    month: Month,
    uscc: str,
    measure: str,
    new: str,
    reason: str,
    actor: User,
    evidence: UploadedFile | None = None,
) -> Correction:
    """``new`` as it was typed: 万元 with two places, or persons. Raises ``CorrectionRefused``."""
    issue = _frozen(programme, month)
    reason = _words(reason, "请写明更正的原因。")
    firm = Enterprise.objects.visible_to(actor).filter(uscc=uscc.strip().upper()).first()
    figure = (
        MonthlyFigure.objects.visible_to(actor)
        .select_related("region")
        .filter(enterprise=firm, month=month)
        .first()
        if firm
        else None
    )
    if figure is None:
        raise CorrectionRefused(f"{month.label}没有这家企业的月报；补报请先重新开放这个月，再上传月报。")
    if measure not in ReturnMark.Measure.values:
        raise CorrectionRefused("请选择要更正的指标。")
    value, old = _value(measure, new), getattr(figure, measure)
    if value == old:
        raise CorrectionRefused("更正后的数与原数相同，不用更正。")
    try:
        scan = read_scan(evidence) if evidence else None
        with transaction.atomic():
            made = Correction.objects.create(
                issue=issue,
                month=month,
                enterprise=firm,
                region=figure.region,
                measure=measure,
                old=old,
                new=value,
                reason=reason,
                evidence_name=scan.name if scan else "",
                evidence_sha256=scan.sha256 if scan else "",
                evidence=scan.content if scan else b"",
                made_by=actor,
                made_at=timezone.now(),
            )
            _record(actor, "ask_correction", made)
    except ScanRefused as refused:
        raise CorrectionRefused(str(refused)) from refused
    except IntegrityError as error:
        raise CorrectionRefused("这个数已有一张更正单在办，请等它办完。") from error
    return made


def decide_correction(*, correction: Correction, agrees: bool, opinion: str, actor: User) -> Correction:
    """Approve or not. Approved, the figure is changed for months to come; what was issued never is."""
    opinion = _words(opinion, "请写明意见。")
    with transaction.atomic():
        rows = Correction.objects.select_for_update(of=("self",)).select_related("enterprise", "region")
        found = rows.get(pk=correction.pk)
        if found.state != Correction.State.WAITING:
            raise CorrectionRefused(f"这张更正单现在是“{found.get_state_display()}”，请刷新后再看。")
        if found.made_by_id == actor.pk:
            raise CorrectionRefused("提出和批准应由两个人办理。")
        if agrees:
            try:
                correct_figure(
                    firm=found.enterprise_id,
                    month=found.month,
                    measure=found.measure,
                    old=found.old,
                    new=found.new,
                )
            except FigureMoved as moved:
                raise CorrectionRefused("这个数在提出之后又有变动，请不同意这一张，重新提出。") from moved
        found.state = Correction.State.APPROVED if agrees else Correction.State.REFUSED
        found.decided_by, found.decided_at, found.opinion = actor, timezone.now(), opinion
        found.save(update_fields=["state", "decided_by", "decided_at", "opinion"])
        _record(actor, "decide_correction", found)
    return found


def take_evidence(*, correction: Correction, actor: User) -> bytes:
    """The file as it was handed in; who took it is kept in the trail."""
    with transaction.atomic():
        _record(actor, "download_evidence", correction)
    return bytes(correction.evidence)


def effects_of(*, correction: Correction, user: User) -> list[EffectTable]:
    """How the issued totals that the reader may see would differ: of the firm's region, and of the whole."""
    issue = correction.issue
    lines = list(RegionMonth.objects.visible_to(user).filter(issue=issue).select_related("region"))
    for line in lines:
        line.issue = issue
    comparable = _is_comparable(correction)
    old = correction.old or 0
    own = [line for line in lines if correction.region.path.startswith(line.region.path)]
    told = [(line.region.name, [line]) for line in own]
    if len(lines) > 1:
        told.append(("合计", lines))
    tables = []
    for name, part in told:
        total = total_of(part, months_passed=issue.month.month, basis=issue.basis)
        effects = effects_on(total, correction.measure, old, correction.new, is_comparable=comparable)
        tables.append(EffectTable(name, tuple(effects)))
    return tables


def later_issues(correction: Correction) -> list[MonthlyIssue]:
    """Months issued since whose 累计 holds the old figure; they stay as they are too."""
    issue = correction.issue
    later = MonthlyIssue.objects.filter(
        programme=issue.programme,
        month__gt=issue.month,
        month__lte=Month(issue.month.year, 12),
        state=MonthlyIssue.State.ISSUED,
    )
    return list(later.order_by("month"))


def _is_comparable(correction: Correction) -> bool:
    due = unpacked(bytes(IssueRows.objects.get(issue=correction.issue_id).tables))["due"]
    own = due["firm"] == correction.enterprise_id
    return bool(due["comparable"][own].any())


def _frozen(programme: str, month: Month) -> MonthlyIssue:
    issued = MonthlyIssue.objects.latest_for(programme, month).filter(state=MonthlyIssue.State.ISSUED).first()
    if issued is None:
        raise CorrectionRefused(f"{month.label}还没有印发，数据有误的请重新上传月报。")
    return issued


def _value(measure: str, text: str) -> int:
    written = text.strip().replace(",", "")
    try:
        if measure == ReturnMark.Measure.STAFF:
            if not (written.isascii() and written.isdigit() and int(written) <= MOST_PERSONS):
                raise InvalidOperation
            return int(written)
        amount = Decimal(written)
        if not amount.is_finite() or amount.as_tuple().exponent < -2:
            raise InvalidOperation
        value = to_hundredths(amount)
    except (InvalidOperation, AmountOutOfRange) as error:
        raise CorrectionRefused("更正为：填数字，金额按万元、最多两位小数，人数填整数。") from error
    if value < 0 and measure != ReturnMark.Measure.TAX:
        raise CorrectionRefused("只有实缴税金可以是负数。")
    return value


def _words(text: str, missing: str) -> str:
    text = text.strip()
    if not text:
        raise CorrectionRefused(missing)
    if len(text) > REASON_LIMIT:
        raise CorrectionRefused(f"写了 {len(text)} 个字，最多 {REASON_LIMIT} 个。")
    return text


def _record(actor: User, act: str, correction: Correction) -> None:
    record(
        actor=actor,
        act=act,
        region=correction.region,
        subject=f"{correction} {correction.enterprise.name} {correction.month} {correction.measure}",
        counts={
            "old": "" if correction.old is None else correction.old,
            "new": correction.new,
            "state": correction.state,
        },
        digest=correction.evidence_sha256,
    )
