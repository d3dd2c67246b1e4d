"""更正单 after lock, and 调整: an issued month never changes; what differs stands in the next one, firm by firm."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.digest import table_digests
from core.models import AuditEntry
from core.panels import todos_for
from core.periods import Month
from cultivation.models import Correction, MonthAdjustments, RegionMonth
from cultivation.services.adjustments import adjusted_firms, adjustment_table
from cultivation.services.corrections import CorrectionRefused, ask_correction, decide_correction, effects_of
from cultivation.services.months import close_month, issue_month, month_table
from enterprises.models import MonthlyFigure, ScaleEvent
from enterprises.services.moving import move_firm
from tests import factories
from tests.cultivation.conftest import PROGRAMME

MAY, JUNE, JULY = Month(2022, 5), Month(2022, 6), Month(2022, 7)
QIDONG, HAIAN = "320681", "320685"
FROZEN = ("monthly_issue", "monthly_issue_rows", "region_month", "month_adjustments")
pytestmark = pytest.mark.django_db


@pytest.fixture
def firms(edition):
    """启东 with two firms, one comparable with last year; 海安 with one; figures of May, June and July."""
    made = {name: factories.enterprise(f"启东试验{name}厂", QIDONG) for name in "甲乙"}
    made["丁"] = factories.enterprise("海安试验丁厂", HAIAN)
    for number, firm in enumerate(made.values()):
        for month in (MAY, JUNE, JULY):
            factories.monthly_figure(firm, month, f"{100 * (number + 1)}.00", "1.00")
    factories.monthly_figure(made["甲"], "2021-06", "80.00", "1.00")
    return made


@pytest.fixture
def issue(firms, staff, leader):
    return issued(JUNE, staff, leader)


@pytest.fixture
def officer(edition):
    return factories.user("district_officer", QIDONG)


def issued(month, staff, leader):
    return issue_month(issue=close_month(programme=PROGRAMME, month=month, actor=staff), actor=leader)


def asked(firm, actor, new="180.00", measure="revenue_wan", **fields):
    given = {"programme": PROGRAMME, "month": JUNE, "reason": "开票数有误", **fields}
    return ask_correction(uscc=firm.uscc, measure=measure, new=new, actor=actor, **given)


def adjusted(issue, user):
    return {region.name: region for region in adjustment_table(issue=issue, user=user).regions}


def adjusted_rows(issue, user):
    table = adjustment_table(issue=issue, user=user)
    return adjusted_firms(table, table.rows, user)


def frozen_tables():
    return {name: digest for name, digest in table_digests().items() if name in FROZEN}


def holds_together(month, issue, before, user):
    """累计 = 累计 as the month before was issued + the month's own + 调整, in every line and every number."""
    names = adjusted(issue, user)
    old = {line.region_id: line for line in RegionMonth.objects.filter(issue=before)}
    for line in month_table(issue=issue, user=user).lines:
        extra = names.get(line.region.name)
        for ytd, own, name in (
            ("revenue_ytd_wan", "revenue_wan", "revenue"),
            ("tax_paid_ytd_wan", "tax_paid_wan", "tax"),
            ("newly_listed_ytd", "newly_listed", "newly_listed"),
            ("delisted_ytd", "delisted", "delisted"),
        ):
            expected = (
                getattr(old[line.region_id], ytd)
                + getattr(line, own)
                + (getattr(extra, name) if extra else 0)
            )
            assert getattr(line, ytd) == expected, (line.region.name, name)


def test_the_effect_on_published_figures_is_shown_before_approval(client, issue, firms, officer, leader):
    paper = asked(firms["甲"], officer)
    told = {
        (table.name, one.label): (one.old, one.new, one.difference)
        for table in effects_of(correction=paper, user=leader)
        for one in table.effects
    }
    assert told["启东市", "本月营业收入(万元)"] == (300_00, 380_00, 80_00)
    assert told["合计", "累计营业收入(万元)"] == (1200_00, 1280_00, 80_00)
    # 甲 alone reported in June of both years: 100 against 80, then 180 against 80
    old, new, _ = told["启东市", "本月营业收入同比"]
    assert (str(old), str(new)) == ("0.25", "1.25")
    assert not any(label.startswith("本月实缴税金") for _, label in told)
    client.force_login(leader)
    page = client.get(reverse("cultivation:correction", args=[paper.pk])).content.decode()
    assert "380.00" in page and "印发的数字不变" in page
    client.force_login(officer)
    own = {table.name for table in effects_of(correction=paper, user=officer)}
    assert own == {"启东市"}, "a district sees its own totals alone"


