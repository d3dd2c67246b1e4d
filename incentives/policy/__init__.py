"""This app's slice of a policy document: the ``awards`` part. Importing it registers the reader. Pure."""

from core.policies import register_part
from incentives.policy.awards import (
    EVENTS,
    LEVELS,
    RECIPIENTS,
    SOURCES,
    Awards,
    Mark,
    Occasion,
    Part,
    RegionGroup,
    Rule,
    Sharing,
    YearParameter,
)
from incentives.policy.awards_reader import read_awards

register_part("awards", read_awards)

__all__ = [
    "EVENTS",
    "LEVELS",
    "RECIPIENTS",
    "SOURCES",
    "Awards",
    "Mark",
    "Occasion",
    "Part",
    "RegionGroup",
    "Rule",
    "Sharing",
    "YearParameter",
    "read_awards",
]
