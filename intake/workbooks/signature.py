"""What a file really is, from its first bytes, before anything is opened. Standard library alone."""

from __future__ import annotations

import re
from typing import BinaryIO

from intake.workbooks.limits import MIB, Limits
from intake.workbooks.refusals import WorkbookRefused

OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ARCHIVES = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"MSCF",
    b"\x28\xb5\x2f\xfd",
)
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"RIFF", b"\x00\x00\x01\x00")
#: BIFF 2 to 4: a bare record stream of Excel before 1993, still written by some old systems.
OLD_BIFF = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
    b"\x09\x08\x10\x00",
    b"\x09\x08\x08\x00",
)
MARKUP = re.compile(
    r"\s*<(!--|!doctype|html|\?xml|table|meta|head|body|style|div|tr|script|workbook|font)", re.IGNORECASE
)
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
TEXT_HEAD = 4096


def recognise(file: BinaryIO, size: int, upload_name: str, limits: Limits) -> str:
    """Return "zip" or "csv"; anything else is refused by its own name."""
    if size == 0:
        raise WorkbookRefused("EMPTY")
    if size > limits.file_bytes:
        raise WorkbookRefused("FILE_SIZE", size_mib=f"{size / MIB:.1f}", limit_mib=limits.file_bytes // MIB)
    head = file.read(TEXT_HEAD)
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"PK"):
        raise WorkbookRefused("DAMAGED", detail="压缩结构不完整")
    if head.startswith(OLE2):
        raise WorkbookRefused(_ole2_code(head + file.read()))
    for code, signatures in (("ARCHIVE", ARCHIVES), ("PICTURE", PICTURES), ("OLD_EXCEL", OLD_BIFF)):
        if head.startswith(signatures) and not _reads_as_text(head):
            raise WorkbookRefused(code)
    if b"%PDF-" in head[:1024]:
        raise WorkbookRefused("PDF")
    if head.startswith(b"{\\rtf"):
        raise WorkbookRefused("OTHER_OFFICE")
    return _recognise_text(head + file.read(), upload_name)


def _ole2_code(data: bytes) -> str:
    """An OLE2 container keeps the names of its streams in UTF-16."""

    def holds(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if holds("EncryptedPackage") or holds("EncryptionInfo"):
        return "ENCRYPTED"
    if not holds("Workbook") and (holds("WordDocument") or holds("PowerPoint Document")):
        return "OTHER_OFFICE"
    return "OLD_EXCEL"


def _reads_as_text(head: bytes) -> bool:
    """Two-letter signatures such as BM also begin honest text: BM企业,…"""
    text = decode(head[:-4] if len(head) == TEXT_HEAD else head, lenient=True)
    return text is not None and not CONTROL.search(text)


def _recognise_text(data: bytes, upload_name: str) -> str:
    is_csv = upload_name.lower().rstrip().endswith(".csv")
    text = decode(data)
    if text is not None and not text.strip("\ufeff \t\r\n\u3000"):
        raise WorkbookRefused("EMPTY")
    head = decode(data[:TEXT_HEAD], lenient=True) or ""
    if MARKUP.match(head.lstrip("\ufeff")) or head.lstrip("\ufeff\r\n ").startswith("MIME-Version:"):
        raise WorkbookRefused("WEB_TABLE")
    if is_csv:
        return "csv"
    if text is None or CONTROL.search(text):
        raise WorkbookRefused("NOT_WORKBOOK")
    raise WorkbookRefused("CSV_RENAMED")


def decode(data: bytes, *, lenient: bool = False) -> str | None:
    """Text of UTF-8, UTF-16 with its mark, or GB 18030; None when it is none of them. ``lenient`` forgives a cut end."""
    errors = "ignore" if lenient else "strict"
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        candidates: tuple[str, ...] = ("utf-32",)
    elif data.startswith((b"\xff\xfe", b"\xfe\xff")):
        candidates = ("utf-16",)
    elif data.startswith(b"\xef\xbb\xbf"):
        candidates = ("utf-8-sig",)
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            return data.decode(encoding, errors)
        except UnicodeDecodeError:
            continue
    return None
