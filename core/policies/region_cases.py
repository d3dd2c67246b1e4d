"""Cases of the ``regions`` part: which region a word means, and the tree as a whole. Pure."""

from __future__ import annotations

from typing import Any

from core.policies.cases import CaseFaulty
from core.policies.document import PolicyDocument
from core.policies.fields import Fields
from core.policies.nodes import Mapping, PolicyFault

_GIVEN_KEYS = {"words": "叫法"}


def work_regions(document: PolicyDocument, given: Mapping) -> dict[str, Any]:
    """``{"order": names in official order, "found": {word: {code, name, kind, parent}}}``."""
    faults: list[PolicyFault] = []
    words = Fields(given, faults, _GIVEN_KEYS).texts("words")
    if faults:
        raise CaseFaulty(faults)
    tree = document.regions
    assert tree is not None  # a case of a part that the document lacks is refused before
    found: dict[str, Any] = {}
    for word in words:
        entry = tree.find(word)
        found[word] = entry and {
            "code": entry.code,
            "name": entry.name,
            "kind": entry.kind,
            "parent": entry.parent,
        }
    return {"order": [entry.name for entry in tree], "found": found}
