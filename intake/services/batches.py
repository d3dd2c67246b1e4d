"""The acts on a batch, in the order of its life; every door calls these and nothing else."""

from intake.services.access import NotYours, may_act
from intake.services.checking import STEPS, BatchClosed, check_batch
from intake.services.commits import (
    CommitRefused,
    Overtaken,
    answer_issues,
    commit_batch,
    discard_batch,
    later_batches,
    overtaken,
    refuse_batch,
)
from intake.services.imports import import_answer, import_file
from intake.services.retries import retry_check
from intake.services.undoing import UndoRefused, undo_batch, undo_plan
from intake.services.uploads import UploadRefused, committed_twin, receive_upload

__all__ = [
    "STEPS",
    "BatchClosed",
    "CommitRefused",
    "NotYours",
    "Overtaken",
    "UndoRefused",
    "UploadRefused",
    "answer_issues",
    "check_batch",
    "commit_batch",
    "committed_twin",
    "discard_batch",
    "import_answer",
    "import_file",
    "later_batches",
    "may_act",
    "overtaken",
    "receive_upload",
    "refuse_batch",
    "retry_check",
    "undo_batch",
    "undo_plan",
]
