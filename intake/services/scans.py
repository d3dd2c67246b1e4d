"""Scans that are handed in with a paper: looked at from outside only, kept as they came, handed out as a download."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile

from intake.services.uploads import clean_name

MOST_BYTES = 5 << 20
#: first bytes → what the file is
_KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
ACCEPTS = ".pdf,.jpg,.jpeg,.png"


class ScanRefused(Exception):
    """Not a scan that is taken in; the message says what is."""


@dataclass(frozen=True, slots=True)
class Scan:
    name: str
    media_type: str
    sha256: str
    content: bytes


def read_scan(upload: UploadedFile) -> Scan:
    """Raises ``ScanRefused`` for anything but a small PDF, JPEG or PNG."""
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ScanRefused("扫描件最大 5 MB，请压缩后再传。")
    media_type = next((kind for head, kind in _KINDS.items() if content.startswith(head)), None)
    if media_type is None:
        raise ScanRefused("扫描件只收 PDF、JPG、PNG。")
    return Scan(clean_name(upload.name or ""), media_type, hashlib.sha256(content).hexdigest(), content)
