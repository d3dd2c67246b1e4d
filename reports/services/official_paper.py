"""A Word document in the layout of 党政机关公文 (GB/T 9704—2012), written part by part: no template, no macros.

Fonts are named, not embedded; every style names its Chinese font (``eastAsia``), which WPS follows strictly. The same
content gives the same bytes.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_NAMESPACES = f'xmlns:w="{_WORD}" xmlns:r="{_OFFICE}"'
#: millimetres in twentieths of a point: 天头 37, 订口 28, right 26, bottom 35 on A4
_A4 = (11906, 16838)
_MARGINS = {"top": 2098, "right": 1474, "bottom": 1985, "left": 1588}
_TITLE, _SONG, _BODY, _KAI, _HEI = "方正小标宋简体", "宋体", "仿宋_GB2312", "楷体_GB2312", "黑体"
#: twips of text: 156 × 225 mm, 22 lines of 28 characters (5.2.4)
_ROOM = _A4[0] - _MARGINS["left"] - _MARGINS["right"]
_LINE_TWIPS = (_A4[1] - _MARGINS["top"] - _MARGINS["bottom"]) // 22
#: what each of the 28 characters is set closer than its 16 points, in twentieths of a point
_CLOSER = _ROOM // 28 - 320
_GRID = f'<w:docGrid w:type="lines" w:linePitch="{_LINE_TWIPS}"/>'
_SET = f'<w:spacing w:val="{_CLOSER}"/>'
#: of a line of the title, 22 points each
_TITLE_CHARACTERS = _ROOM // 440
#: of a line of the imprint, and how many of its characters of 14 points it holds
_IMPRINT_TWIPS, _IMPRINT_CHARACTERS = 480, (_ROOM - 560) // 280
_LINE = f'<w:spacing w:before="0" w:after="0" w:line="{_LINE_TWIPS}" w:lineRule="exact"/>'
_RED = '<w:color w:val="FF0000"/>'
_INDENT = '<w:ind w:firstLineChars="200" w:firstLine="640"/>'
_FIRST_LEVEL = re.compile(r"[一二三四五六七八九十]+、")
_SECOND_LEVEL = re.compile(r"（[一二三四五六七八九十]+）")
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class HeadCell:
    """A heading over ``width`` columns; ``height`` 2 stands over both lines of headings."""

    text: str
    width: int = 1
    height: int = 1


@dataclass(frozen=True, slots=True)
class PaperTable:
    """``head``: one or two lines of cells; ``rows``: the words of each cell, the first column a name."""

    title: str
    unit: str
    head: Sequence[Sequence[HeadCell]]
    rows: Sequence[Sequence[str]]


def _style(name: str, font: str, half_points: int, paragraph: str, *, more: str = "") -> str:
    return (
        f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{name}"/><w:basedOn w:val="Normal"/><w:qFormat/>'
        f"<w:pPr>{paragraph}</w:pPr><w:rPr>{_fonts(font)}{more}"
        f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/></w:rPr></w:style>'
    )


def _fonts(font: str) -> str:
    return f'<w:rFonts w:ascii="Times New Roman" w:hAnsi="Times New Roman" w:eastAsia="{font}" w:cs="Times New Roman"/>'


_CENTRED, _RIGHT = '<w:jc w:val="center"/>', '<w:jc w:val="right"/>'
_TIGHT = '<w:spacing w:before="0" w:after="0"/>'
_NORMAL = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/>'
    f'<w:rPr>{_fonts(_BODY)}<w:sz w:val="32"/><w:szCs w:val="32"/></w:rPr></w:style>'
)
_STYLES = "".join(
    (
        _NORMAL,
        _style("DraftMark", _HEI, 32, f"{_LINE}{_RIGHT}"),
        _style("RedHead", _TITLE, 72, f'<w:spacing w:before="1200" w:after="400"/>{_CENTRED}', more=_RED),
        # the red line stands 4 mm below the number
        _style("PaperNumber", _BODY, 32, f'<w:pBdr><w:bottom w:val="single" w:sz="18" w:space="11" w:color="FF0000"/></w:pBdr><w:spacing w:before="0" w:after="{2 * _LINE_TWIPS}" w:line="{_LINE_TWIPS}" w:lineRule="exact"/>{_CENTRED}'),
        _style("PaperTitle", _TITLE, 44, f'<w:keepNext/><w:snapToGrid w:val="0"/><w:spacing w:before="0" w:after="560" w:line="640" w:lineRule="exact"/>{_CENTRED}'),
        _style("PaperAddressee", _BODY, 32, _LINE, more=_SET),
        _style("PaperBody", _BODY, 32, f'{_LINE}{_INDENT}<w:jc w:val="both"/>', more=_SET),
        _style("PaperFirst", _HEI, 32, f"<w:keepNext/>{_LINE}{_INDENT}", more=_SET),
        _style("PaperSecond", _KAI, 32, f"<w:keepNext/>{_LINE}{_INDENT}", more=_SET),
        _style("PaperSigned", _BODY, 32, f"{_LINE}{_RIGHT}", more=_SET),
        _style("PaperNote", _BODY, 24, _LINE),
        _style("AnnexMark", _HEI, 32, _LINE),
        _style("AnnexTitle", _TITLE, 36, f"<w:keepNext/>{_LINE}{_CENTRED}"),
        _style("AnnexUnit", _BODY, 21, f"<w:keepNext/>{_TIGHT}{_RIGHT}"),
        _style("TableHead", _HEI, 21, f"{_TIGHT}{_CENTRED}"),
        _style("TableName", _BODY, 21, _TIGHT),
        _style("TableNumber", _BODY, 21, f"{_TIGHT}{_RIGHT}"),
        _style("Imprint", _BODY, 28, f'<w:spacing w:before="0" w:after="0" w:line="{_IMPRINT_TWIPS}" w:lineRule="exact"/><w:ind w:leftChars="100" w:left="280" w:rightChars="100" w:right="280"/>'),
        _style("ImprintEnd", _BODY, 2, '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'),
        _style("PaperFoot", _SONG, 28, _TIGHT),
    )
)  # fmt: skip


class OfficialPaper:
    """Text upright, tables on their own pages across (附件)."""

    def __init__(self) -> None:
        self._body: list[str] = []
        self._annexes: list[str] = []
        self._imprint = ""

    def draft_mark(self, text: str) -> None:
        """What stands above a paper that nobody has signed."""
        self._body.append(_paragraph("DraftMark", text))

    def head(self, issuer: str, number: str) -> None:
        """发文机关标志 in red, as large as the line holds; 发文字号; the red line."""
        half_points = min(72, _ROOM // 10 // max(len(issuer), 1))
        self._body.append(
            _paragraph("RedHead", issuer, run=f'<w:sz w:val="{half_points}"/><w:szCs w:val="{half_points}"/>')
        )
        self._body.append(_paragraph("PaperNumber", number))

    def title(self, text: str, break_after: str = "") -> None:
        """A title longer than a line is broken where its sense allows it (7.3.1)."""
        head, mark, rest = text.partition(break_after) if break_after else (text, "", "")
        if _characters(text) > _TITLE_CHARACTERS and rest:
            made = _paragraph("PaperTitle", head + mark).removesuffix("</w:p>")
            made += f'<w:r><w:br/><w:t xml:space="preserve">{_clean(rest)}</w:t></w:r></w:p>'
            self._body.append(made)
        else:
            self._body.append(_paragraph("PaperTitle", text))

    def addressee(self, text: str) -> None:
        self._body.append(_paragraph("PaperAddressee", text))

    def text(self, line: str) -> None:
        """A paragraph; 一、 and （一） begin headings of the first and second level."""
        style = "PaperBody"
        if _FIRST_LEVEL.match(line):
            style = "PaperFirst"
        elif _SECOND_LEVEL.match(line):
            style = "PaperSecond"
        self._body.append(_paragraph(style, line))

    def annex_note(self, titles: Sequence[str]) -> None:
        """附件 below the text, a blank line before it."""
        self._body.append(_paragraph("PaperAddressee", ""))
        many = len(titles) > 1
        for number, title in enumerate(titles, 1):
            mark = "附件：" if number == 1 else "　　　"
            self._body.append(_paragraph("PaperBody", f"{mark}{f'{number}.' if many else ''}{title}"))

    def signed(self, who: str, day: date | None) -> None:
        """署名 over 成文日期, its middle over the date's; the date ends four characters from the right (7.3.5.1)."""
        told = f"{day.year}年{day.month}月{day.day}日" if day else ""
        wider = (len(who) - _characters(told)) / 2 if told else 0
        self._body.append(_paragraph("PaperAddressee", ""))
        self._body.append(_paragraph("PaperSigned", who, at_right=max(2.0, 4 - wider)))
        if told:
            self._body.append(_paragraph("PaperSigned", told, at_right=max(4.0, 2 + wider)))

    def imprint(self, copies: str, printer: str, day: date | None) -> None:
        """版记 at the foot of the last page: 抄送; who printed it and when (7.4)."""
        lines = [f"抄送：{copies.rstrip('。')}。"] if copies else []
        told = f"{day.year}年{day.month}月{day.day}日印发" if day else ""
        self._imprint = _imprint(lines, printer, told)

    def note(self, text: str) -> None:
        """Below the last table."""
        self._annexes.append(_paragraph("PaperNote", text))

    def annex(self, table: PaperTable, number: int, of: int) -> None:
        parts = [
            _paragraph("AnnexMark", f"附件{number}" if of > 1 else "附件", new_page=number > 1),
            _paragraph("AnnexTitle", table.title),
            _paragraph("AnnexUnit", table.unit),
            _table(table),
        ]
        self._annexes.append("".join(parts))

    def content(self) -> bytes:
        """The document's bytes."""
        upright, across = _section(upright=True), _section(upright=False)
        body = "".join(self._body)
        if self._annexes:
            body = _ended(body, upright) + "".join(self._annexes)
            upright = across
        if self._imprint:
            # after the annexes, upright again, on the last page, which is an even one (7.4.1)
            body = _ended(body, upright) + self._imprint
            upright = _section(upright=True, kind="evenPage")
        body += upright
        return _packed(f"{_HEAD}<w:document {_NAMESPACES}><w:body>{body}</w:body></w:document>")


