"""What is refused at the door, and in which words; each file stands for a kind."""

from __future__ import annotations

import dataclasses
import struct
import time
import zipfile
import zlib
from pathlib import Path

import pytest

from intake.workbooks import DEFAULT_LIMITS, WorkbookRefused, read_workbook
from intake.workbooks import reading as reading_module
from intake.workbooks.refusals import MESSAGES
from tests.intake import crafted

ROW = '<row r="1">' + crafted.text_cell("企业名称", "A1") + '</row><row r="2"><c r="A2"><v>1</v></c></row>'
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504


def refusal(path: Path, name: str = "月报.xlsx", limits=DEFAULT_LIMITS) -> WorkbookRefused:
    with pytest.raises(WorkbookRefused) as refused:
        read_workbook(path, name, limits)
    assert "！" not in refused.value.message and "{" not in refused.value.message
    return refused.value


def utf16_name(name: str) -> bytes:
    return name.encode("utf-16-le")


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"", "EMPTY", "空"),
        (b" \r\n\t", "EMPTY", "空"),
        (OLE2 + utf16_name("Workbook"), "OLD_EXCEL", "另存为"),
        (b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 40, "OLD_EXCEL", "另存为"),
        (OLE2 + utf16_name("EncryptedPackage"), "ENCRYPTED", "密码"),
        (OLE2 + utf16_name("WordDocument"), "OTHER_OFFICE", "格式"),
        ("企业名称,营业收入\r\n启东厂,1\r\n".encode("gb18030"), "CSV_RENAMED", "另存为"),
        ("企业名称\t营业收入\r\n".encode("utf-16"), "CSV_RENAMED", "另存为"),
        ("BM机械有限公司,1\r\n".encode(), "CSV_RENAMED", "另存为"),
        (b"\xef\xbb\xbf\r\n<HTML><table></table></html>", "WEB_TABLE", "格式"),
        ('<?xml version="1.0"?><Workbook/>'.encode("utf-16"), "WEB_TABLE", "格式"),
        (b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n", "WEB_TABLE", "格式"),
        (b"\n%PDF-1.7\n", "PDF", "PDF"),
        (b"Rar!\x1a\x07\x01\x00", "ARCHIVE", "解压"),
        (b"7z\xbc\xaf\x27\x1c\x00\x04", "ARCHIVE", "解压"),
        (b"\x1f\x8b\x08\x00\x00", "ARCHIVE", "解压"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "PICTURE", "图片"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "PICTURE", "图片"),
        (b"{\\rtf1 abc}", "OTHER_OFFICE", "格式"),
        (bytes(range(256)) * 8, "NOT_WORKBOOK", "另存为"),
        (b"PK\x05\x06" + b"\0" * 18, "DAMAGED", "不完整"),
        (b"PK\x03\x04" + b"\0" * 200, "DAMAGED", "不完整"),
    ],
)
def test_other_formats_are_named(tmp_path, content, code, word):
    path = tmp_path / "upload"
    path.write_bytes(content)
    refused = refusal(path)
    assert refused.code == code and word in refused.message


def test_a_file_over_20_mib_is_refused_before_it_is_opened(tmp_path):
    path = tmp_path / "upload"
    with path.open("wb") as file:
        file.truncate(20 * 1024 * 1024 + 1)
    assert "20.0 MB" in refusal(path).message


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "ODS"),
        ({"Index/Document.iwa": ""}, "NUMBERS"),
        ({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}, "OTHER_OFFICE"),
        ({"xl/workbook.bin": "", "[Content_Types].xml": "<Types/>"}, "XLSB"),
        ({"月报.xlsx": "PK"}, "ARCHIVE"),
    ],
)
def test_other_zips_are_named(tmp_path, members, code):
    assert refusal(crafted.write(tmp_path / "a.xlsx", members)).code == code


@pytest.mark.parametrize(
    "name", ["../evil.txt", "xl/../../evil", "/etc/evil", "xl\\evil.xml", "C:/evil", "xl/a\nb.xml"]
)
def test_odd_member_names(tmp_path, name):
    members = crafted.parts(crafted.sheet(ROW)) | {name: "x"}
    assert refusal(crafted.write(tmp_path / "a.xlsx", members)).code == "MEMBER_NAME"


