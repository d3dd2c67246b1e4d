"""Worked cases of the ``evaluation`` part: firms in, items, points, places and grades out; or only how a pool is cut. Pure."""

from __future__ import annotations

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import numpy as np

from core.policies import UNKNOWN, Mapping, PolicyDocument, PolicyFault
from core.policies.cases import CaseFaulty, register_cases
from core.policies.fields import Fields, add_fault, read_number
from evaluation.policy import Cohort, Scheme
from evaluation.policy.scheme import Special
from evaluation.rules.baselines import Given, needs_last_year
from evaluation.rules.figures import FINE_PLACES, FirmYears
from evaluation.rules.gaps import gap_of
from evaluation.rules.grading import places_of, quota_base
from evaluation.rules.rounds import LOCALITY, NOTHING, CannotScore, Evaluation, Pool, evaluate, letters
from evaluation.rules.scoring import (
    BEYOND_LIMIT,
    CAPPED,
    FLOORED,
    NEGATIVE,
    NO_BASELINE,
    NOT_APPLICABLE,
    NOT_REPORTED,
    REPLACED,
    SCORED,
    ZERO_DEN,
)
from evaluation.rules.standing import FOLLOWS, GRADED, NO_COHORT, OUT_OF_SCOPE, SPECIAL
from evaluation.rules.told_firms import Told, columns_of, read_firms
from evaluation.rules.told_land import land_columns
from evaluation.rules.trace import Trace, packed_rows, trace_columns, unpacked
from evaluation.rules.values import places_of as kept_places
from evaluation.rules.wording import Place, standing_sentences, steps_of

_KEYS = {
    "size": "一组的家数",
    "ungraded": "不定等级的家数",
    "cohort": "分组",
    "firms": "企业",
    "last_year": "上年企业",
    "parcels": "宗地",
    "leases": "租约",
    "baselines": "基准值",
    "decimals": "得分位数",
    "value_decimals": "指标值位数",
}
STATES = {
    SCORED: "scored", CAPPED: "capped", FLOORED: "floored", NOT_REPORTED: "not_reported", ZERO_DEN: "zero_den",
    BEYOND_LIMIT: "beyond_limit", NOT_APPLICABLE: "not_applicable", NEGATIVE: "negative", NO_BASELINE: "no_baseline",
    REPLACED: "replaced",
}  # fmt: skip
STANDINGS = {
    GRADED: "graded", SPECIAL: "special", OUT_OF_SCOPE: "out", NO_COHORT: "no_cohort", FOLLOWS: "follows",
}  # fmt: skip
_VALUE_DECIMALS = 4
_WHOLE_LOCALITY = "全域"


