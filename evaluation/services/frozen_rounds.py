"""The firms that a round was computed from, kept with it: read again, and computed again to the same fingerprint."""

from __future__ import annotations

import hashlib

from evaluation.models import Round, RoundSnapshot
from evaluation.rules.frozen import Frozen, frozen, thawed
from evaluation.rules.results import results_digest
from evaluation.rules.rounds import Evaluation, evaluate
from evaluation.services.editions import scheme_of
from evaluation.services.snapshot import Snapshot


def keep_snapshot(round_: Round, snapshot: Snapshot) -> None:
    content = frozen(snapshot.firms, snapshot.previous, [region.code for region in snapshot.regions])
    told = {"content": content, "sha256": hashlib.sha256(content).hexdigest()}
    RoundSnapshot.objects.update_or_create(round=round_, defaults=told)


def has_snapshot(round_: Round) -> bool:
    """False for a round of before snapshots were kept."""
    return RoundSnapshot.objects.filter(round=round_).exists()


def firms_of(round_: Round) -> Frozen:
    """Raises ``RoundSnapshot.DoesNotExist`` for a round of before snapshots were kept."""
    return thawed(bytes(RoundSnapshot.objects.get(round=round_).content))


def computed_again(round_: Round, kept: Frozen | None = None) -> Evaluation:
    """The round by its own edition from its own firms."""
    _document, scheme = scheme_of(round_.edition)
    kept = kept or firms_of(round_)
    return evaluate(kept.firms, scheme, kept.previous, partly=True)


def is_reproduced(round_: Round) -> bool:
    """Whether the kept firms and the kept edition give the very result that stands in the round."""
    _document, scheme = scheme_of(round_.edition)
    return results_digest(round_.inputs_digest, scheme, computed_again(round_)) == round_.results_digest
