"""This app's slice of a policy document: the ``evaluation`` part. Importing it registers the reader. Pure."""

from core.policies import register_part
from evaluation.policy.quantities import LAND, MEASURES, QUANTITIES, Quantity
from evaluation.policy.scheme import Band, Bound, Clause, Cohort, Grading, Indicator, QuantityUse, Scheme
from evaluation.policy.scheme_reader import read_scheme
from evaluation.policy.settings import Origin, Setting
from evaluation.policy.unknowns import unknown_settings

register_part("evaluation", read_scheme)

__all__ = [
    "LAND",
    "MEASURES",
    "QUANTITIES",
    "Band",
    "Bound",
    "Clause",
    "Cohort",
    "Grading",
    "Indicator",
    "Origin",
    "Quantity",
    "QuantityUse",
    "Scheme",
    "Setting",
    "read_scheme",
    "unknown_settings",
]
