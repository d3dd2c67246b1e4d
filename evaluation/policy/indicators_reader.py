"""Reading one indicator: quantities, unit, weight, way of scoring, baseline, bounds and fillings. Pure."""

from __future__ import annotations

from collections.abc import Mapping as MappingType
from dataclasses import dataclass, replace
from decimal import Decimal

from core.conditions import Kind
from core.policies import UNKNOWN, Mapping, Node, PolicyFault, Scalar, Sequence
from core.policies.fields import Fields, add_fault, as_mapping, is_unknown, read_number
from evaluation.policy.choices import (
    ALL_EQUAL,
    BASELINES,
    BEYOND,
    CHANGES,
    DIRECTIONS,
    FILLINGS,
    GIVEN_BASELINES,
    PERIODS,
    PLACE_SHARES,
    POPULATIONS,
    SCORING,
    YEARS_BY,
    YEARS_MISSING,
)
from evaluation.policy.indicators import Anchor, Baseline, Bound, Filling, Indicator, Scoring, Step
from evaluation.policy.scheme import QuantityUse
from evaluation.policy.settings import Origin, Setting, SettingFields
from evaluation.policy.vocabulary import is_name

NONE = "none"
SHARE = "比例"
ITEM_KEYS = {
    "id": "代号",
    "label": "名称",
    "num": "分子",
    "den": "分母",
    "unit": "单位",
    "direction": "方向",
    "weight": "权重",
    "scoring": "计分办法",
    "baseline": "基准值",
    "cap": "单项封顶",
    "floor": "单项保底",
    "not_reported": "数据未报",
    "zero_den": "分母为零",
    "not_applicable": "不适用",
    "negative": "负值",
    "years": "取几年",
    "years_by": "多年的算法",
    "years_missing": "缺报的年度",
    "change": "增减幅度",
    "value_decimals": "指标值位数",
    "instead_of": "代替哪一项",
}
BOUND_KEYS = {"points": "分", "times_weight": "权重的倍数"}
_FILLING_KEYS = {"points": "分"}
_BASELINE_KEYS = {
    "kind": "算法",
    "value": "数值",
    "factor": "倍数",
    "population": "取数范围",
    "period": "取数年度",
    "percentile": "百分位",
    "by": "按什么分列",
    "values": "各类的数值",
}
_SCORING_KEYS = {
    "ratio": {},
    "rank_only": {},
    "minmax": {
        "low": "低值",
        "high": "高值",
        "low_points": "低值得分",
        "high_points": "高值得分",
        "population": "取数范围",
        "beyond": "两端以外",
        "all_equal": "全部相等",
    },
    "reverse": {"zero_at": "记零分的倍数", "full_at": "记满分的倍数", "beyond": "两端以外"},
    "steps": {"table": "分档表"},
    "growth": {"at_base": "与基准同幅的得分", "per_point": "每个百分点的得分"},
    "deviation": {
        "at_base": "与基准相同的得分",
        "per_percent": "每百分之一的得分",
        "per_percent_below": "低于基准时每百分之一的得分",
    },
    "place": {
        "first": "第一位的得分",
        "last": "末位的得分",
        "over": "位次的比例",
        "table": "分档表",
        "population": "取数范围",
    },
}
_STEP_KEYS = {
    "at_least": "以上",
    "more_than": "超过",
    "at_most": "以下",
    "less_than": "不足",
    "upto": "位次前百分之几",
    "otherwise": "其余",
    "points": "分",
    "times_weight": "权重的倍数",
}
_ANCHOR_KEYS = {"value": "数值", "percentile": "百分位", "mean": "平均值的倍数"}
_COMPARISONS = ("at_least", "more_than", "at_most", "less_than")
MOST_YEARS = 5


@dataclass(frozen=True, slots=True)
class ItemDefaults:
    """What ``scoring`` says of every indicator that does not say otherwise."""

    kind: str
    cap: Setting[Bound]
    floor: Setting[Bound]
    not_reported: Setting[Filling]
    zero_den: Setting[Filling]
    not_applicable: Setting[Filling]
    negative: Setting[Filling]

    @classmethod
    def read(cls, fields: SettingFields) -> ItemDefaults:
        not_reported = fields.custom("not_reported", read_filling)
        return cls(
            fields.choice("kind", SCORING),
            fields.custom("cap", read_bound),
            fields.custom("floor", read_bound),
            not_reported,
            fields.custom("zero_den", read_filling),
            _optional_filling(fields, "not_applicable", not_reported),
            _optional_filling(fields, "negative", Setting(Filling("keep"), Origin())),
        )

    def overridden(self, fields: SettingFields) -> ItemDefaults:
        """The same with what the indicator itself says."""
        not_reported = _optional_filling(fields, "not_reported", self.not_reported)
        follows = self.not_applicable is self.not_reported
        return ItemDefaults(
            self.kind,
            fields.custom("cap", read_bound) if fields.get("cap") else self.cap,
            fields.custom("floor", read_bound) if fields.get("floor") else self.floor,
            not_reported,
            _optional_filling(fields, "zero_den", self.zero_den),
            _optional_filling(fields, "not_applicable", not_reported if follows else self.not_applicable),
            _optional_filling(fields, "negative", self.negative),
        )


