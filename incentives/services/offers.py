"""还能享受的政策 of one firm: rules in force that it does not have, what each still needs, small sums first for a small firm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np
from django.db.models import Max

from core.conditions import FactKey, FactType, Frame, Judgement
from core.conditions.nodes import decimal_text
from core.models import PolicyEdition, User
from core.policies import Unknown
from core.services.policies import document_of
from core.verdicts import FALSE, TRUE
from enterprises.models import Enterprise
from incentives.models import Award, AwardRound
from incentives.policy import EVENTS, Awards, Rule
from incentives.policy.amounts import Amount, Fixed, PerUnit, inner_amounts
from incentives.policy.figures import price_text
from incentives.policy.names import Names
from incentives.rules.amount_words import wan_words
from incentives.rules.codes import FIRST
from incentives.rules.fact_rows import fact_key, fact_words
from incentives.rules.happenings import Happening, Who
from incentives.rules.needs import facts_needed
from incentives.rules.sentences import told_clauses
from incentives.services.asked import Asked, day_number
from incentives.services.event_facts import FactRows, load_award_frame
from incentives.services.firm_pasts import read_past_events
from incentives.services.listing_distance import distance_to_listing
from incentives.services.programmes import award_programmes_visible_to

#: what belongs to an event itself is not asked of a firm to which nothing has happened yet
_OF_EVENT = frozenset(
    {"event_key", "event_date", "event_month", "event_month_number", "entry_type", "decided", "first_time"}
)
_NOTHING_ELSE = "没有别的条件"
_ORDER = {"met": 0, "open": 0, "wanting": 1, "missed": 2}
_STATES = {
    "met": ("ok", "条件已符合"),
    "open": ("info", "等事项发生"),
    "wanting": ("mute", "还缺数据"),
    "missed": ("warn", "还差一步"),
}


@dataclass(frozen=True, slots=True)
class Offer:
    """``fen``: the least printed sum, ``None`` where it must be worked out; ``state`` is a key of ``_STATES``."""

    title: str
    sum_words: str
    fen: int | None
    event: str
    state: str
    words: str
    clause: str
    document: str
    #: programme/rule where it may be claimed, else empty
    claim: str

    @property
    def tone(self) -> str:
        return _STATES[self.state][0]

    @property
    def label(self) -> str:
        return _STATES[self.state][1]


def offers_for(firm: Enterprise, user: User, today: date) -> list[Offer]:
    """A small firm (规下) sees small sums first; any other firm what is open to it first, the largest sum first."""
    found: list[Offer] = []
    for edition, part in award_programmes_visible_to(user):
        if firm.region.path.startswith(edition.locality.path):
            found += _of_document(edition, part, firm, user, today)
    if firm.above_scale:
        return sorted(found, key=lambda one: (_ORDER[one.state], -(one.fen or 0), one.title))
    return sorted(found, key=lambda one: (_ORDER[one.state], one.fen is None, one.fen or 0, one.title))


def _of_document(
    edition: PolicyEdition, part: Awards, firm: Enterprise, user: User, today: date
) -> Iterator[Offer]:
    offered = [rule for rule in part.rules if _is_offered(rule, firm, today)]
    if not offered:
        return
    newest = AwardRound.objects.filter(programme=edition.name).aggregate(year=Max("year"))["year"]
    year = newest or today.year
    living = Award.objects.filter(programme=edition.name, enterprise=firm).living()
    held = set(living.values_list("rule", flat=True))
    rules = [rule for rule in offered if rule.id not in held]
    frame = _frame(rules, edition, part, firm, year)
    to_listing = distance_to_listing(firm, user, year) if any(map(_pays_for_listing, rules)) else ""
    for place, rule in enumerate(rules):
        yield _offer(rule, edition, frame, place, year, to_listing if _pays_for_listing(rule) else "")


def _is_offered(rule: Rule, firm: Enterprise, today: date) -> bool:
    """In force today, printed, and for firms; who is in the directory enters it no more."""
    occasion = rule.occasion
    if occasion is None or not rule.can_run or "enterprise" not in rule.recipients:
        return False
    if rule.last_day is not None and rule.last_day < today:
        return False
    if occasion.period is not None and int(occasion.period[:4]) < today.year and rule.last_day is None:
        return False
    return not (_is_for_listing(rule) and firm.above_scale)


def _frame(rules: Sequence[Rule], edition: PolicyEdition, part: Awards, firm: Enterprise, year: int) -> Frame:
    """A row a rule: the firm as if the rule's event happened to it now."""
    asked = Asked.of(edition, part, year)
    day = day_number(date(year, 12, 31))
    who = Who("enterprise", firm.uscc, firm.name, firm.pk)
    happenings = [
        Happening(
            event=rule.occasion.event if rule.occasion else "",
            who=who,
            region=firm.region_id,
            first_day=day,
            last_day=day,
            library_year=year,
            first=FIRST,
        )
        for rule in rules
    ]
    types = Names.of(document_of(edition)).facts
    declared = _declared(firm, types)
    rows = FactRows(
        happenings=happenings,
        firms=[firm.pk],
        places=np.zeros(len(rules), np.int64),
        told=[declared] * len(rules),
        history=read_past_events({firm.pk: 0}, {}).own,
        regions=asked.regions,
        groups=asked.groups,
        tells_declared=True,
    )
    keys = [key for rule in rules for key in facts_needed(rule, year, year)]
    return load_award_frame(keys, rows=rows, awards=part, types=types)