def _paragraph(style: str, text: str, *, new_page: bool = False, run: str = "", at_right: float = 0) -> str:
    """``run``: properties of its text; ``at_right``: characters left free at the right end."""
    page = "<w:pageBreakBefore/>" if new_page else ""
    indent = (
        f'<w:ind w:rightChars="{round(at_right * 100)}" w:right="{round(at_right * 320)}"/>'
        if at_right
        else ""
    )
    look = f"<w:rPr>{run}</w:rPr>" if run else ""
    told = f'<w:r>{look}<w:t xml:space="preserve">{_clean(text)}</w:t></w:r>' if text else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{page}{indent}</w:pPr>{told}</w:p>'


def _characters(text: str) -> float:
    """Width in Chinese characters: a figure is half a one wide."""
    return sum(0.5 if character.isascii() else 1 for character in text)


def _ended(body: str, section: str) -> str:
    """The section ends with the last paragraph: one of its own could fall on a page of its own."""
    before, end, after = body.rpartition("</w:pPr>")
    return f"{before}{section}{end}{after}"


def _imprint(lines: Sequence[str], printer: str, day: str) -> str:
    """A table without upright lines at the foot: thick above and below, thin between (0.35 and 0.25 mm).

    Its first row is the empty page above it: a table as wide as the text does not float in every reader.
    """
    rows = [
        f'<w:p><w:pPr><w:pStyle w:val="Imprint"/></w:pPr><w:r><w:t>{_clean(line)}</w:t></w:r></w:p>'
        for line in lines
    ]
    tabs = f'<w:tabs><w:tab w:val="right" w:pos="{_ROOM - 280}"/></w:tabs>'
    rows.append(
        f'<w:p><w:pPr><w:pStyle w:val="Imprint"/>{tabs}</w:pPr><w:r><w:t>{_clean(printer)}</w:t></w:r>'
        f"<w:r><w:tab/></w:r><w:r><w:t>{_clean(day)}</w:t></w:r></w:p>"
    )
    told = sum(math.ceil(_characters(line) / _IMPRINT_CHARACTERS) for line in lines) + 1
    above = _A4[1] - _MARGINS["top"] - _MARGINS["bottom"] - told * _IMPRINT_TWIPS - 240
    cells = "".join(
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_ruled(row, place == 0, place == len(rows) - 1)}</w:tr>"
        for place, row in enumerate(rows)
    )
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{_ROOM}" w:type="dxa"/><w:tblLayout w:type="fixed"/></w:tblPr>'
        f'<w:tblGrid><w:gridCol w:w="{_ROOM}"/></w:tblGrid>'
        f'<w:tr><w:trPr><w:trHeight w:val="{above}" w:hRule="exact"/></w:trPr>'
        f'<w:tc><w:tcPr><w:tcW w:w="{_ROOM}" w:type="dxa"/></w:tcPr>{_paragraph("ImprintEnd", "")}</w:tc></w:tr>'
        f"{cells}</w:tbl>{_paragraph('ImprintEnd', '')}"
    )


