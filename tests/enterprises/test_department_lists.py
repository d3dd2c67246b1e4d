"""部门名单: any list a department has, its columns explained once, then read by itself (story 10)."""

from __future__ import annotations

import io
from datetime import date

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.jobs import work_all
from core.models import AuditEntry, Role
from enterprises.models import Enterprise, SourceFigure
from enterprises.services.merging import merge_records
from enterprises.services.registering import rename_firm
from intake.models import Batch, ListLayout
from intake.services.batches import check_batch, commit_batch, receive_upload
from intake.services.mapping import MappingRefused, column_lines, confirm_mapping
from intake.services.undoing import undo_batch, undo_plan
from tests import factories

pytestmark = pytest.mark.django_db


def book(*rows) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as workbook:
        page = workbook.add_worksheet("清单")
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return buffer.getvalue()


@pytest.fixture
def power(nantong):
    return factories.user(Role.DEPARTMENT_OFFICER, "320600", department="power", full_name="顾电")


@pytest.fixture
def firms(nantong):
    return [factories.enterprise(f"启东第{n}号机械有限公司") for n in (1, 2)]


def power_list(firms, month=5, kwh=(35000, 48000.5)):
    return book(
        ["工业用户电量"],
        ["户号", "户名", f"2022年{month}月用电量(千瓦时)", "用电类别"],
        *(
            [100 + n, firm.name, value, "大工业"]
            for n, (firm, value) in enumerate(zip(firms, kwh, strict=True))
        ),
        [200, "南通市某小区物业", 5000, "居民"],
    )


def received(actor, content, period="2022-05", name="电量.xlsx"):
    return receive_upload(
        actor=actor, sheet="department_list", region=factories.region("320600"), period=period,
        as_of=date(2022, 6, 8), upload_name=name, content=content,
    )  # fmt: skip


def said(batch, **changes):
    """What was suggested, with the changes of a person: ``c3=("power", "千瓦时")``."""
    suggested = {line.column.number: (line.choice.target, line.choice.unit) for line in column_lines(batch)}
    return suggested | {int(number[1:]): choice for number, choice in changes.items()}


def explained(actor, content, adds_up=False, period="2022-05", **changes):
    batch = check_batch(batch=received(actor, content, period), actor=actor)
    assert batch.state == Batch.State.MAPPING
    confirm_mapping(batch=batch, actor=actor, said=said(batch, **changes), adds_up=adds_up)
    return check_batch(batch=batch, actor=actor)


def told(batch):
    return sorted(batch.issues.exclude(cls="D").values_list("row", "code"))


def kept():
    rows = SourceFigure.objects.values_list("enterprise__name", "measure", "period", "source", "value")
    return {(name[2:5], *rest) for name, *rest in rows}


def test_a_new_list_waits_for_its_columns_and_is_then_read_whole(power, firms):
    batch = explained(power, power_list(firms))
    assert batch.state == Batch.State.READY
    assert told(batch) == [(5, "FIRM_NOT_FOUND")], "the residents are told, not taken"
    assert set(batch.issues.filter(code="COLUMN_UNKNOWN").values_list("column", flat=True)) == {
        "户号",
        "用电类别",
    }
    assert batch.issues.filter(code="NAME_MATCHED").count() == 2
    commit_batch(batch=batch, actor=power, good_rows_only=True)
    assert kept() == {
        ("第1号", "power", "2022-05", "power", 350),
        ("第2号", "power", "2022-05", "power", 480),
    }
    assert AuditEntry.objects.filter(act="confirm_mapping", actor=power).count() == 1


def test_a_former_name_is_matched_and_told_as_one_never_silently(power, firms, nantong):
    """第1号 was renamed; 老名 was borne by two firms; 第2号 once stood twice in the registry."""
    staff = factories.user(Role.BUREAU_STAFF, "320600")
    old_name = firms[0].name
    for firm, name in ((firms[0], "启东新名精工有限公司"), (factories.enterprise("启东老名厂"), "启东甲厂"), (factories.enterprise("启东老名厂"), "启东乙厂")):  # fmt: skip
        rename_firm(firm, name)
        firm.save()
    merge_records(kept=firms[1], second=factories.enterprise(firms[1].name), note="同一家", actor=staff)
    rows = [[1, old_name, 100], [2, firms[1].name, 200], [3, "启东老名厂", 300]]
    batch = explained(power, book(["户号", "户名", "2022年5月用电量(千瓦时)"], *rows))
    named = {issue.row: (issue.code, issue.reason) for issue in batch.issues.filter(column="户名")}
    assert named == {
        2: ("NAME_FORMER", f"是“启东新名精工有限公司”的曾用名，按它的信用代码 {firms[0].uscc} 采用"),
        3: ("NAME_MATCHED", f"按名称对应到信用代码 {firms[1].uscc}"),
        4: ("NAME_AMBIGUOUS", "名录里另有 2 家曾用这个名称，分不清是哪一家"),
    }
    commit_batch(batch=batch, actor=power, good_rows_only=True)
    assert set(SourceFigure.objects.values_list("enterprise", flat=True)) == {firm.pk for firm in firms}