def _optional_filling(fields: SettingFields, name: str, otherwise: Setting[Filling]) -> Setting[Filling]:
    return fields.custom(name, read_filling) if fields.get(name) else otherwise


def read_bound(node: Node, faults: list[PolicyFault]) -> Bound | None:
    """``none``, ``{points: 0}`` or ``{times_weight: 1.5}``: never left to be guessed."""
    if isinstance(node, Scalar) and node.text == NONE:
        return Bound()
    if not isinstance(node, Mapping):
        add_fault(faults, node, "写 none（没有）、{points: 0}（分数）或 {times_weight: 1.5}（权重的倍数）")
        return None
    fields = Fields(node, faults, BOUND_KEYS)
    read = {name: read_number(item, faults) for name in BOUND_KEYS if (item := fields.get(name))}
    given = {name: value for name, value in read.items() if isinstance(value, Decimal)}
    if len(read) != 1 or len(given) != 1:
        add_fault(faults, node, "points（分数）和 times_weight（权重的倍数）写其中一个，值是数字")
        return None
    return Bound(**given)


def read_filling(node: Node, faults: list[PolicyFault]) -> Filling | None:
    """One of the words, or ``{points: -2}``."""
    if isinstance(node, Mapping):
        points_node = Fields(node, faults, _FILLING_KEYS).require("points")
        points = None if points_node is None else read_number(points_node, faults)
        return Filling("points", points) if isinstance(points, Decimal) else None
    text = node.text if isinstance(node, Scalar) else ""
    if text in FILLINGS or (text == "keep" and node.key.endswith(("negative", "negative.value"))):
        return Filling(text)
    words = [*FILLINGS, "{points: 分数}"] + (["keep"] if node.key.endswith("negative") else [])
    add_fault(faults, node, f"只能是：{'、'.join(words)}")
    return None


def read_indicator(
    node: Node, block: SettingFields, defaults: ItemDefaults, quantities: dict[str, QuantityUse]
) -> Indicator | None:
    mapping = as_mapping(node, block.faults)
    if mapping is None:
        return None
    fields = SettingFields(mapping, block.faults, ITEM_KEYS, block.origin)
    num = _read_measure(fields, "num", quantities)
    den = _read_measure(fields, "den", quantities) if fields.get("den") else ""
    change = fields.choice("change", CHANGES) if fields.get("change") else ""
    scoring = _read_scoring(fields, defaults.kind)
    if scoring.kind == "growth" and not change:
        change = "growth"
    weight = fields.number("weight", least=0)
    if weight.known_or(Decimal(1)) <= 0:
        add_fault(block.faults, mapping.entries["weight"], f"{ITEM_KEYS['weight']}应大于 0")
    own = defaults.overridden(fields)
    indicator = Indicator(
        id=fields.text("id", 40),
        label=fields.text("label", 40),
        num=num,
        den=den,
        unit=_read_unit(fields, num, den, change, quantities),
        direction=fields.choice("direction", DIRECTIONS),
        weight=weight,
        baseline=_read_baseline(fields, scoring),
        cap=own.cap,
        floor=own.floor,
        not_reported=own.not_reported,
        zero_den=own.zero_den,
        not_applicable=own.not_applicable,
        negative=own.negative,
        scoring=scoring,
        change=change,
        years=_read_years(fields),
        years_by=fields.choice("years_by", YEARS_BY) if fields.get("years") else "mean_of_ratios",
        skips_missing_years=bool(fields.get("years"))
        and fields.choice("years_missing", YEARS_MISSING) == "skip",
        value_decimals=fields.whole_number("value_decimals") if fields.get("value_decimals") else None,
        instead_of=fields.text_or_none("instead_of", 40) or "",
    )
    _check(fields, indicator)
    return indicator


