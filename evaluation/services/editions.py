"""Methods of evaluation by their editions: the one in force, and the one that a round was computed with. Reads only."""

from __future__ import annotations

from core.models import PolicyEdition
from core.policies import PolicyDocument
from core.services.policies import document_of, edition_in_force
from evaluation.policy import Scheme


class RoundRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


def scheme_in_force(name: str) -> tuple[PolicyEdition, PolicyDocument, Scheme]:
    """Raises ``RoundRefused`` when there is no such document, or it has no method of evaluation."""
    edition = edition_in_force(name)
    if edition is not None and edition.locality_id is not None:
        document = document_of(edition)
        method = document.parts.get("evaluation")
        if isinstance(method, Scheme):
            return edition, document, method
    raise RoundRefused(f"没有施行中的评价方案 {name}，或这份文件没有综合评价部分。")


def scheme_of(edition: PolicyEdition) -> tuple[PolicyDocument, Scheme]:
    document = document_of(edition)
    method = document.parts["evaluation"]
    if not isinstance(method, Scheme):
        raise TypeError(f"{edition} has no method of evaluation")
    return document, method


def grade_names(scheme: Scheme) -> list[str]:
    """A, B, C, D and the codes of the special classes."""
    grades = {band.grade for cohort in scheme.cohorts for band in cohort.bands}
    return [*sorted(grades), *(special.id for special in scheme.special)]