def test_an_issued_month_never_changes_and_the_next_one_shows_the_adjustment(
    issue, firms, officer, staff, leader
):
    before = frozen_tables()
    paper = asked(firms["甲"], officer)
    decide_correction(correction=paper, agrees=True, opinion="已核对发票", actor=leader)
    assert MonthlyFigure.objects.get(enterprise=firms["甲"], month=JUNE).revenue_wan == 180_00
    assert frozen_tables() == before, "the issued month is what it was"
    july = close_month(programme=PROGRAMME, month=JULY, actor=staff)
    own = adjusted(july, staff)
    assert {name: (one.revenue, one.tax, one.firms) for name, one in own.items()} == {"启东市": (80_00, 0, 1)}
    (line,) = adjusted_rows(july, staff)
    assert (line.name, line.words, line.corrections) == ("启东试验甲厂", "数据更正", (paper,))
    holds_together(JULY, july, issue, staff)
    # once July is issued too, a second correction of June waits for August
    issue_month(issue=july, actor=leader)
    kept = frozen_tables()
    decide_correction(
        correction=asked(firms["甲"], officer, new="150.00"), agrees=True, opinion="再核对", actor=leader
    )
    assert frozen_tables() == kept
    assert adjusted(july, staff)["启东市"].revenue == 80_00
    august = close_month(programme=PROGRAMME, month=Month(2022, 8), actor=staff)
    assert adjusted(august, staff)["启东市"].revenue == -30_00


def test_a_second_person_approves_and_the_figure_must_still_be_the_old_one(
    issue, firms, officer, staff, leader
):
    paper = asked(firms["甲"], officer)
    with pytest.raises(CorrectionRefused, match="已有一张更正单在办"):
        asked(firms["甲"], officer, new="181.00")
    with pytest.raises(CorrectionRefused, match="提出和批准应由两个人办理"):
        decide_correction(correction=paper, agrees=True, opinion="同意", actor=officer)
    MonthlyFigure.objects.filter(enterprise=firms["甲"], month=JUNE).update(revenue_wan=101_00)
    with pytest.raises(CorrectionRefused, match="提出之后又有变动"):
        decide_correction(correction=paper, agrees=True, opinion="同意", actor=leader)
    decide_correction(correction=paper, agrees=False, opinion="数已变动", actor=leader)
    assert MonthlyFigure.objects.get(enterprise=firms["甲"], month=JUNE).revenue_wan == 101_00
    acts = AuditEntry.objects.filter(act__endswith="_correction").values_list("act", "counts__state")
    assert sorted(acts) == [("ask_correction", "waiting"), ("decide_correction", "refused")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"new": "100.00"}, "与原数相同"),
        ({"new": "十万"}, "填数字"),
        ({"new": "1.005"}, "最多两位小数"),
        ({"new": "-5"}, "只有实缴税金可以是负数"),
        ({"measure": "staff", "new": "1.5"}, "人数填整数"),
        ({"measure": "profit"}, "请选择要更正的指标"),
        ({"reason": " "}, "请写明更正的原因"),
        ({"month": JULY}, "还没有印发"),
        ({"evidence": SimpleUploadedFile("a.pdf", b"MZ")}, "只收 PDF、JPG、PNG"),
    ],
)
def test_what_is_not_taken(issue, firms, officer, given, told):
    with pytest.raises(CorrectionRefused, match=told):
        asked(firms["甲"], officer, **given)
    assert not Correction.objects.exists()


def test_another_districts_firm_cannot_be_corrected(issue, firms, officer):
    with pytest.raises(CorrectionRefused, match="没有这家企业的月报"):
        asked(firms["丁"], officer)


