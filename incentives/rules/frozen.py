"""What a round was computed from as one packed text, from which it can be computed again to the fen. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.conditions import Column as Cells
from core.conditions import Frame
from core.packed_arrays import Arrays, kinds_of, packed, unpacked
from incentives.policy.awards import Awards
from incentives.rules.bearing import hold_unshared
from incentives.rules.history import FirstTimes
from incentives.rules.occasions import Candidates, Occasions
from incentives.rules.scopes import Column, Earlier, Scoped
from incentives.rules.settling import settle
from incentives.rules.verdicts import RuleVerdict

#: verdicts with what each row brings in fen
Decided = Sequence[tuple[RuleVerdict, Column]]
_OCCASIONS = ("event", "kind", "first_day", "last_day", "library_year", "group")
_SCOPE = ("recipient", "year", "key", "project", "invoice")


@dataclass(frozen=True, eq=False)
class FrozenYear:
    """The events of one year with all that decides of them. ``as_of``: the year in which it is looked at.

    ``rules``: the ids that were settled; ``after``: 0 for the round's own year, else how many years its later parts
    come after it: those are judged alone. ``recipients``: (kind, code) by the number that the occasions give them.
    """

    year: int
    as_of: int
    rules: tuple[str, ...]
    after: int
    recipients: tuple[tuple[str, str], ...]
    candidates: Candidates
    earlier: Earlier


def judged_again(frozen: FrozenYear, awards: Awards) -> Decided:
    """As the round judged; later parts bring what they add to the year before. Raises ``AmountOutOfRange``."""
    if not frozen.after:
        verdicts = settle(awards, frozen.candidates, frozen.year, earlier=frozen.earlier, rules=frozen.rules)
        for verdict in verdicts:
            hold_unshared(awards, verdict)
        return [(verdict, verdict.amount) for verdict in verdicts]
    own = alone(awards, frozen.rules)
    now, before = (
        settle(own, frozen.candidates, frozen.year, as_of=as_of) for as_of in (frozen.as_of, frozen.as_of - 1)
    )
    for verdict in now:
        hold_unshared(own, verdict)
    return [(one, np.maximum(one.amount - was.amount, 0)) for one, was in zip(now, before, strict=True)]


def alone(awards: Awards, rules: Collection[str]) -> Awards:
    """Only these rules, without what holds between rules."""
    own = tuple(rule for rule in awards.rules if rule.id in rules)
    return replace(awards, rules=own, stackings=(), caps=(), budgets=())


def decided_digest(decided: Iterable[Decided]) -> str:
    """SHA-256 of all that was decided: who is refused or held, and what each is due, rule by rule."""
    digest = hashlib.sha256()
    for pairs in decided:
        for verdict, fen in pairs:
            digest.update(f"\n{verdict.rule.id} {verdict.year} {verdict.rows.size};".encode())
            for column in (verdict.rows, verdict.refusal, verdict.holding, fen):
                digest.update(np.ascontiguousarray(column).astype("<i8").tobytes())
    return digest.hexdigest()


def frozen_bytes(years: Sequence[FrozenYear]) -> bytes:
    arrays: Arrays = {}
    told = [_lay_out(f"{place}", year, arrays) for place, year in enumerate(years)]
    return packed({"years": told, "arrays": kinds_of(arrays)}, arrays)


def thawed(content: bytes) -> list[FrozenYear]:
    """Raises ``ValueError`` or ``zlib.error`` for what ``frozen_bytes`` did not write."""
    head, arrays = unpacked(content)
    return [_read(f"{place}", one, arrays) for place, one in enumerate(head["years"])]


def _lay_out(at: str, year: FrozenYear, arrays: Arrays) -> dict[str, Any]:
    occasions, frame, earlier = year.candidates.occasions, year.candidates.frame, year.earlier
    arrays |= {f"{at}.{name}": getattr(occasions, name) for name in _OCCASIONS}
    arrays |= {f"{at}.scope.{name}": getattr(occasions.scope, name) for name in _SCOPE}
    arrays |= {f"{at}.first.code": occasions.first.code, f"{at}.first.when": occasions.first.when}
    if occasions.claim is not None:
        arrays[f"{at}.claim"] = occasions.claim
    arrays |= {f"{at}.closed.{rule}": rows for rule, rows in occasions.closed.items()}
    for name, column in frame.columns.items():
        arrays[f"{at}.fact.{name}"], arrays[f"{at}.known.{name}"] = column.values, column.known
    arrays |= {f"{at}.had.{name}": getattr(earlier.scope, name) for name in _SCOPE}
    arrays |= {f"{at}.had.rule": earlier.rule, f"{at}.had.fen": earlier.fen}
    return {
        "year": year.year,
        "as_of": year.as_of,
        "rules": year.rules,
        "after": year.after,
        "recipients": year.recipients,
        "words": occasions.words,
        "claimed": occasions.rules,
        "facts": {name: column.words for name, column in frame.columns.items()},
        "had": earlier.words,
    }


def _read(at: str, told: Mapping[str, Any], arrays: Arrays) -> FrozenYear:
    def scoped(group: str) -> Scoped:
        return Scoped(*(arrays[f"{at}.{group}.{name}"] for name in _SCOPE))

    closed = f"{at}.closed."
    occasions = Occasions(
        **{name: arrays[f"{at}.{name}"] for name in _OCCASIONS},
        scope=scoped("scope"),
        first=FirstTimes(arrays[f"{at}.first.code"], arrays[f"{at}.first.when"]),
        words=tuple(told["words"]),
        claim=arrays.get(f"{at}.claim"),
        rules=tuple(told["claimed"]),
        closed={name.removeprefix(closed): rows for name, rows in arrays.items() if name.startswith(closed)},
    )
    columns = {
        name: Cells(arrays[f"{at}.fact.{name}"], arrays[f"{at}.known.{name}"], tuple(words))
        for name, words in told["facts"].items()
    }
    earlier = Earlier(scoped("had"), arrays[f"{at}.had.rule"], arrays[f"{at}.had.fen"], tuple(told["had"]))
    return FrozenYear(
        year=told["year"],
        as_of=told["as_of"],
        rules=tuple(told["rules"]),
        after=told["after"],
        recipients=tuple((kind, code) for kind, code in told["recipients"]),
        candidates=Candidates(occasions, Frame(occasions.size, columns)),
        earlier=earlier,
    )
