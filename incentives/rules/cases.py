"""Cases of the ``awards`` part: what each recipient is due under each rule, and every step of how. Pure.

Money in 元, exact. The shape of the answer is told in ``docs/cases-format.md``.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from core.amounts import AmountOutOfRange, from_hundredths
from core.conditions import FactKey, Frame
from core.periods import Month
from core.policies import UNKNOWN, Mapping, PolicyDocument, PolicyFault
from core.policies.cases import CaseFaulty, register_cases
from core.policies.given import Facts, frame_of
from incentives.policy.awards import Awards, Rule
from incentives.policy.names import Names
from incentives.rules.answers import answer_of
from incentives.rules.bearing import hold_unshared, shares_of
from incentives.rules.codes import (
    EARLIER_EVENT,
    ENTERED_AGAIN,
    FIRST,
    FIRST_NOT_KNOWN,
    TOLD_NOT_FIRST,
)
from incentives.rules.given import Given, GivenAward, GivenEvent, GivenReader, GivenRecipient
from incentives.rules.history import FirstTimes
from incentives.rules.instalments import payments_of
from incentives.rules.needs import facts_needed
from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Candidates, Occasions
from incentives.rules.scopes import Earlier, Scoped
from incentives.rules.settling import settle
from incentives.rules.verdicts import RuleVerdict

_AGAIN = "再次升规"
_UPPER = ("upper_state", "upper_province", "upper_city", "upper_district")


def work_awards(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """Every award of every recipient given; with one recipient and one rule its answer stands at the top too."""
    awards = document.parts["awards"]
    assert isinstance(awards, Awards)
    reader = GivenReader(document, awards)
    read = reader.read(given)
    if read is None:
        raise CaseFaulty(reader.faults)
    rows = [(recipient, event) for recipient in read.recipients for event in recipient.events]
    words = _words(read)
    candidates = _candidates(document, awards, read, rows, words)
    earlier = _earlier(read, words)
    try:
        verdicts = settle(
            awards,
            candidates,
            read.year,
            earlier=earlier,
            as_of=read.as_of,
            budgets=read.budgets,
            rules=[rule.id for rule in read.rules],
        )
    except AmountOutOfRange as error:
        fault = PolicyFault(given.line, given.key, "金额超出可记录的范围，请核对金额和单位")
        raise CaseFaulty([fault]) from error
    return _answers(awards, read, rows, verdicts, earlier)


def _words(given: Given) -> dict[str, int]:
    """Keys, projects and invoices as numbers; what is not named is −1."""
    found: dict[str, int] = {}
    for recipient in given.recipients:
        named: list[GivenEvent | GivenAward] = [*recipient.events, *recipient.earlier]
        for one in named:
            for word in (one.key, one.project, one.invoice):
                if word:
                    found.setdefault(word, len(found))
    return found


def _candidates(
    document: PolicyDocument,
    awards: Awards,
    given: Given,
    rows: list[tuple[GivenRecipient, GivenEvent]],
    words: dict[str, int],
) -> Candidates:
    number = {recipient.name: place for place, recipient in enumerate(given.recipients)}
    groups = {code: place for place, group in enumerate(awards.groups) for code in group.regions}
    group = [_group_of(document, groups, recipient.region) for recipient, _event in rows]
    first = [_first_code(event) for _recipient, event in rows]
    occasions = Occasions(
        event=_whole([EVENT_NUMBERS[event.event] for _recipient, event in rows]),
        kind=_whole([KIND_NUMBERS[recipient.kind] for recipient, _event in rows]),
        first_day=_whole([event.first_day for _recipient, event in rows]),
        last_day=_whole([event.last_day for _recipient, event in rows]),
        library_year=_whole([event.library_year for _recipient, event in rows]),
        scope=Scoped(
            recipient=_whole([number[recipient.name] for recipient, _event in rows]),
            year=_whole([given.year] * len(rows)),
            key=_whole([words.get(event.key, -1) for _recipient, event in rows]),
            project=_whole([words.get(event.project, -1) for _recipient, event in rows]),
            invoice=_whole([words.get(event.invoice, -1) for _recipient, event in rows]),
        ),
        group=_whole(group),
        first=FirstTimes(_whole(first), _whole([0] * len(rows))),
        words=tuple(words),
    )
    return Candidates(occasions, _frame(document, awards, given, rows, group))


def _first_code(event: GivenEvent) -> int:
    if event.entry_type == _AGAIN:
        return ENTERED_AGAIN
    if event.first is None:
        return FIRST_NOT_KNOWN
    if event.first:
        return FIRST
    return TOLD_NOT_FIRST if event.first_is_told else EARLIER_EVENT


def _group_of(document: PolicyDocument, groups: dict[str, int], region: str) -> int:
    """The place of the group that holds the region, or the nearest region above it."""
    parents = {entry.code: entry.parent for entry in document.regions or ()}
    at: str | None = region
    while at is not None and at not in groups:
        at = parents.get(at)
    return -1 if at is None else groups[at]


def _frame(
    document: PolicyDocument,
    awards: Awards,
    given: Given,
    rows: list[tuple[GivenRecipient, GivenEvent]],
    group: list[int],
) -> Frame:
    """Facts row by row: what the event brings stands before what the recipient has."""
    keys: dict[FactKey, None] = {}
    for rule in given.rules:
        keys |= dict.fromkeys(facts_needed(rule, given.year, given.as_of))
    for cap in awards.caps:
        keys |= dict.fromkeys(cap.quantity.needs({"year": given.year}) if cap.quantity else ())
    regions = {entry.code: entry.name for entry in document.regions or ()}
    facts: list[Facts] = []
    for (recipient, event), place in zip(rows, group, strict=True):
        told = {
            FactKey("event_key"): event.key or None,
            FactKey("entry_type"): event.entry_type or None,
            FactKey("library_year"): event.library_year,
            FactKey("first_time"): event.first,
            FactKey("recipient_region"): regions.get(recipient.region, recipient.region) or None,
            FactKey("region_group"): awards.groups[place].name if place >= 0 else None,
            **_entry_year(event),
            **_days(event),
            **({FactKey(name): 0 for name in _UPPER}),
        }
        facts.append({**told, **recipient.facts, **event.facts})
    return frame_of(facts, keys, Names.of(document).facts)


def _entry_year(event: GivenEvent) -> Facts:
    return {FactKey("entry_year"): event.library_year} if event.event == "listed" else {}


def _days(event: GivenEvent) -> Facts:

    day = event.first_day
    month = Month(day // 10_000, day // 100 % 100)
    facts: Facts = {FactKey("event_month"): month}
    if event.first_day // 100 == event.last_day // 100:
        facts[FactKey("event_month_number")] = month.month
    if event.first_day == event.last_day:
        facts[FactKey("event_date")] = date(day // 10_000, day // 100 % 100, day % 100)
    return facts


def _earlier(given: Given, words: dict[str, int]) -> Earlier:
    rows = [
        (number, award) for number, recipient in enumerate(given.recipients) for award in recipient.earlier
    ]
    names = list(dict.fromkeys(award.name for _number, award in rows))
    scope = Scoped(
        _whole([number for number, _award in rows]),
        _whole([award.year for _number, award in rows]),
        _whole([words.get(award.key, -1) for _number, award in rows]),
        _whole([words.get(award.project, -1) for _number, award in rows]),
        _whole([words.get(award.invoice, -1) for _number, award in rows]),
    )
    rule = _whole([names.index(award.name) for _number, award in rows])
    return Earlier(scope, rule, _whole([award.fen for _number, award in rows]), tuple(names))


def _answers(
    awards: Awards,
    given: Given,
    rows: list[tuple[GivenRecipient, GivenEvent]],
    verdicts: list[RuleVerdict],
    earlier: Earlier,
) -> dict[str, Any]:
    told: dict[str, dict[str, Any]] = {recipient.name: {} for recipient in given.recipients}
    by_rule: dict[str, Decimal] = {}
    by_level: dict[str, Decimal] = {}
    for verdict in verdicts:
        hold_unshared(awards, verdict)
        group = verdict.occasions.group[verdict.rows]
        shares = shares_of(awards, verdict.rule, group, verdict.amount)
        payments = payments_of(verdict, as_of=given.as_of, earlier=earlier)
        for row, at in enumerate(verdict.rows.tolist()):
            recipient, _event = rows[at]
            answer = answer_of(verdict, row, shares[row], payments, given)
            _add(told[recipient.name], verdict.rule, answer)
        by_rule[verdict.rule.id] = from_hundredths(int(verdict.amount.sum()))
        if verdict.rule.in_kind is None:
            for share in shares:
                for level, fen in share.items():
                    by_level[level] = by_level.get(level, Decimal(0)) + from_hundredths(fen)
    paid = [verdict for verdict in verdicts if verdict.rule.in_kind is None]
    answers: dict[str, Any] = {
        "year": given.year,
        "total": from_hundredths(sum(int(verdict.amount.sum()) for verdict in paid)),
        "by_rule": by_rule,
        "by_level": by_level,
        "by_recipient": {
            name: sum(
                (one["amount"] for one in own.values() if isinstance(one["amount"], Decimal)), Decimal(0)
            )
            for name, own in told.items()
        },
        "awards": told,
    }
    if len(given.recipients) == 1 and len(given.rules) == 1:
        own = told[given.recipients[0].name]
        answers |= own.get(given.rules[0].id) or _not_reached(given.rules[0])
    return answers


def _add(own: dict[str, Any], rule: Rule, answer: dict[str, Any]) -> None:
    """Several occasions of one rule: their sum, and each of them under ``events``."""
    former = own.get(rule.id)
    if former is None:
        own[rule.id] = answer
        return
    events = former.get("events") or [former]
    events = [*events, answer]
    amounts = [event["amount"] for event in events]
    known = [amount for amount in amounts if isinstance(amount, Decimal)]
    states = {event["state"] for event in events}
    own[rule.id] = {
        "state": next((state for state in ("held", "due", "refused") if state in states), "refused"),
        "amount": sum(known, Decimal(0)) if len(known) == len(amounts) else UNKNOWN,
        "payable": sum((event["payable"] for event in events), Decimal(0)),
        "recover": sum((event["recover"] for event in events), Decimal(0)),
        "events": events,
    }


def _not_reached(rule: Rule) -> dict[str, Any]:
    why = "no_occasion" if rule.occasion is not None else "no_amount"
    amount = Decimal(0) if rule.occasion is not None else UNKNOWN
    words = "没有这条规则的事项" if rule.occasion is not None else "文件没有写明金额和事项"
    return {"state": "refused" if rule.occasion else "held", "amount": amount, "reason": why, "words": words}


def _whole(values: list[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.array(values, np.int64)


register_cases("awards", work_awards)
