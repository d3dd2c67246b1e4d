"""Awards that follow a firm's identity: said to the registry before an event is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from incentives.models import Award


def awards_held(firms: Sequence[int]) -> int:
    return Award.objects.filter(enterprise__in=firms).exclude(state=Award.State.CANCELLED).count()
