"""Second records of one firm: found over all firms at once, each pair decided once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from django.db import transaction

from core import audit
from core.models import User
from enterprises.models import DuplicateDecision, Enterprise
from enterprises.services.registering import NAME_SEPARATOR
from intake.rules.text import name_key

#: A telephone of more firms than these is a bookkeeper's or a park's: it says nothing of two of them.
MOST_OF_A_PHONE = 4
MOST_OF_A_KEY = 12
SAME_NAME, FORMER_NAME, SAME_CODE, SAME_PLACE, SAME_PHONE = "name", "former", "code", "place", "phone"
REASONS = {
    SAME_NAME: "名称相同",
    FORMER_NAME: "名称是对方的曾用名",
    SAME_CODE: "旧代码相同",
    SAME_PLACE: "地址和法定代表人相同",
    SAME_PHONE: "联系电话相同",
}
_FIELDS = ("pk", "name_key", "former_names", "uscc", "former_codes", "address", "legal_person", "phone")


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two firms (the smaller number first) and why they look like one."""

    first: int
    second: int
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        return "、".join(REASONS[reason] for reason in self.reasons)


def suspected_duplicates(user: User) -> list[Suspicion]:
    """Pairs among the firms that the user sees, strongest reasons first; pairs decided upon are left out. Two queries."""
    firms = list(Enterprise.objects.visible_to(user).order_by("pk").values_list(*_FIELDS))
    groups: dict[tuple[str, str], set[int]] = defaultdict(set)
    for pk, key, former_names, uscc, former_codes, address, legal_person, phone in firms:
        groups[SAME_NAME, key].add(pk)
        for former in filter(None, former_names.split(NAME_SEPARATOR)):
            groups[FORMER_NAME, name_key(former)].add(pk)
        for code in (uscc, *filter(None, former_codes.split(NAME_SEPARATOR))):
            groups[SAME_CODE, code].add(pk)
        if address and legal_person:
            groups[SAME_PLACE, f"{name_key(address)}|{name_key(legal_person)}"].add(pk)
        if phone:
            groups[SAME_PHONE, phone].add(pk)
    for (kind, key), members in list(groups.items()):
        if kind == FORMER_NAME:
            members |= groups.get((SAME_NAME, key), set())
    reasons: dict[tuple[int, int], set[str]] = defaultdict(set)
    for (kind, _), members in groups.items():
        if 2 <= len(members) <= (MOST_OF_A_PHONE if kind == SAME_PHONE else MOST_OF_A_KEY):
            for first, second in combinations(sorted(members), 2):
                reasons[first, second].add(kind)
    decided = set(DuplicateDecision.objects.visible_to(user).values_list("first_id", "second_id"))
    order = list(REASONS)
    found = [
        Suspicion(*pair, tuple(sorted(kinds, key=order.index)))
        for pair, kinds in reasons.items()
        if pair not in decided
    ]
    return sorted(found, key=lambda one: ([order.index(r) for r in one.reasons], one.first, one.second))


def firms_of(pairs: Iterable[Suspicion]) -> dict[int, Enterprise]:
    numbers = {number for pair in pairs for number in (pair.first, pair.second)}
    return Enterprise.objects.select_related("region").in_bulk(numbers)


@transaction.atomic
def keep_apart(*, first: Enterprise, second: Enterprise, note: str, actor: User) -> DuplicateDecision:
    """不是同一家: remembered, so that the pair is not asked about again."""
    return decide_pair(first, second, DuplicateDecision.Verdict.DIFFERENT, note, actor)


def decide_pair(
    first: Enterprise, second: Enterprise, verdict: DuplicateDecision.Verdict, note: str, actor: User
) -> DuplicateDecision:
    low, high = sorted((first, second), key=lambda firm: firm.pk)
    decision, _ = DuplicateDecision.objects.update_or_create(
        first=low, second=high, defaults={"verdict": verdict, "note": note[:200], "decided_by": actor}
    )
    audit.record(
        actor=actor,
        act="decide_duplicate",
        region=low.region,
        subject=f"{verdict.label} {low.uscc} {high.uscc}",
        counts={"verdict": verdict.value, "note": note[:200]},
    )
    return decision
