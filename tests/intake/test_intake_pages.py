"""Uploading in the browser: what the officer sees, what each role may open, and how many queries a page costs."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from core import jobs
from core.models import AuditEntry, Role
from core.panels import todos_for
from enterprises.models import MonthlyFigure
from intake.models import Batch
from tests.factories import enterprise, user
from tests.intake.monthly_rows import code
from tests.intake.uploads import checked, committed, five_faults, good_rows, received, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(nantong):
    return user(full_name="陆小芸")


@pytest.fixture
def page(client, officer):
    client.force_login(officer)
    return client


def send(client, content: bytes, name: str = "启东市_月报.xlsx", query: str = "?sheet=monthly", **more):
    file = SimpleUploadedFile(name, content)
    fields = {"region": "320681", "period": "2026-03", "file": file} | more
    return client.post(reverse("intake:upload") + query, fields)


def url(name: str, batch: Batch) -> str:
    return reverse(f"intake:{name}", args=[batch.pk])


def text(response) -> str:
    return response.content.decode()


@pytest.fixture(autouse=True)
def _a_day_in_april(time_machine):
    time_machine.move_to("2026-04-08T10:00:00+08:00", tick=True)


# ------------------------------------------------------------------ the officer's way


def test_an_officer_uploads_sees_all_faults_mends_and_commits(page):
    sent = send(page, five_faults())
    batch = Batch.objects.get()
    assert sent.url == url("batch", batch)
    waiting = text(page.get(sent.url))
    assert "等待校验" in waiting
    assert f'data-poll-url="{url("batch_state", batch)}"' in waiting
    jobs.work_all()
    assert 'data-poll-done="reload"' in text(page.get(url("batch_state", batch)))
    shown = text(page.get(sent.url))
    assert "5 行有未处理的问题" in shown
    for cell in ("B2", "D3", "F4", "F5", "G6"):
        assert f">{cell}<" in shown
    assert "提交入库（先处理 5 行）" in shown
    assert "只提交没有问题的 2 行" in shown
    mended = send(page, workbook(*good_rows(7)), query=f"?sheet=monthly&replaces={batch.pk}")
    jobs.work_all()
    after = text(page.get(mended.url))
    assert "原批次" in after
    assert "提交入库 7 行" in after
    second = Batch.objects.latest("pk")
    done = page.post(url("batch_commit", second), follow=True)
    assert "已入库 7 行" in text(done)
    assert MonthlyFigure.objects.count() == 7
    batch.refresh_from_db()
    assert batch.state == Batch.State.DISCARDED


def test_only_the_good_rows_are_committed_when_asked(page, officer):
    batch = checked(officer, five_faults())
    refused = text(page.post(url("batch_commit", batch), follow=True))
    assert "还有 5 行没有改正或说明" in refused
    assert not MonthlyFigure.objects.exists()
    done = text(page.post(url("batch_commit", batch), {"rows": "good"}, follow=True))
    assert "已入库 2 行" in done
    assert "有问题的 5 行没有写入" in done


def test_notes_are_kept_and_short_ones_come_back(page, officer):
    rows = good_rows(4)
    rows[0][6], rows[1][5] = 5000, 1830500
    batch = checked(officer, workbook(*rows))
    b, c = batch.issues.get(cls="B"), batch.issues.get(cls="C")
    said = text(
        page.post(
            url("batch_reasons", batch),
            {f"note-{b.pk}": "补缴", f"note-{c.pk}": "属实", "note-x": "y"},
            follow=True,
        )
    )
    assert "还有 1 条没有说明或不足 6 个字" in said
    assert 'value="属实"' in said
    assert "不足 6 个字" in said


@pytest.mark.parametrize(
    ("asked", "shown"), [("2025-11", "2025-11"), ("2031-01", "2026-03"), ("x", "2026-03")]
)
def test_a_link_may_name_the_month_of_the_upload(page, asked, shown):
    said = text(page.get(reverse("intake:upload") + f"?sheet=monthly&period={asked}"))
    assert said.count(f'<option value="{shown}" selected>') == 2  # 上传 and 下载模板


def test_only_what_must_be_mended_can_be_shown(page, officer):
    batch = checked(officer, five_faults())
    shown = text(page.get(url("batch", batch) + "?cls=A"))
    assert ">F4<" in shown
    assert ">G6<" not in shown


def test_more_issues_than_a_page_holds_are_paged(page, officer, monkeypatch):
    monkeypatch.setattr("intake.services.issue_groups.ISSUES_A_PAGE", 4)
    batch = checked(officer, workbook(*([*cells[:5], "无", *cells[6:]] for cells in good_rows(6))))
    # per firm: the figure must be mended, and the registry does not know the firm
    assert "共 12 个，第 1—4 个" in text(page.get(url("batch", batch)))
    assert "第 9—12 个" in text(page.get(url("batch", batch) + "?page=3"))


def test_an_interrupted_check_shows_how_to_go_on(page, officer, time_machine):
    batch = received(officer, workbook(*good_rows()))
    time_machine.move_to("2026-04-08T10:02:00+08:00")
    shown = text(page.get(url("batch", batch)))
    assert "校验中断" in shown
    assert "重新校验" in shown
    assert [todo.kind for todo in todos_for(officer) if todo.url == url("batch", batch)] == ["可重试"]
    page.post(url("batch_retry", batch))
    jobs.work_all()
    assert "校验通过" in text(page.get(url("batch", batch)))


def test_what_waits_for_its_sender_is_in_his_todo_alone(officer):
    batch = checked(officer, five_faults())
    todo = next(todo for todo in todos_for(officer) if todo.url == url("batch", batch))
    assert (todo.kind, todo.note) == ("待提交", "月报.xlsx　5 行有问题")
    assert not [todo for todo in todos_for(user()) if todo.url == url("batch", batch)]


def test_overtaken_officers_are_told_who_and_to_check_again(page, officer):
    mine = checked(officer, workbook(*good_rows(1)))
    rows = good_rows(1)
    rows[0][5] = 999
    committed(user(full_name="周明"), workbook(*rows))
    said = text(page.post(url("batch_commit", mine), follow=True))
    assert "启东市 周明" in said
    assert "重新校验" in said


# ------------------------------------------------------------------ what is asked of an upload


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"file": ""}, "请选择要上传的文件"),
        ({"region": "320614"}, "只能选择本地区或下级地区"),
        ({"period": "2027-01"}, "请选择列表中的所属期"),
    ],
)
def test_an_upload_that_lacks_something_says_what(page, fields, said):
    assert said in text(send(page, workbook(*good_rows()), **fields))
    assert not Batch.objects.exists()


def test_an_empty_and_an_oversized_file_are_told_at_once(page, settings):
    assert "文件是空的" in text(send(page, b""))
    settings.UPLOAD_MAX_BYTES = 1000
    assert "上限" in text(send(page, b"x" * 1001))
    assert not Batch.objects.exists()


def test_a_department_sends_its_own_lists_only(client, nantong):
    client.force_login(user(Role.DEPARTMENT_OFFICER, "320600", department="tax"))
    shown = text(client.get(reverse("intake:upload") + "?sheet=monthly"))
    assert "应税销售名单" in shown
    assert "月度报表" not in shown
    send(client, workbook(*good_rows()), region="320600", period="2025")
    assert Batch.objects.get().sheet == "tax_list"


def test_hostile_names_are_shown_as_text(page, officer):
    batch = checked(officer, workbook(*good_rows()), name="<script>alert(1)</script>.xlsx")
    for address in (url("batch", batch), reverse("intake:batch_list")):
        assert "<script>alert" not in text(page.get(address))


# ------------------------------------------------------------------ files handed back


def test_the_annotated_file_marks_the_faults_and_comes_back_clean_of_marks(page, officer):
    batch = checked(officer, five_faults())
    answer = page.get(url("batch_annotated", batch))
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    assert sheet.cell(1, 9).value == "校验结果"
    assert "营业收入" in sheet.cell(4, 9).value
    assert sheet["F4"].fill.fill_type == "solid"
    assert sheet["F7"].fill.fill_type is None
    again = checked(officer, answer.content)
    assert not again.issues.filter(column="校验结果").exists()
    assert again.counts["blocked"] == 5


def test_a_refused_container_has_no_annotated_copy(page, officer):
    batch = checked(officer, b"%PDF-1.7\n")
    assert "下载标注文件" not in text(page.get(url("batch", batch)))
    answer = page.get(url("batch_annotated", batch), follow=True)
    assert "不能生成标注文件" in text(answer)


def test_the_original_comes_back_byte_for_byte_and_the_trail_says_who_took_it(page, officer):
    content = workbook(*good_rows())
    batch = checked(officer, content)
    answer = page.get(url("batch_file", batch))
    assert b"".join(answer.streaming_content) == content
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]
    assert AuditEntry.objects.get(act="download_batch_file").actor == officer


def test_the_template_is_prefilled_and_imports_without_a_fault(page, officer):
    enterprise("启东第1号机械有限公司", uscc=code(1))
    address = reverse("intake:template", args=["monthly"]) + "?region=320681&period=2026-03"
    book = load_workbook(io.BytesIO(page.get(address).content))
    sheet = book.worksheets[0]
    headings = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    assert sheet.cell(2, headings["统一社会信用代码"]).value == code(1)
    sheet.cell(2, headings["营业收入(万元)"], 100)
    sheet.cell(2, headings["实缴税金(万元)"], 3)
    buffer = io.BytesIO()
    book.save(buffer)
    batch = checked(officer, buffer.getvalue())
    assert (batch.counts["good"], batch.counts["blocked"]) == (1, 0)
    assert list(batch.issues.values_list("code", flat=True)) == []


def test_templates_are_for_ones_own_region_and_sheets(page):
    address = reverse("intake:template", args=["monthly"])
    assert page.get(address + "?region=320614&period=2026-03").status_code == 404
    assert page.get(reverse("intake:template", args=["yearbook"]) + "?region=320681").status_code == 404


# ------------------------------------------------------------------ scope and cost

DOORS = ("batch", "batch_state", "batch_file", "batch_annotated")
ACTS = ("batch_reasons", "batch_commit", "batch_discard", "batch_retry")


def test_a_batch_of_another_district_is_not_there(client, officer):
    batch = checked(officer, five_faults())
    client.force_login(user(region="320614"))
    assert all(client.get(url(door, batch)).status_code == 404 for door in DOORS)
    assert all(client.post(url(act, batch)).status_code == 404 for act in ACTS)
    assert str(batch) not in text(client.get(reverse("intake:batch_list")))
    batch.refresh_from_db()
    assert batch.state == Batch.State.READY


def test_readers_look_but_do_not_act(client, officer):
    batch = checked(officer, five_faults())
    client.force_login(user(Role.DISTRICT_LEADER))
    shown = text(client.get(url("batch", batch)))
    assert "放弃本批" not in shown
    assert all(client.post(url(act, batch)).status_code == 403 for act in ACTS)


def test_a_batch_number_beyond_all_numbers_is_not_there(page):
    assert page.get("/intake/99999999999999999999999/").status_code == 404


def test_the_list_is_filtered_by_sheet_region_and_shown_state(page, officer):
    waiting, done = checked(officer, five_faults()), committed(officer, workbook(*good_rows()))
    shown = text(page.get(reverse("intake:batch_list") + "?state=committed&sheet=monthly"))
    assert str(done) in shown
    assert str(waiting) not in shown
    assert "没有符合条件的批次" in text(page.get(reverse("intake:batch_list") + "?state=refused"))


def test_pages_cost_the_same_however_many_rows(page, officer, django_assert_num_queries):
    """Session, user, count, rows, choices of the filter, 待办; and for a batch its issues and their counts."""
    listing = reverse("intake:batch_list")
    batch = checked(officer, five_faults())
    few = {
        name: _cost(page, address) for name, address in (("list", listing), ("batch", url("batch", batch)))
    }
    for _ in range(4):
        checked(officer, five_faults())
    rows = [[*cells[:5], "无", 5000, *cells[7:]] for cells in good_rows(60)]
    large = checked(officer, workbook(*rows, *good_rows(1)))
    assert large.issues.count() > 100
    with django_assert_num_queries(few["list"]):
        page.get(listing)
    with django_assert_num_queries(few["batch"]):
        page.get(url("batch", large))
    # with what the frame asks for its 待办
    assert few["list"] <= 13
    assert few["batch"] <= 16


def test_every_waiting_batch_is_among_what_waits(officer):
    """待办 counts what the list holds: nothing is left out because there is much of it."""
    waiting = {received(officer, workbook(*good_rows(1))).pk for _ in range(22)}
    Batch.objects.filter(pk__in=waiting).update(state=Batch.State.READY)
    assert {todo.url for todo in todos_for(officer)} >= {reverse("intake:batch", args=[pk]) for pk in waiting}


def _cost(client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    return len(queries)
