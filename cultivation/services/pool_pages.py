"""What the pages of the pool show (在库企业, 一企的培育记录), read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.db.models import F, Sum

from core.conditions.kinds import calendar_label
from core.facts import catalogue
from core.models import PolicyEdition, User
from cultivation.models import PoolMembership, TierChange
from cultivation.policy import PoolRule
from cultivation.policy.pool import JOIN
from cultivation.querysets import PoolMembershipQuerySet
from cultivation.rules.pool_reasons import Told, told_reasons
from cultivation.services.pool_block import MemberCounts, count_members
from cultivation.services.pools import pools_visible_to, rules_by_edition
from enterprises.models import Enterprise
from enterprises.services.lineage import merged_into

_SORTS = {
    "name": "enterprise__name",
    "region": "enterprise__region__order",
    "measure": "measure_wan",
    "planned_year": "planned_year",
    "since": "since",
}


@dataclass(frozen=True, slots=True)
class PoolPlace:
    """The pool that a page is about, and the others that this reader could open."""

    edition: PolicyEdition
    rule: PoolRule
    others: list[tuple[PolicyEdition, PoolRule]]

    @property
    def programme(self) -> str:
        return self.edition.name

    @property
    def measure_label(self) -> str:
        return measure_label(self.rule)

    @property
    def has_choice(self) -> bool:
        return len(self.others) > 1


@dataclass(slots=True)
class MemberRow:
    """A member with its reasons in words; ``sources`` as people call them."""

    member: PoolMembership
    sources: str
    reasons: list[Told]
    history: list[ChangeRow] = field(default_factory=list)

    @property
    def is_by_hand(self) -> bool:
        member = self.member
        return member.tier_by_hand or member.year_by_hand or member.admitted_by_hand


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One entry of the history with its words."""

    change: TierChange
    reasons: list[Told]
    differences: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Stat:
    word: str
    note: str
    count: int
    query: str


@dataclass(frozen=True, slots=True)
class PoolTotals:
    members: int
    measure_wan: int | None


def pool_place(user: User, programme: str = "", kind: str = "") -> PoolPlace | None:
    """The pool asked for, or the first that the user may see; ``None`` when there is none such."""
    found = pools_visible_to(user)
    for edition, rule in found:
        if (not programme or edition.name == programme) and (not kind or rule.kind == kind):
            return PoolPlace(edition, rule, found)
    return None


def current_members(place: PoolPlace, user: User) -> PoolMembershipQuerySet:
    return PoolMembership.objects.visible_to(user).of_pool(place.programme, place.rule.kind).current()


def member_counts(place: PoolPlace, user: User) -> MemberCounts:
    """One query."""
    return count_members(current_members(place, user), place.rule)


def stats_of(place: PoolPlace, counts: MemberCounts) -> tuple[list[Stat], list[Stat]]:
    """The figures above the list, by tier and by source: word, note, number, and the filter that opens its firms."""
    bounds = {tier.name: tier.bounds for tier in place.rule.tiers}
    tiers = [
        Stat(name, bounds.get(name, ""), count, f"tier={quote(name)}")
        for name, count in counts.by_tier.items()
    ]
    sources = [
        Stat(source_word(place.rule, counts.source_keys[key]), "", count, f"source={quote(key)}")
        for key, count in counts.by_source.items()
    ]
    return tiers, sources


def source_word(rule: PoolRule, codes: str) -> str:
    """What a member's sources are called: 仅税务名单, 税务名单、退统名单."""
    word = rule.source_label(codes)
    return f"仅{word}" if len(rule.sources) > 1 and codes and JOIN not in codes else word


def sorted_members(members: PoolMembershipQuerySet, sort: str) -> PoolMembershipQuerySet:
    """By a key of the table's heads, ``-`` for descending; firms without the figure come last."""
    members = members.select_related("enterprise__region")
    field_name = _SORTS.get(sort.removeprefix("-"))
    if field_name is None:
        return members.order_by("enterprise__region__order", "enterprise__uscc")
    by = F(field_name)
    order = by.desc(nulls_last=True) if sort.startswith("-") else by.asc(nulls_last=True)
    return members.order_by(order, "enterprise__region__order", "enterprise__uscc")


