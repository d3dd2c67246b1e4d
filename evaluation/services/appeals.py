"""Appeals (申诉): against one figure of one firm, with what the claim would move, until somebody decides."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.amounts import from_hundredths, to_hundredths
from core.audit import record
from core.models import Role, User
from enterprises.models import Enterprise
from evaluation.models import Appeal, Round, Score
from evaluation.policy import QUANTITIES, Scheme
from evaluation.rules.changes import NO_LETTER, changes, final_letters
from evaluation.rules.process import may_object
from evaluation.rules.wording import score_text
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import computed_again, firms_of
from evaluation.services.progress import progress_of
from evaluation.services.ruled_figures import with_figures
from evaluation.services.scans import keep_scan

#: firms told by name beside a decision; the count is of all
MOVED_SHOWN = 200


@dataclass(frozen=True, slots=True)
class MovedFirm:
    name: str
    uscc: str
    region: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``score`` and ``grade`` of the firm before and after; ``moved``: other firms whose grade would change."""

    score: tuple[str, str]
    grade: tuple[str, str]
    moved: tuple[MovedFirm, ...]
    moved_count: int


def appealable(scheme: Scheme) -> dict[str, str]:
    """The survey's own figures that the method uses, by name and label with unit."""
    named = set(scheme.quantities) | set(scheme.land.parts)
    for use in scheme.quantities.values():
        named |= set(use.formula.facts) if use.formula else set()
    uses = scheme.quantities
    return {
        name: f"{uses[name].label if name in uses else quantity.label}（{quantity.unit}）"
        for name, quantity in QUANTITIES.items()
        if name in named
    }


def figures_to_appeal(score: Score) -> dict[str, str]:
    """What may be appealed against, with the figure that stands: ``自有用地（亩），现 21.49``."""
    _document, scheme = scheme_of(score.round.edition)
    firms = firms_of(score.round).firms
    row = int((firms.keys() == score.enterprise_id).argmax())
    told = {}
    for name, label in appealable(scheme).items():
        column = firms.quantities[name]
        now = f"现 {from_hundredths(int(column.values[row])):,.2f}" if column.known[row] else "未报"
        told[name] = f"{label}，{now}"
    return told


def file_appeal(
    *, score: Score, quantity: str, claimed: Decimal, reason: str, upload: UploadedFile | None, actor: User
) -> Appeal:
    """One open appeal a firm and figure, while the round is open to it. Raises ``RoundRefused``."""
    round_ = score.round
    _document, scheme = scheme_of(round_.edition)
    if quantity not in appealable(scheme):
        raise RoundRefused("请选择申诉的数据项。")
    if not may_object(progress_of(round_)):
        raise RoundRefused("现在不在申诉期内：预评价确认期或公示期内才能申诉。")
    if not reason.strip():
        raise RoundRefused("请写明申诉的理由。")
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(
                round=round_,
                enterprise_id=score.enterprise_id,
                region_id=score.region_id,
                quantity=quantity,
                stated=_stated(round_, score.enterprise_id, quantity),
                claimed=to_hundredths(claimed),
                reason=reason.strip(),
                file=keep_scan(upload=upload, region=score.region, actor=actor),
                filed_by=actor,
                filed_at=timezone.now(),
            )
            _record(appeal, "file_appeal", actor)
    except IntegrityError as twice:
        raise RoundRefused("这一项数据已有一件申诉在办，请等裁定。") from twice
    return appeal


def preview_appeal(appeal: Appeal, value: int | None = None) -> Preview:
    """The round with the claimed figure (or ``value``) in the place of the stated one; nothing is written."""
    round_ = appeal.round
    _document, scheme = scheme_of(round_.edition)
    kept = firms_of(round_)
    claim = {appeal.quantity: {appeal.enterprise_id: appeal.claimed if value is None else value}}
    before = computed_again(round_, kept)
    kept_with = type(kept)(with_figures(kept.firms, claim), kept.previous, kept.regions)
    after = computed_again(round_, kept_with)
    found = changes(final_letters(scheme, before), final_letters(scheme, after))
    keys = kept.firms.keys()
    own = int((keys == appeal.enterprise_id).argmax())
    others = [row for row in found.rows.tolist() if row != own]
    shown = others[:MOVED_SHOWN]
    firms = {
        firm.pk: firm
        for firm in Enterprise.objects.filter(pk__in=[int(keys[row]) for row in shown]).select_related(
            "region"
        )
    }

    def told(row: int) -> MovedFirm:
        firm = firms[int(keys[row])]
        return MovedFirm(firm.name, firm.uscc, firm.region.name, found.before[row], found.after[row])

    totals = [
        score_text(int(result.total[own]), round_.decimals) if result.scored[own] else NO_LETTER
        for result in (before, after)
    ]
    return Preview(
        (totals[0], totals[1]),
        (str(found.before[own]), str(found.after[own])),
        tuple(told(row) for row in shown),
        len(others),
    )


def decide_appeal(*, appeal: Appeal, accepts: bool, answer: str, actor: User) -> Appeal:
    """By the bureau, never by who filed it. An accepted claim holds from the next run on. Raises ``RoundRefused``."""
    if not answer.strip():
        raise RoundRefused("请写明裁定意见。")
    if actor.pk == appeal.filed_by_id and actor.role != Role.SYSTEM:
        raise RoundRefused("提出申诉和裁定应由两个人办理。")
    preview = preview_appeal(appeal) if accepts else None
    with transaction.atomic():
        locked = Appeal.objects.select_for_update().get(pk=appeal.pk)
        if locked.state != Appeal.State.OPEN:
            raise RoundRefused("这件申诉已经裁定，不用再办。")
        if Round.objects.get(pk=locked.round_id).is_frozen:
            raise RoundRefused("这一版已经公布，不再裁定；更正请重新测算，作为新的一版。")
        locked.state = Appeal.State.ACCEPTED if accepts else Appeal.State.REJECTED
        locked.answer = answer.strip()
        if preview is not None:
            locked.ruled = locked.claimed
            locked.moved = [[firm.name, firm.uscc, firm.before, firm.after] for firm in preview.moved]
        locked.decided_by, locked.decided_at = actor, timezone.now()
        locked.save()
        _record(locked, "decide_appeal", actor, moved=preview.moved_count if preview else 0)
    return locked


def _stated(round_: Round, firm: int, quantity: str) -> int | None:
    firms = firms_of(round_).firms
    row = int((firms.keys() == firm).argmax())
    column = firms.quantities[quantity]
    return int(column.values[row]) if column.known[row] else None


def _record(appeal: Appeal, act: str, actor: User, **counts: int) -> None:
    record(
        actor=actor,
        act=act,
        region=appeal.region,
        subject=f"{appeal.round} {appeal.enterprise.uscc} {appeal.quantity}",
        counts={"claimed": appeal.claimed, "state": appeal.state, **counts},
    )
