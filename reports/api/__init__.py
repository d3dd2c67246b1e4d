"""The REST door: what clients pull, page by page or as a stream. Rows through ``visible_to``, roles through the one
table of permissions."""

from reports.api.bulletins import Bulletins, BulletinWord
from reports.api.findings import Findings
from reports.api.lists import Enterprises, Months, Targets
from reports.api.results import Awards, EvaluationResults, ExplainedResults, Pool, SurveyGaps, Tiers
from reports.api.statistics import Statistics, Statutory
from reports.api.watching import HandoverFile, Handovers, Watch

__all__ = [
    "Awards",
    "BulletinWord",
    "Bulletins",
    "Enterprises",
    "EvaluationResults",
    "ExplainedResults",
    "Findings",
    "HandoverFile",
    "Handovers",
    "Months",
    "Pool",
    "Statistics",
    "Statutory",
    "SurveyGaps",
    "Targets",
    "Tiers",
    "Watch",
]
