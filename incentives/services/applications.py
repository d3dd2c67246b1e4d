"""申报: a claim under a rule, taken once; whoever sends it again is told the number of the first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.utils import timezone

from core.audit import record
from core.models import User
from enterprises.models import Enterprise
from enterprises.services.lineage import pasts_of
from incentives.models import AwardApplication
from incentives.policy import Rule
from incentives.rules.matters import FOR_LIFE, matter_of
from incentives.services.programmes import (
    AwardsRefused,
    award_programmes_visible_to,
    awards_in_force,
)


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


def apply_for_award(
    *,
    programme: str,
    rule: str,
    enterprise: Enterprise,
    happened_on: date,
    actor: User,
    key: str = "",
    project: str = "",
    facts: Mapping[str, str] | None = None,
) -> AwardApplication:
    """Raises ``AwardsRefused`` for a rule that takes no claim, ``AlreadyApplied`` for a second one."""
    edition, awards = awards_in_force(programme)
    found = next((given for given in awards.rules if given.id == rule), None)
    if found is None or found.occasion is None:
        raise AwardsRefused(f"{edition.title} 没有可以申报的规则 {rule}。")
    if found.last_day and happened_on > found.last_day:
        raise AwardsRefused(f"“{found.title}”到 {found.last_day} 为止，不再受理。")
    if found.first_day and happened_on < found.first_day:
        raise AwardsRefused(f"“{found.title}”自 {found.first_day} 起施行。")
    if found.occasion.keys and key not in found.occasion.keys:
        raise AwardsRefused(f"事项内容只能是：{'、'.join(found.occasion.keys)}")
    occasion = matter_of(found.occasion.once, f"{happened_on:%Y%m%d}", key=key, project=project)
    same = {"programme": programme, "rule": rule, "enterprise": enterprise, "occasion": occasion}
    if found.occasion.once in FOR_LIFE:
        _refuse_inherited(programme, rule, occasion, enterprise.pk, happened_on)
    try:
        with transaction.atomic():
            made = AwardApplication.objects.create(
                **same,
                region_id=enterprise.region_id,
                happened_on=happened_on,
                key=key,
                project=project,
                facts=dict(facts or {}),
                sent_by=actor,
                sent_at=timezone.now(),
            )
            record(actor=actor, act="apply_for_award", region=made.region, subject=made.number)
    except IntegrityError as error:
        first = AwardApplication.objects.filter(**same).first()
        if first is None:
            raise
        raise AlreadyApplied(first.number) from error
    return made


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
    """Rules of documents in force that a firm may claim: with an occasion other than the directory's own."""
    return [
        Claimable(edition.name, rule, edition.title)
        for edition, part in award_programmes_visible_to(user)
        for rule in part.rules
        if rule.occasion is not None and rule.occasion.event != "listed" and "enterprise" in rule.recipients
    ]


def applications_visible_to(user: User) -> list[AwardApplication]:
    """The newest hundred of the user's region."""
    found = AwardApplication.objects.visible_to(user).select_related("enterprise", "region", "sent_by")
    return list(found[:100])


def apply_from_form(*, user: User, given: Mapping[str, str]) -> AwardApplication:
    """What the form sends: ``rule`` as programme/rule, ``uscc``, ``day``, ``key``, ``project``.

    A firm outside the user's region does not exist for him.
    """
    against = []
    programme, _slash, rule = given.get("rule", "").partition("/")
    if (programme, rule) not in {(one.programme, one.rule.id) for one in claimable_rules(user)}:
        against.append("请选择申报哪条规则")
    firm = Enterprise.objects.visible_to(user).filter(uscc=given.get("uscc", "").strip().upper()).first()
    if firm is None:
        against.append("名录里没有这家企业，请核对统一社会信用代码")
    day = None
    try:
        day = date.fromisoformat(given.get("day", ""))
    except ValueError:
        against.append("事项日期写成 2022-06-15 的样子")
    if against or firm is None or day is None:
        raise AwardsRefused("；".join(against) + "。")
    return apply_for_award(
        programme=programme,
        rule=rule,
        enterprise=firm,
        happened_on=day,
        actor=user,
        key=given.get("key", "").strip()[:50],
        project=given.get("project", "").strip()[:50],
    )
