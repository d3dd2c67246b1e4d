"""The month's acts: close (统计), issue (印发), and the one table that page, Excel, REST and summary read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from core.amounts import AmountOutOfRange, from_hundredths, to_hundredths
from core.audit import record
from core.models import PolicyEdition, Region, Role, User
from core.moment import one_moment
from core.periods import Month
from core.services.policies import edition_in_force
from cultivation.models import IssueRows, MonthlyIssue, RegionMonth
from cultivation.rules.measures import four_places
from cultivation.rules.month_rows import packed
from cultivation.rules.months import SUMMED, MonthLine, MonthStatistics, total_of
from cultivation.services.adjustments import draw_adjustments, keep_adjustments, settle_adjustments
from cultivation.services.month_facts import ReadMonth, read_month
from cultivation.services.month_review import regions_not_accepted
from cultivation.services.programmes import targets_part
from cultivation.services.statistics import (
    DrawnStatistics,
    ReadAround,
    dispatch_rules,
    draw_statistics,
    keep_statistics,
    read_around,
)

#: Told of every version that is issued, within the transaction: what belongs to it is frozen with it.
on_issue: list[Callable[[MonthlyIssue], None]] = []


class MonthRefused(Exception):
    """The act cannot be done; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class MonthTable:
    """Lines in official order and their 合计: what the reader may see of an issue, nothing else."""

    issue: MonthlyIssue
    lines: tuple[RegionMonth, ...]
    total: MonthLine

    @property
    def is_whole(self) -> bool:
        """Whether the sum is the whole locality's: several districts, not one district's own line."""
        return len(self.lines) > 1


def close_month_key(programme: str, month: Month) -> str:
    """The key of the job that closes this month: queued once, however often it is asked for."""
    return f"close_month:{programme}:{month}"


def close_month(*, programme: str, month: Month, actor: User) -> MonthlyIssue:
    """Compute the month and keep it as the draft; the same facts again change nothing.

    Changed facts replace a draft; beside an issued version they make the next one. Raises ``MonthRefused``.
    """
    edition = programme_in_force(programme)
    if month.first_day > timezone.localdate():
        raise MonthRefused(f"{month.label}还没有开始，不能统计。")
    with one_moment():
        read = read_month(edition, month)
        around = read_around(edition, read)
    drawn = _drawn(edition, read, around)
    regions = [region.code for region in read.regions]
    tables = drawn.month.tables
    adjusted = draw_adjustments(programme=programme, month=month, regions=regions, tables=tables)
    with transaction.atomic():
        # one closing of a programme at a time; SQLite's transaction is the lock itself
        PolicyEdition.objects.select_for_update().get(pk=edition.pk)
        newest = MonthlyIssue.objects.latest_for(programme, month).first()
        if newest and newest.inputs_digest == read.digest:
            if not newest.is_frozen:
                keep_statistics(issue=newest, read=read, drawn=drawn)
                keep_adjustments(issue=newest, drawn=adjusted)
            return newest
        issue = _draft(newest, edition, read, actor)
        _save_lines(issue, read, drawn.month)
        keep_statistics(issue=issue, read=read, drawn=drawn)
        keep_adjustments(issue=issue, drawn=adjusted)
        record(
            actor=actor,
            act="close_month",
            region=edition.locality,
            subject=str(issue),
            counts={"version": issue.version, "firms": read.firm_ids.size, "lines": len(read.regions)},
            digest=read.digest,
        )
    return issue


def issue_month(*, issue: MonthlyIssue, actor: User) -> MonthlyIssue:
    """Freeze a draft. Who closed a month does not issue it, save ``system``, which only commands act as."""
    if actor.pk == issue.closed_by_id and actor.role != Role.SYSTEM:
        raise MonthRefused("统计和印发应由两个人办理：这一版是您统计的，请由分管领导印发。")
    if not issue.is_frozen and _has_moved(issue):
        raise MonthRefused(f"{issue.month.label}统计之后数据有变动，请先重新统计，再印发。")
    waiting = regions_not_accepted(issue.programme, issue.month)
    if waiting and not issue.is_frozen:
        raise MonthRefused(f"还有 {len(waiting)} 个地区的月报没有审核通过，不能印发：{'、'.join(waiting)}。")
    with transaction.atomic():
        PolicyEdition.objects.select_for_update().get(pk=issue.edition_id)
        newest = MonthlyIssue.objects.latest_for(issue.programme, issue.month).first()
        if newest is None or newest.pk != issue.pk or newest.inputs_digest != issue.inputs_digest:
            raise MonthRefused("这一版已被新的统计替换，请刷新后再看。")
        if newest.is_frozen:
            raise MonthRefused(f"{issue.month.label}第{newest.version}版已经印发，不用再办。")
        newest.state = MonthlyIssue.State.ISSUED
        newest.issued_by, newest.issued_at = actor, timezone.now()
        newest.save(update_fields=["state", "issued_by", "issued_at"])
        settle_adjustments(newest)
        for keep in on_issue:
            keep(newest)
        record(
            actor=actor,
            act="issue_month",
            region=newest.region,
            subject=str(newest),
            counts={"version": newest.version},
            digest=newest.inputs_digest,
        )
    return newest


