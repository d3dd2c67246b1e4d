"""Posts of programs go through the same batches: files or rows, once however often they are sent."""

import json
from datetime import date
from threading import Barrier, Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from core.jobs import work_all
from core.models import AuditEntry, Role
from core.tokens import make_token
from enterprises.models import AnnualFigure, MonthlyFigure
from intake.models import Batch, PostKey
from intake.services.batches import check_batch
from intake.workbooks.json_rows import RowsUnreadable, read_json
from tests import factories
from tests.intake.monthly_rows import code
from tests.intake.uploads import five_faults, good_rows, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _april(time_machine):
    time_machine.move_to("2026-04-08 10:00+08:00")


class Sender:
    """A program of a bureau with a token that may send."""

    def __init__(self, user, region="320681", scopes=("batches:write",)):
        self.user, self.client = user, Client()
        token = make_token(
            actor=user, user=user, region=factories.region(region), scopes=list(scopes), days=30
        )
        self.headers = {"Authorization": f"Token {token}"}

    def get(self, where, **query):
        return self.client.get(where, query, headers=self.headers)

    def post(self, where, body=None, key=""):
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return self.client.post(where, body or {}, content_type="application/json", headers=headers)

    def send_file(self, content, name="月报.xlsx", key="", **fields):
        asked = {"sheet": "monthly", "region": "320681", "period": "2026-03"} | fields
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        file = SimpleUploadedFile(name, content)
        return self.client.post(reverse("api:batches"), asked | {"file": file}, headers=headers)

    def send_rows(self, *rows, key="", **fields):
        asked = {"sheet": "monthly", "region": "320681", "period": "2026-03", "rows": list(rows)} | fields
        return self.post(reverse("api:batches"), asked, key)


def at(batch, act=""):
    return reverse(f"api:batch{'_' + act if act else ''}", args=[batch])


@pytest.fixture
def program(nantong):
    return Sender(factories.user(Role.API_CLIENT, department="industry"))


def posted_row(n, **cells):
    return {
        "统一社会信用代码": code(n),
        "企业名称": f"启东第{n}号机械有限公司",
        "所属县区": "启东市",
        "统计月份": "2026-03",
        "营业收入(万元)": 1000.5 + n,
        "实缴税金(万元)": 20.25,
    } | cells


def test_a_file_is_received_checked_and_committed_as_in_the_browser(program):
    answer = program.send_file(workbook(*good_rows()))
    told = answer.json()
    assert (answer.status_code, told["state"], told["may"]) == (202, "received", ["discard"])
    assert answer["Location"].endswith(at(told["id"]))
    work_all()
    told = program.get(at(told["id"])).json()
    assert (told["state"], told["state_label"]) == ("ready", "待提交")
    assert (told["counts"]["rows"], told["counts"]["good"], told["counts"]["unknown"]) == (3, 3, 3)
    assert not MonthlyFigure.objects.exists()
    done = program.post(at(told["id"], "commit")).json()
    assert (done["state"], done["outcome"], done["may"]) == ("committed", "accepted", ["undo"])
    assert MonthlyFigure.objects.count() == 3
    assert AuditEntry.objects.filter(act="commit_batch", actor=program.user).count() == 1


def test_rows_as_json_give_what_the_same_rows_in_a_file_give(program):
    told = program.send_rows(*(posted_row(n) for n in (1, 2, 3)), name="三月").json()
    assert told["upload_name"] == "三月.xlsx"
    work_all()
    assert program.post(at(told["id"], "commit")).json()["state"] == "committed"
    stored = MonthlyFigure.objects.order_by("revenue_wan").values_list("revenue_wan", "tax_paid_wan")
    assert list(stored) == [(100150, 2025), (100250, 2025), (100350, 2025)]


