"""What a year would cost under other sums, rates, lines or budgets, by district, level and rule; nothing is saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from core.models import PolicyEdition, Region, User
from core.services.policies import document_of
from core.services.simulation import FIRMS_SHOWN, FirmChange, RegionChange, Simulation
from incentives.models import Award, AwardRound
from incentives.policy import LEVELS, Awards
from incentives.policy.names import Names
from incentives.rules.amount_words import wan_words
from incentives.rules.bearing import shares_of
from incentives.rules.gaps import set_aside
from incentives.rules.verdicts import UNSHARED, RuleVerdict
from incentives.rules.what_if import Leaf, with_changes
from incentives.services.award_facts import ReadAwards
from incentives.services.computing import settled
from incentives.services.programmes import AwardsRefused, awards_part
from incentives.services.round_rows import by_key, occasion_of

WHAT = "拟奖补"
#: rule, recipient's code, occasion
Key = tuple[str, str, str]


@dataclass(slots=True)
class Cost:
    """Awards of one side of a comparison, each in fen, with what bears it."""

    fen: dict[Key, int] = field(default_factory=dict)
    regions: dict[Key, str] = field(default_factory=dict)
    names: dict[Key, tuple[str, int | None]] = field(default_factory=dict)
    levels: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: RuleVerdict, awards: Awards, read: ReadAwards) -> None:
        aside, _gap = set_aside(verdict, read.by_calendar)
        rows = (verdict.due & ~aside).nonzero()[0]
        group = verdict.occasions.group[verdict.rows[rows]]
        shares = shares_of(awards, verdict.rule, group, verdict.amount[rows])
        for place, row in enumerate(rows.tolist()):
            one = read.happenings[int(verdict.rows[row])]
            key = (verdict.rule.id, one.who.code, occasion_of(verdict.rule, one))
            self.fen[key] = int(verdict.amount[row])
            self.regions[key] = one.region
            self.names[key] = (one.who.name, one.who.firm)
            self.levels.update(shares[place])

    @property
    def total(self) -> int:
        return sum(self.fen.values())

    def by(self, of: Mapping[Key, str] | None = None) -> Counter[str]:
        """Fen by rule, or by what ``of`` says of each award."""
        found: Counter[str] = Counter()
        for key, fen in self.fen.items():
            found[of[key] if of else key[0]] += fen
        return found


def cost_of(edition: PolicyEdition, awards: Awards, year: int) -> Cost:
    """The whole of a year, whatever of it was granted already; what other years granted counts. Raises ``AwardsRefused``."""
    living = Award.objects.filter(programme=edition.name).living().exclude(round__year=year)
    granted = by_key(living.select_related("round").order_by("pk"))
    read, verdicts = settled(edition, awards, year, granted)
    cost = Cost()
    for verdict in verdicts:
        cost.add(verdict, awards, read)
    return cost


@dataclass(frozen=True, slots=True)
class CostLine:
    """Fen as it is and as it would be."""

    label: str
    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(slots=True)
class LeafGroup:
    """The figures of one rule, each with what was asked for instead and what is wrong with it."""

    title: str
    is_open: bool = False
    leaves: list[tuple[Leaf, str, str]] = field(default_factory=list)

    def add(self, leaf: Leaf, asked: str, fault: str) -> None:
        self.leaves.append((leaf, asked or leaf.text, fault))
        self.is_open |= bool(fault) or (bool(asked) and asked != leaf.text)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a year costs as it is and as it would be."""

    edition: PolicyEdition
    year: int
    groups: list[LeafGroup]
    total: CostLine
    counts: tuple[int, int]
    regions: list[CostLine]
    levels: list[CostLine]
    rules: list[CostLine]
    is_changed: bool


def try_out(*, edition: PolicyEdition, year: int, given: Mapping[str, str]) -> Trial:
    """The year under the document in force, and with what ``given`` asks for instead. Raises ``AwardsRefused``."""
    part = awards_part(edition)
    if part is None:
        raise AwardsRefused(f"{edition} 没有奖补规则。")
    changed = with_changes(part, Names.of(document_of(edition)), given)
    before = cost_of(edition, part, year)
    is_changed = changed.awards != part
    after = cost_of(edition, changed.awards, year) if is_changed else before
    titles = {rule.id: rule.title for rule in part.rules}
    groups: dict[str, LeafGroup] = {}
    for leaf in changed.leaves:
        title = titles.get(leaf.rule, "预算")
        group = groups.setdefault(title, LeafGroup(title, is_open=not groups))
        group.add(leaf, given.get(leaf.name, "").strip(), changed.faults.get(leaf.name, ""))
    districts = _districts(edition.locality)
    return Trial(
        edition=edition,
        year=year,
        groups=list(groups.values()),
        total=CostLine("合计", before.total, after.total),
        counts=(len(before.fen), len(after.fen)),
        regions=_regions(before, after, districts),
        levels=_lines(before.levels, after.levels, {**LEVELS, UNSHARED: "分担未载明"}),
        rules=_lines(before.by(), after.by(), titles),
        is_changed=is_changed,
    )


