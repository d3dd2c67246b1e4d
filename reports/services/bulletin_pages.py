"""The page of papers: the newest issued version of a month, its statutory table, and what can be made of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import User
from core.permissions import can
from cultivation.models import MonthlyIssue
from cultivation.services.analysis import sees_whole
from cultivation.services.month_pages import MonthPage
from reports.models import Bulletin
from reports.querysets import BulletinQuerySet
from reports.services.bulletins import Paper, kinds_of, paper_of
from reports.services.statutory import StatutoryTable, statutory_table


@dataclass(frozen=True, slots=True)
class ListedPaper:
    """A paper that the month makes, with what has been made of it, if anything."""

    kind: str
    name: str
    bulletin: Bulletin | None


@dataclass(frozen=True, slots=True)
class PaperActs:
    """What this person may do with a paper now."""

    draft: bool
    sign: bool


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """``papers``: for readers of the whole locality once the month is issued."""

    table: StatutoryTable | None
    papers: list[ListedPaper]


def bulletin_page(page: MonthPage, user: User) -> BulletinPage:
    """Papers are made of issued versions alone; before that the draft's table is shown as a draft."""
    issue = page.frozen or page.issue
    table = statutory_table(issue, user) if issue else None
    whole = issue is not None and issue.is_frozen and sees_whole(user, issue)
    return BulletinPage(table, listed_papers(issue, user) if issue and whole else [])


def listed_papers(issue: MonthlyIssue, user: User) -> list[ListedPaper]:
    """One query."""
    rows = _bulletins(issue, user).select_related("signed_by")
    made = {one.kind: one for one in rows}
    return [ListedPaper(kind, name, made.get(kind)) for kind, name in kinds_of(issue)]


def paper_acts(paper: Paper, user: User) -> PaperActs:
    state = paper.bulletin.state if paper.bulletin else Bulletin.State.DRAFT
    return PaperActs(
        state == Bulletin.State.DRAFT and can(user, "bulletin.draft"),
        state == Bulletin.State.WAITING and can(user, "bulletin.sign"),
    )


def paper_or_none(page: MonthPage, kind: str, user: User) -> Paper | None:
    """``None`` where there is no issued version, the reader does not see all of it, or the month makes no such paper."""
    issue = page.frozen
    if issue is None or not sees_whole(user, issue):
        return None
    try:
        people = ("drafted_by", "signed_by")
        made = _bulletins(issue, user).filter(kind=kind).select_related(*people).first()
        return paper_of(issue, kind, user, made)
    except KeyError:
        return None


def _bulletins(issue: MonthlyIssue, user: User) -> BulletinQuerySet:
    return Bulletin.objects.visible_to(user).issued_to(user).of_issue(issue).defer("content")