def _check(fields: SettingFields, indicator: Indicator) -> None:
    """Settings that contradict each other, and a name that no condition could name."""
    if indicator.id and not is_name(indicator.id):
        add_fault(
            fields.faults, fields.node.entries["id"], "指标的代号用英文字母、数字和下划线，如 tax_per_mu"
        )
    if indicator.scoring.kind == "reverse" and not indicator.less_is_better:
        add_fault(fields.faults, fields.node, "reverse 是越低越好的计分，direction 请写 less_is_better")
    sides = {step.comparison for step in indicator.scoring.table[:-1]} - {"upto"}
    lower_first = {"at_most", "less_than"}
    if sides and (sides <= lower_first) is not indicator.less_is_better:
        word = "at_most、less_than" if indicator.less_is_better else "at_least、more_than"
        add_fault(fields.faults, fields.node, f"分档表的界限与方向不符：这个方向用 {word}")
    if indicator.years > 1 and indicator.change:
        add_fault(fields.faults, fields.node, "years（取几年）和 change（增减幅度）只写一个")
    if indicator.years > 1 and indicator.years_by == "ratio_of_sums" and not indicator.den:
        add_fault(
            fields.faults, fields.node, "没有分母的指标，多年取平均写 mean_of_ratios；ratio_of_sums 要有分母"
        )


def _read_years(fields: SettingFields) -> int:
    if fields.get("years") is None:
        return 1
    years = fields.whole("years") or 1
    if not 1 <= years <= MOST_YEARS:
        add_fault(fields.faults, fields.node.entries["years"], f"取 1 到 {MOST_YEARS} 年（{years}）")
    return min(max(years, 1), MOST_YEARS)


def _read_measure(fields: SettingFields, name: str, quantities: MappingType[str, QuantityUse]) -> str:
    word = fields.text(name)
    if word and word not in quantities:
        known = "、".join(quantities) or "（quantities 里还没有）"
        add_fault(
            fields.faults, fields.node.entries[name], f"“{word}”不在 quantities（指标数据）里；已有：{known}"
        )
        return ""
    return word


def _read_unit(
    fields: SettingFields, num: str, den: str, change: str, quantities: MappingType[str, QuantityUse]
) -> str:
    """The unit must be that of the quantities: 万元/亩, or 比例 when they are of one unit, and of any change."""
    unit = fields.text("unit", 20)
    if unit and num and (den or fields.get("den") is None):
        right = right_unit(num, den, change, quantities)
        if unit != right:
            told = "分子分母相除的单位" if den else "单位"
            add_fault(fields.faults, fields.node.entries["unit"], f"{told}是{right}，写的是{unit}")
    return unit


def right_unit(num: str, den: str, change: str, quantities: MappingType[str, QuantityUse]) -> str:
    top = quantities[num].unit
    bottom = quantities[den].unit if den else ""
    if change or (den and top == bottom):
        return SHARE
    if not den:
        return SHARE if quantities[num].fact.kind is Kind.RATIO else top
    return f"{top}/{bottom}"


# ---------------------------------------------------------------- baselines


def _read_baseline(fields: SettingFields, scoring: Scoring) -> Setting[Baseline] | None:
    required = scoring.needs_baseline
    node = fields.require("baseline", unknown_ok=True) if required else fields.get("baseline")
    if node is None:
        return Setting(UNKNOWN, Origin()) if required else None
    # an increase may be compared with none or with a decrease
    may_be_negative = scoring.kind == "growth"
    if isinstance(node, Mapping) and "kind" in node.entries:
        return _computed_baseline(node, fields, may_be_negative=may_be_negative)

    def read(value: Node, faults: list[PolicyFault]) -> Baseline | None:
        number = read_number(value, faults)
        if not isinstance(number, Decimal):
            return None
        if number <= 0 and not may_be_negative:
            add_fault(faults, value, "基准值应大于 0")
        return Baseline("fixed", number)

    return fields.custom("baseline", read)