def test_next_month_the_same_list_is_read_without_asking(power, firms):
    commit_batch(batch=explained(power, power_list(firms)), actor=power, good_rows_only=True)
    june = check_batch(batch=received(power, power_list(firms, 6, (36000, 49000)), "2022-06"), actor=power)
    assert june.state == Batch.State.READY and june.mapping["layout"] == ListLayout.objects.get().pk
    commit_batch(batch=june, actor=power, good_rows_only=True)
    assert ("第1号", "power", "2022-06", "power", 360) in kept() and SourceFigure.objects.count() == 4


def test_another_department_is_asked_for_itself(power, firms):
    explained(power, power_list(firms))
    tax = factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax")
    assert check_batch(batch=received(tax, power_list(firms)), actor=tax).state == Batch.State.MAPPING


def test_the_same_list_again_changes_nothing_and_a_corrected_one_tells_what(power, firms):
    commit_batch(batch=explained(power, power_list(firms)), actor=power, good_rows_only=True)
    again = check_batch(batch=received(power, power_list(firms)), actor=power)
    assert (again.counts["same"], again.counts["changed"], again.counts["new"]) == (2, 0, 0)
    better = check_batch(batch=received(power, power_list(firms, 5, (35000, 50000))), actor=power)
    (change,) = better.changes
    assert (change["heading"], change["old"], change["new"]) == ("用电量 2022-05", "4.80", "5.00")


def test_a_list_can_be_taken_back_while_nothing_rests_on_it(power, firms):
    first = commit_batch(batch=explained(power, power_list(firms)), actor=power, good_rows_only=True)
    better = check_batch(batch=received(power, power_list(firms, 5, (1, 2))), actor=power)
    commit_batch(batch=better, actor=power, good_rows_only=True)
    assert "随后又由" in undo_plan(batch=first, actor=power).obstacles[0]
    undo_batch(batch=better, actor=power)
    assert {value for *_, value in kept()} == {350, 480}
    undo_batch(batch=first, actor=power)
    assert not SourceFigure.objects.exists()


def test_several_meters_of_one_firm_are_asked_or_added_up(power, firms):
    twice = [firms[0], firms[0]]
    asked = explained(power, power_list(twice))
    assert (4, "ROW_TWICE") in told(asked)
    survey = asked.mapping["survey"]
    confirm_mapping(batch=asked, actor=power, said=said(asked), adds_up=True)
    summed = check_batch(batch=asked, actor=power)
    assert summed.mapping["survey"] == survey
    commit_batch(batch=summed, actor=power, good_rows_only=True)
    assert kept() == {("第1号", "power", "2022-05", "power", 830)}


def test_months_beside_one_another_become_one_figure_each(power, firms):
    rows = [["企业名称", "用电量2022年1月(万千瓦时)", "用电量2022年2月(万千瓦时)"], [firms[0].name, 1.5, 2.5]]
    commit_batch(batch=explained(power, book(*rows), period="2022"), actor=power)
    assert {row[2:] for row in kept()} == {("2022-01", "power", 150), ("2022-02", "power", 250)}


def test_a_firm_unknown_by_code_needs_name_and_district(power, nantong):
    rows = [
        ["统一社会信用代码", "企业名称", "县区", "参保人数(人)"],
        [factories.uscc(901), "启东新办五金有限公司", "启东市", 30],
        [factories.uscc(902), "如东新办五金有限公司", "", 31],
        [factories.uscc(903), "", "启东市", 32],
    ]
    batch = explained(power, book(*rows))
    assert told(batch) == [(3, "STRANGER_PLACELESS"), (4, "STRANGER_NAMELESS")]
    commit_batch(batch=batch, actor=power, good_rows_only=True)
    firm = Enterprise.objects.get()
    assert (firm.verification, firm.region_id) == ("pending", "320681")
    assert SourceFigure.objects.get().value == 3000


def test_names_borne_by_two_firms_are_not_guessed(power, nantong):
    for _ in range(2):
        factories.enterprise("启东同名有限公司")
    batch = explained(power, book(["企业名称", "用电量(千瓦时)"], ["启东同名有限公司", 5]))
    assert told(batch) == [(2, "NAME_AMBIGUOUS")]


@pytest.mark.parametrize(
    ("changes", "period", "number", "words"),
    [
        ({"c2": ("", "")}, "2022-05", 0, "没有一列是信用代码或企业名称"),
        ({"c3": ("", "")}, "2022-05", 0, "没有一列对应到指标"),
        ({"c3": ("power", "万元")}, "2022-05", 3, "不是用电量的单位"),
        ({"c1": ("name", "")}, "2022-05", 2, "企业名称已对应到"),
        ({"c1": ("moon", "")}, "2022-05", 1, "没有这个指标"),
    ],
)
def test_what_makes_no_list_is_told_and_nothing_is_remembered(power, firms, changes, period, number, words):
    batch = check_batch(batch=received(power, power_list(firms), period), actor=power)
    with pytest.raises(MappingRefused) as refused:
        confirm_mapping(batch=batch, actor=power, said=said(batch, **changes), adds_up=False)
    assert any(at == number and words in message for at, message in refused.value.faults)
    batch.refresh_from_db()
    assert batch.state == Batch.State.MAPPING and not ListLayout.objects.exists()


