"""Rounds with their scores, and what people do with a round on its way to its publication and after it."""

from evaluation.models.process import Appeal, Confirmation, EvaluationFile, MoveRecord, StepDone
from evaluation.models.projects import Milestone, Project
from evaluation.models.rounds import RankingPool, Round, RoundSnapshot, Score

__all__ = [
    "Appeal",
    "Confirmation",
    "EvaluationFile",
    "Milestone",
    "MoveRecord",
    "Project",
    "RankingPool",
    "Round",
    "RoundSnapshot",
    "Score",
    "StepDone",
]
