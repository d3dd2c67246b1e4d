"""This app's slice of a policy document: the ``evaluation`` part. Importing it registers the reader. Pure."""

from core.policies import register_part
from evaluation.policy.grading import Band, Breaker, Gate, Grading, Level, Move, QuotaBase
from evaluation.policy.indicators import Anchor, Baseline, Bound, Filling, Indicator, Scoring
from evaluation.policy.quantities import LAND, MEASURES, QUANTITIES, Quantity
from evaluation.policy.scheme import Clause, Cohort, Effect, Flag, Land, QuantityUse, Scheme, Special, Subject
from evaluation.policy.scheme_reader import read_scheme
from evaluation.policy.settings import Origin, Setting, is_missing
from evaluation.policy.unknowns import unknown_settings

register_part("evaluation", read_scheme)

__all__ = [
    "LAND",
    "MEASURES",
    "QUANTITIES",
    "Anchor",
    "Band",
    "Baseline",
    "Bound",
    "Breaker",
    "Clause",
    "Cohort",
    "Effect",
    "Filling",
    "Flag",
    "Gate",
    "Grading",
    "Indicator",
    "Land",
    "Level",
    "Move",
    "Origin",
    "Quantity",
    "QuantityUse",
    "QuotaBase",
    "Scheme",
    "Scoring",
    "Setting",
    "Special",
    "Subject",
    "is_missing",
    "read_scheme",
    "unknown_settings",
]
