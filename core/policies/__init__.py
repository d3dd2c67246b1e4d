"""Policy documents: YAML text in, a frozen document or every fault at once out. Pure: no Django, no clock.

Apps to the right bring a reader for their part with ``register_part`` and work its cases with ``register_cases``;
``read_document`` is for everybody.
"""

from core.policies.cases import CaseFaulty, register_cases
from core.policies.declared import DeclaredFact
from core.policies.document import (
    PART_NAMES,
    SCHEMAS,
    InForce,
    PartReader,
    PolicyDocument,
    Source,
    borrowed_regions,
    read_document,
    readable_parts,
    register_part,
    text_sha256,
)
from core.policies.fields import UNKNOWN, Fields, Figure, Unknown
from core.policies.nodes import Mapping, Node, PolicyFault, Scalar, Sequence
from core.policies.region_cases import work_regions
from core.policies.regions import RegionEntry, RegionTree

register_cases("regions", work_regions)

__all__ = [
    "PART_NAMES",
    "SCHEMAS",
    "UNKNOWN",
    "CaseFaulty",
    "DeclaredFact",
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
    "borrowed_regions",
    "read_document",
    "readable_parts",
    "register_cases",
    "register_part",
    "text_sha256",
]