@pytest.mark.parametrize(
    "extra",
    [
        {"xl/vbaProject.bin": b"\xd0\xcf"},
        {"xl/vbaProjectSignature.bin": b""},
        {"xl/macrosheets/sheet1.xml": "<x/>"},
    ],
)
def test_macros_by_member(tmp_path, extra):
    members = crafted.parts(crafted.sheet(ROW)) | extra
    assert "宏" in refusal(crafted.write(tmp_path / "a.xlsx", members)).message


def test_macros_by_type_and_by_relation(tmp_path):
    typed = crafted.parts(
        crafted.sheet(ROW), content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    )
    assert refusal(crafted.write(tmp_path / "a.xlsx", typed)).code == "MACROS"
    related = crafted.parts(crafted.sheet(ROW))
    link = '<Relationship Id="m" Type="http://x/vbaProject" Target="code.bin"/></Relationships>'
    related["xl/_rels/workbook.xml.rels"] = related["xl/_rels/workbook.xml.rels"].replace(
        "</Relationships>", link
    )
    assert refusal(crafted.write(tmp_path / "b.xlsx", related)).code == "MACROS"


DOCTYPES = [
    '<!DOCTYPE x [<!ENTITY a "b">]>',
    '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
    '<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;]>',
]


@pytest.mark.parametrize("doctype", DOCTYPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_entities_in_any_encoding_and_any_part(tmp_path, doctype, encoding):
    sheet_xml = crafted.sheet(ROW).replace(
        crafted.DECLARED, f'<?xml version="1.0" encoding="{encoding[:6]}"?>{doctype}'
    )
    content = sheet_xml.encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
    members = crafted.parts(crafted.sheet(ROW))
    for part in ("xl/worksheets/sheet1.xml", "docProps/app.xml", "xl/drawings/vmlDrawing1.vml"):
        refused = refusal(crafted.write(tmp_path / "a.xlsx", members | {part: content}))
        assert refused.code == "ENTITIES" and "实体" in refused.message


def test_the_word_doctype_in_a_cell_is_only_a_word(tmp_path):
    path = crafted.write(
        tmp_path / "a.xlsx", crafted.parts(crafted.sheet(f"<row>{crafted.text_cell('<!DOCTYPE x>')}</row>"))
    )
    assert read_workbook(path, "a.xlsx").sheets[0].rows == [["<!DOCTYPE x>"]]


def test_many_members(tmp_path):
    members = crafted.parts(crafted.sheet(ROW)) | {f"xl/media/{i}.png": "" for i in range(2_000)}
    refused = refusal(crafted.write(tmp_path / "a.xlsx", members))
    assert refused.code == "ENTRIES" and "2,005" in refused.message and "超过" in refused.message


def test_inflated_bytes_are_counted_over_all_members(tmp_path):
    limits = dataclasses.replace(DEFAULT_LIMITS, inflated_bytes=3_000_000)
    members = crafted.parts(crafted.sheet(ROW)) | {f"xl/media/{i}.bmp": b"\0" * 1_000_000 for i in range(3)}
    assert "过大" in refusal(crafted.write(tmp_path / "a.xlsx", members), limits=limits).message


def test_a_high_ratio_is_refused_only_when_large(tmp_path):
    members = crafted.parts(crafted.sheet(ROW)) | {"xl/media/a.bmp": b"\0" * 2_000_000}
    path = crafted.write(tmp_path / "a.xlsx", members)
    assert read_workbook(path, "a.xlsx").sheets[0].rows
    limits = dataclasses.replace(DEFAULT_LIMITS, ratio_floor_bytes=1_000_000)
    assert refusal(path, limits=limits).code == "RATIO"


def test_declared_sizes_are_not_believed(tmp_path):
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(ROW + "<row/>" * 50_000)))
    data = bytearray(path.read_bytes())
    entry = data.rfind(b"PK\x01\x02", 0, data.rfind(b"xl/worksheets/sheet1.xml"))
    inside = crafted.sheet(ROW + "<row/>" * 50_000).encode()[:100]
    data[entry + 16 : entry + 20] = struct.pack("<I", zlib.crc32(inside))
    data[entry + 24 : entry + 28] = struct.pack("<I", 100)
    path.write_bytes(data)
    assert "损坏" in refusal(path).message