def _computed_baseline(node: Mapping, fields: SettingFields, *, may_be_negative: bool) -> Setting[Baseline]:
    own = SettingFields(node, fields.faults, _BASELINE_KEYS, fields.origin)
    kind_node = own.get("kind")
    # 平均值 may mean either: a draft takes the mean of ratios, the unknown key blocks publishing
    is_open = kind_node is not None and is_unknown(kind_node)
    kind = "mean_of_ratios" if is_open else own.choice("kind", BASELINES)
    origin = own.own_or_inherited()
    value_node = own.get("value")
    value = None if value_node is None else read_number(value_node, fields.faults)
    factor = own.optional_number("factor")
    by, table = _read_baseline_table(own)
    if kind in GIVEN_BASELINES and value_node is None and not table:
        add_fault(
            fields.faults, node, f"{BASELINES[kind]}要写 value（数值）；文件没有写明的，value 填 unknown"
        )
    if isinstance(value, Decimal) and value <= 0 and not may_be_negative:
        add_fault(fields.faults, node, "基准值应大于 0")
    percentile = Decimal(50)
    if kind == "percentile":
        read = own.number("percentile", least=0)
        percentile = read.known_or(percentile)
        if percentile > 100:
            add_fault(fields.faults, node, "百分位写 0 到 100 的数")
    if by and kind not in GIVEN_BASELINES:
        add_fault(
            fields.faults,
            node,
            "by（按什么分列）只用于公布的数（fixed）和目标值（target）；算出来的用 population",
        )
    if kind in GIVEN_BASELINES and (is_unknown(value_node) if value_node else not table):
        return Setting(UNKNOWN, origin)
    if factor is not None and factor.known_or(Decimal(1)) <= 0:
        add_fault(fields.faults, node.entries["factor"], "倍数应大于 0")
    baseline = Baseline(
        kind=kind,
        value=value,
        factor=Decimal(1) if factor is None else factor.known_or(Decimal(1)),
        population=read_population(own) if kind not in GIVEN_BASELINES else (),
        period=own.choice("period", PERIODS, "this_year"),
        percentile=percentile,
        by=by,
        table=table,
    )
    return Setting(baseline, origin)


def _read_baseline_table(own: SettingFields) -> tuple[str, tuple[tuple[str, Decimal | None], ...]]:
    """``by: industry_group, values: {纺织: 20, 机械: 30}``"""
    if own.get("by") is None and own.get("values") is None:
        return "", ()
    by, node = own.text("by", 40), own.mapping("values")
    found = []
    for word, item in node.entries.items() if node else ():
        number = read_number(item, own.faults)
        if isinstance(number, Decimal) and number <= 0:
            add_fault(own.faults, item, "基准值应大于 0")
        found.append((word, number if isinstance(number, Decimal) else None))
    return by, tuple(found)


def read_population(fields: SettingFields) -> tuple[str, ...]:
    """One population, or several whose overlap counts; ``locality`` is everybody."""
    node = fields.get("population")
    if node is None:
        return ("cohort",)
    items = node.items if isinstance(node, Sequence) else (node,)
    names = [item.text if isinstance(item, Scalar) else "" for item in items]
    for item, name in zip(items, names, strict=True):
        if name not in POPULATIONS:
            add_fault(fields.faults, item, f"取数范围只能是：{'、'.join(POPULATIONS)}，或其中几个的列表")
    return tuple(name for name in names if name != "locality")


# ---------------------------------------------------------------- ways of scoring


def _read_scoring(fields: SettingFields, default: str) -> Scoring:
    node = fields.get("scoring")
    if isinstance(node, Mapping):
        kind_node = node.entries.get("kind")
        kind = kind_node.text if isinstance(kind_node, Scalar) else ""
        own = SettingFields(
            node, fields.faults, {"kind": "计分办法", **_SCORING_KEYS.get(kind, {})}, fields.origin
        )
        kind = own.choice("kind", SCORING)
    else:
        kind = default if node is None else fields.choice("scoring", SCORING)
        if kind in _EXAMPLES:
            add_fault(
                fields.faults,
                node or fields.node,
                f"{kind} 要在指标上写全，如 {_EXAMPLES[kind]}",
            )
            return Scoring(kind)
        return Scoring(kind)
    scoring = Scoring(kind)
    if kind == "minmax":
        return replace(
            scoring,
            low=_read_anchor(own, "low", Anchor("min")),
            high=_read_anchor(own, "high", Anchor("max")),
            low_points=_read_points(own, "low_points", scoring.low_points),
            high_points=_read_points(own, "high_points", scoring.high_points),
            population=read_population(own),
            beyond=own.choice("beyond", BEYOND, "clip"),
            all_equal=own.one_of("all_equal", ALL_EQUAL),
        )
    if kind == "reverse":
        zero_at, full_at = own.number("zero_at", least=0), own.number("full_at", least=0)
        zero, full = zero_at.known_or(Decimal(2)), full_at.known_or(Decimal(1))
        if zero <= full:
            add_fault(fields.faults, own.node, f"记零分的倍数应大于记满分的倍数（{zero} 与 {full}）")
        return replace(scoring, zero_at=zero, full_at=full, beyond=own.choice("beyond", BEYOND, "clip"))
    if kind == "steps":
        return replace(scoring, table=_read_table(own))
    if kind == "growth":
        per_point = own.optional_number("per_point")
        return replace(
            scoring,
            at_base=_read_points(own, "at_base", scoring.at_base),
            per_point=None if per_point is None else per_point.known_or(Decimal(0)),
        )
    if kind == "deviation":
        below = own.optional_number("per_percent_below", least=0)
        return replace(
            scoring,
            at_base=_read_points(own, "at_base", scoring.at_base),
            per_percent=own.number("per_percent", least=0).known_or(Decimal(0)),
            per_percent_below=None if below is None else below.known_or(Decimal(0)),
        )
    if kind == "place":
        return replace(
            scoring,
            first=_read_points(own, "first", scoring.first),
            last=_read_points(own, "last", scoring.last),
            over=own.choice("over", PLACE_SHARES, "others"),
            table=_read_table(own, ("upto",)) if own.get("table") else (),
            population=read_population(own),
        )
    return scoring