def work_evaluation(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    scheme = document.parts["evaluation"]
    assert isinstance(scheme, Scheme)
    faults: list[PolicyFault] = []
    fields = Fields(given, faults, _KEYS)
    size = fields.whole("size") if fields.get("size") else None
    if size is not None:
        ungraded = fields.whole("ungraded") if fields.get("ungraded") else 0
        names = [cohort.id for cohort in scheme.cohorts]
        only = fields.choice("cohort", names) if fields.get("cohort") else ""
        if faults:
            raise CaseFaulty(faults)
        return _cut(scheme, size, ungraded or 0, only)
    firms_node = fields.mapping("firms")
    last_node = fields.mapping("last_year") if fields.get("last_year") else None
    firms = read_firms(firms_node, scheme, scheme.data_year, faults) if firms_node else []
    before = read_firms(last_node, scheme, scheme.data_year - 1, faults) if last_node else []
    frozen = _read_baselines(fields, scheme)
    decimals = fields.whole("decimals") if fields.get("decimals") else None
    shown = fields.whole("value_decimals") if fields.get("value_decimals") else _VALUE_DECIMALS
    ledgers, contradictions = land_columns(
        fields.sequence("parcels", required=False),
        fields.sequence("leases", required=False),
        [told.name for told in firms],
        scheme.data_year,
        faults,
    )
    if firms_node is not None and not firms:
        add_fault(faults, firms_node, "至少给一家企业")
    if needs_last_year(scheme) and last_node is None and not frozen and firms_node:
        year = scheme.data_year - 1
        add_fault(
            faults,
            given,
            f"有指标的基准值取自{year}年度：给出 last_year（上年企业），或用 baselines（基准值）直接给数",
        )
    if faults:
        raise CaseFaulty(faults)
    regions = sorted({told.region for told in (*firms, *before)})
    now = columns_of(firms, scheme, scheme.data_year, regions, before, ledgers)
    previous = columns_of(before, scheme, scheme.data_year - 1, regions) if before else None
    try:
        result = evaluate(now, scheme, previous, frozen, partly=True)
    except CannotScore as missing:
        raise CaseFaulty([PolicyFault(given.line, given.key, f"不能测算：{missing}")]) from missing
    told = _told(firms, now, result, scheme, regions, decimals, shown or 0)
    return told | {"land_faults": contradictions}


register_cases("evaluation", work_evaluation)


def _cut(scheme: Scheme, size: int, ungraded: int, only: str) -> dict[str, Any]:
    """How many firms of a ranking of this size get which grade."""
    counts: dict[str, Any] = {}
    for cohort in scheme.cohorts:
        if only not in ("", cohort.id):
            continue
        grading = scheme.grading_of(cohort)
        if grading.mode == "threshold" or not cohort.is_gradable:
            counts[cohort.id] = UNKNOWN
            continue
        base = size + ungraded if quota_base(grading).kind == "listed" else size
        places = places_of(base, cohort.bands, grading.count_rounding.known_or("half_up_cum"))
        ends = [0, *(min(place, size) for place in places[:-1]), size]
        counts[cohort.id] = {
            band.grade: ends[number + 1] - ends[number] for number, band in enumerate(cohort.bands)
        }
    return {"counts": counts}


def _read_baselines(fields: Fields, scheme: Scheme) -> Given:
    """``{above: {tax_per_mu: 26.01}}``"""
    node = fields.mapping("baselines") if fields.get("baselines") else None
    found: dict[tuple[str, str], Decimal] = {}
    if node is None:
        return found
    block = Fields(node, fields.faults, {cohort.id: cohort.label for cohort in scheme.cohorts})
    for cohort in scheme.cohorts:
        own = block.mapping(cohort.id) if block.get(cohort.id) else None
        if own is None:
            continue
        items = Fields(own, fields.faults, {i.id: i.label for i in cohort.indicators})
        for indicator in cohort.indicators:
            value = items.get(indicator.id)
            number = None if value is None else read_number(value, fields.faults)
            if isinstance(number, Decimal):
                found[cohort.id, indicator.id] = number
    return found


# ---------------------------------------------------------------- what came out


def _told(
    firms: list[Told],
    now: FirmYears,
    result: Evaluation,
    scheme: Scheme,
    regions: list[str],
    decimals: int | None,
    shown: int,
) -> dict[str, Any]:
    initial, final = (_words(column) for column in letters(scheme, result))
    rows = packed_rows(now, result, scheme)
    columns = trace_columns(scheme, now)
    told = {}
    for number, firm in enumerate(firms):
        cohort = _cohort(scheme, result, number)
        trace = unpacked(rows[number].tobytes(), columns, scheme, cohort)
        told[firm.name] = _firm(
            number, cohort, trace, result, scheme, regions, (initial[number], final[number]), decimals, shown
        )
    if result.merged is not None:
        merged = [_words(column) for column in letters(scheme, result.merged)]
        for number, firm in enumerate(firms):
            told[firm.name]["merged"] = {
                "total": _score(int(result.merged.total[number]), scheme, decimals),
                "rank": _or_none(int(result.merged.rank[number])),
                "initial": merged[0][number] or None,
                "final": merged[1][number] or None,
            }
    standings = [STANDINGS[int(state)] for state in result.standing.state]
    return {
        "firms": told,
        "counts": _counts(final, scheme),
        "initial_counts": _counts(initial, scheme),
        "standings": dict(Counter(standings)),
        "pools": {_pool_name(pool, scheme, regions): _pool(pool, scheme, decimals) for pool in result.pools},
        "baselines": _baselines(result, scheme, regions, now, shown),
        "means": _means(result, scheme, decimals),
        "blocked": [_pool_name(pool, scheme, regions) for pool in result.asks],
        "unscorable": list(scheme.unscorable),
        "empty_grades": _empty_grades(result, scheme, regions),
    }


def _counts(letters_told: list[str], scheme: Scheme) -> dict[str, int]:
    """Every grade and special class, 0 where there is nobody; firms without either under ``none``."""
    names = [band.grade for cohort in scheme.cohorts for band in cohort.bands]
    names += [clause.grade or clause.id for clause in scheme.special]
    found = Counter(letters_told)
    return {**{name: found[name] for name in sorted(set(names))}, "none": found[""]}


def _firm(
    number: int,
    cohort: Cohort | None,
    trace: Trace,
    result: Evaluation,
    scheme: Scheme,
    regions: list[str],
    grades: tuple[str, str],
    decimals: int | None,
    shown: int,
) -> dict[str, Any]:
    is_scored = bool(result.scored[number])
    special = _special(scheme, int(result.standing.special[number]))
    pool = result.pools[int(result.pool[number])] if result.pool[number] >= 0 else None
    adjusting = scheme.adjusting.items
    place = _place(number, pool, cohort, result, scheme, regions, grades)
    gap = gap_of(scheme, cohort, trace, place) if place and cohort and place.grade else None
    found: dict[str, Any] = {
        "standing": STANDINGS[int(result.standing.state[number])],
        "special": special.id if special else None,
        "cohort": cohort.id if cohort else None,
        "items": _items(trace, cohort, decimals, shown) if is_scored and cohort else {},
        "items_total": _points(sum(item.points for item in trace.items), decimals) if is_scored else None,
        "bonus": {
            item.id: _points(points, decimals)
            for item, points in zip(adjusting, trace.adjusted, strict=True)
            if points and not item.is_penalty
        },
        "penalty": {
            item.id: _points(points, decimals)
            for item, points in zip(adjusting, trace.adjusted, strict=True)
            if points and item.is_penalty
        },
        "adjusted": _points(trace.adjusted_total, decimals),
        "total": _score(int(result.total[number]), scheme, decimals) if is_scored else _open(trace),
        "rank": _or_none(int(result.rank[number])),
        "pool": _pool_name(pool, scheme, regions) if pool else None,
        "initial": grades[0] or (None if grades[1] else _open(trace)),
        "final": grades[1] or _open(trace),
        "moves": [move.id for move, after in zip(scheme.moves, trace.moves, strict=True) if after >= 0],
        "kept": trace.is_kept,
        "refilled": trace.is_refilled,
        "manage_as": (special.manage_as or None) if special and trace.standing == SPECIAL else None,
        "flags": [flag.id for flag, is_met in zip(scheme.flags, trace.flags, strict=True) if is_met],
        "effects": [
            effect.policy for effect in scheme.effects_of(grades[1], cohort.id if cohort else "") if grades[1]
        ],
        "gap": gap.sentence if gap else None,
        "steps": steps_of(scheme, cohort, trace, place)
        if place and cohort
        else standing_sentences(scheme, trace),
    } | _quantities(trace, scheme, shown)
    if scheme.levels:
        found["levels"] = _levels(number, result, scheme, cohort)
    return found


def _open(trace: Trace) -> Any:
    """A firm that should have a score or a grade has an unknown one; others have none."""
    return UNKNOWN if trace.standing == GRADED else None


def _levels(number: int, result: Evaluation, scheme: Scheme, cohort: Cohort | None) -> dict[str, Any]:
    found = {}
    for level, ranking in zip(scheme.levels, result.levels, strict=True):
        names = [band.grade for band in level.bands.get(cohort.id, cohort.bands)] if cohort else []
        found[level.id] = {
            "rank": _or_none(int(ranking.rank[number])),
            "size": ranking.pools[int(ranking.pool[number])].line.size if ranking.pool[number] >= 0 else None,
            "initial": names[int(ranking.grade[number])] if ranking.grade[number] >= 0 else None,
            "final": names[int(ranking.final[number])] if ranking.final[number] >= 0 else None,
        }
    return found


def _items(trace: Trace, cohort: Cohort, decimals: int | None, shown: int) -> dict[str, Any]:
    return {
        indicator.id: {
            "value": None if item.value is None else _rounded(item.value, shown),
            "baseline": None if item.baseline is None else _rounded(item.baseline, max(shown, 6)),
            "raw": _points(item.raw, decimals),
            "points": None if indicator.is_ranked_directly else _points(item.points, decimals),
            "state": STATES[item.state],
        }
        for indicator, item in zip(cohort.indicators, trace.items, strict=True)
    }


def _quantities(trace: Trace, scheme: Scheme, shown: int) -> dict[str, Any]:
    """用地 and what the scheme makes of other quantities."""
    land = trace.figures["land"]
    made = {
        name: UNKNOWN
        if trace.figures[name] is None
        else Decimal(trace.figures[name] or 0).scaleb(-kept_places(use))
        for name, use in scheme.quantities.items()
        if use.formula is not None
    }
    return {"land": UNKNOWN if land is None else Decimal(land).scaleb(-2), "quantities": made}


def _place(
    number: int,
    pool: Pool | None,
    cohort: Cohort | None,
    result: Evaluation,
    scheme: Scheme,
    regions: list[str],
    grades: tuple[str, str],
) -> Place | None:
    if pool is None or cohort is None or result.rank[number] < 1:
        return None
    name = _pool_name(pool, scheme, regions)
    means = result.means[int(result.standing.cohort[number])]
    total, rank = int(result.total[number]), int(result.rank[number])
    return Place(
        total, rank, pool.line.size, name, grades[0], pool.line.places, pool.line.cuts, means, grades[1]
    )


def _pool_name(pool: Pool, scheme: Scheme, regions: list[str]) -> str:
    """``启东市规上组``; the whole locality without a name before it."""
    region = "" if pool.region == LOCALITY else regions[pool.region]
    return f"{region}{''.join(pool.place)}{scheme.cohorts[pool.cohort].label}"


def _pool(pool: Pool, scheme: Scheme, decimals: int | None) -> dict[str, Any]:
    names = [band.grade for band in scheme.cohorts[pool.cohort].bands]
    line = pool.line
    return {
        "size": line.size,
        "base": line.base,
        "places": dict(zip(names, line.places, strict=True)),
        "cuts": {
            name: None if cut is None else _score(cut, scheme, decimals)
            for name, cut in zip(names, line.cuts, strict=True)
        },
        "counts": dict(zip(names, line.counts, strict=True)),
    }


def _empty_grades(result: Evaluation, scheme: Scheme, regions: list[str]) -> list[str]:
    """``启东市规上组 D``: grades that nobody of a ranking got."""
    return [
        f"{_pool_name(pool, scheme, regions)} {band.grade}"
        for pool in result.pools
        for band, count in zip(scheme.cohorts[pool.cohort].bands, pool.line.counts, strict=True)
        if not count and scheme.cohorts[pool.cohort].is_gradable
    ]


def _baselines(
    result: Evaluation, scheme: Scheme, regions: list[str], now: FirmYears, shown: int
) -> dict[str, Any]:
    """One number an indicator where all firms of the cohort have the same, else by region."""
    found: dict[str, Any] = {}
    for number, cohort in enumerate(scheme.cohorts):
        rows = np.flatnonzero((result.standing.cohort == number) & result.scored)
        for place, indicator in enumerate(cohort.indicators):
            kept = result.baselines[rows, place]
            numbers = {
                (regions[int(now.region[row])] or _WHOLE_LOCALITY): _rounded(
                    Decimal(int(value)).scaleb(-FINE_PLACES), max(shown, 6)
                )
                for row, value in zip(rows, kept, strict=True)
                if value != NOTHING
            }
            if numbers:
                same = len(set(numbers.values())) == 1
                told = next(iter(numbers.values())) if same else numbers
                found.setdefault(cohort.id, {})[indicator.id] = told
    return found


def _means(result: Evaluation, scheme: Scheme, decimals: int | None) -> dict[str, Any]:
    return {
        cohort.id: {
            indicator.id: _points(mean, decimals)
            for indicator, mean in zip(cohort.indicators, means, strict=True)
            if mean is not None
        }
        for cohort, means in zip(scheme.cohorts, result.means, strict=True)
    }


# ---------------------------------------------------------------- numbers


def _points(fine: int, decimals: int | None) -> Decimal:
    return _rounded(Decimal(fine).scaleb(-FINE_PLACES), _VALUE_DECIMALS if decimals is None else decimals)


def _score(whole: int, scheme: Scheme, decimals: int | None) -> Decimal:
    score = Decimal(whole).scaleb(-scheme.places)
    return score if decimals is None else _rounded(score, decimals)


def _rounded(number: Decimal, places: int) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _or_none(rank: int) -> int | None:
    return rank if rank > 0 else None


def _words(column: Any) -> list[str]:
    return [column.words[number] for number in column.values.tolist()]


def _special(scheme: Scheme, number: int) -> Special | None:
    return scheme.special[number] if number >= 0 else None


def _cohort(scheme: Scheme, result: Evaluation, number: int) -> Cohort | None:
    cohort = int(result.standing.cohort[number])
    return scheme.cohorts[cohort] if cohort >= 0 else None
