"""The parts of a workbook other than its sheets: which sheets there are, shared strings, date formats."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from intake.workbooks.guard import Container, damaged, new_parser, parse_xml
from intake.workbooks.limits import Limits
from intake.workbooks.plain_strings import without_plain_strings
from intake.workbooks.refusals import WorkbookRefused
from intake.workbooks.serials import BUILT_IN, PERCENT, kind_of_format, shown_as

TRUE = ("1", "true", "on", "t")
#: A defined name that our templates carry: its text is the template's version.
VERSION_NAME = "shengguitong_template"
MAIN_NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class SheetPart:
    name: str
    visible: bool
    member: str


@dataclass(slots=True)
class WorkbookParts:
    sheets: list[SheetPart]
    strings: list[str]
    #: Cell style number → DATE, TIME or SPAN; other styles are absent.
    date_styles: dict[str, int]
    #: Cell style number → how its numbers are seen differently (``serials.shown_as``); other styles are absent.
    shown_styles: dict[str, str]
    #: Cell style numbers whose text is crossed out; numbers of the shared strings of which a part is.
    struck_styles: set[str]
    struck_strings: set[int]
    since_1904: bool
    #: The writer never calculated: a formula's 0 is a placeholder.
    calculates_on_load: bool
    template_version: str


def unescape(text: str) -> str:
    """``_x000D_`` is how the format writes characters that XML cannot hold (ST_Xstring)."""
    if "_x" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        code = int(match[1], 16)
        return match[0] if 0xD800 <= code <= 0xDFFF else chr(code)

    return _ESCAPE.sub(character, text)


def local_name(name: str) -> str:
    """The element's name when it belongs to the spreadsheet language, else ""."""
    namespace, _, local = name.rpartition("}")
    return local if namespace in MAIN_NAMESPACES else ""


def read_parts(container: Container) -> WorkbookParts:
    workbook = _workbook_member(container)
    related = _relations(container, workbook)
    content_types = container.resolve("[Content_Types].xml")
    if content_types in container.members and _is_macro_workbook(container, content_types, workbook):
        raise WorkbookRefused("MACROS")
    for kind, _ in related.values():
        if kind in ("vbaProject", "xlMacrosheet", "xlIntlMacrosheet", "wordVbaData"):
            raise WorkbookRefused("MACROS")
    parts = _read_workbook_part(container, workbook, related)
    by_kind = dict(related.values())
    if (styles := by_kind.get("styles", "")) in container.members:
        parts.date_styles, parts.shown_styles, parts.struck_styles = _read_styles(container, styles)
    if (strings := by_kind.get("sharedStrings", "")) in container.members:
        parts.strings = read_strings(container.chunks(strings), container.limits, parts.struck_strings)
    return parts


def _workbook_member(container: Container) -> str:
    if container.resolve("_rels/.rels") in container.members:
        for kind, member in _relations(container, "").values():
            if kind == "officeDocument":
                if member in container.members:
                    return member
                raise damaged("缺少工作簿主文件")
    if (usual := container.resolve("xl/workbook.xml")) in container.members:
        return usual
    raise damaged("缺少工作簿主文件")


def _relations(container: Container, source: str) -> dict[str, tuple[str, str]]:
    """Relation id → (last word of its type, member). Targets outside the file are left out, never followed."""
    folder, base = posixpath.split(source)
    member = container.resolve(posixpath.join(folder, "_rels", base + ".rels"))
    found: dict[str, tuple[str, str]] = {}
    if member not in container.members:
        return found

    def start(name: str, attributes: dict[str, str]) -> None:
        if name.endswith("}Relationship") and attributes.get("TargetMode") != "External":
            target = unquote(attributes.get("Target", ""))
            path = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            kind = attributes.get("Type", "").rpartition("/")[2]
            found[attributes.get("Id", "")] = (kind, container.resolve(posixpath.normpath(path)))

    parser = new_parser("}")
    parser.StartElementHandler = start
    parse_xml(parser, container.chunks(member))
    return found


def _is_macro_workbook(container: Container, member: str, workbook: str) -> bool:
    kinds: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        if attributes.get("PartName", "").lstrip("/").lower() == workbook.lower():
            kinds.append(attributes.get("ContentType", "").lower())

    parser = new_parser("}")
    parser.StartElementHandler = start
    parse_xml(parser, container.chunks(member))
    return any("macroenabled" in kind or "addin" in kind for kind in kinds)


