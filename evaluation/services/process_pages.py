"""办理: the calendar of a round, what stands in the way of the next act, and answers by region. A fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils import timezone

from core.models import Region, User
from core.permissions import can
from core.policies import Unknown
from cultivation.services.month_cycles import workdays_of
from evaluation.models import Confirmation, MoveRecord, Round, Score, StepDone
from evaluation.policy import Move
from evaluation.policy.workflow import DAY_KINDS, Publicity
from evaluation.rules.process import (
    COMPUTED,
    CONFIRMING,
    PUBLICITY,
    SETTLED,
    CalendarDay,
    Progress,
    before_publicity,
    before_publishing,
    before_settling,
    calendar_of,
    day_state,
    is_consent,
    settles,
)
from evaluation.rules.told_process import hindrance_text
from evaluation.services.editions import scheme_of
from evaluation.services.progress import applied_moves, progress_of
from evaluation.services.step_days import step_days
from evaluation.services.steps import BY_REGION, REPORTED

#: state of a step → light and word
LIGHTS = {
    "done": ("ok", "已完成"),
    "overdue": ("bad", "已过期限"),
    "soon": ("warn", "临近期限"),
    "ahead": ("info", "未到期限"),
    "undated": ("mute", "未载明日期"),
}


_ACTS = {"hand_out": "交企业确认", "settle": "审定", "publicity": "公示", "publish": "公布"}
#: stage → steps that are being done in it
_GOING_ON = {CONFIRMING: ("firm_confirm", "appeal"), PUBLICITY: ("publicity",)}


@dataclass(frozen=True, slots=True)
class StepLine:
    day: CalendarDay
    light: str
    word: str
    done_on: date | None
    note: str
    may_report: bool
    #: whether the reader's own region has reported it
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class RegionLine:
    region: str
    graded: int
    agreed: int
    objected: int

    @property
    def waiting(self) -> int:
        return max(self.graded - self.agreed - self.objected, 0)


@dataclass(frozen=True, slots=True)
class ProcessPage:
    round: Round
    title: str
    steps: list[StepLine]
    regions: list[RegionLine]
    progress: Progress
    #: what stands in the way of the next act, in words
    hindrances: list[str]
    next_act: str
    publicity_words: str

    @property
    def next_word(self) -> str:
        return _ACTS.get(self.next_act, "")

    @property
    def total(self) -> RegionLine:
        lines = self.regions
        return RegionLine(
            "合计",
            sum(line.graded for line in lines),
            sum(line.agreed for line in lines),
            sum(line.objected for line in lines),
        )

    @property
    def stages(self) -> list[tuple[str, str]]:
        """(state, word) of the way so far: past, now, ahead."""
        stages = [(stage.value, stage.label) for stage in Round.Stage]
        now = next(number for number, (value, _label) in enumerate(stages) if value == self.round.stage)
        return [
            ("past" if number < now else "now" if number == now else "ahead", label)
            for number, (_value, label) in enumerate(stages)
        ]


def process_page(round_: Round, user: User) -> ProcessPage:
    document, scheme = scheme_of(round_.edition)
    progress = progress_of(round_)
    act, hindrances = _next(round_, progress)
    publicity = scheme.workflow.publicity if scheme.workflow else None
    words = "" if publicity is None else _publicity_words(round_, publicity, is_consent(scheme.workflow))
    return ProcessPage(
        round_,
        document.title,
        step_lines(round_, user),
        _regions(round_, user),
        progress,
        hindrances,
        act,
        words,
    )


def _publicity_words(round_: Round, publicity: Publicity, consents: bool) -> str:
    if isinstance(publicity.days, Unknown):
        return f"公示几天，文件没有写明（{publicity.origin.label}）"
    days = DAY_KINDS.get(str(publicity.kind), "日")
    closes = "" if isinstance(publicity.closes_at, Unknown) else f"，到末日 {publicity.closes_at}"
    silence = "，逾期视为无异议" if consents else ""
    told = f"公示 {publicity.days} 个{days}{closes}{silence}（{publicity.origin.label}）"
    if publicity.kind != "working" or round_.stage not in (COMPUTED, CONFIRMING, SETTLED):
        return told
    years = "、".join(f"{year}年" for year in sorted(workdays_of(round_.region).years))
    if not years:
        return f"{told}。没有载入节假日安排，公示截止日须自己填写"
    return f"{told}。节假日已载入{years}，其他年度须自己填写截止日"


def _next(round_: Round, progress: Progress) -> tuple[str, list[str]]:
    """The next act by name, and what is still open before it."""
    _document, scheme = scheme_of(round_.edition)
    workflow = scheme.workflow
    if round_.is_frozen:
        return "", []
    steps = workflow.steps if workflow else ()
    if round_.stage == COMPUTED and "firm_confirm" in steps:
        return "hand_out", []
    if round_.stage in (COMPUTED, CONFIRMING) and settles(workflow):
        return "settle", [hindrance_text(each) for each in before_settling(workflow, progress)]
    if round_.stage in (COMPUTED, CONFIRMING, SETTLED) and "publicity" in steps:
        return "publicity", [hindrance_text(each) for each in before_publicity(workflow, progress)]
    return "publish", [hindrance_text(each) for each in before_publishing(workflow, progress)]


def step_lines(round_: Round, user: User) -> list[StepLine]:
    """The document's calendar with the state of each step; two queries."""
    _document, scheme = scheme_of(round_.edition)
    today = timezone.localdate()
    done = step_days(round_)
    rows = StepDone.objects.visible_to(user).filter(scheme=round_.scheme, year=round_.year)
    reported: dict[str, list[StepDone]] = defaultdict(list)
    for row in rows.select_related("region", "done_by").order_by("done_at"):
        reported[row.step].append(row)
    may = can(user, "evaluation.report")
    lines = []
    for day in calendar_of(scheme):
        own = reported[day.step]
        whole = next((row for row in own if row.region_id == round_.region_id), None)
        done_on = done.get(day.step) or (timezone.localdate(whole.done_at) if whole else None)
        light, word = LIGHTS[day_state(day.due, done_on, today)]
        if day.step in _GOING_ON.get(round_.stage, ()):
            ends = round_.confirm_until if round_.stage == CONFIRMING else round_.public_until
            light, word = (
                "info",
                f"进行中，到{timezone.localtime(ends):%Y-%m-%d %H:%M}" if ends else "进行中",
            )
        told = "、".join(f"{row.region.name}{row.note}" for row in own if row is not whole)
        note = f"已报：{told}" if told else (whole.note if whole else "")
        is_own = user.region_id == round_.region_id or day.step in BY_REGION
        may_report = may and is_own and day.step in REPORTED
        is_reported = any(row.region_id == user.region_id for row in own)
        lines.append(
            StepLine(
                day, light, word, done_on, note, may_report and not is_reported, may_report and is_reported
            )
        )
    return lines


