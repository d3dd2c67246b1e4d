"""Policy documents: YAML text in, a frozen document or every fault at once out. Pure: no Django, no clock.

Apps to the right bring a reader for their part with ``register_part``; ``read_document`` is for everybody.
"""

from core.policies.document import (
    PART_NAMES,
    SCHEMAS,
    InForce,
    PartReader,
    PolicyDocument,
    Source,
    read_document,
    readable_parts,
    register_part,
    text_sha256,
)
from core.policies.fields import UNKNOWN, Fields, Figure, Unknown
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence
from core.policies.regions import RegionEntry, RegionTree

__all__ = [
    "PART_NAMES",
    "SCHEMAS",
    "UNKNOWN",
    "Fields",
    "Figure",
    "InForce",
    "Mapping",
    "Node",
    "PartReader",
    "PolicyDocument",
    "PolicyFault",
    "RegionEntry",
    "RegionTree",
    "Scalar",
    "Sequence",
    "Source",
    "Unknown",
    "read_document",
    "readable_parts",
    "register_part",
    "text_sha256",
]
