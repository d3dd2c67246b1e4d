"""得分过程: one firm's score step by step, in words, bars and a histogram. Six queries, whatever the round holds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q

from core.models import User
from enterprises.models import Enterprise
from evaluation.models import RankingPool, Round, Score
from evaluation.policy import Cohort, Indicator, Scheme
from evaluation.policy.choices import STATUSES
from evaluation.rules.basis import Basis, basis_of, bound_words
from evaluation.rules.figures import FINE
from evaluation.rules.gaps import Gap, gap_of
from evaluation.rules.policies_told import ToldPolicy, policies_of
from evaluation.rules.trace import Item, Trace
from evaluation.rules.wording import (
    Place,
    band_of,
    baseline_text,
    cuts_sentence,
    fixed,
    item_remark,
    plain,
    points_text,
    score_text,
    standing_sentences,
    steps_of,
    value_text,
    why_text,
)
from evaluation.services.editions import scheme_of
from evaluation.services.score_pages import place_of, trace_of


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts of a bullet in hundredths of its width; ``cut``: where the cap is."""

    width: str
    mark: str
    cut: str
    is_below: bool


@dataclass(frozen=True, slots=True)
class AdjustmentLine:
    """Bonus or penalty beside the indicators."""

    label: str
    kind: str
    points: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    indicator: Indicator
    why: str
    value: str
    unit: str
    baseline: str
    share: str
    weight: str
    points: str
    remark: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class HistBar:
    x: str
    y: str
    height: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class CutLine:
    x: str
    label: str


@dataclass(frozen=True, slots=True)
class GradeCount:
    grade: str
    label: str
    count: int
    x: str


@dataclass(frozen=True, slots=True)
class Histogram:
    bars: list[HistBar]
    cuts: list[CutLine]
    grades: list[GradeCount]
    own_x: str
    own_text_x: str
    own_anchor: str
    sentence: str


@dataclass(frozen=True, slots=True)
class TracePage:
    """What the page shows; ``place`` and all that follows is ``None`` or empty for a firm without a grade."""

    score: Score
    firm: Enterprise | None
    round: Round
    title: str
    scheme: Scheme
    cohort: Cohort | None
    where: str
    summary: str
    lines: list[ItemLine]
    adjustments: list[AdjustmentLine]
    steps: list[str]
    total: str
    total_short: str
    weight_total: str
    gap: Gap | None
    policies: tuple[ToldPolicy, ...]
    histogram: Histogram | None
    before: Score | None
    after: Score | None
    basis: list[Basis]

    @property
    def status(self) -> str:
        return STATUSES[self.scheme.status]

    @property
    def band_label(self) -> str:
        return band_of(self.cohort, self.score.final_grade).label if self.cohort else ""

    @property
    def demo_count(self) -> int:
        return sum(basis.origin.is_demo for basis in self.basis)

    @property
    def is_plain(self) -> bool:
        """Whether one formula tells every item."""
        return all(
            line.indicator.scoring.kind == "ratio" and not line.indicator.less_is_better
            for line in self.lines
        )

    @property
    def has_cap(self) -> bool:
        return any(line.bar.cut for line in self.lines)

    @property
    def bounds(self) -> str:
        """``，最低 0 分，最高为权重的 1.5 倍``, where all indicators have the same bounds."""
        told = ""
        for name, word in (("floor", "最低"), ("cap", "最高")):
            settings = {bound_words(getattr(line.indicator, name)) for line in self.lines}
            if len(settings) == 1 and settings != {"没有"}:
                told += f"，{word}为{settings.pop().replace(' ', '')}"
        return told


def trace_page(user: User, score: Score) -> TracePage:
    """``score`` with its round, edition, region, pool and enterprise loaded."""
    round_ = score.round
    document, scheme = scheme_of(round_.edition)
    trace = trace_of(score, round_, scheme)
    firm = Enterprise.objects.visible_to(user).select_related("region").filter(pk=score.enterprise_id).first()
    cohort = scheme.cohort(score.cohort) if score.cohort else None
    page = TracePage(
        score=score,
        firm=firm,
        round=round_,
        title=document.title,
        scheme=scheme,
        cohort=cohort,
        where="",
        summary="",
        lines=[],
        adjustments=[],
        steps=standing_sentences(scheme, trace),
        total="",
        total_short="",
        weight_total="",
        gap=None,
        policies=policies_of(scheme, score.final_grade, score.cohort) if round_.is_frozen else (),
        histogram=None,
        before=None,
        after=None,
        basis=basis_of(scheme, cohort),
    )
    if score.pool is None or score.total is None or score.rank is None or cohort is None:
        return page
    return _graded(page, user, trace, cohort, score.pool)