def test_a_list_without_any_period_is_asked_for_one(power, firms):
    content = book(["企业名称", "用电量(千瓦时)"], [firms[0].name, 5])
    batch = check_batch(batch=received(power, content, period=""), actor=power)
    with pytest.raises(MappingRefused, match="不知道是哪个月或哪一年"):
        confirm_mapping(batch=batch, actor=power, said=said(batch), adds_up=False)


def test_what_is_no_workbook_is_refused_as_ever(power, nantong):
    batch = check_batch(batch=received(power, b"%PDF-1.7", name="电量.pdf"), actor=power)
    assert batch.state == Batch.State.REFUSED and batch.issues.get().code == "PDF"


def test_the_officer_uploads_confirms_and_commits_in_the_browser(client, power, firms, time_machine):
    time_machine.move_to("2022-06-08 10:00+08:00")
    client.force_login(power)
    sent = {
        "region": "320600", "period": "2022-05", "file": SimpleUploadedFile("电量.xlsx", power_list(firms)),
    }  # fmt: skip
    answer = client.post(reverse("intake:upload") + "?sheet=department_list", sent)
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("intake:batch", args=[batch.pk])
    work_all()
    text = client.get(reverse("intake:batch", args=[batch.pk])).content.decode()
    assert "第一次见到这种名单" in text and reverse("intake:mapping", args=[batch.pk]) in text
    assert "待确认列" in client.get("/").content.decode()
    page = client.get(reverse("intake:mapping", args=[batch.pk])).content.decode()
    for shown in ("户名", "启东第1号机械有限公司", "表头写明单位是千瓦时", "不采用"):
        assert shown in page
    batch.refresh_from_db()
    form = {f"target-{n}": target for n, (target, _) in said(batch).items()} | {"unit-3": "千瓦时"}
    wrong = client.post(reverse("intake:mapping", args=[batch.pk]), form | {"target-3": ""}).content.decode()
    assert "没有一列对应到指标" in wrong
    client.post(reverse("intake:mapping", args=[batch.pk]), form)
    work_all()
    client.post(reverse("intake:batch_commit", args=[batch.pk]), {"rows": "good"})
    assert SourceFigure.objects.count() == 2


def test_a_list_of_another_department_cannot_be_explained_by_a_stranger(client, power, firms):
    batch = check_batch(batch=received(power, power_list(firms)), actor=power)
    client.force_login(factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax"))
    assert client.get(reverse("intake:mapping", args=[batch.pk])).status_code == 404
    client.force_login(factories.user(Role.DISTRICT_OFFICER, "320681"))
    assert client.get(reverse("intake:mapping", args=[batch.pk])).status_code == 404


def test_what_is_remembered_is_listed_said_anew_and_forgotten(client, power, firms):
    batch = explained(power, power_list(firms))
    other = factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax")
    client.force_login(other)
    assert "用电量" not in client.get(reverse("intake:layout_list")).content.decode()
    layout = ListLayout.objects.get()
    forget = reverse("intake:layout_forget", args=[layout.pk])
    assert client.post(forget).status_code == 404
    # the bureau sees what a department has said, and leaves it to the department
    client.force_login(factories.user(Role.BUREAU_STAFF, "320600"))
    page = client.get(reverse("intake:layout_list")).content.decode()
    assert "供电" in page and "用电量" in page and "删除这一版" not in page
    assert "只有该部门可以删除" in client.post(forget, follow=True).content.decode()
    assert ListLayout.objects.exists()
    client.force_login(power)
    again = check_batch(batch=received(power, power_list(firms, 6), "2022-06"), actor=power)
    page = client.get(reverse("intake:layout_list")).content.decode()
    assert f"按批次 {again} 重新对应" in page and "不采用：户号、用电类别" in page
    assert "用过 2 批" in page and str(batch) not in page, "the newest that waits is offered"
    assert client.post(forget).status_code == 302
    assert not ListLayout.objects.exists()
    assert AuditEntry.objects.get(act="forget_layout").actor == power
    july = check_batch(batch=received(power, power_list(firms, 7), "2022-07"), actor=power)
    assert july.state == Batch.State.MAPPING, "asked about again"


def test_the_page_of_layouts_asks_as_often_for_four_as_for_one(client, power, firms):
    client.force_login(power)
    asked = []
    for number in range(4):
        heads = ["户号", "户名", "2022年5月用电量(千瓦时)", f"备注{number}"]
        explained(power, book(heads, [1, firms[0].name, 5, "x"]))
        client.get(reverse("intake:layout_list"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("intake:layout_list")).status_code == 200
        asked.append(len(queries))
    assert asked == [asked[0]] * 4 and asked[0] <= 11
