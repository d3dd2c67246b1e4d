"""Scans that are handed in: looked at from outside only, kept as they came, handed out as a download."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from core.models import Region, User
from evaluation.models import EvaluationFile
from evaluation.services.editions import RoundRefused
from intake.services.scans import ScanRefused, read_scan


def keep_scan(*, upload: UploadedFile | None, region: Region, actor: User) -> EvaluationFile | None:
    """Inside the caller's transaction. Raises ``RoundRefused`` for anything but a small PDF, JPEG or PNG."""
    if upload is None:
        return None
    try:
        scan = read_scan(upload)
    except ScanRefused as refused:
        raise RoundRefused(str(refused)) from refused
    return EvaluationFile.objects.create(
        region=region,
        name=scan.name,
        media_type=scan.media_type,
        size=len(scan.content),
        sha256=scan.sha256,
        content=scan.content,
        uploaded_by=actor,
        uploaded_at=timezone.now(),
    )