def _graded(page: TracePage, user: User, trace: Trace, cohort: Cohort, pool: RankingPool) -> TracePage:
    score, scheme = page.score, page.scheme
    where = f"{pool.region.name if pool.region_id else page.round.region.name}{pool.place}{cohort.label}"
    place = place_of(score, pool, where)
    weights = sum((indicator.weight.known for indicator in cohort.indicators), Decimal(0))
    neighbours = Score.objects.visible_to(user).filter(pool=pool).order_by("rank", "enterprise_id")
    return replace(
        page,
        where=where,
        summary=cuts_sentence(cohort, place, page.round.decimals),
        lines=[
            item_line(indicator, item, trace, scheme, mean)
            for indicator, item, mean in zip(cohort.indicators, trace.items, place.means, strict=True)
        ],
        adjustments=[
            AdjustmentLine(item.label, "扣分" if item.is_penalty else "加分", points_text(points))
            for item, points in zip(scheme.adjusting.items, trace.adjusted, strict=True)
            if points
        ],
        steps=steps_of(scheme, cohort, trace, place),
        total=score_text(place.total, page.round.decimals, page.round.decimals),
        total_short=score_text(place.total, page.round.decimals),
        weight_total=plain(weights),
        gap=gap_of(scheme, cohort, trace, place),
        histogram=histogram_of(cohort, place, pool, page.round.decimals) if place.grade else None,
        before=neighbours.filter(
            Q(rank__lt=score.rank) | Q(rank=score.rank, enterprise_id__lt=score.enterprise_id)
        ).last(),
        after=neighbours.filter(
            Q(rank__gt=score.rank) | Q(rank=score.rank, enterprise_id__gt=score.enterprise_id)
        ).first(),
    )


def item_line(indicator: Indicator, item: Item, trace: Trace, scheme: Scheme, mean: int | None) -> ItemLine:
    value, baseline = item.value, item.baseline
    weight = indicator.weight.known
    share = "" if value is None or not baseline else fixed(value / baseline * 100, 1) + "%"
    told = "" if value is None else value_text(indicator, value, with_unit=False, baseline=baseline)
    return ItemLine(
        indicator=indicator,
        why=why_text(indicator, trace, scheme),
        value=told,
        unit="%" if indicator.is_share else indicator.unit,
        baseline=baseline_text(indicator, item),
        share=share,
        weight=plain(weight),
        points="" if indicator.is_ranked_directly else points_text(item.points),
        remark=item_remark(indicator, item, trace, scheme, mean),
        bar=_bar(indicator, item),
    )


def _bar(indicator: Indicator, item: Item) -> Bar:
    """The bar ends at the cap; without one at twice the weight."""
    weight = indicator.weight.known
    cap = indicator.most()
    whole = cap * Decimal("1.02") if cap else weight * 2
    width = min(max(Decimal(item.points) / FINE / whole, Decimal(0)), Decimal(1)) * 100
    mark = min(weight / whole * 100, Decimal(99))
    cut = f"{cap / whole * 100:.2f}" if cap else ""
    return Bar(f"{width:.2f}", f"{mark:.2f}", cut, item.points < weight * FINE)


_LEFT, _RIGHT, _BASE, _TALLEST = 20, 700, 88, 53


def histogram_of(cohort: Cohort, place: Place, pool: RankingPool, decimals: int) -> Histogram:
    """Bars of the pool's scores from low to high, the cut lines of the grades and the firm's own place."""
    line = pool.line
    low, high, counts = line["low"], line["high"], line["bars"]
    span = max(high - low, 1)

    def x_of(total: int) -> float:
        return _LEFT + (_RIGHT - _LEFT) * (min(max(total, low), high) - low) / span

    width = (_RIGHT - _LEFT) / len(counts)
    tallest = max(counts) or 1
    own = min(int((x_of(place.total) - _LEFT) // width), len(counts) - 1)
    bars = []
    for number, count in enumerate(counts):
        height = _TALLEST * count / tallest
        bars.append(
            HistBar(
                f"{_LEFT + number * width + 1.5:.1f}", f"{_BASE - height:.1f}", f"{height:.1f}", number == own
            )
        )
    cuts = [
        CutLine(f"{x_of(cut):.1f}", score_text(cut, decimals))
        for cut in dict.fromkeys(cut for cut in place.cuts[:-1] if cut is not None)
    ]
    edges = [_RIGHT, *(x_of(cut) if cut is not None else _RIGHT for cut in place.cuts[:-1]), _LEFT]
    grades = [
        GradeCount(band.grade, band.label, count, f"{(edges[number] + edges[number + 1]) / 2:.1f}")
        for number, (band, count) in enumerate(zip(cohort.bands, line["counts"], strict=True))
    ]
    own_x = x_of(place.total)
    is_right = own_x > (_LEFT + _RIGHT) / 2
    told = "，".join(f"{grade.grade}级{grade.count}家" for grade in grades)
    return Histogram(
        bars,
        cuts,
        grades,
        f"{own_x:.1f}",
        f"{own_x + (-6 if is_right else 6):.1f}",
        "end" if is_right else "start",
        f"{place.where}{place.size}家企业得分分布：{told}；本企业{score_text(place.total, decimals)}分。",
    )
