"""What a month leaves behind: a return that came back and went up again, a correction that waits, orders on their way,
a paper that was signed. Each is done once, by the people whose act it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from config.demo.returns import date_back
from core.amounts import from_hundredths
from core.models import User
from core.periods import SHANGHAI, Month
from cultivation.models import Correction, DispatchOrder, MonthlyIssue, MonthReturn, ReturnAct
from cultivation.services.corrections import ask_correction
from cultivation.services.dispatch import draft_orders, send_region, take_step
from cultivation.services.month_review import hand_on, send_back_marked
from enterprises.models import MonthlyFigure
from reports.models import Bulletin
from reports.services.bulletin_acts import draft_bulletin, sign_bulletin
from reports.services.bulletins import ADDRESSEE, paper_of

#: 通州区 has its return sent back; 启东市 asks for a correction; these two are dispatched
RETURNED, CORRECTED, DISPATCHED = "320612", "320681", ("320613", "320681")
_ANSWER = "已逐户走访：订单减少的两家已对接市内配套，停产检修的一家下月恢复。"


@dataclass(frozen=True, slots=True)
class Cast:
    """The people of one city's programme."""

    programme: str
    person: Callable[[str], User]
    bureau: User
    leader: User


def leave_in_life(cast: Cast, *, last: Month) -> None:
    """``last`` has its returns in and waits to be issued; the month before is issued."""
    send_one_back(cast, last)
    ask_one_correction(cast, last - 1)
    issue = MonthlyIssue.objects.latest_for(cast.programme, last - 1).filter(state="issued").first()
    if issue is not None:
        dispatch_some(cast, issue)
        sign_one_paper(cast, issue)


def send_one_back(cast: Cast, month: Month) -> None:
    """Sent back with a marked cell on the due day, looked into, and handed up again with what was found."""
    found = MonthReturn.objects.select_related("cycle", "region").filter(
        cycle__programme=cast.programme, cycle__month=month, region=RETURNED, step=MonthReturn.Step.DONE
    )
    one = found.first()
    if one is None or one.acts.filter(kind=ReturnAct.Kind.SEND_BACK).exists():
        return
    largest = _largest(RETURNED, month)
    if largest is None:
        return
    mark = {
        "uscc": largest.enterprise.uscc,
        "measure": "revenue_wan",
        "note": "与上月相差较大，请核实是否为当月数",
    }
    reason = "标记的一家请与企业核实后再报"
    send_back_marked(returned=one, to="fill", reason=reason, marks=[mark], actor=cast.bureau)
    due = one.cycle.due_on or one.cycle.opens_on
    date_back(one, _at(due, 14))
    ways = (
        (f"officer-{RETURNED}", "已与企业财务电话核实，确为当月数，附开票清单", 15),
        (f"head-{RETURNED}", "", 16),
        ("", "", 17),
    )
    for who, told, hour in ways:
        hand_on(returned=one, actor=cast.person(who) if who else cast.bureau, reason=told)
        date_back(one, _at(due, hour))


def ask_one_correction(cast: Cast, month: Month) -> None:
    if Correction.objects.filter(issue__programme=cast.programme).exists():
        return
    figure = _largest(CORRECTED, month)
    if figure is None:
        return
    ask_correction(
        programme=cast.programme, month=month, uscc=figure.enterprise.uscc, measure="revenue_wan",
        new=str(from_hundredths(figure.revenue_wan) + Decimal("36.80")),
        reason="企业漏计一张月末开具的发票，已提供发票清单", actor=cast.person(f"officer-{CORRECTED}"),
    )  # fmt: skip


def dispatch_some(cast: Cast, issue: MonthlyIssue) -> None:
    """Drafted for all districts, sent to two, answered once: the bureau reviews it."""
    if DispatchOrder.objects.of_programme(cast.programme).exists():
        return
    draft_orders(issue=issue, actor=cast.bureau)
    drafts = set(DispatchOrder.objects.of_programme(cast.programme).values_list("region", flat=True))
    day = timezone.localdate() + timedelta(days=10)
    for region in (code for code in DISPATCHED if code in drafts):
        head = cast.person(f"head-{region}")
        sent = send_region(
            programme=cast.programme,
            region=head.region,
            owner=head.full_name,
            deadline=day,
            actor=cast.bureau,
        )
    answered = next((order for order in sent if order.kind == "fall"), sent[0])
    take_step(
        order=answered, act="answer", text=_ANSWER, actor=cast.person(f"officer-{answered.region_id.lower()}")
    )


def sign_one_paper(cast: Cast, issue: MonthlyIssue) -> None:
    if Bulletin.objects.filter(issue__programme=cast.programme).exists():
        return
    words = "\n".join(paper_of(issue, "brief", cast.bureau).lines)
    made = draft_bulletin(
        issue=issue, kind="brief", number=f"通工信发〔{issue.month.year}〕15号", addressee=ADDRESSEE,
        copies="市委办公室，市政府办公室，市统计局，市税务局", text=words, actor=cast.bureau, to_sign=True,
    )  # fmt: skip
    sign_bulletin(bulletin=made, printed_on=timezone.localdate(), actor=cast.leader)


def _largest(region: str, month: Month) -> MonthlyFigure | None:
    figures = MonthlyFigure.objects.filter(region=region, month=month, enterprise__region=region)
    return figures.select_related("enterprise").order_by("-revenue_wan", "pk").first()


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 20), SHANGHAI)
