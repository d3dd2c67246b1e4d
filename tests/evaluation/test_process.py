"""From the run to the publication: handed out, signed, appealed, settled, made public to the minute, published."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import AuditEntry, User
from core.services.policies import load_edition
from core.workdays import UnknownYear, Workdays
from evaluation.models import Appeal, Confirmation, EvaluationFile, MoveRecord, Round, Score
from evaluation.rules.process import (
    Hindrance,
    Progress,
    before_publishing,
    before_settling,
    calendar_of,
    closing,
    day_state,
    leaders_act,
    may_object,
)
from evaluation.services.appeals import appealable, decide_appeal, file_appeal, preview_appeal
from evaluation.services.editions import RoundRefused, scheme_of
from evaluation.services.frozen_rounds import is_reproduced
from evaluation.services.process import (
    approve_move,
    hand_out,
    open_publicity,
    record_confirmation,
    settle_round,
    take_back,
)
from evaluation.services.progress import progress_of
from evaluation.services.rounds import publish_round, run_evaluation
from tests import factories
from tests.evaluation.conftest import FIGURES
from tests.evaluation.methods import QUANTITIES, scheme, text_of

WORKFLOW = {
    "clause": "四",
    "steps": ["data_entry", "pre_evaluation", "firm_confirm", "appeal", "final_evaluation", "publicity", "publish",
              "lists", "rectify", "acceptance", "re_evaluation", "payment"],
    "deadlines": {"data_entry": "03-31", "publish": "05-31", "lists": "06-30", "acceptance": "12-31", "payment": "unknown"},
    "publicity": {"days": 5, "kind": "working", "closes_at": "17:30", "silence_is_consent": "true"},
    "publish": {"fields": ["name", "grade"], "order": "code", "cohorts": "separate"},
}  # fmt: skip
HOLIDAYS = Path(__file__).parents[2] / "config/policies/holidays/holidays-2022.yaml"
PDF = b"%PDF-1.4 signed"


def scan(content: bytes = PDF, name: str = "确认单.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# ---------------------------------------------------------------- the calendar and its gates, without rows


def moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00+08:00")


def test_the_calendar_is_the_documents_in_the_year_after():
    days = {day.step: (day.due, day.clause) for day in calendar_of(scheme(workflow=WORKFLOW))}
    assert days["data_entry"] == (date(2023, 3, 31), "四")
    assert days["acceptance"][0] == date(2023, 12, 31)
    assert days["payment"] == (None, "四")
    assert days["firm_confirm"] == (None, "")
    assert list(days)[:2] == ["data_entry", "pre_evaluation"]
    assert calendar_of(scheme()) == ()


@pytest.mark.parametrize(
    ("due", "done", "today", "state"),
    [
        (date(2022, 3, 31), None, date(2022, 3, 31), "soon"),
        (date(2022, 3, 31), None, date(2022, 4, 1), "overdue"),
        (date(2022, 3, 31), None, date(2022, 3, 15), "ahead"),
        (date(2022, 3, 31), None, date(2022, 3, 16), "soon"),
        (date(2022, 3, 31), date(2022, 4, 9), date(2022, 5, 1), "done"),
        (None, None, date(2022, 5, 1), "undated"),
    ],
)
def test_a_step_is_overdue_from_the_day_after_its_last(due, done, today, state):
    assert day_state(due, done, today) == state


def test_publicity_ends_on_the_minute_of_its_last_working_or_calendar_day():
    publicity = scheme(workflow=WORKFLOW).workflow.publicity
    # 国办发明电〔2021〕11号: 1—7 October off, 8 and 9 October (Saturday, Sunday) worked
    holidays = frozenset(date(2022, 10, day) for day in range(1, 8))
    known = Workdays(frozenset({2022}), holidays, frozenset({date(2022, 10, 8), date(2022, 10, 9)}))
    # Tuesday 2022-09-20: 20, 21, 22, 23, then Monday the 26th
    assert closing(publicity, date(2022, 9, 20), known) == moment("2022-09-26T17:30")
    # 29 and 30 September, 8, 9, 10 October
    assert closing(publicity, date(2022, 9, 29), known) == moment("2022-10-10T17:30")
    # begun on a holiday, it counts from the next working day
    assert closing(publicity, date(2022, 10, 7), known) == moment("2022-10-12T17:30")
    with pytest.raises(UnknownYear, match="2023年的节假日安排没有载入"):
        closing(publicity, date(2022, 12, 29), known)
    calendar = scheme(
        workflow=WORKFLOW | {"publicity": WORKFLOW["publicity"] | {"days": 4, "kind": "calendar"}}
    )
    assert closing(calendar.workflow.publicity, date(2022, 9, 20), Workdays()) == moment("2022-09-23T17:30")
    open_ended = scheme(workflow=WORKFLOW | {"publicity": WORKFLOW["publicity"] | {"days": "unknown"}})
    assert closing(open_ended.workflow.publicity, date(2022, 9, 20), known) is None


def stood(stage="confirming", now="2022-05-20T09:00", **more) -> Progress:
    return Progress(stage, moment(now), moment("2022-05-20T17:30"), **more)


def codes(found: tuple[Hindrance, ...]) -> list[str]:
    return [each.code for each in found]


def test_silence_is_consent_after_the_deadline_only_and_only_where_the_document_says_so():
    consents = scheme(workflow=WORKFLOW).workflow
    asks = scheme(
        workflow=WORKFLOW | {"publicity": WORKFLOW["publicity"] | {"silence_is_consent": "false"}}
    ).workflow
    late = "2022-05-20T17:30"
    assert codes(before_settling(consents, stood(waiting=3))) == ["WAITING"]
    assert before_settling(consents, stood(waiting=3, now=late)) == ()
    assert codes(before_settling(asks, stood(waiting=3, now=late))) == ["WAITING"]
    unhurried = Progress("confirming", moment(late), None, waiting=3)
    assert codes(before_settling(consents, unhurried)) == ["WAITING"], "without a deadline nobody is late"
    assert before_settling(asks, stood(now=late)) == ()
    assert codes(before_settling(consents, stood("computed"))) == ["NOT_HANDED_OUT"]
    assert codes(before_settling(consents, stood(open_appeals=1, unproven=2))) == ["OPEN_APPEALS", "UNPROVEN"]


def test_publishing_waits_for_the_end_of_the_publicity_and_a_method_without_steps_asks_for_nothing():
    workflow = scheme(workflow=WORKFLOW).workflow
    assert codes(before_publishing(workflow, stood())) == ["NOT_SETTLED", "NOT_PUBLIC"]
    assert codes(before_publishing(workflow, stood("settled"))) == ["NOT_PUBLIC"]
    public = Progress("publicity", moment("2022-05-27T17:29"), public_until=moment("2022-05-27T17:30"))
    assert before_publishing(workflow, public) == (Hindrance("STILL_PUBLIC", 0, moment("2022-05-27T17:30")),)
    over = Progress("publicity", moment("2022-05-27T17:30"), public_until=moment("2022-05-27T17:30"))
    assert before_publishing(workflow, over) == ()
    assert (may_object(public), may_object(over), may_object(stood()), may_object(stood("settled"))) == (
        True, False, True, False,
    )  # fmt: skip
    assert before_publishing(None, stood("computed")) == ()


def test_the_leader_is_told_when_the_clock_has_run_out_not_before():
    workflow = scheme(workflow=WORKFLOW).workflow
    end, before = moment("2022-05-20T17:30"), moment("2022-05-20T17:29")
    assert [leaders_act(workflow, "confirming", end, now) for now in (before, end)] == ["", "settle"]
    assert [leaders_act(workflow, "publicity", end, now) for now in (before, end)] == ["", "publish"]
    assert [leaders_act(workflow, stage, None, end) for stage in ("computed", "settled")] == ["", ""]
    assert leaders_act(None, "computed", None, end) == "publish"


# ---------------------------------------------------------------- the acts


MOVE = {"id": "new", "label": "新列规保护", "kind": "floor", "grade": "B", "when": "staff <= 10人", "if_unknown": "out", "clause": "六"}  # fmt: skip


@pytest.fixture
def people(nantong) -> dict[str, User]:
    days = {step: day for step, day in WORKFLOW["deadlines"].items() if day != "unknown"}
    text = text_of(
        data_year=2021, quantities=QUANTITIES, workflow=WORKFLOW | {"deadlines": days}, moves=[MOVE]
    )
    load_edition(text=text.replace('"990100"', '"320600"'), actor=User.objects.system())
    return {
        "staff": factories.user("bureau_staff", "320600"),
        "leader": factories.user("bureau_leader", "320600"),
        "officer": factories.user("district_officer", "320681"),
    }


@pytest.fixture
def firms(people):
    made = []
    for number in range(5):
        firm = factories.enterprise(f"启东评价{number}厂")
        staff = 8 if number == 4 else 30
        factories.annual_figure(firm, **{**FIGURES, "tax_wan": str(200 - 10 * number), "staff": staff})
        made.append(firm)
    return made


def run(people) -> Round:
    return run_evaluation(scheme="haibin-evaluation", year=2021, actor=people["staff"])


def score_of(firm) -> Score:
    return Score.objects.select_related("round__edition", "region", "enterprise").get(enterprise=firm)


@pytest.mark.django_db
def test_the_whole_way_of_a_round(people, firms, time_machine):
    """S2-09: states, dates, uploaded signed form, appeal outcome; S2-08: who approved a move."""
    time_machine.move_to(datetime(2022, 5, 9, 1, tzinfo=UTC))
    staff, leader, officer = people["staff"], people["leader"], people["officer"]
    round_ = run(people)
    told = "".join(score_of(firm).final_grade for firm in firms)
    # 20/60/95 of five: 1, 3, 5 places; the last is lifted to B
    assert told == "ABBCB"
    assert not Score.objects.visible_to(officer).exists()
    with pytest.raises(RoundRefused, match="还没有交企业书面确认"):
        settle_round(round_=round_, actor=leader)
    with pytest.raises(
        RoundRefused, match=r"不能公布：预评价结果还没有交企业书面确认；.*；结果还没有审定；还没有公示"
    ):
        publish_round(round_=round_, actor=leader)
    until = datetime(2022, 5, 16, 9, 30, tzinfo=UTC)
    with pytest.raises(RoundRefused, match="应在以后"):
        hand_out(round_=round_, until=datetime(2022, 5, 1, tzinfo=UTC), actor=staff)
    round_ = hand_out(round_=round_, until=until, actor=staff)
    assert Score.objects.visible_to(officer).count() == 5
    assert not Score.objects.visible_to(factories.user("finance", "320600")).exists()

    # one firm signs, another objects to its tax
    with pytest.raises(RoundRefused, match="请上传签字盖章的确认单"):
        record_confirmation(
            score=score_of(firms[0]), agrees=True, signed_by="王某", note="", upload=None, actor=officer
        )
    with pytest.raises(RoundRefused, match="只收 PDF"):
        record_confirmation(
            score=score_of(firms[0]),
            agrees=True,
            signed_by="王某",
            note="",
            upload=scan(b"MZ"),
            actor=officer,
        )
    for _twice in range(2):
        record_confirmation(
            score=score_of(firms[0]), agrees=True, signed_by="王某", note="", upload=scan(), actor=officer
        )
    record_confirmation(
        score=score_of(firms[3]), agrees=False, signed_by="李某", note="税收", upload=None, actor=officer
    )
    kept = Confirmation.objects.get(enterprise=firms[0])
    assert (kept.answer, kept.shown, bytes(kept.file.content)) == ("agreed", "100.0000 A", PDF)
    assert progress_of(round_).waiting == 3

    # 170 万元 ought to be 195: it overtakes two, and of the five only one keeps B by its place
    _document, method = scheme_of(round_.edition)
    assert list(appealable(method)) == ["land_own", "land_leased_in", "land_leased_out", "tax", "value_added", "energy", "emissions", "staff"]  # fmt: skip
    appeal = file_appeal(
        score=score_of(firms[3]),
        quantity="tax",
        claimed="195",
        reason="漏计免抵",
        upload=scan(),
        actor=officer,
    )
    assert (appeal.stated, appeal.claimed) == (170_00, 195_00)
    with pytest.raises(RoundRefused, match="已有一件申诉在办"):
        file_appeal(
            score=score_of(firms[3]), quantity="tax", claimed="196", reason="又", upload=None, actor=officer
        )
    preview = preview_appeal(appeal)
    assert (preview.score, preview.grade) == (("85.00", "97.50"), ("C", "B"))
    assert [(firm.name, firm.before, firm.after) for firm in preview.moved] == [("启东评价2厂", "B", "C")]
    with pytest.raises(RoundRefused, match="还有 1 件申诉没有裁定"):
        settle_round(round_=round_, actor=leader)
    decided = decide_appeal(appeal=appeal, accepts=True, answer="经税务局核对属实", actor=leader)
    assert (decided.ruled, decided.moved) == (195_00, [["启东评价2厂", firms[2].uscc, "B", "C"]])
    with pytest.raises(RoundRefused, match="已经裁定"):
        decide_appeal(appeal=appeal, accepts=False, answer="再看", actor=leader)
    with pytest.raises(RoundRefused, match="请先重新测算"):
        settle_round(round_=round_, actor=leader)
    again = run(people)
    assert (again.pk, again.stage) == (round_.pk, "confirming")
    assert "".join(score_of(firm).final_grade for firm in firms) == "ABCBB"
    assert is_reproduced(again)

    # the move asks for evidence, silence is consent after the deadline
    moved = score_of(firms[4])
    with pytest.raises(RoundRefused, match="1 家调档的企业没有凭据"):
        settle_round(round_=again, actor=leader)
    with pytest.raises(RoundRefused, match="两个人"):
        approve_move(score=moved, move="new", evidence="列规文件", upload=None, actor=staff)
    approve_move(score=moved, move="new", evidence="苏统〔2021〕1号", upload=None, actor=leader)
    record = MoveRecord.objects.get()
    assert (record.before, record.after, record.clause, record.approved_by) == ("C", "B", "六", leader)
    with pytest.raises(RoundRefused, match="还有 3 家企业没有书面确认（截止 2022年5月16日17:30）"):
        settle_round(round_=again, actor=leader)
    time_machine.move_to(until)
    with pytest.raises(RoundRefused, match="不在申诉期内"):
        file_appeal(
            score=score_of(firms[1]), quantity="tax", claimed="1", reason="晚了", upload=None, actor=officer
        )
    settled = settle_round(round_=again, actor=leader)
    with pytest.raises(RoundRefused, match="已经审定"):
        settle_round(round_=settled, actor=leader)
    firms[0].annual_figures.update(tax_wan=1_00)
    with pytest.raises(RoundRefused, match="要重新测算请先退回"):
        run(people)
    firms[0].annual_figures.update(tax_wan=200_00)

    # nobody has loaded the year's holidays: the last day is asked for, never guessed
    with pytest.raises(RoundRefused, match="2022年的节假日安排没有载入，算不出公示的最后一个工作日"):
        open_publicity(round_=settled, first=date(2022, 5, 17), until=None, actor=staff)
    with pytest.raises(RoundRefused, match="不能提前截止"):
        open_publicity(round_=settled, first=date(2022, 5, 17), until=date(2022, 5, 20), actor=staff)
    load_edition(text=HOLIDAYS.read_text("utf-8"), actor=User.objects.system())
    public = open_publicity(round_=settled, first=date(2022, 5, 17), until=None, actor=staff)
    assert public.public_until == datetime(2022, 5, 23, 9, 30, tzinfo=UTC)
    back = take_back(round_=public, reason="名称有误", actor=leader)
    assert (back.stage, back.public_until) == ("confirming", None)
    settle_round(round_=back, actor=leader)
    with pytest.raises(RoundRefused, match="不能提前截止"):
        open_publicity(round_=back, first=date(2022, 5, 17), until=date(2022, 5, 20), actor=staff)
    public = open_publicity(round_=back, first=date(2022, 5, 17), until=date(2022, 5, 24), actor=staff)
    time_machine.move_to(public.public_until - timedelta(minutes=1))
    with pytest.raises(RoundRefused, match="公示到 2022年5月24日17:30 为止"):
        publish_round(round_=public, actor=leader)
    time_machine.move_to(public.public_until)
    published = publish_round(round_=public, actor=leader)
    assert (published.stage, published.is_frozen) == ("published", True)
    with pytest.raises(RoundRefused, match="已经公布"):
        take_back(round_=published, reason="x", actor=leader)
    acts = list(
        AuditEntry.objects.filter(act__in=("settle_round", "open_publicity", "decide_appeal")).values_list(
            "act", flat=True
        )
    )
    assert len(acts) == 5
    # the ruling stands in the next version too
    firms[1].annual_figures.update(tax_wan=191_00)
    later = run(people)
    assert (later.version, Score.objects.get(round=later, enterprise=firms[3]).value) == (
        2,
        Score.objects.get(round=published, enterprise=firms[3]).value,
    )
    assert (Appeal.objects.count(), EvaluationFile.objects.count()) == (1, 3)
