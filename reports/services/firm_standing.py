"""How firms stand in every room of the house: registry, directory, pools, grade, awards; set-based, as a user may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from core.models import User
from core.permissions import can
from cultivation.models import PoolMembership
from cultivation.policy.pool import POOL_KINDS
from enterprises.models import Enterprise, ScaleEvent
from enterprises.services.storing import in_chunks
from evaluation.models import Score
from incentives.models import Award, AwardRound
from incentives.rules.amount_words import wan_words
from incentives.services.programmes import awards_part


@dataclass(slots=True)
class Standing:
    """What is known of one firm, in the words of a list; empty where nothing is."""

    uscc: str = ""
    name: str = ""
    region: str = ""
    status: str = ""
    above_scale: str = ""
    listed: str = ""
    pools: list[str] = field(default_factory=list)
    grade: str = ""
    awards: list[str] = field(default_factory=list)


def standings(firms: Iterable[int], user: User) -> dict[int, Standing]:
    found: dict[int, Standing] = defaultdict(Standing)
    titles = _rule_titles(user) if can(user, "award.view") else {}
    for chunk in in_chunks(sorted(set(firms))):
        _registry(chunk, user, found)
        _pools(chunk, user, found)
        _grades(chunk, user, found)
        if titles:
            _awards(chunk, user, found, titles)
    return found


def _registry(firms: list[int], user: User, found: dict[int, Standing]) -> None:
    rows = Enterprise.objects.visible_to(user).filter(pk__in=firms).select_related("region").order_by()
    for firm in rows:
        one = found[firm.pk]
        one.uscc, one.name, one.region = firm.uscc, firm.name, firm.region.name
        one.status = firm.status or firm.get_verification_display()
        one.above_scale = "规上" if firm.above_scale else "规下"
    entries = ScaleEvent.objects.visible_to(user).filter(enterprise__in=firms, kind=ScaleEvent.Kind.LISTED)
    for firm_id, month in entries.order_by("month").values_list("enterprise_id", "month"):
        found[firm_id].listed = month.label


def _pools(firms: list[int], user: User, found: dict[int, Standing]) -> None:
    rows = PoolMembership.objects.visible_to(user).filter(enterprise__in=firms, until=None)
    for firm_id, pool, tier in rows.order_by("programme", "pool").values_list(
        "enterprise_id", "pool", "tier"
    ):
        words = POOL_KINDS.get(pool, pool) + (f"（{tier}）" if tier else "")
        if words not in found[firm_id].pools:
            found[firm_id].pools.append(words)


def _grades(firms: list[int], user: User, found: dict[int, Standing]) -> None:
    """Of published rounds the newest year's, and of that year the one published last."""
    rows = Score.objects.visible_to(user).current().filter(enterprise__in=firms).exclude(final_grade="")
    for firm_id, year, grade in rows.order_by("round__year", "round__published_at").values_list(
        "enterprise_id", "round__year", "final_grade"
    ):
        found[firm_id].grade = f"{year}年 {grade}"


def _awards(
    firms: list[int], user: User, found: dict[int, Standing], titles: dict[tuple[int, str], str]
) -> None:
    """Approved awards, and those of the draft that is open."""
    rows = Award.objects.visible_to(user).living().filter(enterprise__in=firms).select_related("round")
    for award in rows.order_by("-round__year", "rule"):
        title = titles.get((award.round_id, award.rule), award.rule)
        approved = award.round.state == AwardRound.State.APPROVED
        state = award.round.get_state_display() if approved else award.get_state_display()
        found[award.enterprise_id].awards.append(
            f"{award.round.year}年{title} {wan_words(award.amount_fen)}（{state}）"
        )


def _rule_titles(user: User) -> dict[tuple[int, str], str]:
    found = {}
    for award_round in AwardRound.objects.visible_to(user).select_related("edition"):
        part = awards_part(award_round.edition)
        found |= {(award_round.pk, rule.id): rule.title for rule in (part.rules if part else ())}
    return found