def test_numbers_of_json_are_kept_as_written(program):
    """1234.565 is half up 1234.57; binary would make 1234.56 of it."""
    body = json.dumps({"sheet": "monthly", "region": "320681", "period": "2026-03", "rows": [posted_row(1)]})
    body = body.replace("1001.5", "1234.565")
    told = program.client.post(
        reverse("api:batches"), body, content_type="application/json", headers=program.headers
    ).json()
    work_all()
    program.post(at(told["id"], "commit"))
    assert MonthlyFigure.objects.get().revenue_wan == 123457


def test_a_code_sent_as_a_number_has_lost_its_end_and_is_not_repaired(program):
    told = program.send_rows(posted_row(1, 统一社会信用代码=913206810000000000), posted_row(2)).json()
    work_all()
    told = program.get(at(told["id"])).json()
    assert [(issue["row"], issue["class"]) for issue in told["issues"] if issue["open"]] == [(2, "A")]
    assert "末" in told["issues"][0]["reason"] or "丢失" in told["issues"][0]["reason"]


def test_columns_may_be_called_by_their_keys_and_unknown_ones_are_told(program):
    row = {
        "uscc": code(1), "name": "启东第1号机械有限公司", "region": "启东市", "month": "2026-03",
        "revenue_wan": "10.00", "tax_paid_wan": "1", "车间数": 3,
    }  # fmt: skip
    told = program.send_rows(row).json()
    work_all()
    told = program.get(at(told["id"])).json()
    assert told["state"] == "ready"
    assert [issue["column"] for issue in told["issues"] if issue["code"] == "COLUMN_UNKNOWN"] == ["车间数"]


def test_every_issue_is_told_with_place_reason_and_cure_and_answered_by_its_number(program):
    told = program.send_file(five_faults()).json()
    work_all()
    told = program.get(at(told["id"])).json()
    assert told["counts"]["blocked"] == 5
    browser = check_batch(batch=Batch.objects.get(pk=told["id"]), actor=program.user).issues
    assert len(told["issues"]) == browser.count()
    told = program.get(at(told["id"])).json()
    for issue in told["issues"]:
        assert issue["reason"] and issue["code"] and issue["class"] in "ABCD"
        if issue["open"]:
            assert issue["row"] and issue["cell"] and issue["column"] and issue["cure"]
    asked = [issue["id"] for issue in told["issues"] if issue["class"] in "BC" and issue["open"]]
    assert asked
    notes = {str(number): "已与企业电话核实无误" for number in asked}
    better = program.post(at(told["id"], "notes"), {"notes": notes}).json()
    answered = [issue for issue in better["issues"] if issue["id"] in asked]
    assert not any(issue["open"] for issue in answered)
    assert {issue["note"] for issue in answered} == {"已与企业电话核实无误"}
    assert better["counts"]["blocked"] == 5 - len({issue["row"] for issue in answered})
    hint = next(issue["id"] for issue in told["issues"] if issue["class"] not in "BC")
    wrong = program.post(
        at(told["id"], "notes"), {"notes": {str(hint): "无需改正", "x": "1", str(asked[0]): 5}}
    )
    assert wrong.status_code == 400 and len(wrong.json()["fields"]["notes"]) == 3


def test_open_rows_are_a_conflict_and_the_good_ones_are_taken_when_asked(program):
    told = program.send_file(five_faults()).json()
    work_all()
    answer = program.post(at(told["id"], "commit"), {"rows": "all"})
    assert (answer.status_code, answer.json()["code"]) == (409, "OPEN_ROWS")
    assert "5 行" in answer.json()["message"]
    assert program.post(at(told["id"], "commit"), {"rows": "good"}).json()["outcome"] == "partial"
    assert MonthlyFigure.objects.count() == 2
    again = program.post(at(told["id"], "commit"), {"rows": "all"})
    assert (again.status_code, again.json()["state"]) == (200, "committed"), (
        "a lost answer may be asked for again"
    )
    assert MonthlyFigure.objects.count() == 2


