"""Who would be graded otherwise under a draft method, on the data of today; nothing is written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from django.urls import reverse

from core.models import PolicyEdition, Region, User
from core.scoping import regions_visible_to
from core.services.policies import document_of
from core.services.simulation import FIRMS_SHOWN, FirmChange, RegionChange, Simulation
from enterprises.models import Enterprise
from evaluation.policy import Scheme, unknown_settings
from evaluation.rules.changes import NO_LETTER, final_letters
from evaluation.rules.rounds import CannotScore, evaluate
from evaluation.services.ruled_figures import ruled_figures
from evaluation.services.snapshot import read_snapshot

WHAT = "有等级的企业"


@dataclass(frozen=True, slots=True)
class _Side:
    """Grade and region code by firm, under one edition."""

    grades: dict[int, str]
    regions: dict[int, str]
    scheme: Scheme | None = None


def simulate_evaluation(
    *, draft: PolicyEdition, current: PolicyEdition | None, actor: User
) -> list[Simulation]:
    """One simulation where either edition has a method of evaluation."""
    editions = [(edition, _scheme(edition)) for edition in (current, draft)]
    if not any(scheme for _edition, scheme in editions):
        return []
    try:
        before, after = (_side(edition, scheme) for edition, scheme in editions)
    except CannotScore as missing:
        told = f"还不能测算：{missing}"
        return [Simulation("evaluation", draft.title, WHAT, (), (), (), remark=told)]
    except KeyError as missing:
        told = f"{missing.args[0]} 是草案新声明的补充数据，施行并填报之后才能模拟"
        return [Simulation("evaluation", draft.title, WHAT, (), (), (), remark=told)]
    visible = set(regions_visible_to(actor).values_list("pk", flat=True))
    return [_simulate(draft, before, after, visible)]


def _scheme(edition: PolicyEdition | None) -> Scheme | None:
    part = document_of(edition).parts.get("evaluation") if edition else None
    return part if isinstance(part, Scheme) else None


def _side(edition: PolicyEdition | None, scheme: Scheme | None) -> _Side:
    if edition is None or scheme is None or edition.locality is None:
        return _Side({}, {})
    ruled = ruled_figures(edition.name, scheme.data_year)
    snapshot = read_snapshot(edition.locality, scheme, edition.sha256, ruled)
    if not snapshot.firms.size:
        return _Side({}, {}, scheme)
    grades = final_letters(scheme, evaluate(snapshot.firms, scheme, snapshot.previous, partly=True))
    codes = np.array([region.code for region in snapshot.regions], dtype=object)[snapshot.firms.region]
    firms = snapshot.firm_ids.tolist()
    graded = {firm: grade for firm, grade in zip(firms, grades.tolist(), strict=True) if grade != NO_LETTER}
    return _Side(graded, dict(zip(firms, codes.tolist(), strict=True)), scheme)


def _simulate(draft: PolicyEdition, before: _Side, after: _Side, visible: set[str]) -> Simulation:
    regions = before.regions | after.regions
    old, new = (
        {firm: grade for firm, grade in side.grades.items() if regions[firm] in visible}
        for side in (before, after)
    )
    entering, leaving = sorted(new.keys() - old.keys()), sorted(old.keys() - new.keys())
    moved = sorted(firm for firm in new.keys() & old.keys() if new[firm] != old[firm])
    shown = [*entering[:FIRMS_SHOWN], *leaving[:FIRMS_SHOWN], *moved[:FIRMS_SHOWN]]
    firms = _firm_changes(shown, old, new)
    scheme = after.scheme
    return Simulation(
        part="evaluation",
        title=draft.title,
        what=WHAT,
        regions=_regions(regions, old, new, entering, leaving),
        entering=tuple(firms[firm] for firm in entering[:FIRMS_SHOWN]),
        leaving=tuple(firms[firm] for firm in leaving[:FIRMS_SHOWN]),
        moved=tuple(firms[firm] for firm in moved[:FIRMS_SHOWN]),
        moved_count=len(moved),
        blanks=unknown_settings(document_of(draft)),
        remark=_remark(scheme, Counter((old[firm], new[firm]) for firm in moved)),
    )


def _remark(scheme: Scheme | None, moves: Counter[tuple[str, str]]) -> str:
    """``按2021年度数据；A→B 3家，B→A 2家``: the matrix without its diagonal."""
    if scheme is None:
        return "草案没有综合评价部分"
    told = "，".join(f"{old}→{new} {count}家" for (old, new), count in sorted(moves.items()))
    return f"按{scheme.data_year}年度数据；{told or '等级没有变化'}"


def _regions(
    region_of: dict[int, str],
    old: dict[int, str],
    new: dict[int, str],
    entering: list[int],
    leaving: list[int],
) -> tuple[RegionChange, ...]:
    counts = [Counter(region_of[firm] for firm in firms) for firms in (old, new, entering, leaving)]
    codes = {code for count in counts for code in count}
    rows = Region.objects.filter(pk__in=codes).order_by("order", "pk")
    return tuple(RegionChange(region.name, *(count[region.pk] for count in counts)) for region in rows)


def _firm_changes(shown: list[int], old: dict[int, str], new: dict[int, str]) -> dict[int, FirmChange]:
    rows = Enterprise.objects.filter(pk__in=shown).values_list("pk", "uscc", "name", "region__name")
    return {
        pk: FirmChange(
            reverse("enterprises:detail", args=[pk]),
            uscc,
            name,
            region,
            old.get(pk, NO_LETTER),
            new.get(pk, NO_LETTER),
        )
        for pk, uscc, name, region in rows
    }
