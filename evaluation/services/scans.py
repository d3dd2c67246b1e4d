"""Scans that are handed in: looked at from outside only, kept as they came, handed out as a download."""

from __future__ import annotations

import hashlib

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from core.models import Region, User
from evaluation.models import EvaluationFile
from evaluation.services.editions import RoundRefused
from intake.services.uploads import clean_name

MOST_BYTES = 5 << 20
#: first bytes → what the file is
_KINDS = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
ACCEPTS = ".pdf,.jpg,.jpeg,.png"


def keep_scan(*, upload: UploadedFile | None, region: Region, actor: User) -> EvaluationFile | None:
    """Inside the caller's transaction. Raises ``RoundRefused`` for anything but a small PDF, JPEG or PNG."""
    if upload is None:
        return None
    content = upload.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise RoundRefused("扫描件最大 5 MB，请压缩后再传。")
    media_type = next((kind for head, kind in _KINDS.items() if content.startswith(head)), None)
    if media_type is None:
        raise RoundRefused("扫描件只收 PDF、JPG、PNG。")
    return EvaluationFile.objects.create(
        region=region,
        name=clean_name(upload.name or ""),
        media_type=media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        uploaded_by=actor,
        uploaded_at=timezone.now(),
    )