def test_issues_come_a_thousand_at_a_time(program, monkeypatch):
    monkeypatch.setattr("intake.services.posts.ISSUES_A_PAGE", 2)
    number = program.send_file(five_faults()).json()["id"]
    work_all()
    seen, after = [], 0
    while after is not None:
        told = program.get(at(number), after=after).json()
        seen += [issue["id"] for issue in told["issues"]]
        after = told["issues_after"]
    assert seen == list(Batch.objects.get(pk=number).issues.order_by("pk").values_list("pk", flat=True))


# ---- once


def test_the_same_post_under_one_key_opens_one_batch(program, time_machine):
    first = program.send_rows(posted_row(1), key="2026-03/启东".encode().hex())
    time_machine.shift(3600)
    again = program.send_rows(posted_row(1), key="2026-03/启东".encode().hex())
    assert (first.status_code, again.status_code) == (202, 200)
    assert first.json()["id"] == again.json()["id"]
    assert Batch.objects.count() == 1


@pytest.mark.parametrize("change", [{"period": "2026-02"}, {"rows": [{"企业名称": "另一家"}]}])
def test_another_content_under_the_same_key_is_a_conflict(program, change):
    program.send_rows(posted_row(1), key="k1")
    answer = program.send_rows(posted_row(1), key="k1", **change)
    assert (answer.status_code, answer.json()["code"]) == (409, "KEY_REUSED")
    assert Batch.objects.count() == 1