def test_one_flipped_byte_and_a_missing_end(tmp_path):
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(ROW)), stored=True)
    whole = path.read_bytes()
    place = whole.find("企业".encode())
    path.write_bytes(whole[:place] + "工".encode() + whole[place + 3 :])
    assert refusal(path).code == "DAMAGED"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    assert refusal(path).code == "DAMAGED"


def test_overlapping_and_doubled_members(tmp_path):
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in crafted.parts(crafted.sheet(ROW)).items():
            archive.writestr(name, content)
        archive.writestr("XL/workbook.xml", "<x/>")
    assert refusal(path).code == "DAMAGED"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in crafted.parts(crafted.sheet(ROW)).items():
            archive.writestr(name, content)
        first = archive.infolist()[0]
        for info in archive.infolist()[1:]:
            info.header_offset = first.header_offset
    assert refusal(path).code == "DAMAGED"


def test_zip_members_with_a_password(tmp_path):
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(ROW)))
    data = bytearray(path.read_bytes())
    entry = data.find(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(data)
    assert refusal(path).code == "ENCRYPTED"


@pytest.mark.parametrize(
    "broken",
    [
        {"xl/workbook.xml": None},
        {"xl/_rels/workbook.xml.rels": None},
        {"xl/worksheets/sheet1.xml": None},
        {"xl/workbook.xml": "<workbook"},
        {"xl/worksheets/sheet1.xml": crafted.sheet(ROW).replace("企业", "企\x00业")},
        {"xl/worksheets/sheet1.xml": crafted.sheet(ROW)[:-20]},
        {"xl/worksheets/sheet1.xml": ""},
        {"xl/worksheets/sheet1.xml": "<worksheet><sheetData/></worksheet>"},
        {"xl/worksheets/sheet1.xml": crafted.sheet(ROW + f'<y:row xmlns:y="{crafted.MAIN}"/>')},
        {"xl/worksheets/sheet1.xml": crafted.sheet('<row r="2"/><row r="1"/>')},
        {"xl/worksheets/sheet1.xml": crafted.sheet('<row r="2"><c r="A7"><v>1</v></c></row>')},
        {
            "xl/worksheets/sheet1.xml": crafted.sheet(
                '<row><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'
            )
        },
        {"xl/worksheets/sheet1.xml": crafted.sheet('<row><c t="s"><v>0</v></c></row>')},
        {"xl/worksheets/sheet1.xml": crafted.sheet('<row><c t="s"><v>-1</v></c></row>')},
        {"xl/worksheets/sheet1.xml": crafted.sheet('<row r="1048577"><c><v>1</v></c></row>')},
        {"xl/worksheets/sheet1.xml": crafted.sheet("<row><c><v>&undefined;</v></c></row>")},
    ],
)
def test_damage_is_told_as_damage(tmp_path, broken):
    members = {k: v for k, v in (crafted.parts(crafted.sheet(ROW)) | broken).items() if v is not None}
    refused = refusal(crafted.write(tmp_path / "a.xlsx", members))
    assert refused.code == "DAMAGED" and "损坏" in refused.message


@pytest.mark.parametrize(
    ("cell", "named"),
    [("XFD1048576", "XFD1048576"), ("A200051", "A200051"), ("IW3", "IW3")],
)
def test_stray_cells_far_away(tmp_path, cell, named):
    number = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    xml = crafted.sheet(ROW + f'<row r="{number}"><c r="{cell}"><v>1</v></c></row>')
    refused = refusal(crafted.write(tmp_path / "a.xlsx", crafted.parts(xml)))
    assert refused.code == "FAR_CELL" and named in refused.message and "超过" in refused.message


def test_formatted_blanks_far_away_are_nothing(tmp_path):
    blanks = '<row r="3"><c r="XFD3" s="0"/></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(ROW + blanks)))
    assert read_workbook(path, "a.xlsx").sheets[0].rows == [["企业名称"], [1]]


def test_rows_and_cells_are_counted(tmp_path):
    few = dataclasses.replace(DEFAULT_LIMITS, rows=100, extra_rows=5)
    path = crafted.write(
        tmp_path / "a.xlsx", crafted.parts(crafted.sheet("<row><c><v>1</v></c></row>" * 106))
    )
    refused = refusal(path, limits=few)
    assert refused.code == "ROWS" and "超过 100 行" in refused.message
    assert refusal(path, limits=dataclasses.replace(DEFAULT_LIMITS, cells=105)).code == "CELLS"
    assert refusal(path, limits=dataclasses.replace(DEFAULT_LIMITS, cell_elements=105)).code == "CELLS"
    csv = tmp_path / "a.csv"
    csv.write_text("1\n" * 106)
    assert refusal(csv, "a.csv", few).code == "ROWS"


def test_strings_shared_a_thousand_times_do_not_fill_the_memory(tmp_path):
    limits = dataclasses.replace(DEFAULT_LIMITS, output_bytes=2_000_000)
    rows = ROW + '<row><c t="s"><v>0</v></c></row>' * 1_000
    strings = crafted.shared_strings(f"<t>{'长' * 30_000}</t>")
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(rows), strings=strings))
    started = time.monotonic()
    assert refusal(path, limits=limits).code == "STRINGS"
    assert time.monotonic() - started < 3


