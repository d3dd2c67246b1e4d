"""亩均目标 (面积目标) and 低效线: averages of a round's firms beside the aims of the documents in force. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from django.db.models import Count, F

from core.models import PolicyEdition, User
from core.policies import Unknown
from core.scoping import regions_visible_to
from cultivation.policy import Goal
from cultivation.services.programmes import targets_part
from evaluation.models import Round, Score
from evaluation.policy import Flag
from evaluation.rules.averages import Average, average_per_mu, is_reached
from evaluation.rules.basis import condition_words, labels_of
from evaluation.rules.figures import Figures
from evaluation.rules.standing import OUT_OF_SCOPE, standing_of
from evaluation.services.editions import scheme_of
from evaluation.services.frozen_rounds import firms_of

#: (metric of a ``targets`` part, quantity, label, whether of the firms above scale alone)
_METRICS = (
    ("sales_per_mu_all", "taxable_sales", "全部参评企业 亩均销售", False),
    ("tax_per_mu_all", "tax", "全部参评企业 亩均税收", False),
    ("sales_per_mu_above", "taxable_sales", "规上企业 亩均销售", True),
    ("tax_per_mu_above", "tax", "规上企业 亩均税收", True),
)


@dataclass(frozen=True, slots=True)
class AverageLine:
    """``goal``: the aim with its document's clause, ``None`` where no document in force prints one."""

    label: str
    average: Average
    goal: Goal | None

    @property
    def aim(self) -> Decimal | None:
        amount = self.goal.amount if self.goal else None
        return None if amount is None or isinstance(amount, Unknown) else amount

    @property
    def aim_words(self) -> str:
        word = {"more_than": "＞", "at_least": "≥"}.get(self.goal.comparison, "") if self.goal else ""
        return "" if self.aim is None else f"{word}{self.aim.normalize():f}"

    @property
    def ratios_reach(self) -> bool | None:
        return self._reaches(self.average.mean_of_ratios)

    @property
    def sums_reach(self) -> bool | None:
        return self._reaches(self.average.ratio_of_sums)

    def _reaches(self, value: Decimal | None) -> bool | None:
        return None if self.goal is None else is_reached(value, self.goal.amount, self.goal.comparison)


@dataclass(frozen=True, slots=True)
class FlagLine:
    """An absolute line: its words, firms that meet it by region; ``bit`` chooses them on the list of scores."""

    flag: Flag
    bit: int
    words: str
    regions: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _region, count in self.regions)


def average_lines(round_: Round, user: User) -> list[AverageLine]:
    """Of the reader's regions; the aims are those of the whole locality."""
    _document, scheme = scheme_of(round_.edition)
    kept = firms_of(round_)
    figures = Figures(kept.firms, scheme)
    codes = set(regions_visible_to(user).values_list("pk", flat=True))
    mine = np.isin(kept.firms.region, [place for place, code in enumerate(kept.regions) if code in codes])
    inside = mine & (standing_of(figures).state != OUT_OF_SCOPE)
    goals = _goals(round_)
    return [
        AverageLine(
            label,
            average_per_mu(figures, quantity, inside & kept.firms.above_scale if above else inside),
            goals.get(metric),
        )
        for metric, quantity, label, above in _METRICS
    ]


def _goals(round_: Round) -> dict[str, Goal]:
    """The locality's own aims: the first year not yet past wins."""
    found: dict[str, Goal] = {}
    names = {metric for metric, *_rest in _METRICS}
    editions = PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE, locality=round_.region_id)
    for edition in editions.order_by("name"):
        part = targets_part(edition)
        for goal in sorted(part.goals if part else (), key=lambda goal: goal.last_year):
            if goal.metric in names and goal.last_year >= round_.year and goal.region == round_.region_id:
                found.setdefault(goal.metric, goal)
    return found


def flag_lines(round_: Round, user: User) -> list[FlagLine]:
    """The scheme's absolute lines in their order, each with its firms by region; one query a line."""
    _document, scheme = scheme_of(round_.edition)
    labels = labels_of(scheme)
    lines = []
    for bit, flag in enumerate(scheme.flags):
        rows = Score.objects.visible_to(user).filter(round=round_).flagged(bit).order_by()
        counted = rows.values_list("region__name", "region__order").annotate(count=Count("id"))
        regions = [(name, count) for name, _order, count in counted.order_by(F("region__order"))]
        words = condition_words(flag.condition.text, labels) if flag.condition else "文件没有写明，不判定"
        lines.append(FlagLine(flag, bit, words, tuple(regions)))
    return lines
