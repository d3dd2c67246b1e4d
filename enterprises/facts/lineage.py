"""Which firms stand for which, read once a frame for all facts that follow a firm."""

from __future__ import annotations

from core.facts import FactContext
from enterprises.models import RegistryEvent
from enterprises.rules.lineage import Past, Step, continued, whole_pasts


def pasts_of(context: FactContext) -> dict[int, Past]:
    """Firms for which others of the registry stand now: merged into them, or converted."""
    return context.once("pasts", lambda: whole_pasts(_steps(context)))


def continued_by(context: FactContext) -> dict[int, int]:
    """Record → the record under which the same business goes on."""
    return context.once("continued", lambda: continued(_steps(context)))


def _steps(context: FactContext) -> list[Step]:
    return context.once("lineage steps", RegistryEvent.objects.steps)
