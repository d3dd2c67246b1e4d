"""Small workbooks written part by part, for what no writing library would produce."""

from __future__ import annotations

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_RELATION = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
DECLARED = '<?xml version="1.0" encoding="UTF-8"?>'


def sheet(data: str, *, before: str = "", after: str = "", namespace: str = MAIN, prefix: str = "") -> str:
    """A worksheet around the rows in ``data``; with a prefix, ``data`` must bear it too."""
    colon = f"{prefix}:" if prefix else ""
    declared = f"xmlns:{prefix}" if prefix else "xmlns"
    return (
        f'{DECLARED}<{colon}worksheet {declared}="{namespace}">{before}'
        f"<{colon}sheetData>{data}</{colon}sheetData>{after}</{colon}worksheet>"
    )


def text_cell(value: str, reference: str = "") -> str:
    place = f' r="{reference}"' if reference else ""
    return f'<c{place} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def parts(
    *sheets: str,
    names: tuple[str, ...] = (),
    states: tuple[str, ...] = (),
    strings: str | None = None,
    styles: str | None = None,
    workbook_extra: str = "",
    content_type: str = SHEET_TYPE,
    namespace: str = MAIN,
    relation: str = RELATION,
) -> dict[str, str | bytes]:
    """The members of a workbook by name; change or drop some before ``write``."""
    listed = related = ""
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": f'{DECLARED}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{content_type}"/></Types>',
        "_rels/.rels": f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{relation}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    }
    for number, xml in enumerate(sheets, 1):
        name = names[number - 1] if names else f"Sheet{number}"
        state = f' state="{states[number - 1]}"' if states else ""
        listed += f'<sheet name="{name}" sheetId="{number}"{state} r:id="rId{number}"/>'
        related += f'<Relationship Id="rId{number}" Type="{relation}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        members[f"xl/worksheets/sheet{number}.xml"] = xml
    for kind, xml in (("sharedStrings", strings), ("styles", styles)):
        if xml is not None:
            related += f'<Relationship Id="{kind}" Type="{relation}/{kind}" Target="/xl/{kind}.xml"/>'
            members[f"xl/{kind}.xml"] = xml
    members["xl/workbook.xml"] = (
        f'{DECLARED}<workbook xmlns="{namespace}" xmlns:r="{relation}">{workbook_extra}<sheets>{listed}</sheets></workbook>'
    )
    members["xl/_rels/workbook.xml.rels"] = (
        f'{DECLARED}<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>'
    )
    return members


def write(path: Path, members: dict[str, str | bytes], *, stored: bool = False) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name) if stored else name, content)
    return path


def shared_strings(*items: str, count: int | None = None) -> str:
    """``items`` are the insides of <si>, as XML."""
    number = len(items) if count is None else count
    inside = "".join(f"<si>{item}</si>" for item in items)
    return f'{DECLARED}<sst xmlns="{MAIN}" count="{number}" uniqueCount="{number}">{inside}</sst>'


def date_styles(*codes: str) -> str:
    """Style 0 is plain; style 1, 2 … have the number formats given."""
    formats = "".join(
        f'<numFmt numFmtId="{170 + i}" formatCode="{escape(c, {chr(34): "&quot;"})}"/>'
        for i, c in enumerate(codes)
    )
    styles = "".join(f'<xf numFmtId="{170 + i}"/>' for i in range(len(codes)))
    return (
        f'{DECLARED}<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
        f'<cellXfs><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'
    )
