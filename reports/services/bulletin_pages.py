"""The page of papers: the newest issued version of a month, its statutory table, and what can be made of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.models import User
from cultivation.services.analysis import sees_whole
from cultivation.services.month_pages import MonthPage
from reports.services.bulletins import Paper, kinds_of, paper_of
from reports.services.statutory import StatutoryTable, statutory_table


@dataclass(frozen=True, slots=True)
class BulletinPage:
    """``papers``: kind and name, for readers of the whole locality once the month is issued."""

    table: StatutoryTable | None
    papers: list[tuple[str, str]]


def bulletin_page(page: MonthPage, user: User) -> BulletinPage:
    """Papers are made of issued versions alone; before that the draft's table is shown as a draft."""
    issue = page.frozen or page.issue
    table = statutory_table(issue, user) if issue else None
    whole = issue is not None and issue.is_frozen and sees_whole(user, issue)
    return BulletinPage(table, kinds_of(issue) if issue and whole else [])


def paper_or_none(page: MonthPage, kind: str, user: User) -> Paper | None:
    """``None`` where there is no issued version, the reader does not see all of it, or the month makes no such paper."""
    issue = page.frozen
    if issue is None or not sees_whole(user, issue):
        return None
    try:
        return paper_of(issue, kind, user)
    except KeyError:
        return None
