"""Reading the metrics that a document brings itself: 省级专精特新企业数, 亩均税收, a second goal, a split by industry. Pure."""

from __future__ import annotations

import re

from core.policies import Fields, PolicyFault
from core.policies.fields import add_fault, as_mapping
from cultivation.policy.targets import METRICS, UNITS, Metric

_METRIC_KEYS = {
    "code": "代号",
    "label": "名称",
    "unit": "单位",
    "same_as": "与哪个指标同口径",
    "part_of": "是哪个指标的一部分",
    "years_add": "各年能否相加",
    "regions_add": "各地区能否相加",
    "clause": "条款",
    "note": "说明",
}
_METRIC_CODE = re.compile(r"[a-z][a-z0-9_]{1,29}", re.ASCII)


def read_metrics(fields: Fields) -> tuple[Metric, ...]:
    """Each must have a code and a label of its own; what it is held against or part of is a metric of the portal."""
    listed = fields.sequence("metrics", required=False)
    found: dict[str, Metric] = {}
    for item in listed.items if listed else ():
        mapping = as_mapping(item, fields.faults)
        if mapping is not None:
            metric = _read_metric(Fields(mapping, fields.faults, _METRIC_KEYS), found)
            found[metric.code] = metric
    return tuple(found.values())


def _read_metric(own: Fields, found: dict[str, Metric]) -> Metric:
    faults: list[PolicyFault] = own.faults
    code, label = own.text("code", limit=30), own.text("label", limit=60)
    for key in ("clause", "note"):
        own.text_or_none(key)
    if code and not _METRIC_CODE.fullmatch(code):
        add_fault(faults, own.node.entries["code"], "代号用小写字母、数字和下划线，如 parks")
    elif code and (code in METRICS or code in found):
        add_fault(faults, own.node.entries["code"], f"指标代号 {code} 已有，请换一个")
    same_as = own.choice("same_as", METRICS) if own.get("same_as") else None
    part_of = own.choice("part_of", METRICS) if own.get("part_of") else None
    if same_as and part_of:
        add_fault(faults, own.node, "same_as（另一档目标）和 part_of（其中一部分）只能写一样")
    like = METRICS.get(same_as or part_of or "")
    unit = own.choice("unit", like.units if like else UNITS)
    flows = "true" if like is None or like.is_flow else "false"
    years_add = own.choice("years_add", ("true", "false"), default=flows) == "true"
    regions_add = own.choice("regions_add", ("true", "false"), default="true") == "true"
    return Metric(code, label, (unit,), years_add, regions_add, same_as, part_of)
