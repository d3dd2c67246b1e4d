"""Computing a year's awards: read and decided outside, written in one short transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core.amounts import AmountOutOfRange
from core.audit import record
from core.models import JobRun, PolicyEdition, User
from incentives.models import Award, AwardDifference, AwardRefusal, AwardRound
from incentives.policy import Awards, Rule
from incentives.rules.bearing import hold_unshared
from incentives.rules.settling import settle
from incentives.rules.verdicts import RuleVerdict
from incentives.services.award_facts import ReadAwards, earlier_awards, read_awards_facts
from incentives.services.frozen_rounds import has_snapshot, keep_snapshot
from incentives.services.later_parts import digest_with, later_parts
from incentives.services.programmes import AwardsRefused, awards_in_force
from incentives.services.round_rows import AwardKey, RoundRows, by_key


@dataclass(frozen=True, slots=True)
class Computation:
    """``award_round`` is ``None`` when no rule of the document can run; ``blocked`` are those that cannot."""

    edition: PolicyEdition
    award_round: AwardRound | None
    blocked: tuple[Rule, ...]


def compute_awards_key(programme: str, year: int) -> str:
    """The key of the job that computes this year: queued once, however often it is asked for."""
    return f"compute_awards:{programme}:{year}"


def running_computation(programme: str, year: int) -> JobRun | None:
    """The job that computes this year, while it waits, works or has failed."""
    run = JobRun.objects.filter(key=compute_awards_key(programme, year)).first()
    return run if run and run.state != JobRun.State.DONE else None


def compute_awards(*, programme: str, year: int, actor: User) -> Computation:
    """Compute the year's awards and keep them as the draft; the same facts again change nothing.

    Changed facts replace a draft; beside an approved version they make the next one, which holds what is new and
    a difference record for what changed. Raises ``AwardsRefused``.
    """
    edition, awards = awards_in_force(programme)
    blocked = tuple(rule for rule in awards.rules if not rule.can_run)
    runnable = tuple(rule for rule in awards.rules if rule.makes_awards)
    if not runnable:
        return Computation(edition, None, blocked)
    newest = AwardRound.objects.latest_for(programme, year).first()
    _refuse_public(newest)
    granted = _granted(programme, newest)
    read, verdicts = settled(edition, awards, year, granted)
    later = later_parts(edition, awards, year, granted.values())
    digest = digest_with(read.digest, later)
    with transaction.atomic():
        # one computing of a programme at a time; SQLite's transaction is the lock itself
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        newest = AwardRound.objects.latest_for(programme, year).first()
        _refuse_public(newest)
        if newest and newest.inputs_digest == digest:
            if not has_snapshot(newest):  # of before snapshots were kept: these are its very facts
                keep_snapshot(newest, read, earlier_awards(read, granted.values(), year), verdicts, later)
            return Computation(edition, newest, blocked)
        if _granted(programme, newest).keys() != granted.keys():
            raise AwardsRefused("测算期间另有一批奖补审定，请重新测算。")
        award_round = _draft(newest, edition, year, digest, actor)
        rows = RoundRows(award_round, awards, read, granted)
        for verdict in verdicts:
            rows.add(verdict)
        for one in later:
            rows.add_later(one)
        rows.add_no_longer_due({rule.id for rule in runnable})
        award_round.gaps = rows.gaps
        award_round.save(update_fields=["gaps"])
        rows.save()
        keep_snapshot(award_round, read, earlier_awards(read, granted.values(), year), verdicts, later)
        record(
            actor=actor,
            act="compute_awards",
            region=edition.locality,
            subject=str(award_round),
            counts=rows.counts(),
            digest=digest,
        )
    return Computation(edition, award_round, blocked)


@dataclass(frozen=True, slots=True)
class Drafted:
    """What computing a round again would give, nothing saved."""

    digest: str
    awards: list[Award]


def draft_of(award_round: AwardRound) -> Drafted:
    """The awards that the facts and the document of today give beside all other rounds; raises ``AwardsRefused``."""
    edition, awards = awards_in_force(award_round.programme)
    living = Award.objects.filter(programme=award_round.programme).living().exclude(round=award_round)
    granted = by_key(living.select_related("round").order_by("pk"))
    read, verdicts = settled(edition, awards, award_round.year, granted)
    rows = RoundRows(award_round, awards, read, granted)
    for verdict in verdicts:
        rows.add(verdict)
    later = later_parts(edition, awards, award_round.year, granted.values())
    for one in later:
        rows.add_later(one)
    return Drafted(digest_with(read.digest, later), rows.awards)


def settled(
    edition: PolicyEdition, awards: Awards, year: int, granted: Mapping[AwardKey, Award]
) -> tuple[ReadAwards, list[RuleVerdict]]:
    """Facts read and rules settled, nothing saved; ``awards`` may be another than the edition's. Raises ``AwardsRefused``."""
    elsewhere = sorted(_as_text(award) for award in granted.values() if award.round.year != year)
    read = read_awards_facts(edition, awards, year, list(granted.values()), elsewhere)
    try:
        verdicts = settle(
            awards,
            read.candidates,
            year,
            earlier=earlier_awards(read, granted.values(), year),
            rules=[rule.id for rule in awards.rules if rule.makes_awards],
        )
    except AmountOutOfRange as error:
        raise AwardsRefused("奖补金额超出可记录的范围，请先核对文件里的金额。") from error
    for verdict in verdicts:
        hold_unshared(awards, verdict)
    return read, verdicts


def _refuse_public(newest: AwardRound | None) -> None:
    if newest is not None and newest.state == AwardRound.State.PUBLIC:
        raise AwardsRefused(f"{newest} 正在公示，请先撤回公示，再重新测算。")


def _granted(programme: str, newest: AwardRound | None) -> dict[AwardKey, Award]:
    """Living awards of every other version and year: none of them may be made a second time."""
    living = Award.objects.filter(programme=programme).living().select_related("round").order_by("pk")
    if newest is not None and newest.is_draft:
        living = living.exclude(round=newest)
    return by_key(living)


def _as_text(award: Award) -> str:
    """As it was granted: by the code of then, never by a number that only this database knows."""
    what = "/".join((award.rule, award.recipient_kind, award.recipient_code, award.occasion))
    return f"{what}={award.amount_fen}@{award.round.year}.{award.round.version}"


def _draft(
    newest: AwardRound | None, edition: PolicyEdition, year: int, digest: str, actor: User
) -> AwardRound:
    """The draft to fill: the present one emptied, or a new version."""
    if newest is None or not newest.is_draft:
        award_round = AwardRound(
            programme=edition.name, year=year, version=newest.version + 1 if newest else 1
        )
    else:
        award_round = newest
        AwardDifference.objects.filter(round=award_round).delete()
        AwardRefusal.objects.filter(round=award_round).delete()
        Award.objects.filter(round=award_round).delete()
    award_round.region, award_round.edition = edition.locality, edition
    award_round.inputs_digest = digest
    award_round.computed_by, award_round.computed_at = actor, timezone.now()
    award_round.save()
    return award_round
