"""Cases of the ``pool`` part: facts of some firms → who is in, by which line, which tier and year; and the quota. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np

from core.amounts import from_hundredths
from core.conditions import Frame
from core.facts import catalogue
from core.periods import Month
from core.policies import UNKNOWN, Fields, Mapping, Node, PolicyDocument, PolicyFault, Scalar, Unknown
from core.policies.cases import CaseFaulty, register_cases
from core.policies.fields import add_fault, as_mapping, read_number, read_whole
from core.policies.given import Facts, frame_of, read_facts
from cultivation.policy.pool import LEFT_YEAR, MEMBER_FACTS, OWN_FACTS, REGION, PoolRule, Pools, Quota
from cultivation.policy.targets import Targets
from cultivation.rules.lowering import lowering_refused
from cultivation.rules.pool_places import Place, Standing, line_at, own_columns, place_named
from cultivation.rules.pool_reasons import kept_value, reasons_of, told_reasons
from cultivation.rules.screening import (
    IN,
    NO_TIER,
    NO_YEAR,
    STATUSES,
    Members,
    Screened,
    changes_of,
    codes_of,
    counts_of,
    quota_of,
    screen,
    selected,
)
from cultivation.rules.target_cases import above_of

_GIVEN_KEYS = {
    "pool": "培育库类别",
    "year": "筛选年度",
    "month": "最近报送月",
    "firms": "企业",
    "members": "现在库的企业",
    "targets": "各地区目标",
    "in_pool": "各地区在库数",
    "lowered": "各地区下调后的入库线(万元)",
}
_MEMBER_KEYS = {"tier": "层级", "planned_year": "拟列规年度", "since": "在库起始年度", "by_hand": "人工定的"}
_BY_HAND = ("tier", "planned_year", "admitted")
_NOWHERE = Place("", "", ())


@dataclass(slots=True)
class _Given:
    """What a case gives, by its own words for firms and by code for regions."""

    rule: PoolRule
    year: int
    firms: dict[str, Facts] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    members: dict[str, dict[str, Any]] = field(default_factory=dict)
    targets: dict[str, int] = field(default_factory=dict)
    in_pool: dict[str, int] = field(default_factory=dict)
    lowered: dict[str, Decimal] = field(default_factory=dict)
    #: the year in which a firm last left the pool
    left: dict[str, int] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        since = [self.members[name]["since"] if name in self.members else 0 for name in self.firms]
        left = [self.left.get(name, 0) for name in self.firms]
        return Standing(np.array(since, np.int64), np.array(left, np.int64))


def work_pool(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """``firms``: what becomes of each and why; ``counts`` over all of them; ``quota`` and who is short of it;
    ``lowering``: whether each lowered line is lawful, and the line that holds."""
    faults: list[PolicyFault] = []
    read = _read(document, given, faults)
    if read is None or faults:
        raise CaseFaulty(faults)
    lawful, told_lowering = _lowering(document, read)
    frame, places = _frame(read, lawful)
    found = screen(read.rule, frame, read.year)
    return {
        "pool": read.rule.kind,
        "year": read.year,
        "unknown": read.rule.blanks(),
        "firms": _firms(read, found, frame, places, lawful),
        "counts": _counts(read, found, places),
        "quota": _quota(document, read, read.rule.quota, _inside(read, found, places, ())),
        "tier_quotas": [
            {
                "tiers": list(one.tiers),
                "asked": _quota(document, read, one, _inside(read, found, places, one.tiers)),
            }
            for one in read.rule.tier_quotas
        ],
        "lowering": told_lowering,
    }


# ---------------------------------------------------------------- reading what is given


def _read(document: PolicyDocument, given: Mapping, faults: list[PolicyFault]) -> _Given | None:
    fields = Fields(given, faults, _GIVEN_KEYS)
    part = document.parts["pool"]
    assert isinstance(part, Pools)
    kinds = [rule.kind for rule in part.rules]
    rule = part.of_kind(fields.choice("pool", kinds, default=kinds[0]))
    if rule is None:
        return None
    year = fields.whole("year") if fields.get("year") else rule.year
    read = _Given(rule.at(_month(fields)), year or rule.year)
    types = {**catalogue(), **rule.types}
    for name, node in _entries(fields, "firms").items():
        firm = as_mapping(node, faults)
        if firm is not None:
            own = {key: value for key, value in firm.entries.items() if key == REGION}
            rest = {key: value for key, value in firm.entries.items() if key != REGION}
            left = rest.pop(LEFT_YEAR, None)
            if left is not None:
                read.left[name] = read_whole(left, faults) or 0
            computed = [key for key in rest if key in OWN_FACTS]
            for key in computed:
                source = "members（现在库的企业）" if key in MEMBER_FACTS else "region（考核地区）"
                add_fault(faults, rest.pop(key), f"{key} 由 {source}得出，不用给")
            read.firms[name] = read_facts(Mapping(firm.key, firm.line, rest), types, faults)
            read.places[name] = _place(document, own[REGION], faults) if own else _NOWHERE
    for name, node in _entries(fields, "members").items():
        member = as_mapping(node, faults)
        if name not in read.firms:
            add_fault(faults, node, f"“{name}”不在 firms 里，请先给出它的事实")
        elif member is not None:
            read.members[name] = _member(member, rule, read.year, faults)
    for key, into in (("targets", read.targets), ("in_pool", read.in_pool)):
        for name, node in _entries(fields, key).items():
            code, number = _region(document, name, node, faults), read_whole(node, faults)
            if code and number is not None:
                into[code] = number
    for name, node in _entries(fields, "lowered").items():
        code, amount = _region(document, name, node, faults), read_number(node, faults)
        if code and isinstance(amount, Decimal):
            read.lowered[code] = amount
    return read


def _month(fields: Fields) -> Month | None:
    node = fields.get("month")
    if node is None:
        return None
    try:
        return Month.parse(node.text if isinstance(node, Scalar) else "")
    except ValueError:
        add_fault(fields.faults, node, "月份写成 2022-06 的样子")
        return None


def _entries(fields: Fields, name: str) -> dict[str, Node]:
    node = fields.get(name)
    block = as_mapping(node, fields.faults) if node else None
    return block.entries if block else {}


def _place(document: PolicyDocument, node: Node, faults: list[PolicyFault]) -> Place:
    word = node.text if isinstance(node, Scalar) else ""
    place = place_named(document.regions, word)
    if place is None and document.regions is not None:
        add_fault(faults, node, f"“{word}”不在地区清单里")
    return place or Place(word, "", ())


def _region(document: PolicyDocument, word: str, node: Node, faults: list[PolicyFault]) -> str | None:
    entry = document.regions.find(word) if document.regions else None
    if entry is None:
        add_fault(faults, node, f"“{word}”不在地区清单里")
    return entry.code if entry else None


def _member(node: Mapping, rule: PoolRule, year: int, faults: list[PolicyFault]) -> dict[str, Any]:
    fields = Fields(node, faults, _MEMBER_KEYS)
    names = [tier.name for tier in rule.tiers]
    tier = fields.choice("tier", names) if fields.get("tier") else ""
    planned = fields.whole("planned_year") if fields.get("planned_year") else None
    since = fields.whole("since") if fields.get("since") else None
    by_hand = fields.texts("by_hand")
    for word in by_hand:
        if word not in _BY_HAND:
            add_fault(faults, node, f"by_hand 可写 {'、'.join(_BY_HAND)}，写的是“{word}”")
    return {
        "tier": names.index(tier) if tier in names else NO_TIER,
        "year": planned or NO_YEAR,
        "since": since or year,
        "by_hand": by_hand,
    }


# ---------------------------------------------------------------- working it


def _frame(read: _Given, lowered: MappingType[str, Decimal]) -> tuple[Frame, list[Place]]:
    asked = read.rule.asks(read.year)
    types = {**catalogue(), **read.rule.types}
    rows = list(read.firms.values())
    frame = frame_of(rows, [key for key in asked if key.name not in OWN_FACTS], types)
    places = list(read.places.values())
    own = own_columns(read.rule, places, np.arange(len(places), dtype=np.int64), lowered, read.standing)
    brought = {str(key): own[key.name] for key in asked if key.name in own}
    return Frame(len(rows), {**frame.columns, **brought}), places


def _firms(
    read: _Given, found: Screened, frame: Frame, places: Sequence[Place], lowered: MappingType[str, Decimal]
) -> dict[str, Any]:
    rule, table = read.rule, found.table()
    kept = [reasons_of(rule, table, frame, row, read.year) for row in range(frame.size)]
    told = told_reasons(rule, kept)
    changes = _changes(read, found)
    firms = {}
    for row, name in enumerate(read.firms):
        tier = int(found.tier[row])
        firms[name] = {
            "status": STATUSES[int(found.status[row])],
            "sources": codes_of(rule.sources, int(found.named_by[row])),
            "outside": codes_of(rule.sources, int(found.outside[row])),
            "failed": codes_of(rule.requires, int(found.failed[row])),
            "not_known": codes_of(rule.requires, int(found.not_known[row])),
            "told": codes_of(rule.checks, int(found.told[row])),
            "flagged": codes_of(rule.flags, int(found.flagged[row])),
            "tier": rule.tiers[tier].name if tier != NO_TIER else None,
            "planned_year": int(found.planned_year[row]) or None,
            "measure": _measure(rule, frame, row, read.year),
            "line": None if rule.line is None else _known(line_at(rule, places[row], lowered)),
            "change": changes.get(name),
            "reasons": [
                {"code": one.code, "label": one.label, "text": one.text, "clause": one.basis.label}
                for one in told[row]
            ],
        }
    return firms


def _measure(rule: PoolRule, frame: Frame, row: int, year: int) -> Decimal | Unknown | None:
    if rule.measure is None:
        return None
    column = frame.columns[str(rule.measure.needs(rule.given(year))[0])]
    value = kept_value(column, row) if column.known[row] else None
    return from_hundredths(value) if isinstance(value, int) else UNKNOWN


def _known(amount: Decimal | None) -> Decimal | Unknown:
    return UNKNOWN if amount is None else amount


def _changes(read: _Given, found: Screened) -> dict[str, Any]:
    """What a screening does to each firm of the pool as the case gives it."""
    names = list(read.firms)
    inside = [name for name in names if name in read.members]

    def flags(word: str) -> Any:
        return np.array([word in read.members[name]["by_hand"] for name in inside], np.bool_)

    rows = np.array([names.index(name) for name in inside], np.int64)
    members = Members(
        row=rows,
        tier=np.array([read.members[name]["tier"] for name in inside], np.int64),
        planned_year=np.array([read.members[name]["year"] for name in inside], np.int64),
        named_by=found.named_by[rows],
        tier_by_hand=flags("tier"),
        year_by_hand=flags("planned_year"),
        admitted_by_hand=flags("admitted"),
        is_proposed=np.zeros(len(inside), np.bool_),
    )
    changes = changes_of(found, members, np.zeros(0, np.int64), read.rule.movement)
    told: dict[str, Any] = dict.fromkeys(inside, "kept")
    told |= {names[row]: "admitted" for row in changes.admitted} | {
        names[row]: "waiting" for row in changes.waiting
    }
    for word in ("moved", "withdrawn", "proposed"):
        told |= {inside[place]: word for place in getattr(changes, word)}
    told |= {
        name: "suggested" for name, tier in zip(inside, changes.suggested, strict=True) if tier != NO_TIER
    }
    return told


def _counts(read: _Given, found: Screened, places: Sequence[Place]) -> dict[str, Any]:
    rule, table = read.rule, found.table()
    counts = counts_of(rule, table)
    groups = {"by_tier": "tier", "by_source": "source", "by_flag": "flag"}
    split: dict[str, dict[str, int]] = {word: {} for word in groups}
    for name, count in counts.items():
        kind, _, code = name.partition(":")
        for word, of in groups.items():
            if kind == of and code:
                split[word][code] = count
    plain = {name: counts[name] for name in ("all", "candidates", *STATUSES)}
    return {**plain, **split, "by_region": _by_region(read, found.status == IN, places)}


def _by_region(read: _Given, mask: Any, places: Sequence[Place]) -> dict[str, int]:
    counted: dict[str, int] = {}
    for place, holds in zip(places, mask, strict=True):
        if place.name:
            counted[place.name] = counted.get(place.name, 0) + int(holds)
    return counted


def _inside(
    read: _Given, found: Screened, places: Sequence[Place], tiers: Sequence[str] = ()
) -> dict[str, int]:
    """Firms that the rule puts in (into these tiers, if any are named), by the code of their region."""
    inside = selected(read.rule, found.table(), "in")
    if tiers:
        wanted = [place for place, tier in enumerate(read.rule.tiers) if tier.name in tiers]
        inside = inside & np.isin(found.tier, wanted)
    counted: dict[str, int] = {}
    for place, holds in zip(places, inside, strict=True):
        for code in place.chain:
            counted[code] = counted.get(code, 0) + int(holds)
    return counted


def _targets(document: PolicyDocument, read: _Given, quota: Quota | None) -> dict[str, int]:
    """What is given, else the document's own rows of the year."""
    part = document.parts.get("targets")
    if read.targets or quota is None or not isinstance(part, Targets):
        return read.targets
    goals = [goal for goal in part.yearly(quota.metric, read.year) if goal.origin == "row"]
    return {goal.region: int(goal.amount) for goal in goals if not isinstance(goal.amount, Unknown)}