def whole_table(issue: MonthlyIssue) -> MonthTable:
    """Every line of an issue, for papers of the whole locality; doors ask first whether the reader sees all of it."""
    return _table(issue, RegionMonth.objects.all())


def month_table(*, issue: MonthlyIssue, user: User) -> MonthTable:
    """The lines of an issue that ``user`` may see, and their sum."""
    return _table(issue, RegionMonth.objects.visible_to(user))


def month_block(issue: MonthlyIssue) -> dict[str, Any]:
    """The whole month as the command and the summary print it: amounts with two places, ratios with four."""
    table = whole_table(issue)
    total = table.total
    return {
        "reporting": total.reporting,
        "silent": total.silent,
        "revenue_wan": str(from_hundredths(total.revenue_wan)),
        "revenue_yoy": _text(total.revenue_yoy),
        "newly_listed_ytd": total.newly_listed_ytd,
        "delisted_ytd": total.delisted_ytd,
        "net_added_ytd": total.net_added_ytd,
        "ranking": [
            {
                "region": line.region.name,
                "target": line.target,
                "newly_listed": line.newly_listed_ytd,
                "attainment": _text(line.attainment),
                "schedule_gap": _text(line.schedule_gap),
            }
            for line in ranking(table.lines)
        ],
    }


def ranking(lines: tuple[RegionMonth, ...]) -> list[RegionMonth]:
    """Lines with a rank, first the best; equal ranks keep the official order."""
    return sorted((line for line in lines if line.rank is not None), key=lambda line: line.rank)


def programme_in_force(programme: str) -> PolicyEdition:
    edition = edition_in_force(programme)
    if edition is None or edition.locality_id is None or targets_part(edition) is None:
        raise MonthRefused(f"没有施行中的方案 {programme}，或它没有目标任务。")
    return edition


def _table(issue: MonthlyIssue, scope: Any) -> MonthTable:
    lines = tuple(scope.filter(issue=issue).select_related("region").order_by("region__order", "region_id"))
    for line in lines:
        line.issue = issue
    total = total_of(lines, months_passed=issue.month.month, basis=issue.basis)
    return MonthTable(issue, lines, total)


def _drawn(edition: PolicyEdition, read: ReadMonth, around: ReadAround) -> DrawnStatistics:
    try:
        return draw_statistics(edition, read, around)
    except AmountOutOfRange as error:
        raise MonthRefused("营业收入或税金的合计超出可记录的范围，请先核查金额特别大的企业。") from error


def _draft(newest: MonthlyIssue | None, edition: PolicyEdition, read: ReadMonth, actor: User) -> MonthlyIssue:
    """The draft to fill: the present one emptied, or a new version."""
    if newest is None or newest.is_frozen:
        issue = MonthlyIssue(programme=edition.name, month=read.month, version=1)
        if newest:
            issue.version = newest.version + 1
    else:
        issue = newest
        RegionMonth.objects.filter(issue=issue).delete()
        IssueRows.objects.filter(issue=issue).delete()
    issue.region, issue.edition, issue.basis = edition.locality, edition, read.basis
    issue.due_share = read.due_share
    rules = dispatch_rules(edition)
    issue.is_joint = rules.is_joint
    lagging = rules.amount("lagging")
    issue.lagging_hundredths = None if lagging is None else to_hundredths(lagging)
    issue.lagging_origin = rules.thresholds["lagging"].origin
    issue.inputs_digest = read.digest
    issue.closed_by, issue.closed_at = actor, timezone.now()
    issue.save()
    return issue


def _save_lines(issue: MonthlyIssue, read: ReadMonth, statistics: MonthStatistics) -> None:
    lines = [
        RegionMonth(issue=issue, region=region, target=line.target, rank=line.rank)
        for region, line in zip(read.regions, statistics.lines, strict=True)
    ]
    for row, line in zip(lines, statistics.lines, strict=True):
        for name in SUMMED:
            setattr(row, name, getattr(line, name))
    try:
        RegionMonth.objects.bulk_create(
            row for row in lines if not _is_empty_rest(row.region, row, issue, len(lines))
        )
    except AmountOutOfRange as error:
        raise MonthRefused("营业收入或税金的合计超出可记录的范围，请先核查金额特别大的企业。") from error
    codes = [region.code for region in read.regions]
    IssueRows.objects.create(issue=issue, regions=codes, tables=packed(statistics.tables))


def _is_empty_rest(region: Region, row: RegionMonth, issue: MonthlyIssue, lines: int) -> bool:
    """The locality's own line beside its districts, when no firm is assessed by it directly."""
    return lines > 1 and region.pk == issue.region_id and not any(getattr(row, name) for name in SUMMED)


def _has_moved(issue: MonthlyIssue) -> bool:
    edition = programme_in_force(issue.programme)
    with one_moment():
        return read_month(edition, issue.month).digest != issue.inputs_digest


def _text(ratio: Decimal | None) -> str | None:
    return None if ratio is None else str(four_places(ratio))