def test_two_senders_may_use_the_same_key(program):
    program.send_rows(posted_row(1), key="k1")
    other = Sender(factories.user(Role.API_CLIENT, department="industry"))
    assert other.send_rows(posted_row(2), key="k1").status_code == 202
    assert PostKey.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_same_post_twice_at_once_opens_one_batch(program):
    if connection.vendor == "sqlite":
        pytest.skip("the database of this run lives in memory and has one connection")
    together, answers = Barrier(2), []

    def send():
        together.wait()
        answers.append(program.send_rows(posted_row(1), key="k1").json()["id"])
        connection.close()

    threads = [Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1 == Batch.objects.count()


# ---- other acts


def test_a_batch_is_given_up_and_that_twice_is_no_fault(program):
    number = program.send_rows(posted_row(1)).json()["id"]
    for _ in range(2):
        answer = program.post(at(number, "discard"))
        assert (answer.status_code, answer.json()["state"]) == (200, "discarded")
    answer = program.post(at(number, "retry"))
    assert (answer.status_code, answer.json()["code"]) == (409, "BATCH_CLOSED")


def test_a_committed_batch_is_taken_back_once_and_asking_again_is_no_fault(program):
    number = program.send_rows(posted_row(1), posted_row(2)).json()["id"]
    work_all()
    answer = program.post(at(number, "undo"))
    assert (answer.status_code, answer.json()["code"]) == (409, "NOT_COMMITTED")
    program.post(at(number, "commit"))
    for _ in range(2):
        answer = program.post(at(number, "undo"))
        assert (answer.status_code, answer.json()["state"], answer.json()["may"]) == (200, "undone", [])
    assert not MonthlyFigure.objects.exists()
    assert AuditEntry.objects.filter(act="undo_batch", actor=program.user).count() == 1


def test_what_was_built_on_a_batch_is_told_and_the_batch_stays(program):
    first, second = (program.send_rows(posted_row(1), name=name).json()["id"] for name in ("先", "后"))
    work_all()
    program.post(at(first, "commit"))
    program.post(at(second, "retry"))
    work_all()
    program.post(at(second, "commit"))
    answer = program.post(at(first, "undo"))
    assert (answer.status_code, answer.json()["code"]) == (409, "BUILT_ON")
    assert f"其中 1 家（条）随后又由批次 {Batch.objects.get(pk=second)}" in answer.json()["message"]
    assert program.get(at(first)).json()["state"] == "committed" and MonthlyFigure.objects.count() == 1


def test_a_batch_is_checked_again(program):
    number = program.send_rows(posted_row(1)).json()["id"]
    work_all()
    assert program.post(at(number, "retry")).json()["state"] == "received"
    work_all()
    assert program.get(at(number)).json()["state"] == "ready"


def test_the_list_is_the_clients_own_batches(program):
    mine = program.send_rows(posted_row(1)).json()["id"]
    other = Sender(factories.user(Role.API_CLIENT, department="industry"))
    theirs = other.send_rows(posted_row(2)).json()["id"]
    assert [row["id"] for row in program.get(reverse("api:batches")).json()["results"]] == [mine]
    assert program.get(reverse("api:batches"), state="ready").json()["results"] == []
    for act in ("", "notes", "commit", "discard", "retry", "undo"):
        answer = program.post(at(theirs, act), {"notes": {"1": "x"}}) if act else program.get(at(theirs))
        assert answer.status_code == 404, act


# ---- who, where, what


def test_a_department_sends_its_own_lists_and_no_other(nantong):
    tax = Sender(factories.user(Role.DEPARTMENT_OFFICER, "320600", department="tax"), "320600")
    row = {"统一社会信用代码": code(1), "企业名称": "启东第1号机械有限公司", "所属县区": "启东市", "年度": 2025, "应税销售(万元)": "1999.995"}  # fmt: skip
    number = tax.send_rows(row, sheet="tax_list", region="320600", period="2025").json()["id"]
    work_all()
    assert tax.post(at(number, "commit")).json()["state"] == "committed"
    assert AnnualFigure.objects.get().taxable_sales_wan == 200000
    answer = tax.send_rows(posted_row(1), region="320600")
    assert answer.status_code == 400
    assert "tax_list（应税销售名单）" in answer.json()["fields"]["sheet"][0]


def test_a_token_reaches_no_further_than_its_region_and_scope(nantong):
    officer = factories.user(Role.BUREAU_STAFF, "320600")
    narrow = Sender(officer, "320681")
    assert narrow.send_rows(posted_row(1)).status_code == 202
    answer = narrow.send_rows(posted_row(1), region="320623")
    assert (answer.status_code, answer.json()["fields"]) == (
        400,
        {"region": ["只能选择本地区或下级地区。"]},
    )
    reader = Sender(officer, "320681", ["tiers:read"])
    assert reader.send_rows(posted_row(1)).status_code == 403
    assert reader.get(reverse("api:batches")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "named", "words"),
    [
        ({"sheet": "月报"}, "sheet", "monthly（月度报表）"),
        ({"region": ""}, "region", "请选择报送范围"),
        ({"period": "三月"}, "period", "所属期"),
        ({"rows": []}, "rows", "至少一条"),
        ({"rows": {"a": 1}}, "rows", "应是一个数组"),
        ({"rows": [1, {"企业名称": ["甲"]}]}, "rows", "第 1 条不是对象"),
        ({"rows": [{"企业名称": "甲" * 40000}]}, "rows", "超过 32,000 个字符"),
        ({"rows": [{f"列{n}": 1 for n in range(300)}]}, "rows", "300 个不同的列名"),
    ],
)
def test_a_post_that_makes_no_sense_is_told_field_by_field(program, fields, named, words):
    answer = program.send_rows(posted_row(1), **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert words in "".join(answer.json()["fields"][named])
    assert not Batch.objects.exists()


def test_a_post_without_anything_to_read_is_told_so(program):
    answer = program.post(reverse("api:batches"), {"sheet": "monthly", "region": "320681"})
    assert answer.json()["fields"]["file"] == ["请选择要上传的文件。"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b'{"sheet": "monthly"', "第 1 行第 20 个字符处不是 JSON"),
        (b'{"a": NaN}', "NaN 不是 JSON 的数字"),
        (b'{"a": 1, "a": 2}', "“a”出现两次"),
        (b"\xff\xfe{}", "不是 UTF-8"),
        (b"[" * 100_000, "嵌套的层数太多"),
        (b'{"rows": [{"a": "x\\u0000"}]}', "有空字符"),
        (b'{"rows": [{"\\udc00\\ud83d": ""}]}', "不成对的代理字符"),
    ],
)
def test_a_body_that_is_no_json_is_told_where(program, body, why):
    with pytest.raises(RowsUnreadable, match=why):
        read_json(body)
    answer = program.client.post(
        reverse("api:batches"), body, content_type="application/json", headers=program.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")
    assert why in answer.json()["message"]


def test_whole_characters_written_as_escapes_are_taken():
    assert read_json(rb'{"a": "\ud83d\ude00", "b": "C:\\u0000"}') == {"a": "\U0001f600", "b": r"C:\u0000"}


def test_a_broken_form_is_told_in_chinese(program):
    answer = program.client.post(
        reverse("api:batches"), b"a=1", content_type="multipart/form-data", headers=program.headers
    )
    assert answer.json() == {"code": "parse_error", "message": "请求体读不懂。"}


def test_a_key_that_no_header_should_carry_is_refused(program):
    answer = program.send_rows(posted_row(1), key="k" * 101)
    assert "Idempotency-Key" in answer.json()["fields"]


def test_a_body_beyond_the_limit_is_refused_before_it_is_read(program, settings):
    settings.UPLOAD_MAX_BYTES = 10
    settings_envelope = b" " * 70_000
    answer = program.client.post(
        reverse("api:batches"), settings_envelope, content_type="application/json", headers=program.headers
    )
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_posts_are_counted_apart_from_reads(program, monkeypatch):
    from django.core.cache import cache
    from rest_framework.throttling import ScopedRateThrottle

    cache.clear()
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"batches": "2/min"})
    told = [program.send_rows(posted_row(1)).status_code for _ in range(3)]
    assert told == [202, 202, 429]
    assert program.get(reverse("api:batches")).status_code == 200
    cache.clear()


