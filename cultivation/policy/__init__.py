"""This app's slice of a policy document: the ``targets`` part. Importing it registers the reader. Pure."""

from core.policies import register_part
from cultivation.policy.targets import BASES, ENTRY_YEARS, METRICS, SCHEDULES, Counting, Goal, Metric, Targets
from cultivation.policy.targets_reader import read_targets

register_part("targets", read_targets)

__all__ = [
    "BASES",
    "ENTRY_YEARS",
    "METRICS",
    "SCHEDULES",
    "Counting",
    "Goal",
    "Metric",
    "Targets",
    "read_targets",
]