def pool_totals(members: PoolMembershipQuerySet, count: int) -> PoolTotals:
    """合计 over the whole result, not over the page."""
    return PoolTotals(count, members.order_by().aggregate(total=Sum("measure_wan"))["total"])


def member_rows(members: Sequence[PoolMembership], rule: PoolRule) -> list[MemberRow]:
    """The members of a page with their reasons; one query more, however many."""
    told = _told(rule.kind, ((member.edition_id, member.reasons) for member in members))
    return [
        MemberRow(member, rule.source_label(member.sources), reasons)
        for member, reasons in zip(members, told, strict=True)
    ]


def measure_label(rule: PoolRule) -> str:
    """``2021年应税销售（税务名单）``"""
    if rule.measure is None:
        return ""
    key = rule.measure.needs(rule.given(rule.year))[0]
    label = {**catalogue(), **rule.types}[key.name].label
    return label if key.per is None or key.ordinal is None else calendar_label(key.per, key.ordinal) + label


def firm_pools(user: User, firm: Enterprise) -> list[tuple[PoolPlace, MemberRow]]:
    """Each pool that the firm is or was in, its newest membership and the history of all; five queries."""
    rows = PoolMembership.objects.visible_to(user).filter(enterprise=firm).order_by("-pk")
    members = list(rows.select_related("edition", "enterprise__region"))
    if not members:
        return []
    # what the firm was under another record is part of its history
    whole = [firm.pk, *merged_into(firm.pk)]
    changes = TierChange.objects.visible_to(user).filter(membership__enterprise__in=whole)
    history = list(changes.select_related("actor", "membership"))
    places = {(edition.name, rule.kind): (edition, rule) for edition, rule in pools_visible_to(user)}
    shown = []
    for (programme, kind), newest in _newest(members).items():
        if (programme, kind) in places:
            edition, rule = places[programme, kind]
            own = [c for c in history if (c.membership.programme, c.membership.pool) == (programme, kind)]
            row = member_rows([newest], rule)[0]
            row.history = change_rows(own, kind)
            shown.append((PoolPlace(edition, rule, []), row))
    return shown


def firm_history(user: User, member: PoolMembership) -> list[ChangeRow]:
    """All that happened to the member's firm in this pool, the newest first; two queries."""
    changes = TierChange.objects.visible_to(user).filter(
        membership__enterprise=member.enterprise_id,
        membership__programme=member.programme,
        membership__pool=member.pool,
    )
    return change_rows(list(changes.select_related("actor")), member.pool)


def change_rows(changes: Sequence[TierChange], kind: str) -> list[ChangeRow]:
    told = _told(kind, ((change.edition_id, change.reasons) for change in changes))
    return [
        ChangeRow(change, words, _differences(change)) for change, words in zip(changes, told, strict=True)
    ]


def _newest(members: Iterable[PoolMembership]) -> dict[tuple[str, str], PoolMembership]:
    newest: dict[tuple[str, str], PoolMembership] = {}
    for member in members:
        newest.setdefault((member.programme, member.pool), member)
    return newest


def _told(kind: str, rows: Iterable[tuple[int, dict[str, Any]]]) -> list[list[Told]]:
    """Reasons in words, each under the edition that decided."""
    kept = list(rows)
    rules = rules_by_edition((edition for edition, _ in kept), kind)
    told: list[list[Told]] = [[] for _ in kept]
    for edition_id, rule in rules.items():
        places = [place for place, (edition, _) in enumerate(kept) if edition == edition_id]
        words = told_reasons(rule, [kept[place][1] for place in places])
        for place, lines in zip(places, words, strict=True):
            told[place] = lines
    return told


def _differences(change: TierChange) -> list[tuple[str, str, str]]:
    """(label, before, after) of what an entry changed."""
    pairs = (
        ("层级", change.tier_before, change.tier_after),
        ("拟列规年度", change.year_before, change.year_after),
    )
    return [(label, str(old or "—"), str(new or "—")) for label, old, new in pairs if old != new]
