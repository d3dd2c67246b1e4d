"""One award told step by step: conditions, parts, caps, stacking, shares, instalments, misses. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.amounts import from_hundredths
from core.conditions import Judgement, RowVerdict, sentence
from core.policies import UNKNOWN, Unknown
from core.verdicts import FALSE, TRUE, Outcome
from core.workdays import last_day
from incentives.policy.amounts import Choosing, Fixed
from incentives.rules.codes import HELD_WORDS, REFUSALS, UNDECIDED, Held
from incentives.rules.given import Given
from incentives.rules.instalments import STATES, Payments
from incentives.rules.reckoning import Reckoned
from incentives.rules.sentences import refusal_code_words
from incentives.rules.verdicts import PartVerdict, RuleVerdict

_OUTCOMES = {Outcome.TRUE: True, Outcome.FALSE: False, Outcome.UNKNOWN: UNKNOWN}


def answer_of(
    verdict: RuleVerdict, row: int, shares: dict[str, int], payments: Payments, given: Given
) -> dict[str, Any]:
    """Everything of one occasion under one rule; money in 元."""
    held = Held(int(verdict.holding[row]))
    code = REFUSALS[int(verdict.refusal[row])]
    state = "refused" if code else "held" if held else "due"
    misses = _misses(verdict, row)
    nearest = min(misses, key=_nearness, default=None)
    return {
        "state": state,
        "amount": _amount(verdict, row, held, code),
        "reason": code or (_held_name(held) if held else ""),
        "held": [_held_name(one) for one in held],
        "words": _words(verdict, row, held, code),
        "computed": from_hundredths(int(verdict.computed[row])),
        "parts": {part.part.id: _part(part, row) for part in verdict.parts},
        **_basis(verdict, row),
        "conditions": _criteria(verdict.conditions, row),
        "exclusions": _criteria(verdict.exclusions, row),
        "modifiers": [
            {"times": str(modifier.times), "applies": _OUTCOMES[Outcome(int(judged.outcome[row]))]}
            for modifier, judged in verdict.modified
        ],
        "caps": [
            {
                "cap": cap.cap.per,
                "before": from_hundredths(int(cap.before[row])),
                "after": from_hundredths(int(cap.after[row])),
            }
            for cap in verdict.caps
        ],
        "stacking": _stacking(verdict, row),
        "budget": verdict.budgeted(row),
        "shares": {level: from_hundredths(fen) for level, fen in shares.items()},
        "instalments": {
            piece.id: {
                "year": piece.year,
                "amount": from_hundredths(int(piece.fen[row])),
                "state": STATES[int(piece.state[row])],
            }
            for piece in (payments.pieces if not code else ())
        },
        "payable": from_hundredths(int(payments.payable[row]) if state == "due" else 0),
        "recover": from_hundredths(int(payments.recover[row])),
        "can_pay": state == "due" and verdict.rule.pays_money and verdict.rule.in_kind is None,
        "in_kind": verdict.rule.in_kind,
        "misses": misses,
        "nearest": nearest,
        "publicity_until": _publicity(verdict, given),
    }


def _amount(verdict: RuleVerdict, row: int, held: Held, code: str) -> Decimal | Unknown:
    """What stands is told also where something is held; unknown where whether or what is due is not known."""
    fen = int(verdict.amount[row])
    open_questions = Held.CONDITION | Held.EXCLUSION | Held.FIRST_TIME | Held.UNPRINTED | Held.DECIDED
    if not code and (held & open_questions or (held & UNDECIDED and fen == 0)):
        return UNKNOWN
    return from_hundredths(fen)


def _held_name(held: Held) -> str:
    names = [one.name.lower() for one in Held if one in held and one.name]
    return names[0] if names else ""


def _words(verdict: RuleVerdict, row: int, held: Held, code: str) -> str:
    told = []
    if code:
        told.append(refusal_code_words(verdict.refusal_of(row), verdict.rule, verdict.year))
    for judged in (verdict.conditions, verdict.exclusions):
        if judged is not None and judged.outcome[row] != TRUE:
            told.append(sentence(judged.condition, judged.row(row)))
    told += [HELD_WORDS[one] for one in held]
    if Held.UNCLEAR in held:
        told += verdict.rule.unclear
    for part in verdict.parts:
        if part.judgement is not None and part.outcome[row] != TRUE:
            told.append(sentence(part.judgement.condition, part.judgement.row(row)))
        told += [f"缺{name}" for name in part.reckoned.missing(row)]
    return "；".join(word.rstrip("。") for word in told)


def _part(part: PartVerdict, row: int) -> dict[str, Any]:
    outcome = Outcome(int(part.outcome[row]))
    fen = from_hundredths(int(part.fen[row]))
    return {
        "amount": UNKNOWN if outcome is Outcome.UNKNOWN else fen,
        "due": _OUTCOMES[outcome],
        **_reckoning(part.reckoned, row, part.part.amount),
    }


def _basis(verdict: RuleVerdict, row: int) -> dict[str, Any]:
    """The base, rate and tier of a rule with one part stand at the top."""
    if len(verdict.parts) != 1:
        return {}
    part = verdict.parts[0]
    return _reckoning(part.reckoned, row, part.part.amount)


def _reckoning(reckoned: Reckoned, row: int, amount: Any) -> dict[str, Any]:
    """``base`` in 元 (or the unit counted), ``rate`` and ``tier``, as far as the shape has them."""
    told: dict[str, Any] = {}
    if reckoned.base is not None and reckoned.quantity is not None:
        told["base"] = _base(reckoned, row)
    if reckoned.rate is not None:
        told["rate"] = _decimal(reckoned.rate.numerator, reckoned.rate.denominator)
    if isinstance(amount, Choosing) and reckoned.chosen is not None:
        chosen = int(reckoned.chosen[row])
        told["tier"] = amount.choices[chosen].label if chosen >= 0 else None
    for rows, inner in reckoned.inner:
        at = int(rows.searchsorted(row))
        if at < rows.size and rows[at] == row:
            nested = amount.choices[chosen].amount if "tier" in told and chosen >= 0 else None
            told |= {name: value for name, value in _reckoning(inner, at, nested).items() if name not in told}
    return told


def _base(reckoned: Reckoned, row: int) -> Decimal | Unknown:
    base, quantity = reckoned.base, reckoned.quantity
    if base is None or quantity is None or not base.known[row]:
        return UNKNOWN
    return _decimal(int(base.whole[row]) * base.step.numerator, base.step.denominator)


def _decimal(top: int, below: int) -> Decimal:
    number = (Decimal(top) / Decimal(below)).quantize(Decimal("0.00000001"))
    return number.normalize() if number else Decimal(0)


def _criteria(judged: Judgement | None, row: int) -> dict[str, Any]:
    """Each criterion by its text: whether it holds, and by how much it is met (below 0: missed)."""
    if judged is None:
        return {}
    told: dict[str, Any] = {}
    for leaf, finding in zip(judged.leaves, judged.row(row).findings, strict=True):
        told[leaf.criterion.text] = {
            "ok": _OUTCOMES[finding.outcome],
            "gap": None if finding.gap is None else _scaled(finding.gap, leaf.criterion.places),
            "unit": leaf.criterion.unit.label if leaf.criterion.unit else "",
            "missing": list(finding.missing) + list(finding.baseless),
        }
    return told


def _scaled(steps: int, places: int) -> Decimal:
    number = Decimal(steps).scaleb(-places)
    return number.normalize() if number else Decimal(0)


def _stacking(verdict: RuleVerdict, row: int) -> dict[str, Any] | None:
    found = verdict.stacked(row)
    if found is None:
        return None
    stacking, instead, against = found
    return {"id": stacking, "instead": instead or None, "earlier": from_hundredths(against)}


def _misses(verdict: RuleVerdict, row: int) -> list[dict[str, Any]]:
    """What is just not reached: the rule's conditions, parts with conditions, tiers above the one reached."""
    found = []
    if verdict.conditions is not None and verdict.conditions.outcome[row] == FALSE:
        gain = from_hundredths(int(verdict.computed[row]))
        found.append(_miss("conditions", verdict.conditions, row, gain))
    for part in verdict.parts:
        if part.judgement is not None and part.judgement.outcome[row] == FALSE:
            gain = from_hundredths((int(part.reckoned.fine[row]) + 5_000) // 10_000)
            found.append(_miss(part.part.id, part.judgement, row, gain))
        found += _tier_misses(part, row)
    return found


def _tier_misses(part: PartVerdict, row: int) -> list[dict[str, Any]]:
    amount, reckoned = part.part.amount, part.reckoned
    if not isinstance(amount, Choosing) or not amount.graded or reckoned.chosen is None:
        return []
    chosen = int(reckoned.chosen[row])
    before = range(chosen if chosen >= 0 else len(amount.choices))
    found = []
    for place in before:
        judged, choice = reckoned.judged[place], amount.choices[place]
        if judged is not None and judged.outcome[row] == FALSE:
            fen = choice.amount.fen if isinstance(choice.amount, Fixed) else None
            gain = from_hundredths(fen - int(part.fen[row])) if isinstance(fen, int) else None
            found.append(_miss(choice.label, judged, row, gain))
    return found


def _miss(what: str, judged: Judgement, row: int, gain: Decimal | None) -> dict[str, Any]:
    verdict: RowVerdict = judged.row(row)
    gaps = [
        (finding.gap, leaf.criterion)
        for leaf, finding in zip(judged.leaves, verdict.findings, strict=True)
        if finding.decides and finding.gap is not None
    ]
    widest = min(gaps, key=lambda pair: pair[0], default=None)
    return {
        "what": what,
        "gap": _scaled(-widest[0], widest[1].places) if widest and len(gaps) == 1 else None,
        "unit": widest[1].unit.label if widest and widest[1].unit else "",
        "gain": gain,
        "words": sentence(judged.condition, verdict).removesuffix("。"),
    }


def _nearness(miss: dict[str, Any]) -> tuple[bool, Decimal]:
    return miss["gap"] is None, miss["gap"] or Decimal(0)


def _publicity(verdict: RuleVerdict, given: Given) -> Any:
    procedure = verdict.rule.procedure
    if procedure is None or procedure.publicity_days is None or given.publicity_from is None:
        return None
    return last_day(
        given.publicity_from,
        procedure.publicity_days,
        procedure.publicity_by,
        holidays=given.holidays,
        workdays=given.workdays,
    )
