"""The container before any parser: a zip that is what it says, of bounded size, without macros or entities.

Standard library alone. Every member is inflated once and counted; neither the sizes nor the checksums that the
file declares are believed before they are seen to be true.
"""

from __future__ import annotations

import pyexpat
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from intake.workbooks.limits import MIB, Limits
from intake.workbooks.refusals import WorkbookRefused

CHUNK = 1 << 18
#: Exceptions by which zipfile says that a directory makes no sense.
BROKEN_ZIP = (
    zipfile.BadZipFile,
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    RuntimeError,
    EOFError,
)
#: expat itself, an unknown encoding, an encoding of several bytes a character.
BROKEN_XML = (pyexpat.ExpatError, LookupError, ValueError)
_ODD_NAME = re.compile(r"^/|\\|^[A-Za-z]:|(^|/)\.\.(/|$)|[\x00-\x1f]|^$")
_XML_NAME = (".xml", ".rels")


def damaged(detail: str) -> WorkbookRefused:
    return WorkbookRefused("DAMAGED", detail=detail)


class Container:
    """A checked zip: ``chunks(name)`` inflates one member."""

    def __init__(self, file: BinaryIO, limits: Limits) -> None:
        self.file = file
        self.limits = limits
        try:
            with zipfile.ZipFile(file) as archive:
                self.infos = archive.infolist()
        except BROKEN_ZIP as error:
            raise damaged("压缩结构不完整") from error
        self.members = {info.orig_filename: info for info in self.infos}
        self._check_directory()
        self._check_kind()
        self._by_folded = {name.lower(): name for name in self.members}

    def _check_directory(self) -> None:
        if len(self.infos) > self.limits.entries:
            raise WorkbookRefused("ENTRIES", count=len(self.infos), limit=self.limits.entries)
        if any(_ODD_NAME.search(info.orig_filename) for info in self.infos):
            raise WorkbookRefused("MEMBER_NAME")
        if len({info.orig_filename.lower() for info in self.infos}) < len(self.infos):
            raise damaged("内部文件重名")
        if any(info.flag_bits & 0x1 for info in self.infos):
            raise WorkbookRefused("ENCRYPTED")
        # Members may not share bytes: overlapping ones inflate a small file many times over.
        end = 0
        for info in sorted(self.infos, key=lambda entry: entry.header_offset):
            if info.header_offset < end:
                raise damaged("内部文件重叠")
            end = info.header_offset + 30 + info.compress_size

    def _check_kind(self) -> None:
        names = [name.lower() for name in self.members]
        if "mimetype" in self.members:
            raise WorkbookRefused("ODS")
        if any(name.endswith(".iwa") or name == "index.zip" for name in names):
            raise WorkbookRefused("NUMBERS")
        if any(name.startswith(("word/", "ppt/")) for name in names):
            raise WorkbookRefused("OTHER_OFFICE")
        if "xl/workbook.bin" in names:
            raise WorkbookRefused("XLSB")
        if "[content_types].xml" not in names and not any(name.startswith("xl/") for name in names):
            raise WorkbookRefused("ARCHIVE")
        if any("vbaproject" in name or name.startswith("xl/macrosheets/") for name in names):
            raise WorkbookRefused("MACROS")

    def resolve(self, name: str) -> str:
        """The member that a name means: the format does not tell capitals, and some programs write them otherwise."""
        return name if name in self.members else self._by_folded.get(name.lower(), name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The inflated bytes of a member; damage is told when its end is reached at the latest."""
        info = self.members[name]
        size = crc = 0
        for chunk in self._inflate(info):
            size += len(chunk)
            if size > self.limits.inflated_bytes:
                raise WorkbookRefused("INFLATED", limit_mib=self.limits.inflated_bytes // MIB)
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if size != info.file_size or crc != info.CRC:
            raise damaged("校验和不符")

    def _inflate(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        self._seek_to_data(info)
        remaining = info.compress_size
        if info.compress_type == zipfile.ZIP_STORED:
            while remaining:
                chunk = self._take(min(remaining, CHUNK))
                remaining -= len(chunk)
                yield chunk
            return
        if info.compress_type != zipfile.ZIP_DEFLATED:
            raise damaged("压缩方式不常用")
        inflater = zlib.decompressobj(-15)
        while remaining:
            packed = self._take(min(remaining, CHUNK))
            remaining -= len(packed)
            while packed:
                try:
                    chunk = inflater.decompress(packed, CHUNK)
                except zlib.error as error:
                    raise damaged("压缩数据有误") from error
                packed = inflater.unconsumed_tail
                if chunk:
                    # The generator may be left for another member: come back to this place afterwards.
                    place = self.file.tell()
                    yield chunk
                    self.file.seek(place)
                elif not packed:
                    break
        if not inflater.eof or inflater.unused_data:
            raise damaged("压缩数据有误")

    def _seek_to_data(self, info: zipfile.ZipInfo) -> None:
        self.file.seek(info.header_offset)
        header = self._take(30)
        if header[:4] != b"PK\x03\x04":
            raise damaged("压缩结构不完整")
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        name = self._take(name_length)
        if name.decode("utf-8" if info.flag_bits & 0x800 else "cp437", "replace") != info.orig_filename:
            raise damaged("内部文件名不一致")
        self.file.seek(extra_length, 1)

    def _take(self, length: int) -> bytes:
        data = self.file.read(length)
        if len(data) != length:
            raise damaged("文件不完整")
        return data


def check_container(file: BinaryIO, limits: Limits) -> Container:
    """Open the zip and look through every member once; what comes back is safe to parse."""
    container = Container(file, limits)
    packed_total = sum(info.compress_size for info in container.infos) or 1
    total = 0
    for name in container.members:
        if name.endswith("/"):
            continue
        watch: Callable[[bytes], bool] | None = _prolog_watch(name)
        for chunk in container.chunks(name):
            total += len(chunk)
            if total > limits.inflated_bytes:
                raise WorkbookRefused("INFLATED", limit_mib=limits.inflated_bytes // MIB)
            if watch and watch(chunk):
                watch = None
    if total > limits.ratio_floor_bytes and total // packed_total > limits.ratio:
        raise WorkbookRefused("RATIO", ratio=total // packed_total, limit=limits.ratio)
    return container


class _RootReached(Exception):
    """The document's first element begins; a DOCTYPE can no longer follow."""


def new_parser(namespace_separator: str | None = None) -> pyexpat.XMLParserType:
    """An expat parser that refuses any DOCTYPE, in whatever encoding it is written."""
    parser = pyexpat.ParserCreate(None, namespace_separator)
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise WorkbookRefused("ENTITIES")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    return parser


def parse_xml(parser: pyexpat.XMLParserType, chunks: Iterable[bytes]) -> None:
    """Feed the whole document; a document that is not well formed is a damaged file."""
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except BROKEN_XML as error:
        raise damaged("内部结构有误") from error


def _prolog_watch(name: str) -> Callable[[bytes], bool]:
    """A function that takes chunks until it returns True: nothing more to fear from this member."""
    parser = new_parser()

    def root_reached(*_: object) -> None:
        raise _RootReached

    parser.StartElementHandler = root_reached

    def feed(chunk: bytes) -> bool:
        try:
            parser.Parse(chunk, False)
        except _RootReached:
            return True
        except BROKEN_XML as error:
            if name.lower().endswith(_XML_NAME):
                raise damaged("内部结构有误") from error
            return True
        return False

    return feed