def _regions(round_: Round, user: User) -> list[RegionLine]:
    graded = (
        Score.objects.visible_to(user)
        .filter(round=round_, standing=Score.Standing.GRADED)
        .exclude(final_grade="")
        .order_by()
        .values_list("region_id")
        .annotate(Count("id"))
    )
    counts = dict(graded)
    answers = dict.fromkeys(((region, answer) for region in counts for answer in Confirmation.Answer), 0)
    rows = Confirmation.objects.visible_to(user).filter(round=round_).order_by()
    for region, answer, count in rows.values_list("region_id", "answer").annotate(Count("id")):
        answers[region, Confirmation.Answer(answer)] = count
    return [
        RegionLine(
            region.name,
            counts[region.pk],
            answers[region.pk, Confirmation.Answer.AGREED],
            answers[region.pk, Confirmation.Answer.OBJECTED],
        )
        for region in Region.objects.filter(pk__in=counts).order_by("order", "pk")
    ]


@dataclass(frozen=True, slots=True)
class MoveLine:
    score: Score
    move: Move
    record: MoveRecord | None

    @property
    def is_proven(self) -> bool:
        """Whether it was approved for the very change that stands now."""
        kept = self.record
        return kept is not None and (kept.before, kept.after) == (
            self.score.initial_grade,
            self.score.final_grade,
        )


def move_lines(round_: Round, user: User) -> list[MoveLine]:
    """Firms whose grade a move changed, with who approved it; of the reader's regions."""
    _document, scheme = scheme_of(round_.edition)
    seen = set(Score.objects.visible_to(user).filter(round=round_).moved().values_list("pk", flat=True))
    records = {
        (row.enterprise_id, row.move): row
        for row in MoveRecord.objects.filter(round=round_).select_related("approved_by")
    }
    lines = [
        MoveLine(score, move, records.get((score.enterprise_id, move.id)))
        for score, move in applied_moves(round_, scheme)
        if score.pk in seen
    ]
    loaded = Score.objects.select_related("enterprise", "region").in_bulk([line.score.pk for line in lines])
    return [MoveLine(loaded[line.score.pk], line.move, line.record) for line in lines]
