"""申报: a claim under a rule, taken once; whoever sends it again is told the number of the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.audit import record
from core.models import PolicyEdition, Region, User
from cultivation.querysets import related_to
from enterprises.models import Enterprise
from enterprises.services.lineage import pasts_of
from incentives.models import AwardApplication
from incentives.policy import Rule
from incentives.rules.matters import FOR_LIFE, matter_of
from incentives.services.programmes import (
    AwardsRefused,
    award_programmes_visible_to,
    awards_in_force,
    awards_part,
)
from intake.models import Batch


@dataclass(frozen=True, slots=True)
class Claimable:
    """A rule that takes claims, for the choice of the form."""

    programme: str
    rule: Rule
    document: str

    @property
    def value(self) -> str:
        return f"{self.programme}/{self.rule.id}"


class AlreadyApplied(Exception):
    """The claim has been made; ``number`` is that of the first."""

    def __init__(self, number: str) -> None:
        super().__init__(f"已经申报过，编号 {number}。")
        self.number = number


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim that nothing stands against: the rule's occasion, and what makes it the same claim."""

    occasion: str
    is_for_life: bool


def apply_for_award(
    *,
    programme: str,
    rule: str,
    enterprise: Enterprise,
    happened_on: date,
    actor: User,
    key: str = "",
    project: str = "",
    invoice: str = "",
    facts: Mapping[str, str] | None = None,
    batch: Batch | None = None,
) -> AwardApplication:
    """``facts``: canonical texts by fact. Raises ``AwardsRefused`` for a rule that takes no claim, ``AlreadyApplied``
    for a second one."""
    edition, awards = awards_in_force(programme)
    found = next((given for given in awards.rules if given.id == rule), None)
    if found is None or found.occasion is None:
        raise AwardsRefused(f"{edition.title} 没有可以申报的规则 {rule}。")
    claim = _claim(found, happened_on, key, project, invoice)
    same = {"programme": programme, "rule": rule, "enterprise": enterprise, "occasion": claim.occasion}
    if claim.is_for_life:
        _refuse_inherited(programme, rule, claim.occasion, enterprise.pk, happened_on)
    try:
        with transaction.atomic():
            made = AwardApplication.objects.create(
                **same,
                region_id=enterprise.region_id,
                happened_on=happened_on,
                key=key,
                project=project,
                invoice=invoice,
                facts=dict(facts or {}),
                sent_by=actor,
                sent_at=timezone.now(),
                batch=batch,
            )
            record(actor=actor, act="apply_for_award", region=made.region, subject=made.number)
    except IntegrityError as error:
        first = AwardApplication.objects.filter(**same).first()
        if first is None:
            raise
        raise AlreadyApplied(first.number) from error
    return made


def _claim(rule: Rule, happened_on: date, key: str, project: str, invoice: str) -> _Claim:
    """Raises ``AwardsRefused`` where the rule is not offered on that day, or not for this."""
    occasion = rule.occasion
    if occasion is None:
        raise AwardsRefused(f"“{rule.title}”不受理申报。")
    if rule.last_day and happened_on > rule.last_day:
        raise AwardsRefused(f"“{rule.title}”到 {rule.last_day} 为止，不再受理。")
    if rule.first_day and happened_on < rule.first_day:
        raise AwardsRefused(f"“{rule.title}”自 {rule.first_day} 起施行。")
    if occasion.keys and key not in occasion.keys:
        raise AwardsRefused(f"事项内容只能是：{'、'.join(occasion.keys)}")
    if occasion.once == "project" and not project:
        raise AwardsRefused(f"“{rule.title}”同一项目一次，请写明项目。")
    day = f"{happened_on:%Y%m%d}"
    matter = matter_of(occasion.once, day, key=key, project=project, invoice=invoice)
    return _Claim(matter, occasion.once in FOR_LIFE)


def first_number(claimed: Claimable, firm: int, named: Mapping[str, Any]) -> str:
    """The number of the first claim of the same, empty where there is none; raises ``AwardsRefused``."""
    claim = _claim(claimed.rule, **named)
    first = AwardApplication.objects.filter(
        programme=claimed.programme, rule=claimed.rule.id, enterprise=firm, occasion=claim.occasion
    ).first()
    return first.number if first else ""


def _refuse_inherited(programme: str, rule: str, occasion: str, firm: int, on: date) -> None:
    """What a firm claimed before it was merged, converted or split is not claimed again by who came of it."""
    past = pasts_of([(firm, on)]).get((firm, on), {})
    if not past:
        return
    claims = AwardApplication.objects.filter(
        programme=programme, rule=rule, occasion=occasion, enterprise__in=past
    )
    for first in claims.order_by("pk"):
        if first.happened_on <= past[first.enterprise_id]:
            raise AlreadyApplied(first.number)


def claimable_rules(user: User) -> list[Claimable]:
    """Rules of documents in force around the user's region that a firm may claim."""
    return [
        Claimable(edition.name, rule, edition.title)
        for edition, part in award_programmes_visible_to(user)
        for rule in part.rules
        if _is_claimable(rule)
    ]


def claimable_around(region: Region) -> list[Claimable]:
    """The same for a region: documents of the region, of those below it and of those that hold it, nearest last."""
    editions = PolicyEdition.objects.filter(
        related_to(region.path, "locality"), state=PolicyEdition.State.IN_FORCE, locality__isnull=False
    )
    found = []
    for edition in editions.select_related("locality").order_by("locality__path", "-name"):
        part = awards_part(edition)
        rules = part.rules if part else ()
        found += [Claimable(edition.name, rule, edition.title) for rule in rules if _is_claimable(rule)]
    return found


def _is_claimable(rule: Rule) -> bool:
    """With an occasion other than the directory's own, and for firms."""
    return rule.occasion is not None and rule.occasion.event != "listed" and "enterprise" in rule.recipients


@dataclass(frozen=True, slots=True)
class ClaimLine:
    """A claim in the list, under the title of its rule."""

    application: AwardApplication
    title: str


def applications_visible_to(user: User) -> list[ClaimLine]:
    """The newest hundred of the user's region."""
    found = AwardApplication.objects.visible_to(user).select_related("enterprise", "region", "sent_by")
    titles = {
        (edition.name, rule.id): rule.title
        for edition, part in award_programmes_visible_to(user)
        for rule in part.rules
    }
    return [ClaimLine(one, titles.get((one.programme, one.rule), one.rule)) for one in found[:100]]