def test_an_address_that_does_not_exist_is_told_in_json(program):
    answer = program.get("/api/v1/batchs/")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_address")
    answer = program.client.post("/api/v1/nothing/here/", headers=program.headers)
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")


def test_the_day_of_a_post_is_its_day_of_sending(program):
    number = program.send_rows(posted_row(1)).json()["id"]
    assert Batch.objects.get(pk=number).as_of == date(2026, 4, 8)


def test_registry_events_come_over_rest_as_from_the_browser(nantong):
    """A rename and a move in one post; a second rename on an earlier day is refused with its row; taken back whole."""
    sender = Sender(factories.user(Role.BUREAU_STAFF, "320600"), "320600")
    firm, other = factories.enterprise("启东老名厂"), factories.enterprise("启东迁移厂")
    base = {"所属县区": "启东市", "变更日期": "2026-03-01", "依据": "变更登记通知书"}

    def event(of, **cells):
        return {"统一社会信用代码": of.uscc, "企业名称": of.name} | base | cells

    rows = [
        event(firm, 变更事项="更名", 新名称="启东新名精工有限公司"),
        event(other, 变更事项="迁移", 迁入县区="海门区"),
    ]
    number = sender.send_rows(*rows, sheet="registry_events", region="320600", period="").json()["id"]
    work_all()
    assert sender.get(at(number)).json()["state"] == "ready"
    assert sender.post(at(number, "commit")).json()["state"] == "committed"
    firm.refresh_from_db(), other.refresh_from_db()
    assert (firm.name, firm.former_names, other.region_id) == ("启东新名精工有限公司", "启东老名厂", "320614")
    earlier = event(firm, 变更事项="更名", 新名称="启东又一名有限公司", 变更日期="2026-02-01")
    told = sender.send_rows(earlier, sheet="registry_events", region="320600", period="").json()
    work_all()
    told = sender.get(at(told["id"])).json()
    assert [issue["row"] for issue in told["issues"] if issue["open"]] == [2]
    assert sender.post(at(number, "undo")).json()["state"] == "undone"
    firm.refresh_from_db(), other.refresh_from_db()
    assert (firm.name, other.region_id) == ("启东老名厂", "320681")