_EXAMPLES = {
    "minmax": "scoring: {kind: minmax, low: min, high: max, all_equal: full}",
    "reverse": "scoring: {kind: reverse, full_at: 1, zero_at: 2}",
    "steps": "scoring: {kind: steps, table: [{at_least: 20, points: 10}, {otherwise: true, points: 0}]}",
    "deviation": "scoring: {kind: deviation, at_base: {times_weight: 0.6}, per_percent: 0.3}",
}


def _read_points(fields: SettingFields, name: str, otherwise: Bound) -> Bound:
    if fields.get(name) is None:
        return otherwise
    return fields.custom(name, read_bound).known_or(otherwise)


def _read_anchor(fields: SettingFields, name: str, otherwise: Anchor) -> Anchor:
    node = fields.get(name)
    if node is None:
        return otherwise
    if isinstance(node, Scalar) and node.text in ("min", "max"):
        return Anchor(node.text)
    if isinstance(node, Mapping) and len(node.entries) == 1:
        own = Fields(node, fields.faults, _ANCHOR_KEYS)
        for kind in _ANCHOR_KEYS:
            item = own.get(kind)
            number = None if item is None else read_number(item, fields.faults)
            if isinstance(number, Decimal):
                return Anchor(kind, number)
    add_fault(
        fields.faults,
        node,
        f"{fields.keys[name]}写 min、max、{{value: 5}}、{{percentile: 5}} 或 {{mean: 0.5}}（平均值的倍数）",
    )
    return otherwise


def _read_table(fields: SettingFields, comparisons: tuple[str, ...] = _COMPARISONS) -> tuple[Step, ...]:
    node = fields.sequence("table")
    rows = [_read_step(item, fields, comparisons) for item in node.items] if node else []
    read = [row for row in rows if row is not None]
    if node is not None and (not read or read[-1].comparison or any(not row.comparison for row in read[:-1])):
        add_fault(fields.faults, node, "分档表由好到差写，最后一行写 {otherwise: true, points: 0}，只写一次")
    bounds = [row.bound for row in read if row.comparison]
    falling = read and read[0].comparison in ("at_least", "more_than")
    if node is not None and bounds != sorted(bounds, reverse=bool(falling)):
        add_fault(fields.faults, node, "分档表的界限没有由好到差排列")
    return tuple(read)


def _read_step(node: Node, block: SettingFields, comparisons: tuple[str, ...]) -> Step | None:
    mapping = as_mapping(node, block.faults)
    if mapping is None:
        return None
    fields = Fields(mapping, block.faults, _STEP_KEYS)
    given = [name for name in comparisons if fields.get(name)]
    points = {
        name: number
        for name in ("points", "times_weight")
        if (item := fields.get(name)) and isinstance(number := read_number(item, block.faults), Decimal)
    }
    if len(points) != 1:
        add_fault(block.faults, mapping, "每一档写 points（分）或 times_weight（权重的倍数）其中一个")
        return None
    if fields.get("otherwise") is not None and not given:
        return Step("", Decimal(0), Bound(**points))
    number = read_number(mapping.entries[given[0]], block.faults) if len(given) == 1 else None
    if not isinstance(number, Decimal):
        add_fault(
            block.faults,
            mapping,
            f"每一档写 {'、'.join(f'{name}（{_STEP_KEYS[name]}）' for name in comparisons)}其中一个，"
            "最后一档写 otherwise: true",
        )
        return None
    return Step(given[0], number, Bound(**points))
