"""批量比对: a list of any layout comes back with registry, pool, grade and awards filled in; nothing of it is kept."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import AuditEntry, User
from core.services.policies import load_edition
from enterprises.models import Enterprise
from incentives.services.computing import compute_awards
from intake.models import Batch
from tests import factories

pytestmark = pytest.mark.django_db
XINHUA, BAOFENG, CITY = "410402", "410421", "410400"
POLICY = Path(__file__).parents[2] / "config/policies/pingdingshan/pingdingshan-2022.yaml"


@pytest.fixture
def officer(db) -> User:
    load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system())
    return factories.user("district_officer", XINHUA)


def sheet(rows: list[list[object]], name: str = "名单.xlsx") -> SimpleUploadedFile:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    block = io.BytesIO()
    book.save(block)
    return SimpleUploadedFile(name, block.getvalue())


def compared(client, rows: list[list[object]]) -> list[dict[str, str]]:
    answer = client.post(reverse("reports:comparison"), {"file": sheet(rows)})
    assert answer["Content-Type"].endswith("spreadsheetml.sheet"), answer.content.decode()[:300]
    told = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.values)
    headings = [value or "" for value in told[0]]
    return [
        dict(zip(headings, [value or "" for value in row], strict=True)) for row in told[1 : len(rows) - 1]
    ]


def test_each_row_comes_back_with_what_the_house_knows(officer, client):
    """The list keeps its own columns; registry, directory, pool, grade and awards stand beside them."""
    firm = factories.enterprise("新华精工机械有限公司", XINHUA)
    factories.annual_figure(firm, 2021, main_revenue_wan="6000")
    factories.scale_event(firm, "listed", "2022-03", entry_type="grown")
    compute_awards(programme="pingdingshan-2022", year=2022, actor=factories.user("bureau_staff", CITY))
    renamed = factories.enterprise("新华重工有限公司", XINHUA, former_names="平顶山老厂")
    for _ in range(2):
        factories.enterprise("同名纺织有限公司", XINHUA)
    elsewhere = factories.enterprise("宝丰铸造有限公司", BAOFENG)
    client.force_login(officer)
    rows = compared(client, [
        ["展会报名企业", None, None],
        ["序号", "单位名称", "统一社会信用代码", "联系电话"],
        [1, "新华精工机械有限公司", firm.uscc, "=1+1"],
        [2, "平顶山老厂", None, None],
        [3, "同名纺织有限公司", None, None],
        [4, "宝丰铸造有限公司", elsewhere.uscc, None],
        [5, "新华　精工机械有限公司", "91410402MA00000000", None],
        [6, "新华区重工有限责任公司（停产）", None, None],
    ])  # fmt: skip
    assert [row["比对结果"] for row in rows] == [
        "按代码", "按曾用名", "名称不唯一", "名录中没有", "按名称", "名录中没有",
    ]  # fmt: skip
    assert rows[5]["说明"] == f"名录中有名称相近的“新华重工有限公司”（{renamed.uscc}），请核对"
    assert rows[5]["名录代码"] == rows[3]["说明"] == ""
    first = rows[0]
    assert (first["名录名称"], first["规上情况"], first["最近入库"]) == (firm.name, "规上", "2022年3月")
    assert first["奖补"] == "2022年首次入库奖励 8万元（拟奖补）"
    assert rows[1]["名录代码"] == renamed.uscc
    assert rows[2]["说明"].startswith("有 2 家：")
    assert rows[2]["名录代码"] == rows[3]["名录名称"] == ""
    assert rows[4]["说明"] == "所报代码不在名录，请核对代码"
    assert (Batch.objects.filter(upload_name="名单.xlsx").exists(), Enterprise.objects.count()) == (False, 5)
    entry = AuditEntry.objects.get(act="compare_firms")
    assert entry.counts == {"rows": 6, "found": 3, "ambiguous": 1, "not_found": 2}
    assert entry.actor == officer


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (sheet([["姓名", "电话"], ["甲", "139"]]), "没有找到"),
        (SimpleUploadedFile("名单.xlsx", b"not a workbook"), "名单"),
    ],
)
def test_a_file_that_is_no_list_of_firms_is_told_why(officer, client, file, words):
    client.force_login(officer)
    answer = client.post(reverse("reports:comparison"), {"file": file})
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert not AuditEntry.objects.filter(act="compare_firms").exists()


def test_questions_do_not_grow_with_the_rows(officer, client, django_assert_max_num_queries):
    firms = [factories.enterprise("", XINHUA) for _ in range(12)]
    client.force_login(officer)
    rows = [["企业名称"], *([firm.name] for firm in firms)]
    with django_assert_max_num_queries(20):
        assert len(compared(client, [["名单"], *rows])) == 12
