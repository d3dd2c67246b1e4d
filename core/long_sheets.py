"""Long tables into a workbook that xlsxwriter drew: page, headings and styles are its, rows are streamed behind them.

xlsxwriter spends ten microseconds a cell; 20,000 rows of an export would keep an officer waiting. Here a row is one
line of XML that goes straight into the compressed part, so that neither time nor memory grows with the styles.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from itertools import islice

_SHEET = "xl/worksheets/sheet1.xml"
_STYLE = re.compile(r'<c r="([A-Z]+)\d+"(?: s="(\d+)")?')
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
#: a text that cannot be written as it is
_UNPLAIN = re.compile("[\x00-\x1f&<>\ufffe\uffff]|^\\s|\\s\\Z")
#: what XML does not allow, whatever a cell once held
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ROWS_AT_ONCE = 500

#: a text, hundredths with two places (``Hundredths``), a whole number, or nothing
Cell = str | int | None


class Hundredths(int):
    """A figure kept in hundredths: written as ``1234.50``."""


class Tenths(int):
    """A figure kept in tenths: written as ``12.3``."""


def fill_rows(skeleton: bytes, sample_row: int, rows: Iterable[Sequence[Cell]]) -> bytes:
    """The workbook with ``sample_row`` of its first sheet (1-based, the last one that it has) replaced by ``rows``.

    The sample's cells tell each column's style; what stands above it stays. Texts are texts, never formulas.
    """
    with zipfile.ZipFile(BytesIO(skeleton)) as drawn:
        parts = {name: drawn.read(name) for name in drawn.namelist()}
    sheet = parts.pop(_SHEET).decode()
    start = sheet.index(f'<row r="{sample_row}"')
    end = sheet.index("</row>", start) + len("</row>")
    cells = _STYLE.findall(sheet[start:end])
    width = cells[-1][0]
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=2) as book:
        for name, content in parts.items():
            book.writestr(name, content)
        with book.open(_SHEET, "w", force_zip64=True) as part:
            # the number of rows is known at the end only; a reader that needs it counts
            part.write(_DIMENSION.sub(f'<dimension ref="A1:{width}{sample_row}"/>', sheet[:start]).encode())
            lines = _lines(rows, sample_row, cells)
            while chunk := "".join(islice(lines, _ROWS_AT_ONCE)):
                part.write(chunk.encode())
            part.write(sheet[end:].encode())
    return out.getvalue()


def _lines(rows: Iterable[Sequence[Cell]], first: int, columns: Sequence[tuple[str, str]]) -> Iterator[str]:
    heads = [(letters, f'" s="{style}"' if style else '"') for letters, style in columns]
    for number, row in enumerate(rows, first):
        told = [f'<row r="{number}">']
        for (letters, style), value in zip(heads, row, strict=True):
            if value is None:
                told.append(f'<c r="{letters}{number}{style}/>')
            elif isinstance(value, str):
                told.append(f'<c r="{letters}{number}{style} t="inlineStr"><is><t{_text(value)}</t></is></c>')
            else:
                told.append(f'<c r="{letters}{number}{style}><v>{_figure(value)}</v></c>')
        told.append("</row>")
        yield "".join(told)


def _text(value: str) -> str:
    if _UNPLAIN.search(value) is None:
        return f">{value}"
    kept = ' xml:space="preserve">' if value[:1].isspace() or value[-1:].isspace() else ">"
    value = _NOT_XML.sub("", value)
    return kept + value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _figure(value: int) -> str:
    sign = "-" if value < 0 else ""
    if type(value) is Hundredths:
        whole, rest = divmod(abs(value), 100)
        return f"{sign}{whole}.{rest:02d}"
    if type(value) is Tenths:
        whole, rest = divmod(abs(value), 10)
        return f"{sign}{whole}.{rest}"
    return str(value)
