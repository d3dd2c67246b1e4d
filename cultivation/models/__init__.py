from cultivation.models.acts import PoolApplication, PoolHandover, PoolJudgement, PoolLine
from cultivation.models.corrections import Correction, MonthAdjustments
from cultivation.models.dispatch import DispatchOrder, DispatchStep
from cultivation.models.locks import MonthReopening
from cultivation.models.months import IssueRows, MonthlyIssue, RegionMonth
from cultivation.models.pool import PoolMembership, PoolScreening, ScreenedFirms, TierChange
from cultivation.models.returns import MonthlyCycle, MonthReturn, ReturnAct, ReturnMark, ReturnReminder
from cultivation.models.statistics import IssueStatistics, MonthAnalysis
from cultivation.models.targets import Target, TargetChange
from cultivation.models.watch import WatchEntry, WatchNote

__all__ = [
    "Correction",
    "DispatchOrder",
    "DispatchStep",
    "IssueRows",
    "IssueStatistics",
    "MonthAdjustments",
    "MonthAnalysis",
    "MonthReopening",
    "MonthReturn",
    "MonthlyCycle",
    "MonthlyIssue",
    "PoolApplication",
    "PoolHandover",
    "PoolJudgement",
    "PoolLine",
    "PoolMembership",
    "PoolScreening",
    "RegionMonth",
    "ReturnAct",
    "ReturnMark",
    "ReturnReminder",
    "ScreenedFirms",
    "Target",
    "TargetChange",
    "TierChange",
    "WatchEntry",
    "WatchNote",
]