def _read_workbook_part(
    container: Container, member: str, related: dict[str, tuple[str, str]]
) -> WorkbookParts:
    parts = WorkbookParts([], [], {}, {}, set(), set(), False, False, "")
    listed: list[tuple[str, str, str]] = []
    version: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith("}id")), "")
            listed.append((attributes.get("name", ""), attributes.get("state", "visible"), relation))
        elif local == "workbookPr":
            parts.since_1904 = attributes.get("date1904", "").lower() in TRUE
        elif local == "calcPr":
            parts.calculates_on_load = attributes.get("fullCalcOnLoad", "").lower() in TRUE
        elif local == "definedName" and attributes.get("name") == VERSION_NAME:
            parser.CharacterDataHandler = version.append

    def end(name: str) -> None:
        parser.CharacterDataHandler = None

    parser = new_parser("}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parse_xml(parser, container.chunks(member))
    parts.template_version = "".join(version).strip('="')[:64]
    if len(listed) > container.limits.sheets:
        raise WorkbookRefused("SHEETS", count=len(listed), limit=container.limits.sheets)
    for name, state, relation in listed:
        kind, target = related.get(relation, ("", ""))
        if kind in ("chartsheet", "dialogsheet"):
            continue
        if kind != "worksheet" or target not in container.members:
            raise damaged("缺少工作表文件")
        parts.sheets.append(SheetPart(name, state == "visible", target))
    if not parts.sheets:
        raise damaged("没有工作表")
    return parts


def _read_styles(container: Container, member: str) -> tuple[dict[str, int], dict[str, str], set[str]]:
    """Styles that make a number a date, those under which it is seen as another number, those that cross it out."""
    kinds = dict(BUILT_IN)
    shown = {9: PERCENT, 10: PERCENT}
    styles: list[int] = []
    fonts: list[int] = []
    struck: set[int] = set()
    inside: list[str] = []
    font = -1

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal font
        local = local_name(name)
        if local == "font" and inside[-1:] == ["fonts"]:
            font += 1
        elif local == "strike" and inside[-2:] == ["fonts", "font"]:
            if attributes.get("val", "1").lower() in TRUE:
                struck.add(font)
        elif local == "numFmt" and inside[-1:] == ["numFmts"]:
            number = _number(attributes.get("numFmtId"))
            code = attributes.get("formatCode", "")[:255]
            kinds[number], shown[number] = kind_of_format(code), shown_as(code)
        elif local == "xf" and inside[-1:] == ["cellXfs"]:
            styles.append(_number(attributes.get("numFmtId")))
            fonts.append(_number(attributes.get("fontId")))
        inside.append(local)

    def end(name: str) -> None:
        inside.pop()

    parser = new_parser("}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parse_xml(parser, container.chunks(member))
    dates = {str(i): kind for i, number in enumerate(styles) if (kind := kinds.get(number, 0))}
    others = {str(i): text for i, number in enumerate(styles) if (text := shown.get(number, ""))}
    crossed = {str(i) for i, number in enumerate(fonts) if number in struck}
    return dates, {style: text for style, text in others.items() if style not in dates}, crossed


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def read_strings(chunks: Iterable[bytes], limits: Limits, struck: set[int]) -> list[str]:
    """The shared strings: runs joined, phonetic guides left out. The declared counts are not looked at.

    Numbers of strings with a run that is crossed out are added to ``struck``: joined they read as neither meant.
    """
    strings: list[str] = []
    longest = limits.cell_characters + 1
    text = ""
    phonetic = characters = depth = 0
    is_table = False
    prefixes: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal text, phonetic, depth, is_table
        local = prefixes.get(name)
        if local is None:
            local = prefixes[name] = local_name(name)
        is_table = is_table or (not depth and local == "sst")
        depth += 1
        if local == "t":
            if not phonetic:
                parser.CharacterDataHandler = add
        elif local == "si":
            text = ""
        elif local == "rPh":
            phonetic += 1
        elif local == "strike" and attributes.get("val", "1").lower() in TRUE:
            struck.add(len(strings))

    def add(data: str) -> None:
        nonlocal text
        if len(text) < longest:
            text += data

    def end(name: str) -> None:
        nonlocal phonetic, depth
        depth -= 1
        local = prefixes[name]
        if local == "t":
            parser.CharacterDataHandler = None
        elif local == "si":
            take([text[:longest]])
        elif local == "rPh":
            phonetic -= 1

    def take(texts: list[str]) -> None:
        nonlocal characters
        characters += sum(map(len, texts))
        strings.extend(unescape(one[:longest]) for one in texts)
        if len(strings) > limits.strings or characters > limits.inflated_bytes // 2:
            raise WorkbookRefused("STRINGS")

    parser = new_parser("}")
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parse_xml(parser, without_plain_strings(chunks, lambda: is_table and depth == 1, take))
    return strings
