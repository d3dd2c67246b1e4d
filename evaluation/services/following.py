"""Grades that follow a firm's identity: said to the registry before an event is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.models import Round, Score


def grades_published(firms: Sequence[int]) -> int:
    return Score.objects.filter(enterprise__in=firms, round__state=Round.State.PUBLISHED).count()
