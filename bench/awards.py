"""``python -m bench.awards [FIRMS] [RULES]``: award rules over whole columns, with every reason, against the same rules
walked firm by firm in Python (exact ``Fraction``, three-valued, with the gap of each criterion) on a sample.

Both come to the same fen for every firm of the sample, or the run ends. Six shapes in turn: a fixed sum with a
condition, a tier, a percentage with a cap, pieces at their own rates, a sum of parts, a count; plus one stacking of
two rules in three and one cap over all. No database is asked.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

SAMPLE = 2_000
#: Firms are settled in pieces, as a run would write them: all columns of reasons of a million firms at once are
#: more than a small server holds.
PIECE = 100_000
FACTS = ("main_revenue", "tax_paid", "staff")
_HEAD = """\
schema: 1
id: bench-awards
title: 六十条规则
locality: "000000"
issuer: unknown
number: unknown
issued_on: unknown
in_force: {from: unknown, until: unknown}
source: {document: 测量用}
awards:
  clause: 一
"""
_SHAPES: tuple[Callable[[int], str], ...] = (
    lambda n: (
        f"conditions: main_revenue[year] >= {2000 + n * 10}万元\n      amount: {{type: fixed, yuan: {50000 + n}}}"
    ),
    lambda n: (
        "amount: {type: tier, on: 'main_revenue[year]', steps: "
        f"[{{at_least: {8000 + n}万元, yuan: 150000}}, {{at_least: 6000万元, yuan: 100000}}, "
        "{at_least: 4000万元, yuan: 50000}]}"
    ),
    lambda n: (
        f"amount: {{type: percent, base: 'main_revenue[year] - main_revenue[year-1]', rate: {n + 1}‰}}\n"
        "      cap_yuan: 300000"
    ),
    lambda n: (
        "amount: {type: marginal_rate, base: 'tax_paid[year]', bands: "
        f"[{{up_to: {50 + n}万元, rate: 1%}}, {{up_to: 200万元, rate: 2%}}, {{rate: 3%}}]}}"
    ),
    lambda n: (
        "amount:\n        type: sum\n        parts:\n          - {id: a, title: 甲, yuan: 30000}\n"
        f"          - {{id: b, title: 乙, yuan: 20000, when: 'main_revenue[year] / main_revenue[year-1] - 1 >= {n + 5}%'}}"
    ),
    lambda n: f"amount: {{type: per_unit, units: 'staff[year]', over: {n + 10}人, each: 5人, yuan: 1000}}",
)


def document(rules: int) -> str:
    lines = [_HEAD, "  stacking:\n"]
    groups = range(0, rules - 1, 3)
    lines += [f"    - {{id: s{n}, policy: highest, rules: [r{n}, r{n + 1}]}}\n" for n in groups]
    lines.append("  caps: [{id: all, per: year, yuan: 2000000}]\n  rules:\n")
    for number in range(rules):
        shape = _SHAPES[number % len(_SHAPES)](number // len(_SHAPES))
        lines.append(
            f"    - id: r{number}\n      title: 第{number}条\n      recipient: enterprise\n"
            f"      occasion: {{event: year_end}}\n      {shape}\n"
        )
    return "".join(lines)


def main(count: int, rules: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from core.policies import read_document
    from incentives.rules.settling import settle

    found, faults = read_document(document(rules))
    if found is None:
        raise SystemExit(str(faults))
    awards: Any = found.parts["awards"]
    settle(awards, make(1000), 2022)  # the first run pays for the imports
    whole, total, done = 0.0, 0, 0
    while done < count:
        candidates = make(min(PIECE, count - done))
        started = time.process_time()  # of this process alone: others may be at work on the machine
        verdicts = settle(awards, candidates, 2022)
        whole += time.process_time() - started
        total += sum(int(verdict.amount.sum()) for verdict in verdicts)
        done += candidates.size
    print(f"{count} firms x {rules} rules: {whole:.1f} s of CPU, {total // 10**10} 亿元")
    sample = min(SAMPLE, candidates.size)
    rows = np.arange(sample)
    started = time.process_time()
    by_hand = [by_firm(awards, firm) for firm in firms(candidates, rows)]
    slow = (time.process_time() - started) / sample * count
    for number, verdict in enumerate(verdicts):
        if verdict.amount[:sample].tolist() != [row[number][0] for row in by_hand]:
            raise SystemExit(f"rule {verdict.rule.id}: the two ways differ")
    print(
        f"firm by firm: {slow:.0f} s (from {sample} firms, the same to the fen): {slow / whole:.0f} x as long"
    )


def make(count: int) -> Any:
    from core.conditions import Column, Frame
    from incentives.rules.history import FirstTimes
    from incentives.rules.occasions import EVENT_NUMBERS, KIND_NUMBERS, Candidates, Occasions
    from incentives.rules.scopes import Scoped

    random = np.random.default_rng(20220524)
    none, zeros = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    sizes = {"main_revenue": 1_500_000, "tax_paid": 30_000, "staff": 300}
    columns = {}
    for name in FACTS:
        for year in (2021, 2022):
            known = random.random(count) > 0.02
            columns[f"{name}[{year}]"] = Column(random.integers(1, sizes[name], count), known)
    occasions = Occasions(
        event=np.full(count, EVENT_NUMBERS["year_end"], np.int64),
        kind=np.full(count, KIND_NUMBERS["enterprise"], np.int64),
        first_day=np.full(count, 20220101, np.int64),
        last_day=np.full(count, 20221231, np.int64),
        library_year=np.full(count, 2022, np.int64),
        scope=Scoped(np.arange(count), np.full(count, 2022, np.int64), none, none, none),
        group=none,
        first=FirstTimes(zeros, zeros),
    )
    return Candidates(occasions, Frame(count, columns))


def firms(candidates: Any, rows: Any) -> list[dict[str, Fraction | None]]:
    """Each firm as a plain table: 元 and 人 as exact fractions, ``None`` for what is not known."""
    scale = {"main_revenue": 100, "tax_paid": 100, "staff": 1}
    tables = []
    for row in rows.tolist():
        told: dict[str, Fraction | None] = {}
        for key, column in candidates.frame.columns.items():
            value = Fraction(int(column.values[row])) * scale[key.partition("[")[0]]
            told[key] = value if column.known[row] else None
        tables.append(told)
    return tables


def by_firm(awards: Any, firm: dict[str, Fraction | None]) -> list[tuple[int, list[Any]]]:
    """(fen, reasons) of every rule for one firm: what an officer's program would do in a loop."""
    found = [_rule(rule, firm) for rule in awards.rules]
    places = {rule.id: place for place, rule in enumerate(awards.rules)}
    for stacking in awards.stackings:
        pair = [places[rule] for rule in stacking.rules]
        undecided = any(found[place][2] for place in pair)
        due = [place for place in pair if found[place][0] > 0 or found[place][2]]
        if len(due) > 1 and not undecided:
            best = max(due, key=lambda place: (found[place][0], -place))
            for place in due:
                if place != best:
                    found[place] = (0, [*found[place][1], ("stacked", stacking.id)], found[place][2])
    left = awards.caps[0].fen
    for place, (fen, reasons, unknown) in enumerate(found):
        paid = min(fen, left)
        left -= paid
        found[place] = (paid, reasons, unknown)
    return [(fen, reasons) for fen, reasons, _unknown in found]


