"""Reading how scores become grades: pools, shares, bands with their gates, moves and levels. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from decimal import Decimal

from core.conditions import FactType
from core.policies import Mapping, Node, PolicyFault, Scalar, Sequence
from core.policies.fields import Fields, add_fault, as_mapping, is_unknown, read_whole
from evaluation.policy.choices import (
    COUNT_ROUNDINGS,
    GRADES,
    GRADING_MODES,
    MOVE_KINDS,
    QUOTA_BASES,
    RANK_WITHIN,
    SMALL_POOLS,
    TIES,
)
from evaluation.policy.grading import Band, Breaker, Gate, Grading, Level, Move, QuotaBase
from evaluation.policy.settings import ORIGIN_KEYS, SettingFields
from evaluation.policy.vocabulary import condition_of, condition_or_unknown

Facts = MappingType[str, FactType]

_GRADING_KEYS = {
    "mode": "定级方式",
    "rank_within": "排名范围",
    "count_rounding": "名额取舍",
    "quota_base": "名额基数",
    "ties": "同分",
    "tie_breakers": "同分先比",
    "min_size": "最小组",
    "small_pool": "不足最小组",
    "best_at_most": "最好一级至多",
    "last_at_least": "最末一级至少",
}
_BAND_KEYS = {
    "label": "名称",
    "upto": "累计比例",
    "top": "前几名",
    "at_least": "最低得分",
    "gate": "另须符合",
}
_MEAN_KEYS = {"mean": "平均分的倍数"}
_GATE_KEYS = {"when": "条件", "if_unknown": "数据不明时", "refill": "空出名额是否递补"}
_BREAKER_KEYS = {"by": "数据或指标", "direction": "方向"}
_MOVE_KEYS = {
    "id": "代号",
    "label": "名称",
    "kind": "调档办法",
    "grade": "等级",
    "steps": "档数",
    "when": "条件",
    "if_unknown": "数据不明时",
    "only_from": "只对哪些等级",
    "locks": "以后不再调",
    "backfill": "空出名额是否递补",
    "veto": "一票否决",
    "max_years": "最多几年",
    "evidence": "凭据",
    "in_quota_base": "是否计入名额基数",
}
_LEVEL_KEYS = {"id": "代号", "label": "名称", "rank_within": "排名范围", "bands": "等级"}


def read_grading(block: SettingFields) -> Grading:
    return Grading(
        rank_within=block.custom("rank_within", _read_within),
        count_rounding=block.one_of("count_rounding", COUNT_ROUNDINGS),
        quota_base=block.custom("quota_base", _read_base),
        ties=block.one_of("ties", TIES),
        min_size=block.whole_number("min_size"),
        small_pool=block.one_of("small_pool", SMALL_POOLS),
        mode=block.choice("mode", GRADING_MODES, "percentile"),
        breakers=_read_breakers(block),
        best_at_most=block.optional_number("best_at_most", least=0),
        last_at_least=block.optional_number("last_at_least", least=0),
    )


def grading_block(fields: Fields) -> SettingFields | None:
    node = fields.mapping("grading")
    return None if node is None else SettingFields(node, fields.faults, _GRADING_KEYS)


def read_cohort_grading(fields: SettingFields, shared: Grading | None) -> Grading | None:
    """What a cohort says otherwise than the part; ``None`` where it says nothing of its own."""
    node = fields.get("grading")
    if node is None or shared is None:
        return None
    mapping = as_mapping(node, fields.faults)
    if mapping is None:
        return None
    own = SettingFields(mapping, fields.faults, _GRADING_KEYS, fields.origin)
    return Grading(
        rank_within=own.custom("rank_within", _read_within) if own.get("rank_within") else shared.rank_within,
        count_rounding=own.one_of("count_rounding", COUNT_ROUNDINGS)
        if own.get("count_rounding")
        else shared.count_rounding,
        quota_base=own.custom("quota_base", _read_base) if own.get("quota_base") else shared.quota_base,
        ties=own.one_of("ties", TIES) if own.get("ties") else shared.ties,
        min_size=own.whole_number("min_size") if own.get("min_size") else shared.min_size,
        small_pool=own.one_of("small_pool", SMALL_POOLS) if own.get("small_pool") else shared.small_pool,
        mode=own.choice("mode", GRADING_MODES, shared.mode),
        breakers=_read_breakers(own) if own.get("tie_breakers") else shared.breakers,
        best_at_most=own.optional_number("best_at_most", least=0)
        if own.get("best_at_most")
        else shared.best_at_most,
        last_at_least=own.optional_number("last_at_least", least=0)
        if own.get("last_at_least")
        else shared.last_at_least,
    )


def _read_within(node: Node, faults: list[PolicyFault]) -> tuple[str, ...] | None:
    items = node.items if isinstance(node, Sequence) else (node,)
    names = tuple(item.text if isinstance(item, Scalar) else "" for item in items)
    if names and all(name in RANK_WITHIN for name in names) and (len(names) == 1 or "locality" not in names):
        return names
    told = "、".join(f"{name}（{label}）" for name, label in RANK_WITHIN.items())
    add_fault(faults, node, f"排名范围只能是：{told}，或除 locality 外几个的列表")
    return None


def _read_base(node: Node, faults: list[PolicyFault]) -> QuotaBase | None:
    if isinstance(node, Scalar) and node.text in QUOTA_BASES:
        return QuotaBase(node.text)
    if isinstance(node, Mapping) and list(node.entries) == ["listed_without"]:
        without = node.entries["listed_without"]
        items = without.items if isinstance(without, Sequence) else (without,)
        codes = tuple(item.text for item in items if isinstance(item, Scalar))
        if len(codes) == len(items):
            return QuotaBase("listed", codes)
    add_fault(faults, node, f"名额基数只能是：{'、'.join(QUOTA_BASES)}、{{listed_without: [T]}}")
    return None


def _read_breakers(block: SettingFields) -> tuple[Breaker, ...]:
    node = block.sequence("tie_breakers", required=False)
    breakers = []
    for item in node.items if node else ():
        if isinstance(item, Scalar):
            breakers.append(Breaker(item.text))
            continue
        mapping = as_mapping(item, block.faults)
        if mapping is not None:
            own = Fields(mapping, block.faults, _BREAKER_KEYS)
            direction = own.choice("direction", ("more_is_better", "less_is_better"), "more_is_better")
            breakers.append(Breaker(own.text("by"), direction == "less_is_better"))
    return tuple(breakers)


# ---------------------------------------------------------------- bands


def read_bands(node: Mapping, mode: str, facts: Facts, faults: list[PolicyFault]) -> tuple[Band, ...]:
    strange = [name for name in node.entries if name not in GRADES and name not in ORIGIN_KEYS]
    for name in strange:
        message = f"等级“{name}”写 A、B、C、D、E，可带 + 或 1—3（A+、B1）；甲乙丙丁等叫法写在 label（名称）"
        add_fault(faults, node.entries[name], message)
    known = {name: value for name, value in node.entries.items() if name not in strange}
    fields = SettingFields(Mapping(node.key, node.line, known), faults, dict.fromkeys(GRADES, "等级"))
    bands = []
    for grade in (name for name in node.entries if name in GRADES):
        if isinstance(node.entries[grade], Scalar):
            add_fault(faults, node.entries[grade], f"写成 {grade}: {{label: 优先发展类, upto: 20}}")
            continue
        mapping = as_mapping(node.entries[grade], faults)
        if mapping is not None:
            bands.append(
                _read_band(grade, SettingFields(mapping, faults, _BAND_KEYS, fields.origin), mode, facts)
            )
    order = [GRADES.index(band.grade) for band in bands]
    if order != sorted(order):
        add_fault(faults, node, "等级由好到差写，upto 是累计比例，一级不小于一级")
    if not bands:
        add_fault(faults, node, "最后一级的累计比例应是 100")
    if mode in ("percentile", "hybrid"):
        _check_shares(node, bands, faults)
    if mode in ("threshold", "hybrid"):
        _check_scores(node, bands, faults)
    return tuple(bands)


def _read_band(grade: str, band: SettingFields, mode: str, facts: Facts) -> Band:
    has_places = (mode in ("percentile", "hybrid") and not band.get("top")) or band.get("upto")
    if band.get("top") and band.get("upto"):
        add_fault(band.faults, band.node, "top（前几名）和 upto（累计比例）只写一个")
    node = band.get("at_least")
    is_of_mean = isinstance(node, Mapping) and "mean" in node.entries
    of_mean = SettingFields(node, band.faults, _MEAN_KEYS, band.origin) if is_of_mean else None  # type: ignore[arg-type]
    return Band(
        grade,
        band.text("label", 20),
        band.number("upto", least=0) if has_places else None,
        of_mean.number("mean", least=0) if of_mean else band.optional_number("at_least"),
        is_of_mean,
        band.whole_number("top") if band.get("top") else None,
        _read_gate(band, facts),
    )


def _check_shares(node: Mapping, bands: list[Band], faults: list[PolicyFault]) -> None:
    shares = [band.upto.value for band in bands if band.upto and isinstance(band.upto.value, Decimal)]
    if shares != sorted(shares) and sum(shares) == 100:
        running = "、".join(str(sum(shares[: number + 1])) for number in range(len(shares)))
        add_fault(faults, node, f"upto 是累计比例：这里像是各级自己的比例，累计写成 {running}")
    elif shares != sorted(shares):
        add_fault(faults, node, "等级由好到差写，upto 是累计比例，一级不小于一级")
    elif bands and bands[-1].top is not None:
        add_fault(faults, node, "最后一级收其余企业，写 upto: 100，不写 top")
    elif (
        bands
        and len(shares) + sum(band.top is not None for band in bands) == len(bands)
        and shares[-1] != 100
    ):
        add_fault(faults, node, "最后一级的累计比例应是 100")
    tops = [band.top.value for band in bands if band.top and isinstance(band.top.value, int)]
    if tops != sorted(tops) or any(
        band.top and bands[number - 1].upto for number, band in enumerate(bands) if number
    ):
        add_fault(faults, node, "top（前几名）是累计的名次，写在按比例的各级前面，一级不少于一级")


def _check_scores(node: Mapping, bands: list[Band], faults: list[PolicyFault]) -> None:
    for band in bands[:-1]:
        if band.at_least is None:
            add_fault(faults, node, f"按得分定级，{band.grade} 级要写 at_least（最低得分，含本数）")
    if bands and bands[-1].at_least is not None:
        add_fault(faults, node, "最末一级收其余企业，不写 at_least")
    least = [
        band.at_least.value for band in bands if band.at_least and isinstance(band.at_least.value, Decimal)
    ]
    if len({band.is_of_mean for band in bands if band.at_least}) > 1:
        add_fault(faults, node, "各级最低得分要么都写分数，要么都写平均分的倍数（{mean: 1.2}）")
    elif least != sorted(least, reverse=True) or len(set(least)) != len(least):
        add_fault(faults, node, "各级最低得分应由高到低")


def _read_gate(band: SettingFields, facts: Facts) -> Gate | None:
    node = band.get("gate")
    mapping = None if node is None else as_mapping(node, band.faults)
    if mapping is None:
        return None
    own = SettingFields(mapping, band.faults, _GATE_KEYS, band.origin)
    condition = condition_of(own, "when", facts)
    unknown = own.choice("if_unknown", ("in", "out")) == "in"
    refill = own.choice("refill", ("true", "false")) == "true"
    origin = own.own_or_inherited()
    return None if condition is None else Gate(condition, unknown, refill, origin)


# ---------------------------------------------------------------- moves and levels


def read_moves(
    node: Sequence, facts: Facts, grades: tuple[str, ...], faults: list[PolicyFault]
) -> tuple[Move, ...]:
    moves = [_read_move(item, facts, grades, faults) for item in node.items]
    seen: set[str] = set()
    for move in filter(None, moves):
        if move.id in seen:
            add_fault(faults, node, f"代号“{move.id}”写了两次，请改成不同的")
        seen.add(move.id)
    return tuple(filter(None, moves))


def _read_move(node: Node, facts: Facts, grades: tuple[str, ...], faults: list[PolicyFault]) -> Move | None:
    mapping = as_mapping(node, faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, faults, _MOVE_KEYS)
    kind = fields.choice("kind", MOVE_KINDS)
    by_steps = kind in ("up", "down")
    grade = "" if by_steps else fields.choice("grade", grades)
    if by_steps and fields.get("grade"):
        add_fault(faults, mapping.entries["grade"], "上调、下调写 steps（档数），不写 grade")
    steps_node = fields.require("steps", unknown_ok=True) if by_steps else None
    steps_open = steps_node is not None and is_unknown(steps_node)
    steps = (read_whole(steps_node, faults) or 0) if steps_node and not steps_open else 0
    if steps_node and not steps_open and not 1 <= steps <= len(GRADES):
        add_fault(faults, mapping.entries["steps"], "档数写 1 以上的整数")
    only_from = fields.texts("only_from")
    for name in only_from:
        if name not in grades:
            add_fault(faults, mapping.entries["only_from"], f"没有 {name} 级；有：{'、'.join(grades)}")
    condition, is_usable = condition_or_unknown(fields, "when", facts)
    move_id, label = fields.text("id", 20), fields.text("label", 40)
    unknown = fields.choice("if_unknown", ("in", "out")) == "in"
    origin = fields.own_or_inherited()
    if not is_usable:
        return None
    return Move(
        id=move_id,
        label=label,
        kind=kind,
        grade=grade,
        steps=steps,
        condition=None if steps_open else condition,
        if_unknown=unknown,
        origin=origin,
        only_from=only_from,
        locks=fields.flag("locks", default=False),
        backfill=fields.flag("backfill", default=False),
        is_veto=fields.flag("veto", default=False),
        max_years=fields.whole("max_years") if fields.get("max_years") else None,
        needs_evidence=fields.choice("evidence", ("required", "none"), "required") == "required",
        in_quota_base=fields.flag("in_quota_base", default=False),
    )


def read_levels(
    node: Sequence,
    cohorts: MappingType[str, str],
    facts: Facts,
    faults: list[PolicyFault],
) -> tuple[Level, ...]:
    """``cohorts``: id → mode of grading, for the bands that a level has of its own."""
    levels = []
    for item in node.items:
        mapping = as_mapping(item, faults)
        if mapping is None:
            continue
        fields = SettingFields(mapping, faults, _LEVEL_KEYS)
        bands_node = fields.mapping("bands") if fields.get("bands") else None
        bands: dict[str, tuple[Band, ...]] = {}
        if bands_node is not None:
            block = SettingFields(bands_node, faults, dict.fromkeys(cohorts, "分组"), fields.origin)
            for name in (name for name in bands_node.entries if name in cohorts):
                own = block.mapping(name)
                if own is not None:
                    bands[name] = read_bands(own, cohorts[name], facts, faults)
        levels.append(
            Level(
                fields.text("id", 20),
                fields.text("label", 40),
                fields.custom("rank_within", _read_within),
                bands,
            )
        )
    return tuple(levels)
