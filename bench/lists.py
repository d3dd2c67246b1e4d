"""Files of a month's figures for ``bench.intake``: twelve columns, as many rows as asked."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import xlsxwriter

HEADINGS = (
    "序号", "统一社会信用代码*", "企业名称*", "所属县区*", "统计月份*", "营业收入(万元)*", "实缴税金(万元)*", "应税销售(万元)",
    "用电量(万千瓦时)", "从业人员(人)", "入库日期", "情况说明",
)  # fmt: skip
MONTH = "2022-06"


def write_list(path: Path, codes: list[str], names: list[str], districts: list[str], more: int) -> None:
    """One row a firm; another ``more`` (in hundredths) gives other figures in every row."""
    number = np.arange(len(codes))
    revenue = (20_000 + number * 53 % 900_000 + more) / 100
    tax = (1_000 + number * 37 % 20_000 + more) / 100
    power = (1_000 + number * 13 % 60_000) / 100
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("月度数据")
        sheet.write_row(0, 0, HEADINGS)
        for place in range(len(codes)):
            sheet.write_row(
                place + 1,
                0,
                (
                    place + 1,
                    codes[place],
                    names[place],
                    districts[place % len(districts)],
                    MONTH,
                    revenue[place],
                    tax[place],
                    revenue[place],
                    power[place],
                    10 + place % 300,
                    "2019-05-01" if place % 3 == 0 else None,
                    None,
                ),
            )