def _declared(firm: Enterprise, types: Mapping[str, FactType]) -> dict[FactKey, str]:
    """All that lists declared of the firm, in one query; what came under another unit is not known."""
    found = {}
    for name, period, value, unit in firm.declared_values.values_list("fact", "period", "value", "unit"):
        fact = types.get(name)
        if fact is not None and unit == (fact.unit if fact.is_measured else ""):
            found[fact_key(f"{name}[{period}]" if period else name)] = value
    return found


def _is_for_listing(rule: Rule) -> bool:
    return rule.occasion is not None and rule.occasion.event == "listed"


def _pays_for_listing(rule: Rule) -> bool:
    return _is_for_listing(rule) and rule.pays_money and rule.in_kind is None


def _offer(rule: Rule, edition: PolicyEdition, frame: Frame, place: int, year: int, to_listing: str) -> Offer:
    row = frame.take(np.array([place]))
    judged = rule.conditions.judge(row, rule.years(year)) if rule.conditions else None
    excluded = rule.exclusions.judge(row, rule.years(year)) if rule.exclusions else None
    state, words = _standing(judged, excluded, rule, edition)
    told = [
        to_listing,
        "" if to_listing and words == _NOTHING_ELSE else words,
        *_more(rule, row, year, edition),
    ]
    words = "；".join(filter(None, told))
    occasion = rule.occasion
    event = EVENTS[occasion.event] if occasion else ""
    keys = "、".join(occasion.keys) if occasion else ""
    is_claimed = occasion is not None and not _is_for_listing(rule)
    sums = _printed(rule)
    return Offer(
        title=rule.title,
        sum_words=_sum_words(rule, sums),
        fen=min(sums) if sums else None,
        event=f"{event}：{keys}" if keys else event,
        state=state,
        words=words,
        clause=rule.clause,
        document=edition.title,
        claim=f"{edition.name}/{rule.id}" if is_claimed else "",
    )


def _standing(
    judged: Judgement | None, excluded: Judgement | None, rule: Rule, edition: PolicyEdition
) -> tuple[str, str]:
    if judged is not None and judged.outcome[0] == FALSE:
        return "missed", told_clauses(judged, 0)
    if excluded is not None and excluded.outcome[0] == TRUE:
        return "missed", f"{told_clauses(excluded, 0)}，属于不予奖补的情形"
    missing = [name for one in (judged, excluded) if one is not None for name in one.missing(0)]
    asked = [name for name in dict.fromkeys(missing) if name.partition("[")[0] not in _OF_EVENT]
    if asked:
        types = Names.of(document_of(edition)).facts
        return "wanting", f"缺{'、'.join(fact_words(name, types) for name in asked)}"
    if judged is None:
        return "open", _NOTHING_ELSE
    if judged.outcome[0] == TRUE:
        return "met", told_clauses(judged, 0)
    return "open", "其余条件看事项本身"


def _more(rule: Rule, row: Frame, year: int, edition: PolicyEdition) -> Iterator[str]:
    """What it would take to have the parts that stand on a condition of their own."""
    for part in rule.parts:
        if part.when is None or part.after_years:
            continue
        judged = part.when.judge(row, rule.years(year))
        missing = [name for name in judged.missing(0) if name.partition("[")[0] not in _OF_EVENT]
        if judged.outcome[0] == FALSE:
            yield f"“{part.title}”{told_clauses(judged, 0)}"
        elif judged.outcome[0] != TRUE and missing:
            types = Names.of(document_of(edition)).facts
            yield f"“{part.title}”缺{'、'.join(fact_words(name, types) for name in missing)}"


def _printed(rule: Rule) -> list[int]:
    """The least and the most that the rule prints, in fen; one where they are the same, none where it prints none."""
    parts = [(part.when is None and not part.after_years, list(_sums(part.amount))) for part in rule.parts]
    sums = [fens for _always, fens in parts if fens]
    if not sums:
        return []
    always = [min(fens) for is_always, fens in parts if is_always and fens]
    least = sum(always) if always else min(min(fens) for fens in sums)
    return sorted({least, sum(max(fens) for fens in sums)})


def _sums(amount: Amount) -> Iterator[int]:
    if isinstance(amount, Fixed) and not isinstance(amount.fen, Unknown):
        yield amount.fen
    for inner in inner_amounts(amount):
        yield from _sums(inner)


class _Price(NamedTuple):
    fen: Fraction
    each: str


def _prices(amount: Amount) -> Iterator[_Price]:
    """What is paid for each, where one thing alone is counted: a head, a firm, a per cent."""
    if isinstance(amount, PerUnit) and not isinstance(amount.fen, Unknown):
        unit, number = amount.units.unit, amount.each / amount.units.unit.scale
        label = "个百分点" if unit.is_ratio else unit.label or "个"
        yield _Price(amount.fen, label if number == 1 else f"{decimal_text(number)}{label}")
    for inner in inner_amounts(amount):
        yield from _prices(inner)


def _sum_words(rule: Rule, sums: Sequence[int]) -> str:
    if not rule.pays_money or rule.in_kind is not None:
        return "非资金支持"
    if len(sums) == 1:
        return wan_words(sums[0])
    if sums:
        return f"{wan_words(sums[0])}—{wan_words(sums[-1])}"
    prices = [price for part in rule.parts for price in _prices(part.amount)]
    if prices:
        least, most = min(prices), max(prices)
        told = price_text(least.fen) if least == most else f"{price_text(least.fen)}—{price_text(most.fen)}"
        return f"每{least.each} {told} 元"
    return f"按比例，最多 {wan_words(rule.cap_fen)}" if rule.cap_fen is not None else "按比例或公式"
