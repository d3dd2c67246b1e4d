"""Who would enter and leave a pool under a draft, on the data of today; nothing is written."""

from __future__ import annotations

from collections import Counter

import numpy as np
from django.urls import reverse

from core.models import PolicyEdition, Region, User
from core.services.simulation import FIRMS_SHOWN, FirmChange, RegionChange, Simulation
from cultivation.policy.pool import PoolRule
from cultivation.rules.screening import IN, NO_TIER, Screened, screen
from cultivation.services.pool_facts import ReadPool, at_latest_month, read_pool
from cultivation.services.pool_lines import lowered_lines
from cultivation.services.pools import pools_part
from enterprises.models import Enterprise

WHAT = "建议在库"
_STATUS_WORDS = ("建议在库", "未入", "待定", "在名单但不符合", "不在名单")


def simulate_pools(*, draft: PolicyEdition, current: PolicyEdition | None, actor: User) -> list[Simulation]:
    """One simulation a pool of either edition, each screened for the year that its own edition names."""
    after, before = pools_part(draft), pools_part(current) if current else None
    new = {rule.kind: rule for rule in after.rules} if after else {}
    old = {rule.kind: rule for rule in before.rules} if before else {}
    simulations = []
    for kind in dict.fromkeys([*new, *old]):
        try:
            standing = _Side.of(current, old.get(kind))
            sides = standing, _Side.of(draft, new.get(kind), standing)
        except KeyError as missing:
            remark = f"{missing.args[0]} 是草案新声明的补充数据，施行并填报之后才能模拟"
            title = (new.get(kind) or old[kind]).title
            simulations.append(Simulation("pool", title, WHAT, (), (), (), remark=remark))
        else:
            simulations.append(_simulate(*sides))
    return simulations


class _Side:
    """A pool screened under one edition, at the lines that counties have set; without a rule nobody is in it."""

    def __init__(self, rule: PoolRule | None, read: ReadPool | None, screened: Screened | None) -> None:
        self.rule, self.read, self.screened = rule, read, screened

    @classmethod
    def of(cls, edition: PolicyEdition | None, rule: PoolRule | None, like: _Side | None = None) -> _Side:
        """``like``: a side whose firms and facts serve this one too."""
        if edition is None or rule is None:
            return cls(None, None, None)
        rule = at_latest_month(rule, rule.year)
        lowered = lowered_lines(edition.name, rule.kind, rule.year)
        read = read_pool(edition, rule, rule.year, lowered, like.read if like else None)
        return cls(rule, read, screen(rule, read.frame, rule.year))

    def members(self) -> dict[int, int]:
        """Firm → place of its tier."""
        if self.read is None or self.screened is None:
            return {}
        rows = np.flatnonzero(self.screened.status == IN)
        return dict(zip(self.read.firm_ids[rows].tolist(), self.screened.tier[rows].tolist(), strict=True))

    def regions(self) -> dict[int, str]:
        """Firm → code of the region that it is assessed in."""
        if self.read is None:
            return {}
        codes = np.array(self.read.regions, dtype=object)
        return dict(zip(self.read.firm_ids.tolist(), codes[self.read.region].tolist(), strict=True))

    def words(self, firms: list[int]) -> dict[int, str]:
        """What each firm is under this edition: 建议在库 提升, 未入 …"""
        if self.read is None or self.screened is None or self.rule is None:
            return dict.fromkeys(firms, "没有这个培育库")
        place = {int(pk): row for row, pk in enumerate(self.read.firm_ids)}
        told = {}
        for firm in firms:
            row = place[firm]
            tier = int(self.screened.tier[row])
            name = "" if tier == NO_TIER else f"　{self.rule.tiers[tier].name}"
            told[firm] = _STATUS_WORDS[int(self.screened.status[row])] + name
        return told

    def tier_names(self) -> dict[int, str]:
        tiers = self.rule.tiers if self.rule else ()
        return {NO_TIER: "未分层", **{place: tier.name for place, tier in enumerate(tiers)}}


def _simulate(before: _Side, after: _Side) -> Simulation:
    rule = after.rule or before.rule
    assert rule is not None  # a kind comes from one of the two
    old, new = before.members(), after.members()
    old_names, new_names = before.tier_names(), after.tier_names()
    entering = sorted(new.keys() - old.keys())
    leaving = sorted(old.keys() - new.keys())
    moved = sorted(firm for firm in new.keys() & old.keys() if old_names[old[firm]] != new_names[new[firm]])
    region_of = {**before.regions(), **after.regions()}
    shown = [*entering[:FIRMS_SHOWN], *leaving[:FIRMS_SHOWN], *moved[:FIRMS_SHOWN]]
    firms = _firm_changes(shown, before.words(shown), after.words(shown))
    return Simulation(
        part="pool",
        title=rule.title,
        what=WHAT,
        regions=_regions(region_of, old, new, entering, leaving),
        entering=tuple(firms[firm] for firm in entering[:FIRMS_SHOWN]),
        leaving=tuple(firms[firm] for firm in leaving[:FIRMS_SHOWN]),
        moved=tuple(firms[firm] for firm in moved[:FIRMS_SHOWN]),
        moved_count=len(moved),
        blanks=tuple(after.rule.blanks()) if after.rule else (),
        remark=f"按{rule.year}年筛选" if after.rule else "草案没有这个培育库，在库企业都将不再符合",
    )


def _regions(
    region_of: dict[int, str],
    old: dict[int, int],
    new: dict[int, int],
    entering: list[int],
    leaving: list[int],
) -> tuple[RegionChange, ...]:
    counts = [Counter(region_of[firm] for firm in firms) for firms in (old, new, entering, leaving)]
    codes = {code for count in counts for code in count}
    regions = Region.objects.filter(pk__in=codes).order_by("order", "pk")
    return tuple(RegionChange(r.name, *(count[r.pk] for count in counts)) for r in regions)


def _firm_changes(shown: list[int], before: dict[int, str], after: dict[int, str]) -> dict[int, FirmChange]:
    firms = Enterprise.objects.filter(pk__in=shown).values_list("pk", "uscc", "name", "region__name")
    return {
        pk: FirmChange(reverse("enterprises:detail", args=[pk]), uscc, name, region, before[pk], after[pk])
        for pk, uscc, name, region in firms
    }