def test_a_heading_of_megabytes_is_refused(tmp_path):
    xml = crafted.sheet(f"<row>{crafted.text_cell(' ' * 5_000_000)}</row>")
    refused = refusal(crafted.write(tmp_path / "a.xlsx", crafted.parts(xml)))
    assert refused.code == "LONG_HEADING" and "A1" in refused.message and "超过" in refused.message


def test_links_to_other_files_are_never_followed(tmp_path):
    members = crafted.parts(crafted.sheet(ROW))
    link = '<Relationship Id="rId1" Type="http://x/worksheet" Target="http://127.0.0.1/a.xml" TargetMode="External"/>'
    members["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{crafted.PACKAGE}/relationships">{link}</Relationships>'
    )
    assert refusal(crafted.write(tmp_path / "a.xlsx", members)).code == "DAMAGED"


# ---------------------------------------------------------------- a child that fails


def child_that(tmp_path, monkeypatch, code: str) -> None:
    script = tmp_path / "child.py"
    script.write_text(code)
    monkeypatch.setattr(reading_module, "CHILD", script)


@pytest.mark.parametrize(
    "code",
    [
        "import os; os.abort()",
        "import time; time.sleep(60)",
        "raise SystemExit(1)",
        "print('not json')",
        "print('[1]')",
        'print(\'{"numbers":[1],"rows":[[[1]]]}\')',
        'print(\'{"sheet":"a","visible":true}\\n{"numbers":[1],"rows":[[{"a":1}]]}\\n{"done":true}\')',
        'print(\'{"sheet":"a","visible":true}\\n{"numbers":[99999999999],"rows":[[1]]}\\n{"done":true}\')',
        'print(\'{"sheet":"a","visible":true}\')',
        "while True: print('x' * 1000000)",
    ],
)
def test_a_child_that_aborts_hangs_or_babbles_costs_a_message(tmp_path, monkeypatch, code):
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(ROW)))
    child_that(tmp_path, monkeypatch, code)
    limits = dataclasses.replace(DEFAULT_LIMITS, wall_seconds=1, output_bytes=5_000_000)
    started = time.monotonic()
    assert refusal(path, limits=limits).code == "UNREADABLE"
    assert time.monotonic() - started < 5


def test_the_child_is_bounded_in_memory_and_time(tmp_path):
    rows = "".join(f"<row>{crafted.text_cell(f'企业{i}')}</row>" for i in range(60_000))
    path = crafted.write(tmp_path / "a.xlsx", crafted.parts(crafted.sheet(rows)))
    strings = crafted.shared_strings(*(f"<t>企业名称{i}</t>" for i in range(200_000)))
    large = crafted.write(tmp_path / "b.xlsx", crafted.parts(crafted.sheet(ROW), strings=strings))
    small = dataclasses.replace(DEFAULT_LIMITS, memory_bytes=40 * 1024 * 1024)
    assert refusal(large, limits=small).code == "UNREADABLE"
    assert refusal(path, limits=dataclasses.replace(DEFAULT_LIMITS, cpu_seconds=0)).code == "UNREADABLE"


def test_every_message_says_what_to_do():
    for code, message in MESSAGES.items():
        assert "请" in message and message.endswith("。"), code
