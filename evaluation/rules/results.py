"""The fingerprint of what came out of a round. Pure."""

from __future__ import annotations

import hashlib

import numpy as np

from evaluation.policy import Scheme
from evaluation.rules.rounds import Evaluation, letters


def results_digest(inputs_digest: str, scheme: Scheme, result: Evaluation) -> str:
    """Equal grades, scores, places and points of equal inputs, equal fingerprint."""
    _initial, grades = letters(scheme, result)
    told = ",".join(np.array(grades.words, object)[grades.values])
    fingerprint = hashlib.sha256(f"{inputs_digest}\n{told}".encode())
    for column in (result.total, result.rank, result.items):
        fingerprint.update(column.astype("<i8").tobytes())
    return fingerprint.hexdigest()
