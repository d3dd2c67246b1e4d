"""The runners of worked cases that this app brings: importing it registers them. Pure."""

from cultivation.rules.calendar_cases import work_calendar
from cultivation.rules.pool_cases import work_pool
from cultivation.rules.target_cases import work_targets

__all__ = ["work_calendar", "work_pool", "work_targets"]
