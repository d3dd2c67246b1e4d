"""Files of a month's figures for ``bench.intake``: twelve columns, as many rows as asked, as Excel itself writes them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

HEADINGS = (
    "序号", "统一社会信用代码*", "企业名称*", "所属县区*", "统计月份*", "营业收入(万元)*", "实缴税金(万元)*", "应税销售(万元)",
    "用电量(万千瓦时)", "从业人员(人)", "入库日期", "情况说明",
)  # fmt: skip
MONTH = "2022-06"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_FRAME = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="月度数据" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
    f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}


def rows_of(firms: Sequence[tuple[str, str, str]], more: int) -> Iterator[tuple[str | int | float, ...]]:
    """(code, name, district) → a row of the list; ``more`` hundredths give other figures in every row."""
    for place, (code, name, district) in enumerate(firms):
        revenue = (20_000 + place * 53 % 900_000 + more) / 100
        tax = (1_000 + place * 37 % 20_000 + more) / 100
        power = (1_000 + place * 13 % 60_000) / 100
        listed = "2019-05-01" if place % 3 == 0 else ""
        yield (
            place + 1,
            code,
            name,
            district,
            MONTH,
            revenue,
            tax,
            revenue,
            power,
            10 + place % 300,
            listed,
            "",
        )


def write_list(
    path: Path, firms: Sequence[tuple[str, str, str]], more: int = 0, named: str = "月度数据"
) -> None:
    strings: dict[str, int] = {}

    def cell(column: int, row: int, value: str | int | float) -> str:
        if isinstance(value, str):
            return (
                f'<c r="{chr(65 + column)}{row}" t="s"><v>{strings.setdefault(value, len(strings))}</v></c>'
            )
        return f'<c r="{chr(65 + column)}{row}"><v>{value}</v></c>'

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in _FRAME.items():
            packed.writestr(name, text.replace("月度数据", named))
        with packed.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate((HEADINGS, *rows_of(firms, more)), 1):
                cells = "".join(
                    cell(column, number, value) for column, value in enumerate(row) if value != ""
                )
                sheet.write(f'<row r="{number}">{cells}</row>'.encode())
            sheet.write(b"</sheetData></worksheet>")
        texts = "".join(f"<si><t>{escape(text)}</t></si>" for text in strings)
        packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{_MAIN}">{texts}</sst>')
