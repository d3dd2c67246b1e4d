"""Pools that ask who was found in the scope of an evaluation: a run may give them new candidates (S2-05). Reads only."""

from __future__ import annotations

from core.models import PolicyEdition
from cultivation.services.pools import editions_with_pools
from evaluation.models import Round

FACT = "in_evaluation"


def pools_to_screen(round_: Round) -> list[str]:
    """Programmes in force whose pools name the fact and whose region holds the round's, or lies in it."""
    own = round_.region.path
    found = {
        edition.name: edition.locality.path
        for edition, _rule in editions_with_pools(text__contains=FACT, state=PolicyEdition.State.IN_FORCE)
    }
    return sorted(name for name, path in found.items() if own.startswith(path) or path.startswith(own))