def _quota(document: PolicyDocument, read: _Given, quota: Quota | None, inside: MappingType[str, int]) -> Any:
    if quota is None:
        return None
    found = quota_of(quota, _targets(document, read, quota), above_of(document))
    if found is None:
        return UNKNOWN
    each, whole = found
    names = {entry.code: entry.name for entry in document.regions} if document.regions else {}
    given = {} if quota.tiers else read.in_pool
    in_pool = {code: given.get(code, inside.get(code, 0)) for code in each}
    short = {code: max(asked - in_pool[code], 0) for code, asked in each.items()}
    return {
        "each": {names.get(code, code): asked for code, asked in each.items()},
        "whole": whole,
        "in_pool": {names.get(code, code): count for code, count in in_pool.items()},
        "total": sum(in_pool.values()),
        "short": {names.get(code, code): count for code, count in short.items() if count},
        "short_whole": max(whole - sum(in_pool.values()), 0),
    }


def _lowering(document: PolicyDocument, read: _Given) -> tuple[dict[str, Decimal], dict[str, Any]]:
    """The lowered lines that are lawful, and what is said of each: measured by who passes at the printed line."""
    if not read.lowered:
        return {}, {}
    frame, places = _frame(read, {})
    inside = _inside(read, screen(read.rule, frame, read.year), places)
    quota = read.rule.quota
    found = quota_of(quota, _targets(document, read, quota)) if quota else None
    each = found[0] if found else {}
    lawful, told = {}, {}
    for code, wanted in read.lowered.items():
        entry = document.regions.find(code) if document.regions else None
        place = place_named(document.regions, code) or _NOWHERE
        printed = line_at(read.rule, place, {})
        count = read.in_pool.get(code, inside.get(code, 0))
        why = lowering_refused(read.rule, printed=printed, wanted=wanted, inside=count, quota=each.get(code))
        if why is None:
            lawful[code] = wanted
        told[entry.name if entry else code] = {
            "lawful": why is None,
            "reason": why,
            "line": _known(printed if why else wanted),
        }
    return lawful, told


register_cases("pool", work_pool)
