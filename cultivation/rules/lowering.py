"""When a county may lower its entry line (下调企业营业收入标准): the document says, the numbers show. Pure."""

from __future__ import annotations

from decimal import Decimal

from cultivation.policy.pool import PoolRule


def lowering_refused(
    rule: PoolRule, *, printed: Decimal | None, wanted: Decimal, inside: int, quota: int | None
) -> str | None:
    """Why a county may not set ``wanted`` (万元) as its line, or ``None`` when it may.

    ``printed``: the line that the document prints for the county; ``inside``: firms that pass at that line;
    ``quota``: how many the county is to have, ``None`` where that is not known.
    """
    line = rule.line
    if line is None or printed is None:
        return "方案没有写明入库线，不能下调"
    if line.may_lower == "never":
        return "方案没有写可以下调入库线"
    if wanted >= printed:
        return f"下调后的入库线应低于 {_wan(printed)} 万元"
    if wanted <= 0:
        return "入库线应大于 0"
    if line.lowest is not None and wanted < line.lowest:
        return f"方案规定最低下调到 {_wan(line.lowest)} 万元"
    if line.may_lower == "short_of_quota":
        if quota is None:
            return "应在库数量不明（没有目标，或方案未载明倍数），不能判断是否不足"
        if inside >= quota:
            return f"按现行入库线已有 {inside} 家，不少于应在库 {quota} 家，不能下调"
    return None


def _wan(amount: Decimal) -> str:
    return f"{amount.normalize():,f}"
