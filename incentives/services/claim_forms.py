"""The form of a claim: the figures that its rule asks for, read cell by cell as a list would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.conditions import Kind
from core.models import User
from enterprises.models import Enterprise
from enterprises.rules.declared import read_value
from incentives.models import AwardApplication
from incentives.services.applications import Claimable, apply_for_award, claimable_rules
from incentives.services.asked_facts import AskedFact, facts_of_rule
from incentives.services.programmes import AwardsRefused, awards_in_force
from intake.rules.columns import Cells
from intake.rules.findings import Finding

#: a text longer than that is nothing that a form asks for
_LONGEST = 200


@dataclass(slots=True)
class FactField:
    """``choices``: the only words; empty for a figure or a free text. ``fault`` says what is wrong with ``value``."""

    asked: AskedFact
    value: str
    choices: tuple[str, ...]
    kept: str = ""
    fault: str = ""


@dataclass(slots=True)
class ClaimForm:
    """``claimed`` is ``None`` until a rule is chosen; ``given`` holds what was sent, as it was written."""

    claimed: Claimable | None
    given: Mapping[str, str]
    day: date | None
    today: date
    fields: list[FactField] = field(default_factory=list)

    @property
    def keys(self) -> tuple[str, ...]:
        occasion = self.claimed.rule.occasion if self.claimed else None
        return occasion.keys if occasion else ()

    @property
    def asks_project(self) -> bool:
        occasion = self.claimed.rule.occasion if self.claimed else None
        return occasion is not None and (occasion.once == "project" or occasion.event == "project")

    @property
    def missing(self) -> list[str]:
        return [one.asked.label for one in self.fields if not one.kept and not one.fault]


def claim_form(*, user: User, given: Mapping[str, str], today: date) -> ClaimForm:
    """What the form shows for ``rule`` (as programme/rule), ``uscc``, ``day``, ``key``, ``project``, ``fact:…``."""
    chosen = given.get("rule", "")
    claimed = next((one for one in claimable_rules(user) if one.value == chosen), None)
    day = _day(given.get("day", "")) or (today if not given.get("day") else None)
    form = ClaimForm(claimed, given, day, today)
    if claimed is not None and claimed.rule.occasion is not None:
        period = claimed.rule.occasion.period
        year = int(period[:4]) if period else (day or today).year
        edition, _awards = awards_in_force(claimed.programme)
        form.fields = [_field(asked, given) for asked in facts_of_rule(edition, claimed.rule, year)]
    return form


def send_claim(*, form: ClaimForm, user: User) -> AwardApplication:
    """Raises ``AwardsRefused`` with everything that is wrong, ``AlreadyApplied`` for a second claim.

    A figure that is not known may be left out: the claim is taken, and the award waits for it. A firm outside the
    user's region does not exist for him.
    """
    against = [] if form.claimed else ["请选择申报哪条规则"]
    code = form.given.get("uscc", "").strip().upper()
    firm = Enterprise.objects.visible_to(user).filter(uscc=code).first()
    if firm is None:
        against.append("名录里没有这家企业，请核对统一社会信用代码")
    if form.day is None:
        against.append("事项日期写成 2022-06-15 的样子")
    elif form.day > form.today:
        against.append("事项日期还没有到")
    against += [f"{one.asked.label}：{one.fault}" for one in form.fields if one.fault]
    if against or form.claimed is None or firm is None or form.day is None:
        raise AwardsRefused("；".join(against) + "。")
    return apply_for_award(
        programme=form.claimed.programme,
        rule=form.claimed.rule.id,
        enterprise=firm,
        happened_on=form.day,
        actor=user,
        key=form.given.get("key", "").strip()[:50],
        project=form.given.get("project", "").strip()[:50],
        invoice=form.given.get("invoice", "").strip()[:50],
        facts={str(one.asked.key): one.kept for one in form.fields if one.kept},
    )


def _field(asked: AskedFact, given: Mapping[str, str]) -> FactField:
    fact = asked.type
    choices = ("是", "否") if fact.kind is Kind.FLAG else () if fact.kind is Kind.TAGS else fact.words
    found = FactField(asked, given.get(asked.name, "").strip()[:_LONGEST], choices)
    if found.value:
        kept = read_value(found.value, fact, _NO_CELLS)
        if isinstance(kept, Finding):
            found.fault = f"{kept.reason}，{kept.cure}"
        else:
            found.kept = kept
    return found


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_NO_CELLS = Cells([], None, None, lambda i, finding: None)  # type: ignore[arg-type]
