"""Seeded mischief done to good files: letters of the sheet, its structure, the zip around it. One seed, one file."""

from __future__ import annotations

import random
import re
import zipfile
from pathlib import Path

from enterprises.rules.monthly import MONTHLY_SPEC, judge_monthly
from intake.rules.reading import Frame, read_frame
from intake.workbooks import WorkbookRefused, read_workbook
from tests.intake import crafted
from tests.intake.monthly_rows import HEADINGS, context, row

#: Latin letters that an officer knows from his own screen.
KNOWN_WORDS = {"Excel", "WPS", "xlsx", "csv", "CSV", "TRUE", "FALSE", "Sheet"}
_LETTERS = '0123456789.-ABXYZ<>&;/" 企元%\u3000'


def sheet_xml(*lines: list[object]) -> str:
    """A sheet with each line as a row; texts inline."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<c><v>{value}</v></c>"
        return "<c/>" if value is None else crafted.text_cell(str(value))

    return crafted.sheet("".join(f"<row>{''.join(map(cell, line))}</row>" for line in lines))


GOOD_XML = sheet_xml(HEADINGS, row(1), row(2), row(3))


def write_mutation(path: Path, seed: int) -> Path:
    """The file of one seed."""
    chance = random.Random(seed)
    crafted.write(path, _members(chance))
    if chance.random() < 0.3:
        data = bytearray(path.read_bytes())
        for _ in range(chance.randint(1, 5)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data[: chance.choice([len(data), len(data) - chance.randint(1, 200)])])
    return path


def _members(chance: random.Random) -> dict[str, str | bytes]:
    xml = GOOD_XML
    for _ in range(chance.randint(1, 3)):
        xml = chance.choice(_ACTS)(xml, chance)
    members = crafted.parts(xml)
    if chance.random() < 0.3:
        name = chance.choice(list(members))
        members[name] = chance.choice([b"", b"\x00" * 9, members[chance.choice(list(members))]])
    if chance.random() < 0.1:
        del members[chance.choice(list(members))]
    return members


def _place(xml: str, chance: random.Random) -> int:
    return chance.randrange(200, max(201, len(xml)))


def _change(xml: str, chance: random.Random) -> str:
    place = _place(xml, chance)
    return xml[:place] + chance.choice(_LETTERS) + xml[place + 1 :]


def _drop(xml: str, chance: random.Random) -> str:
    place = _place(xml, chance)
    return xml[:place] + xml[place + chance.randint(1, 40) :]


def _repeat(xml: str, chance: random.Random) -> str:
    place = _place(xml, chance)
    return xml[:place] + xml[place : place + chance.randint(1, 80)] + xml[place:]


def _value(xml: str, chance: random.Random) -> str:
    value = chance.choice(["", "1e400", "-5", "0x1", "7", "NaN"])
    return re.sub(r"<v>[^<]*</v>", f"<v>{value}</v>", xml, count=1)


def _cells(xml: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(r"<c[ >].*?</c>|<c/>", xml)]


def _swap_cells(xml: str, chance: random.Random) -> str:
    """Two cells of the table in each other's place: a code under 企业名称, a month under 营业收入."""
    places = _cells(xml)
    if len(places) < 2:
        return xml
    (a, b), (c, d) = sorted(chance.sample(places, 2))
    return xml[:a] + xml[c:d] + xml[b:c] + xml[a:b] + xml[d:]


def _drop_cell(xml: str, chance: random.Random) -> str:
    """A cell gone: what follows moves one column to the left."""
    places = _cells(xml)
    if not places:
        return xml
    start, end = chance.choice(places)
    return xml[:start] + xml[end:]


def _mark_cell(xml: str, chance: random.Random) -> str:
    """A formula, an error or another type where a plain number stood."""
    mark = chance.choice(
        [
            "<c><f>A1</f>",
            '<c t="e">',
            '<c t="b">',
            '<c t="s">',
            '<c t="d">',
            '<c s="9">',
            '<c r="C9">',
            '<c t="str">',
        ]
    )
    return xml.replace("<c><v>", f"{mark}<v>", 1)


def _rows(xml: str, chance: random.Random) -> str:
    """A row hidden, merged, numbered otherwise or written twice."""
    act = chance.randrange(4)
    if act == 0:
        return xml.replace("</row><row>", '</row><row hidden="1">', 1)
    if act == 1:
        merge = f"B{chance.randint(1, 4)}:D{chance.randint(1, 4)}"
        return xml.replace(
            "</sheetData>", f'</sheetData><mergeCells><mergeCell ref="{merge}"/></mergeCells>', 1
        )
    if act == 2:
        return xml.replace("<row>", f'<row r="{chance.randint(0, 9)}">', 1)
    found = re.search(r"</row>(<row>.*?</row>)", xml)
    return xml[: found.end()] + found[1] + xml[found.end() :] if found else xml


_ACTS = (_change, _drop, _repeat, _value, _swap_cells, _drop_cell, _mark_cell, _rows)


def english(text: str) -> set[str]:
    """Latin words of a message, but for what it quotes of the file."""
    return set(re.findall(r"[A-Za-z]{2,}", re.sub(r"“[^”]*”", "", text))) - KNOWN_WORDS


def plain_chinese(frame: Frame) -> None:
    """Messages name a place and a cure, and hold no English beyond what the officer wrote himself."""
    for fault in frame.faults:
        assert not english(fault.reason + fault.cure), fault.message()
        assert fault.cure
        assert fault.row is None or (fault.column and fault.cell)


def check_mutation(path: Path) -> bool:
    """Refused in words, or rows that the changed sheet does hold, each under its own column; whether it was read."""
    try:
        workbook = read_workbook(path, path.name)
    except WorkbookRefused as refused:
        assert not english(refused.message), refused.message
        return False
    frame = read_frame(workbook, MONTHLY_SPEC, context())
    judge_monthly(frame, {})
    plain_chinese(frame)
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode("utf-8", "replace")
    blocked = frame.blocked_rows()
    for i, number in enumerate(frame.rows):
        if number not in blocked:
            raw = [frame.raw[key][i] for key in ("uscc", "name", "revenue_wan", "tax_paid_wan")]
            assert all(text in xml for text in raw), f"row {number} does not stand in the file"
            assert frame.columns["uscc"][i] in xml
    return True
