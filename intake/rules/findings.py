"""What reading one cell can find, before row and column are known. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Finding(NamedTuple):
    """A fault of one value; ``value`` is what is kept beside a hint (None when nothing may be kept)."""

    code: str
    cls: str
    reason: str
    cure: str
    value: object = None


#: Written where nothing is known. They are never 0.
PLACEHOLDERS = frozenset(
    [
        "-",
        "--",
        "---",
        "—",
        "——",
        "–",
        "−",
        "/",
        "//",
        "\\",
        "／",
        ".",
        "。",
        "...",
        "…",
        "*",
        "**",
        "×",
        "x",
        "X",
        "?",
        "??",
        "无",
        "暂无",
        "没有",
        "空",
        "缺",
        "略",
        "不详",
        "未知",
        "未报",
        "未填",
        "待定",
        "待补",
        "待核",
        "暂缺",
        "无数据",
        "N/A",
        "n/a",
        "NA",
        "#N/A",
        "null",
        "NULL",
        "None",
        "none",
        "nan",
        "NaN",
        "无此项",
    ]
)


def must_mend(code: str, reason: str, cure: str) -> Finding:
    """Class A: the row stays out until mended."""
    return Finding(code, "A", reason, cure)