def _rule(rule: Any, firm: dict[str, Fraction | None]) -> tuple[int, list[Any], bool]:
    reasons: list[Any] = []
    if rule.conditions is not None:
        outcome = _holds(rule.conditions.clause, firm, reasons)
        if outcome is False:
            return 0, reasons, False
        unknown = outcome is None
    else:
        unknown = False
    total = Fraction(0)
    for part in rule.parts:
        outcome = True if part.when is None else _holds(part.when.clause, firm, reasons)
        if outcome is False:
            continue
        amount = _amount(part.amount, firm, reasons)
        if outcome is None or amount is None:
            unknown = True
        elif amount > 0:
            total += amount
    fen = int(total * 100 + Fraction(1, 2))
    if rule.cap_fen is not None and fen > rule.cap_fen:
        reasons.append(("capped", fen, rule.cap_fen))
        fen = rule.cap_fen
    return fen, reasons, unknown


def _holds(clause: Any, firm: dict[str, Fraction | None], reasons: list[Any]) -> bool | None:
    if hasattr(clause, "items"):
        parts = [_holds(item, firm, reasons) for item in clause.items]
        return False if False in parts else None if None in parts else True
    left, right = _value(clause.left, firm), _value(clause.right[0], firm)
    if left is None or right is None:
        reasons.append(("missing", clause.text))
        return None
    gap = left - right
    met = {">=": gap >= 0, ">": gap > 0, "<=": gap <= 0, "<": gap < 0}[clause.op]
    reasons.append((clause.text, met, gap))
    return met


def _value(term: Any, firm: dict[str, Fraction | None]) -> Fraction | None:
    kind = type(term).__name__
    if kind == "Constant":
        return Fraction(term.value)
    if kind == "Fact":
        return firm[f"{term.type.name}[{2022 + term.period.ordinal}]"]
    left, right = _value(term.left, firm), _value(term.right, firm)
    if left is None or right is None or (term.op == "/" and right <= 0):
        return None
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / (right or 1)}[term.op]


def _amount(amount: Any, firm: dict[str, Fraction | None], reasons: list[Any]) -> Fraction | None:
    kind = type(amount).__name__
    if kind == "Fixed":
        return Fraction(amount.fen, 100)
    if kind == "Rated":
        base = _value(amount.base.term, firm)
        return None if base is None else base * amount.rate
    if kind == "PerUnit":
        units = _value(amount.units.term, firm)
        return None if units is None else (units // amount.each) * Fraction(amount.fen, 100)
    if kind == "Banded":
        base, start, total = _value(amount.base.term, firm), Fraction(0), Fraction(0)
        if base is None:
            return None
        for band in amount.bands:
            end = base if band.up_to is None else min(base, _value(band.up_to.term, firm) or Fraction(0))
            total += max(end - start, Fraction(0)) * band.rate
            start = max(start, end)
        return total
    for choice in amount.choices:
        outcome = _holds(choice.when.clause, firm, reasons)
        if outcome is None:
            return None
        if outcome:
            return _amount(choice.amount, firm, reasons)
    return Fraction(0)


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    main(*(arguments + [1_000_000, 60][len(arguments) :]))
