"""The issues of a batch as its page shows them: by column, with counts by class, some hundreds a page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count

from intake.models import Batch, Issue

ISSUES_A_PAGE = 500
WHOLE_FILE = "整个文件"


@dataclass(frozen=True, slots=True)
class IssueGroup:
    """One column's issues on this page; ``counts`` are those of the whole batch."""

    heading: str
    counts: list[tuple[str, int]]
    issues: list[Issue]


@dataclass(frozen=True, slots=True)
class IssuePage:
    page: Page
    groups: list[IssueGroup]
    #: (class, number of issues) of the whole batch, classes without issues left out
    classes: list[tuple[str, int]]
    total: int
    only_must: bool

    @property
    def asks(self) -> bool:
        """Whether an issue on this page can be answered by a note."""
        return any(issue.cls in (Issue.Class.B, Issue.Class.C) for issue in self.page.object_list)


def issue_page(batch: Batch, *, only_must: bool, number: str | None) -> IssuePage:
    """Two queries for the issues and one for the counts, however many there are."""
    by_column: dict[str, dict[str, int]] = defaultdict(dict)
    totals: dict[str, int] = defaultdict(int)
    for column, cls, found in _counted(batch):
        by_column[column][cls] = found
        totals[cls] += found
    issues = batch.issues.filter(cls=Issue.Class.A) if only_must else batch.issues.all()
    page = Paginator(issues.order_by("id"), ISSUES_A_PAGE).get_page(number)
    groups = [
        IssueGroup(column or WHOLE_FILE, sorted(by_column[column].items()), list(group))
        for column, group in groupby(page.object_list, key=lambda issue: issue.column)
    ]
    return IssuePage(page, groups, sorted(totals.items()), sum(totals.values()), only_must)


def _counted(batch: Batch) -> list[tuple[str, str, int]]:
    counted = batch.issues.order_by().values("column", "cls").annotate(found=Count("id"))
    return list(counted.values_list("column", "cls", "found"))