def test_what_is_recorded_late_stands_as_an_adjustment_with_its_cause(issue, firms, staff):
    late = factories.enterprise("启东试验戊厂", QIDONG)
    factories.monthly_figure(late, MAY, "40.00", "2.00")
    factories.scale_event(late, ScaleEvent.Kind.LISTED, "2022-04")
    move_firm(firms["乙"], HAIAN, date(2022, 6, 10), None)
    firms["乙"].save()
    july = close_month(programme=PROGRAMME, month=JULY, actor=staff)
    told = sorted((one.name, one.region, one.words, one.revenue) for one in adjusted_rows(july, staff))
    assert told == [
        ("启东试验乙厂", "启东市", "考核地区调整", -200_00),
        ("启东试验乙厂", "海安市", "考核地区调整", 200_00),
        ("启东试验戊厂", "启东市", "补报", 40_00),
        ("启东试验戊厂", "启东市", "补记2022年4月入库", 0),
    ]
    holds_together(JULY, july, issue, staff)


def test_a_month_before_that_is_issued_late_is_what_the_draft_is_compared_with(firms, staff, leader):
    may = issued(MAY, staff, leader)
    july = close_month(programme=PROGRAMME, month=JULY, actor=staff)
    MonthlyFigure.objects.filter(enterprise=firms["丁"], month=MAY).update(revenue_wan=310_00)
    june = issued(JUNE, staff, leader)
    assert adjusted(june, staff)["海安市"].revenue == 10_00
    holds_together(JUNE, june, may, staff)
    july = issue_month(issue=close_month(programme=PROGRAMME, month=JULY, actor=staff), actor=leader)
    assert MonthAdjustments.objects.get(issue=july).base == june
    assert adjusted(july, staff) == {}


def test_a_month_after_one_that_was_never_issued_has_no_adjustments(firms, staff):
    close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    july = close_month(programme=PROGRAMME, month=JULY, actor=staff)
    assert adjustment_table(issue=july, user=staff) is None
    assert not MonthAdjustments.objects.exists()


def test_the_pages_from_asking_to_the_next_month(client, issue, firms, officer, staff, leader):
    client.force_login(officer)
    new = reverse("cultivation:correction_new", args=[PROGRAMME, JUNE])
    scan = SimpleUploadedFile("发票.pdf", b"%PDF-1.7 ...")
    sent = {
        "uscc": firms["甲"].uscc,
        "measure": "revenue_wan",
        "new": "180",
        "reason": "开票数有误",
        "evidence": scan,
    }
    answer = client.post(new, sent, follow=True)
    paper = Correction.objects.get()
    assert f"{paper}已提出，待另一人批准" in answer.content.decode()
    url = reverse("cultivation:correction", args=[paper.pk])
    assert client.post(url, {"agrees": "yes", "opinion": "同意"}).status_code == 403
    client.force_login(leader)
    (todo,) = [todo for todo in todos_for(leader) if todo.kind == "待批准"]
    assert len(client.get(todo.url).context["page"].object_list) == 1 and "1 张" in todo.title
    taken = client.get(reverse("cultivation:correction_file", args=[paper.pk]))
    assert taken.content == b"%PDF-1.7 ..." and "attachment" in taken["Content-Disposition"]
    assert AuditEntry.objects.filter(act="download_evidence", actor=leader).count() == 1
    client.post(url, {"agrees": "yes", "opinion": "已核对"})
    assert [todo for todo in todos_for(leader) if todo.kind == "待批准"] == []
    close_month(programme=PROGRAMME, month=JULY, actor=staff)
    client.force_login(staff)
    month = re.sub(
        r"<[^>]+>", " ", client.get(reverse("cultivation:month", args=[PROGRAMME, JULY])).content.decode()
    )
    assert "累计 = 上月印发的累计 + 本月 + 调整" in month
    book = openpyxl.load_workbook(
        io.BytesIO(client.get(reverse("cultivation:month_export", args=[PROGRAMME, JULY])).content)
    )
    rows = {row[0]: row[1:6] for row in book["调整"].iter_rows(min_row=5, values_only=True) if row[0]}
    assert rows["启东市"] == (1, 80, 0, 0, 0), "the same as on the page"
    listed = client.get(reverse("cultivation:month_adjustments", args=[PROGRAMME, JULY])).content.decode()
    assert "启东试验甲厂" in listed and str(paper) in listed
    client.force_login(factories.user("district_officer", HAIAN))
    assert client.get(url).status_code == 404
    other = client.get(reverse("cultivation:month_adjustments", args=[PROGRAMME, JULY])).content.decode()
    assert "启东试验甲厂" not in other
