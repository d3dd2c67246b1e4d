"""The issues of a batch as its page shows them: by column, with counts by class, narrowed as asked, some hundreds a page."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Count, Min

from intake.models import Batch, Issue

ISSUES_A_PAGE = 500
WHOLE_FILE = "整个文件"
#: In an address: the issues of the whole file, which belong to no column.
NO_COLUMN = "-"
#: What issues can be narrowed by, in the order of the filter.
FILTERS = ("cls", "code", "sheet", "column")
_REASON_SHOWN = 24

Choice = tuple[str, str]


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
    #: what the page is narrowed to
    narrowed: Mapping[str, str]
    #: filter → (value, what people read, with its count)
    choices: Mapping[str, list[Choice]]

    @property
    def asks(self) -> bool:
        """Whether an issue on this page can be answered by a note."""
        return any(issue.cls in (Issue.Class.B, Issue.Class.C) for issue in self.page.object_list)

    @property
    def only_must(self) -> bool:
        return dict(self.narrowed) == {"cls": Issue.Class.A}


def issue_page(batch: Batch, *, asked: Mapping[str, str], number: str | None) -> IssuePage:
    """Two queries for the issues and one for the counts, however many there are. A filter of no sense is left out."""
    counted = _counted(batch)
    by_column: dict[str, Counter[str]] = defaultdict(Counter)
    totals: Counter[str] = Counter()
    for column, cls, _, _, found, _ in counted:
        by_column[column][cls] += found
        totals[cls] += found
    choices = _choices(counted)
    known = {name: {value for value, _ in values} for name, values in choices.items()}
    narrowed = {name: asked[name] for name in FILTERS if asked.get(name) and asked[name] in known[name]}
    issues = batch.issues.filter(
        **{name: "" if value == NO_COLUMN and name == "column" else value for name, value in narrowed.items()}
    )
    page = Paginator(issues.order_by("id"), ISSUES_A_PAGE).get_page(number)
    groups = [
        IssueGroup(column or WHOLE_FILE, sorted(by_column[column].items()), list(group))
        for column, group in groupby(page.object_list, key=lambda issue: issue.column)
    ]
    return IssuePage(page, groups, sorted(totals.items()), totals.total(), narrowed, choices)


_Counted = list[tuple[str, str, str, str, int, str]]


def _counted(batch: Batch) -> _Counted:
    """(column, class, code, sheet, issues, one of their reasons)"""
    issues = batch.issues.order_by().values("column", "cls", "code", "sheet")
    counted = issues.annotate(found=Count("id"), said=Min("reason"), first=Min("id")).order_by("first")
    return list(counted.values_list("column", "cls", "code", "sheet", "found", "said"))


def _choices(counted: _Counted) -> dict[str, list[Choice]]:
    """The values that the batch has, each with its number of issues; a code speaks by one of its reasons."""
    numbers: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    reasons: dict[str, str] = {}
    for column, cls, code, sheet, found, said in counted:
        numbers["cls"][cls] += found
        numbers["code"][code] += found
        numbers["sheet"][sheet] += found
        numbers["column"][column or NO_COLUMN] += found
        short = said if len(said) <= _REASON_SHOWN else said[:_REASON_SHOWN] + "…"
        reasons.setdefault(code, short)
    words = {
        "cls": lambda value: f"{value} {Issue.Class(value).label}",
        "code": lambda value: reasons[value],
        "sheet": lambda value: value,
        "column": lambda value: WHOLE_FILE if value == NO_COLUMN else value,
    }
    return {
        name: [
            (value, f"{words[name](value)}（{found:,}）")
            for value, found in (sorted(values.items()) if name == "cls" else values.items())
            if value
        ]
        for name, values in numbers.items()
    }