def _lines(before: Mapping[str, int], after: Mapping[str, int], labels: Mapping[str, str]) -> list[CostLine]:
    """In the order of ``labels``; only what costs something on one of the sides."""
    return [
        CostLine(label, before.get(key, 0), after.get(key, 0))
        for key, label in labels.items()
        if before.get(key) or after.get(key)
    ]


def _districts(locality: Region) -> dict[str, Region]:
    """Region → the district that it belongs to; the locality itself for what lies in none."""
    below = list(Region.objects.filter(path__startswith=locality.path).order_by("order", "code"))
    known = {region.code: region for region in below}
    found = {}
    for region in below:
        codes = region.path.removeprefix(locality.path).strip("/").split("/")
        found[region.code] = known.get(codes[0], locality)
    return found


def _regions(before: Cost, after: Cost, districts: Mapping[str, Region]) -> list[CostLine]:
    sides = []
    for cost in (before, after):
        of = {key: districts[code].code for key, code in cost.regions.items()}
        sides.append(cost.by(of))
    labels = {region.code: region.name for region in dict.fromkeys(districts.values())}
    return _lines(sides[0], sides[1], labels)


# -------------------------------------------------------------------- a draft against the document in force


def simulate_awards(*, draft: PolicyEdition, current: PolicyEdition | None, actor: User) -> list[Simulation]:
    """The newest computed year, else none: who would come in and fall out, and what it would cost."""
    after, before = awards_part(draft), awards_part(current) if current else None
    if not any(rule.makes_awards for part in (after, before) if part is not None for rule in part.rules):
        return []
    year = AwardRound.objects.filter(programme=draft.name).order_by("-year").values_list("year", flat=True)
    newest = year.first()
    if newest is None or draft.locality is None:
        remark = "还没有测算过奖补，没有可比的年度"
        return [Simulation("awards", "奖补", WHAT, (), (), (), remark=remark)]
    try:
        old = cost_of(current, before, newest) if current and before else Cost()
        new = cost_of(draft, after, newest) if after else Cost()
    except (AwardsRefused, KeyError) as fault:
        return [Simulation("awards", "奖补", WHAT, (), (), (), remark=f"不能模拟：{fault}")]
    return [_simulation(old, new, after or before, newest, _districts(draft.locality))]


def _simulation(
    old: Cost, new: Cost, part: Awards | None, year: int, districts: Mapping[str, Region]
) -> Simulation:
    entering, leaving = sorted(new.fen.keys() - old.fen.keys()), sorted(old.fen.keys() - new.fen.keys())
    moved = sorted(key for key in new.fen.keys() & old.fen.keys() if new.fen[key] != old.fen[key])
    counts = [_count(keys, cost, districts) for keys, cost in (
        (old.fen, old), (new.fen, new), (entering, new), (leaving, old),
    )]  # fmt: skip
    regions = tuple(
        RegionChange(region.name, *(count[region.code] for count in counts))
        for region in dict.fromkeys(districts.values())
        if any(count[region.code] for count in counts)
    )
    levels = _lines(old.levels, new.levels, LEVELS)
    told = "，".join(f"{line.label} {wan_words(line.before)} → {wan_words(line.after)}" for line in levels)
    blanks = tuple(rule.title for rule in part.rules if not rule.can_run) if part else ()
    return Simulation(
        part="awards",
        title=f"{year}年奖补",
        what=WHAT,
        regions=regions,
        entering=_changes(entering, old, new, districts),
        leaving=_changes(leaving, old, new, districts),
        moved=_changes(moved, old, new, districts),
        moved_count=len(moved),
        blanks=blanks,
        remark=f"金额 {wan_words(old.total)} → {wan_words(new.total)}{'；' if told else ''}{told}",
    )


def _count(keys: Iterable[Key], cost: Cost, districts: Mapping[str, Region]) -> Counter[str]:
    return Counter(districts[cost.regions[key]].code for key in keys)


def _changes(
    keys: list[Key], old: Cost, new: Cost, districts: Mapping[str, Region]
) -> tuple[FirmChange, ...]:
    found = []
    for key in keys[:FIRMS_SHOWN]:
        cost = new if key in new.fen else old
        name, firm = cost.names[key]
        words = [wan_words(side.fen[key]) if key in side.fen else "无" for side in (old, new)]
        url = reverse("enterprises:detail", args=[firm]) if firm else ""
        found.append(FirmChange(url, key[1], name, districts[cost.regions[key]].name, *words))
    return tuple(found)
