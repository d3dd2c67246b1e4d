"""What the month page shows, read in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from core.models import JobRun, PolicyEdition, User
from core.periods import Month
from cultivation.models import MonthlyIssue
from cultivation.services.months import MonthTable, close_month_key, month_table, ranking
from cultivation.services.programmes import programmes_visible_to
from enterprises.models import MonthlyFigure


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the month's flow bar; exactly one is ``now`` until the month is issued."""

    label: str
    note: str
    state: str  # done, now or ""


@dataclass(frozen=True, slots=True)
class MonthPage:
    programmes: list[PolicyEdition]
    programme: PolicyEdition
    month: Month
    months: list[Month]
    versions: list[MonthlyIssue]
    issue: MonthlyIssue | None
    table: MonthTable | None
    job: JobRun | None

    @property
    def newest(self) -> MonthlyIssue | None:
        return self.versions[0] if self.versions else None

    @property
    def is_newest(self) -> bool:
        return self.issue is not None and self.newest is not None and self.issue.pk == self.newest.pk

    @property
    def frozen(self) -> MonthlyIssue | None:
        """The newest issued version, where the one on view is a later draft."""
        return next((version for version in self.versions if version.is_frozen), None)

    @property
    def has_newer_policy(self) -> bool:
        """A draft that was counted by a former edition: to be counted again before it is issued."""
        issue = self.issue
        return (
            issue is not None
            and self.is_newest
            and not issue.is_frozen
            and issue.edition_id != self.programme.pk
        )

    @property
    def ranked(self) -> list:
        return ranking(self.table.lines) if self.table else []

    @property
    def steps(self) -> list[Step]:
        total = self.table.total if self.table else None
        issue = self.issue
        notes = [
            f"{(self.month + 1).month}月1日",
            f"已报 {total.reporting:,}/{total.firms:,} 家" if total else "",
            _day(issue.closed_at) if issue else "",
            _day(issue.issued_at) if issue and issue.issued_at else "",
        ]
        reached = 1 if issue is None else 3
        if issue and issue.is_frozen:
            reached = 4
        states = ["done" if i < reached else "now" if i == reached else "" for i in range(4)]
        return [Step(*parts) for parts in zip(("开放", "填报", "统计", "印发"), notes, states, strict=True)]


def month_page(*, user: User, programme: str, month: Month, version: int | None = None) -> MonthPage | None:
    """``None`` when the user sees no such programme, or the version asked for does not exist."""
    programmes = list(programmes_visible_to(user))
    edition = next((e for e in programmes if e.name == programme), None)
    if edition is None:
        return None
    issues = MonthlyIssue.objects.visible_to(user)
    versions = list(
        issues.latest_for(programme, month).select_related("edition", "region", "closed_by", "issued_by")
    )
    issue = versions[0] if versions else None
    if version is not None:
        issue = next((v for v in versions if v.version == version), None)
        if issue is None:
            return None
    months = issues.filter(programme=programme).order_by("-month").values_list("month", flat=True).distinct()
    return MonthPage(
        programmes,
        edition,
        month,
        sorted({*months, month}, reverse=True),
        versions,
        issue,
        month_table(issue=issue, user=user) if issue else None,
        running_close(programme, month),
    )


def current_month(user: User, programme: str = "") -> tuple[str, Month] | None:
    """Programme and month to open first: the latest closed one, else the latest with figures."""
    programmes = list(programmes_visible_to(user).values_list("name", flat=True))
    names = [name for name in programmes if not programme or name == programme]
    if not names:
        return None
    latest = MonthlyIssue.objects.visible_to(user).filter(programme__in=names).newest_first().first()
    if latest:
        return latest.programme, latest.month
    return names[0], latest_with_figures(user) or Month.of(timezone.localdate()) - 1


def latest_with_figures(user: User) -> Month | None:
    return MonthlyFigure.objects.visible_to(user).order_by("-month").values_list("month", flat=True).first()


def running_close(programme: str, month: Month) -> JobRun | None:
    """The job that closes this month, while it waits or works, or when it failed or was refused."""
    run = JobRun.objects.filter(key=close_month_key(programme, month)).first()
    if run is None or (run.state == JobRun.State.DONE and "refused" not in (run.result or {})):
        return None
    return run


def _day(moment: datetime) -> str:
    local = timezone.localtime(moment)
    return f"{local.month}月{local.day}日"
