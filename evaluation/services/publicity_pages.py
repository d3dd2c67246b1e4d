"""What is made public: name and grade as the scheme says, or land areas alone; as rows of a page and of a workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.audit import record
from core.models import User
from evaluation.models import Round, Score
from evaluation.policy.workflow import FIELDS, Publishing
from evaluation.querysets import ScoreQuerySet
from evaluation.rules.figures import Figures
from evaluation.services.editions import scheme_of
from evaluation.services.frozen_rounds import firms_of
from evaluation.services.workbook import Cell, list_workbook

#: never by score unless the scheme says so: the order would tell the place
_ORDERS = {
    "code": ("enterprise__uscc",),
    "name": ("enterprise__name_key", "enterprise__uscc"),
    "region": ("region__order", "region_id", "enterprise__uscc"),
    "score": ("-total", "enterprise__uscc"),
}
_PRINTED_ONLY = Publishing(("name", "grade"), "code", cohorts_apart=True)


@dataclass(frozen=True, slots=True)
class PublicList:
    """One list of the publicity: a cohort, or all; ``headings`` and one row of texts a firm."""

    label: str
    headings: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def public_lists(round_: Round, user: User) -> list[PublicList]:
    """Graded firms and the special classes; the firms out of scope are nobody's business."""
    _document, scheme = scheme_of(round_.edition)
    publishing = scheme.workflow.publishing if scheme.workflow else _PRINTED_ONLY
    scores = Score.objects.visible_to(user).filter(round=round_).exclude(final_grade="")
    rows = scores.select_related("enterprise", "region").order_by(*_ORDERS[publishing.order])
    labels = {cohort.id: cohort.label for cohort in scheme.cohorts}
    groups: dict[str, list[tuple[Cell, ...]]] = {}
    for score in rows:
        score.round = round_
        values = {
            "name": score.enterprise.name,
            "grade": score.final_grade,
            "score": score.value,
            "region": score.region.name,
            "cohort": labels.get(score.cohort, ""),
        }
        group = labels.get(score.cohort, "其他") if publishing.cohorts_apart else "全部企业"
        groups.setdefault(group, []).append(tuple(values[name] for name in publishing.fields))
    headings = tuple(FIELDS[name] for name in publishing.fields)
    return [PublicList(label, headings, rows) for label, rows in groups.items()]


def land_lists(round_: Round, user: User) -> list[PublicList]:
    """用地面积公示: name, region and 用地 by the scheme's formula, nothing else."""
    _document, scheme = scheme_of(round_.edition)
    kept = firms_of(round_)
    land = Figures(kept.firms, scheme).column("land")
    keys = kept.firms.keys().tolist()
    areas = dict(zip(keys, zip(land.values.tolist(), land.known.tolist(), strict=True), strict=True))
    scores: ScoreQuerySet = Score.objects.visible_to(user).filter(round=round_)
    rows: list[tuple[Cell, ...]] = []
    for score in scores.select_related("enterprise", "region").order_by(*_ORDERS["region"]):
        area, is_known = areas.get(score.enterprise_id, (0, False))
        shown = Decimal(area).scaleb(-2) if is_known else "未报"
        rows.append((score.enterprise.name, score.region.name, shown))
    return [PublicList("用地面积", ("企业名称", "地区", "用地面积（亩）"), rows)] if rows else []


def export_lists(*, round_: Round, lists: Sequence[PublicList], title: str, actor: User) -> bytes:
    headings = (
        [("序号", 6), ("分组", 14), *((name, 30) for name in lists[0].headings)]
        if lists
        else [("序号", 6), ("", 20)]
    )
    rows = ((number, one.label, *cells) for one in lists for number, cells in enumerate(one.rows, 1))
    counts = {"rows": sum(len(one.rows) for one in lists)}
    record(
        actor=actor, act="export_publicity", region=actor.region, subject=f"{round_} {title}", counts=counts
    )
    foot = f"{round_.edition}　第{round_.version}版"
    return list_workbook(sheet="公示", title=title, headings=headings, rows=rows, foot=foot)
