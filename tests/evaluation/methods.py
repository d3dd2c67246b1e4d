"""Small methods for cases: one block exchanged at a time, and what the worked case makes of firms."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

from core.policies import PolicyDocument, read_document
from core.policies.nodes import read_nodes
from evaluation.policy import Scheme
from evaluation.rules.cases import work_evaluation

COVER = {
    "schema": 1, "id": "haibin-evaluation", "title": "海滨市评价办法", "locality": "990100", "issuer": "unknown",
    "number": "unknown", "issued_on": "unknown", "in_force": {"from": "unknown", "until": "unknown"},
    "source": {"document": "案例"},
}  # fmt: skip
BANDS = {
    "clause": "四", "A": {"label": "甲", "upto": 20}, "B": {"label": "乙", "upto": 60}, "C": {"label": "丙", "upto": 95},
    "D": {"label": "丁", "upto": 100},
}  # fmt: skip
TAX_PER_MU = {
    "id": "tax_per_mu", "label": "亩均税收", "num": "tax", "den": "land", "unit": "万元/亩",
    "direction": "more_is_better", "weight": 100, "baseline": 20,
}  # fmt: skip
SCORING = {
    "clause": "三", "kind": "ratio", "cap": "none", "floor": "none", "not_reported": "zero", "zero_den": "zero",
    "decimals": 4, "rounding": "half_up",
}  # fmt: skip
GRADING = {
    "clause": "四", "rank_within": "locality", "count_rounding": "half_up_cum", "quota_base": "graded",
    "ties": "share_better", "min_size": 0, "small_pool": "stay",
}  # fmt: skip
QUANTITIES = {
    "clause": "二",
    "tax": {"label": "税收", "unit": "万元", "department": "税务"},
    "land": {"label": "用地", "unit": "亩", "department": "自然资源"},
    "energy": {"label": "能耗", "unit": "吨标煤", "department": "统计"},
    "staff": {"label": "职工", "unit": "人", "department": "统计"},
    "value_added": {"label": "增加值", "unit": "万元", "department": "统计"},
    "emissions": {"label": "排放", "unit": "吨", "department": "生态环境"},
}  # fmt: skip
FACTS = {
    "accident": {"label": "重大事故", "kind": "flag", "per": "year", "source": "应急", "clause": "五"},
    "rd_centre": {"label": "研发中心", "kind": "flag", "per": "year", "source": "科技", "clause": "五"},
    "export_exempt": {"label": "免抵", "kind": "amount", "per": "year", "source": "税务", "clause": "二"},
    "vat_refund": {"label": "留抵退税", "kind": "amount", "per": "year", "source": "税务", "clause": "二"},
    "tenants_below": {"label": "规下承租户", "kind": "count", "per": "year", "source": "乡镇", "clause": "五"},
    "applied": {"label": "已申请", "kind": "flag", "per": "year", "source": "乡镇", "clause": "五"},
}  # fmt: skip


def cohort(
    *items: dict[str, Any], id: str = "all", when: str = "true", bands: Any = None, **more: Any
) -> dict[str, Any]:
    listed = [TAX_PER_MU | item for item in items] or [TAX_PER_MU]
    full = sum(item["weight"] for item in listed)
    return {
        "id": id, "label": f"{id}组", "when": when, "if_unknown": "out", "clause": "三",
        "indicators": {"clause": "三", "full": full, "items": listed}, "bands": bands or BANDS, **more,
    }  # fmt: skip


def text_of(**blocks: Any) -> str:
    """The document with these blocks of ``evaluation``; ``scoring`` and ``grading`` only name what differs."""
    evaluation = {
        "status": "in_force",
        "data_year": 2022,
        "binding": "true",
        "scope": {
            "include": [{"id": "all", "label": "全部", "when": "true", "if_unknown": "in", "clause": "一"}]
        },
        "land": {"clause": "二", "area": "own + leased_in - leased_out", "blank_lease": "zero"},
        "quantities": QUANTITIES,
        "scoring": SCORING | blocks.pop("scoring", {}),
        "cohorts": [cohort()],
        "grading": GRADING | blocks.pop("grading", {}),
    }
    facts = FACTS | blocks.pop("facts", {})
    return json.dumps(COVER | {"facts": facts, "evaluation": evaluation | blocks}, ensure_ascii=False)


def document(**blocks: Any) -> PolicyDocument:
    read, faults = read_document(text_of(**blocks))
    assert faults == [], faults
    assert read is not None
    return read


def scheme(**blocks: Any) -> Scheme:
    method = document(**blocks).parts["evaluation"]
    assert isinstance(method, Scheme)
    return method


def faults(**blocks: Any) -> list[str]:
    return [f"{fault.key}: {fault.message}" for fault in read_document(text_of(**blocks))[1]]


def worked(
    firms: dict[str, Any], *, last_year: dict[str, Any] | None = None, given: Any = None, **blocks: Any
):
    """What the case runner answers for these firms."""
    told = {"firms": deepcopy(firms)} | (given or {})
    if last_year:
        told["last_year"] = last_year
    return work_evaluation(document(**blocks), read_nodes(json.dumps(told, ensure_ascii=False))[0])


def points(result: dict[str, Any], item: str = "tax_per_mu") -> dict[str, Any]:
    return {name: firm["items"][item]["points"] for name, firm in result["firms"].items()}


def finals(result: dict[str, Any]) -> str:
    """``AABC-``"""
    return "".join(firm["final"] or "-" for firm in result["firms"].values())


def ten(*taxes: float, **more: Any) -> dict[str, Any]:
    """Firms of 10亩 each that differ by their tax."""
    return {
        f"企{number}": {"tax": tax, "land_own": 10, **more.get(f"企{number}", {})}
        for number, tax in enumerate(taxes, start=1)
    }