def _ruled(row: str, is_first: bool, is_last: bool) -> str:
    sizes = (("top", 8 if is_first else 6), ("bottom", 8 if is_last else 6))
    lines = "".join(
        f'<w:{side} w:val="single" w:sz="{size}" w:space="0" w:color="000000"/>' for side, size in sizes
    )
    return f'<w:tc><w:tcPr><w:tcW w:w="{_ROOM}" w:type="dxa"/><w:tcBorders>{lines}</w:tcBorders></w:tcPr>{row}</w:tc>'


def _clean(text: str) -> str:
    return escape(_NO_XML.sub("", text))


def _table(table: PaperTable) -> str:
    width = len(table.rows[0]) if table.rows else sum(cell.width for cell in table.head[0])
    sides = ("top", "left", "bottom", "right", "insideH", "insideV")
    borders = "".join(f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>' for side in sides)
    room = _A4[1] - _MARGINS["top"] - _MARGINS["bottom"]
    first = room * 14 // 100
    rest = (room - first) // max(width - 1, 1)
    grid = "".join(f'<w:gridCol w:w="{first if column == 0 else rest}"/>' for column in range(width))
    rows = _head_rows(table) + "".join(_row(row) for row in table.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:jc w:val="center"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>{_paragraph("PaperNote", "")}'
    )


def _head_rows(table: PaperTable) -> str:
    """Lines of headings, repeated on every page; a cell over both lines is merged downwards."""
    lines = []
    for number, cells in enumerate(table.head):
        made = "".join(_head_cell(cell, is_below=False) for cell in cells) if number == 0 else ""
        if number:
            below = iter(cells)
            for cell in table.head[0]:
                if cell.height > 1:
                    made += _head_cell(HeadCell("", cell.width, cell.height), is_below=True)
                else:
                    made += "".join(_head_cell(next(below), is_below=False) for _ in range(cell.width))
        lines.append(f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{made}</w:tr>")
    return "".join(lines)


def _head_cell(cell: HeadCell, *, is_below: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.width}"/>' if cell.width > 1 else ""
    merge = "<w:vMerge/>" if is_below else '<w:vMerge w:val="restart"/>' if cell.height > 1 else ""
    return f'<w:tc><w:tcPr>{span}{merge}<w:vAlign w:val="center"/></w:tcPr>{_paragraph("TableHead", cell.text)}</w:tc>'


def _row(words: Sequence[str]) -> str:
    cells = "".join(
        f'<w:tc><w:tcPr><w:vAlign w:val="center"/></w:tcPr>{_paragraph("TableNumber" if place else "TableName", word)}</w:tc>'
        for place, word in enumerate(words)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _section(*, upright: bool, kind: str = "nextPage") -> str:
    width, height = _A4 if upright else _A4[::-1]
    turned = "" if upright else ' w:orient="landscape"'
    # turned to the left, the binding edge lies above
    sides = _MARGINS if upright else {"top": 1588, "right": 2098, "bottom": 1474, "left": 1985}
    margins = " ".join(f'w:{side}="{size}"' for side, size in sides.items())
    return (
        '<w:sectPr><w:footerReference w:type="default" r:id="rId3"/><w:footerReference w:type="even" r:id="rId4"/>'
        f'<w:type w:val="{kind}"/><w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        f'<w:pgMar {margins} w:header="851" w:footer="1304" w:gutter="0"/>{_GRID if upright and kind == "nextPage" else ""}</w:sectPr>'
    )


def _footer(*, is_even: bool) -> str:
    """— 1 —, odd pages to the right, even ones to the left, one character in."""
    side = (
        '<w:ind w:leftChars="100" w:left="280"/>'
        if is_even
        else f'<w:ind w:rightChars="100" w:right="280"/>{_RIGHT}'
    )
    number = "".join(
        f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'
        if kind
        else '<w:r><w:instrText xml:space="preserve"> PAGE </w:instrText></w:r>'
        for kind in ("begin", "", "end")
    )
    dash, end = (
        '<w:r><w:t xml:space="preserve">— </w:t></w:r>',
        '<w:r><w:t xml:space="preserve"> —</w:t></w:r>',
    )
    paragraph = f'<w:p><w:pPr><w:pStyle w:val="PaperFoot"/>{side}</w:pPr>{dash}{number}{end}</w:p>'
    return f"{_HEAD}<w:ftr {_NAMESPACES}>{paragraph}</w:ftr>"


_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_PARTS = ("document.main", "styles", "settings", "footer", "footer")
_FILES = ("document", "styles", "settings", "footer1", "footer2")


def _packed(document: str) -> bytes:
    overrides = "".join(
        f'<Override PartName="/word/{name}.xml" ContentType="{_TYPE}{kind}+xml"/>'
        for name, kind in zip(_FILES, _PARTS, strict=True)
    )
    links = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{name.rstrip("12")}" Target="{name}.xml"/>'
        for number, name in enumerate(_FILES[1:], 1)
    )
    parts = {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": document,
        "word/_rels/document.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
        "word/styles.xml": f'{_HEAD}<w:styles {_NAMESPACES}><w:docDefaults><w:rPrDefault><w:rPr>{_fonts(_BODY)}<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr></w:rPrDefault></w:docDefaults>{_STYLES}</w:styles>',
        "word/settings.xml": f"{_HEAD}<w:settings {_NAMESPACES}><w:evenAndOddHeaders/></w:settings>",
        "word/footer1.xml": _footer(is_even=False),
        "word/footer2.xml": _footer(is_even=True),
    }
    block = io.BytesIO()
    with zipfile.ZipFile(block, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in parts.items():
            file.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), text.encode(), zipfile.ZIP_DEFLATED)
    return block.getvalue()
