"""This app's slices of a policy document: ``targets``, ``pool``, ``calendar`` and ``dispatch``. Importing it registers their readers. Pure."""

from core.policies import register_part
from cultivation.policy.calendar import WorkCalendar
from cultivation.policy.calendar_reader import read_calendar
from cultivation.policy.dispatch import OWN_RULES, DispatchRules
from cultivation.policy.dispatch_reader import read_dispatch
from cultivation.policy.pool import POOL_KINDS, PoolRule, Pools
from cultivation.policy.pool_reader import read_pools
from cultivation.policy.targets import BASES, ENTRY_YEARS, METRICS, SCHEDULES, Counting, Goal, Metric, Targets
from cultivation.policy.targets_reader import read_targets

register_part("targets", read_targets)
register_part("pool", read_pools)
register_part("calendar", read_calendar)
register_part("dispatch", read_dispatch)

__all__ = [
    "BASES",
    "ENTRY_YEARS",
    "METRICS",
    "OWN_RULES",
    "POOL_KINDS",
    "SCHEDULES",
    "Counting",
    "DispatchRules",
    "Goal",
    "Metric",
    "PoolRule",
    "Pools",
    "Targets",
    "WorkCalendar",
    "read_calendar",
    "read_dispatch",
    "read_pools",
    "read_targets",
]
