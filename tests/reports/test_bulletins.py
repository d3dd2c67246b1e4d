"""The same number on page, Excel, Word and REST; papers from frozen months alone, in the layout of GB/T 9704."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from html import unescape
from xml.etree import ElementTree

import openpyxl
import pytest
from django.urls import reverse

from core import panels
from core.models import AuditEntry, User
from core.periods import Month
from core.tokens import make_token
from cultivation.models import PoolMembership
from cultivation.services.analysis import edit_analysis
from cultivation.services.months import close_month, issue_month
from enterprises.models import ScaleEvent
from reports.models import Bulletin
from reports.services.bulletin_acts import BulletinRefused, sign_bulletin
from reports.services.official_paper import HeadCell, OfficialPaper, PaperTable
from reports.services.statutory import STATUTORY_COLUMNS, written
from tests import factories
from tests.cultivation.conftest import PROGRAMME

MARCH, JUNE, DECEMBER = Month(2022, 3), Month(2022, 6), Month(2022, 12)
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
pytestmark = pytest.mark.django_db


@pytest.fixture
def city(edition, staff, leader):
    """苏锡通 far ahead, 海安 a little, an exit in 如皋, a member of the pool; March, June and December issued."""
    for number in range(20):
        firm = factories.enterprise(f"苏锡通试验{number}厂", "3206SX")
        factories.scale_event(
            firm, ScaleEvent.Kind.LISTED, "2022-02" if number < 16 else "2022-05", entry_type="grown"
        )
        if number < 2:
            factories.monthly_figure(firm, "2022-05", "300.25", "3")
            factories.monthly_figure(firm, "2022-06", "1000.50", "10")
            factories.monthly_figure(firm, "2021-06", "800", "10")
    haian = factories.enterprise("海安试验丁厂", "320685")
    factories.scale_event(haian, ScaleEvent.Kind.LISTED, "2022-06", entry_type="grown")
    rugao = factories.enterprise("如皋试验戊厂", "320682")
    factories.scale_event(rugao, ScaleEvent.Kind.IN_DIRECTORY, "2021-01", library_year=2020)
    factories.scale_event(rugao, ScaleEvent.Kind.DELISTED, "2022-06", cause="规模不达标")
    PoolMembership.objects.create(
        programme=PROGRAMME, pool="scale_up", enterprise=haian, tier="培育", edition=edition,
        since="2022-01-01", admitted_by=staff, updated_at="2022-01-01T00:00:00Z",
    )  # fmt: skip
    for month in (MARCH, JUNE, DECEMBER):
        issue_month(issue=close_month(programme=PROGRAMME, month=month, actor=staff), actor=leader)


def url(name, month=JUNE, *more):
    return reverse(f"reports:{name}", args=[PROGRAMME, month, *more])


def cells_of_page(page):
    table = re.search(r'<table[^>]*id="statutory".*?</table>', page.content.decode(), re.DOTALL)[0]
    body = re.search(r"<tbody>(.*)</tbody>", table, re.DOTALL)[1]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", body, re.DOTALL)
    return [[unescape(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row)] for row in rows]


def document_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.testzip() is None
        for name in file.namelist():
            ElementTree.fromstring(file.read(name))
        return ElementTree.fromstring(file.read("word/document.xml"))


def tables_of(document):
    return [
        [["".join(cell.itertext()) for cell in row.iter(f"{W}tc")] for row in table.iter(f"{W}tr")]
        for table in document.iter(f"{W}tbl")
    ]


def words_of(document):
    return ["".join(p.itertext()) for p in document.iter(f"{W}p")]


def test_the_same_number_on_page_excel_word_and_rest_cell_by_cell(client, city, staff):
    client.force_login(staff)
    page = cells_of_page(client.get(url("bulletins")))
    word = tables_of(document_of(client.get(url("bulletin_word", JUNE, "brief")).content))[0][2:]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("statutory_export")).content)).active
    columns = list(STATUTORY_COLUMNS.values())
    excel = [
        [row[0], *(_shown(column.kind, value) for column, value in zip(columns, row[1:], strict=True))]
        for row in sheet.iter_rows(min_row=5, max_row=15, values_only=True)
    ]
    token = make_token(actor=staff, user=staff, region=staff.region, scopes=["months:read"], days=1)
    asked = {"programme": PROGRAMME, "month": str(JUNE)}
    sent = client.get(reverse("api:statutory"), asked, headers={"Authorization": f"Token {token}"}).json()
    rest = [
        [row["region_name"], *(_shown(column.kind, row[key]) for key, column in STATUTORY_COLUMNS.items())]
        for row in sent["results"]
    ]
    assert len(page) == 11
    assert page == word == excel == rest
    by_name = {row[0]: row[1:] for row in page}
    assert by_name["苏锡通"] == ["25", "0", "20", "80.0", "+30.0", "1", "0", "20", "20", "—", "0"]
    assert by_name["海安市"] == ["130", "1", "1", "0.8", "−49.2", "2", "0", "1", "1", "—", "1"]
    assert by_name["如皋市"] == ["140", "0", "0", "0.0", "−50.0", "3", "1", "−1", "0", "—", "0"]
    assert by_name["合计"] == ["1,000", "1", "21", "2.1", "−47.9", "—", "1", "20", "21", "—", "1"]


def _shown(kind, value):
    if value is None or value == "—":
        return "—"
    return written(
        kind, Decimal(str(value)).quantize(Decimal("0.1")) if kind in ("rate", "points") else int(value)
    )


def test_the_columns_are_those_of_the_statutory_table_in_their_order(client, city, staff):
    client.force_login(staff)
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("statutory_export")).content)).active
    heads = [cell.value for cell in sheet[4]][1:]
    assert "地区 · " + " · ".join(heads) == (
        "地区 · 年度目标 · 本月新增 · 累计新增 · 完成率 · 序时差 · 排名 · 退规 · 净增 · 规上总数 · 退规预警 · 培育库数"
    )
    merged = {str(area) for area in sheet.merged_cells.ranges}
    assert {"A3:A4", "B3:G3", "H3:J3", "K3:L3"} <= merged
    assert sheet["L2"].value == "单位：家、%、百分点"
    assert sheet.print_title_rows == "$3:$4"
    head = tables_of(document_of(client.get(url("bulletin_word", JUNE, "brief")).content))[0][0]
    assert head[:4] == ["地区", "目标完成", "规上变动（累计）", "预警和储备"]


@pytest.mark.parametrize(
    ("month", "kinds"),
    [
        (MARCH, ["brief", "quarter"]),
        (JUNE, ["brief", "quarter", "half_year"]),
        (DECEMBER, ["brief", "quarter", "half_year", "year"]),
    ],
)
def test_each_month_makes_its_papers_and_every_figure_of_a_paper_stands_on_its_page(
    client, city, staff, month, kinds
):
    client.force_login(staff)
    page = client.get(url("bulletins", month))
    assert [one.kind for one in page.context["shown"].papers] == kinds
    for kind in kinds:
        shown = client.get(url("bulletin", month, kind)).context
        document = document_of(client.get(url("bulletin_word", month, kind)).content)
        words = words_of(document)
        assert all(line in words for line in shown["paper"].lines)
        book = openpyxl.load_workbook(
            io.BytesIO(client.get(url("statutory_export", month) + f"?kind={kind}").content)
        )
        told = tables_of(document)[:-1]  # the last is the imprint (版记)
        assert len(book.sheetnames) == len(told) == len(shown["tables"])
        for table, rows, sheet in zip(shown["tables"], told, book, strict=True):
            assert [list(row) for row in table.rows] == rows[2:]
            names = [
                row[0] for row in sheet.iter_rows(min_row=5, max_row=4 + len(table.rows), values_only=True)
            ]
            assert names == [row[0] for row in table.rows]
    assert client.get(url("bulletin", MARCH, "year")).status_code == 404
    assert AuditEntry.objects.filter(act="export_paper", actor=staff).count() == len(kinds)


def test_a_quarter_is_the_end_less_the_end_before_it(client, city, staff):
    client.force_login(staff)
    paper = client.get(url("bulletin", JUNE, "quarter")).context["paper"]
    assert paper.title == "南通市2022年第二季度规上工业企业培育调度情况的通报"
    assert "第二季度新增规上工业企业5家，退规1家，净增4家（期末累计减期初累计，含调整）。" in paper.lines
    rows = {row[0]: row for row in client.get(url("bulletin", JUNE, "quarter")).context["tables"][1].rows}
    # 新增 退规 净增 of the quarter; 新增数 净增数 目标完成率 of the year; 户均 of twenty entrants, two of whom reported
    assert rows["苏锡通"] == ["苏锡通", "4", "0", "4", "20", "20", "80.0", "130.08"]
    assert rows["如皋市"] == ["如皋市", "0", "1", "−1", "0", "−1", "0.0", "—"]
    fourth = client.get(url("bulletin", DECEMBER, "quarter")).context["paper"]
    assert "第四季度的期初月份没有印发，期内新增、退规、净增不列。" in fourth.lines


def test_the_january_bulletin_praises_criticises_and_names_who_is_talked_to(client, city, staff):
    client.force_login(staff)
    paper = client.get(url("bulletin", DECEMBER, "year")).context["paper"]
    text = "\n".join(paper.lines)
    assert paper.title == "关于南通市2022年度规上工业企业培育目标完成情况的通报"
    assert "完成年度目标的地区0个，没有完成的10个。" in text
    assert "对工作推进较慢的" in text
    assert "苏锡通（完成率80.0%，序时差−20.0个百分点）" in text
    assert "约谈名单由领导审定" in text


def test_the_layout_is_that_of_official_papers(client, city, staff):
    client.force_login(staff)
    content = client.get(url("bulletin_word", JUNE, "brief")).content
    assert client.get(url("bulletin_word", JUNE, "brief")).content == content
    document = document_of(content)
    upright, across, last = list(document.iter(f"{W}sectPr"))
    size, margins = upright.find(f"{W}pgSz"), upright.find(f"{W}pgMar")
    assert (size.get(f"{W}w"), size.get(f"{W}h")) == ("11906", "16838")
    millimetres = {
        side: round(int(margins.get(f"{W}{side}")) / 1440 * 25.4)
        for side in ("top", "left", "right", "bottom")
    }
    assert millimetres == {"top": 37, "left": 28, "right": 26, "bottom": 35}
    assert across.find(f"{W}pgSz").get(f"{W}orient") == "landscape"
    assert last.find(f"{W}pgSz").get(f"{W}orient") is None
    # 22 lines on 225 mm, 28 characters on 156 mm
    grid = upright.find(f"{W}docGrid")
    assert int(grid.get(f"{W}linePitch")) * 22 <= round(225 / 25.4 * 1440)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        styles = ElementTree.fromstring(file.read("word/styles.xml"))
        settings, even = file.read("word/settings.xml").decode(), file.read("word/footer2.xml").decode()
    fonts = {
        style.get(f"{W}styleId"): (
            next(style.iter(f"{W}rFonts")).get(f"{W}eastAsia"),
            next(style.iter(f"{W}sz")).get(f"{W}val"),
        )
        for style in styles.iter(f"{W}style")
        if style.find(f"{W}rPr") is not None
    }
    # what names no style of its own has one all the same: readers refuse paragraphs without
    (normal,) = [style for style in styles.iter(f"{W}style") if style.get(f"{W}default") == "1"]
    assert normal.get(f"{W}styleId") == "Normal"
    assert fonts["PaperTitle"] == ("方正小标宋简体", "44")
    assert fonts["PaperBody"] == ("仿宋_GB2312", "32")
    assert (fonts["PaperFirst"][0], fonts["PaperSecond"][0]) == ("黑体", "楷体_GB2312")
    body = next(style for style in styles.iter(f"{W}style") if style.get(f"{W}styleId") == "PaperBody")
    spacing = next(body.iter(f"{W}spacing"))
    assert (spacing.get(f"{W}line"), spacing.get(f"{W}lineRule")) == ("579", "exact")
    assert next(body.iter(f"{W}ind")).get(f"{W}firstLineChars") == "200"
    pitch = 16 + int(body.find(f"{W}rPr/{W}spacing").get(f"{W}val")) / 20
    assert 156 / 25.4 * 72 // pitch == 28
    assert "evenAndOddHeaders" in settings and "leftChars" in even
    words = words_of(document)
    assert words[:4] == ["送审稿", "南通市工业和信息化局文件", "", "南通市2022年6月规上工业企业培育情况简报"]
    assert "附件：南通市2022年6月规上工业企业培育情况统计表" in words
    assert any("本数据非统计数据" in word for word in words)


def test_merged_headings_span_the_columns_below_them_and_odd_characters_do_no_harm():
    paper = OfficialPaper()
    paper.text("甲\x00<乙>&")
    head = (
        [HeadCell("地区", height=2), HeadCell("左", 2), HeadCell("右")],
        [HeadCell(word) for word in "一二三"],
    )
    paper.annex(PaperTable("表", "单位：家", head, [["启东市", "1", "2", "3"]]), 1, 1)
    document = document_of(paper.content())
    assert words_of(document)[0] == "甲<乙>&"
    first, second, row = document.iter(f"{W}tr")
    spans = [int(span.get(f"{W}val")) for span in first.iter(f"{W}gridSpan")]
    assert spans == [2]
    assert len(list(second.iter(f"{W}tc"))) == len(list(row.iter(f"{W}tc"))) == 4
    assert [merge.get(f"{W}val") for merge in document.iter(f"{W}vMerge")] == ["restart", None]
    assert next(first.iter(f"{W}tblHeader")) is not None


def test_papers_come_from_issued_months_and_the_words_frozen_with_them(client, city, staff):
    factories.monthly_figure(factories.enterprise("启东另一厂", "320681"), "2022-06", "5")
    draft = close_month(programme=PROGRAMME, month=JUNE, actor=staff)
    edit_analysis(issue=draft, text="草稿里的话。", actor=staff)
    client.force_login(staff)
    paper = client.get(url("bulletin", JUNE, "brief")).context["paper"]
    assert paper.issue.version == 1
    assert "草稿里的话。" not in paper.lines
    july = Month(2022, 7)
    close_month(programme=PROGRAMME, month=july, actor=staff)
    page = client.get(url("bulletins", july))
    assert "统计表是草稿" in page.content.decode()
    assert page.context["shown"].papers == []
    assert client.get(url("bulletin_word", july, "brief")).status_code == 404


def test_a_district_prints_its_own_line_and_no_paper_of_the_city(client, city):
    client.force_login(factories.user("district_officer", "3206SX"))
    page = client.get(url("bulletins"))
    assert [row[0] for row in cells_of_page(page)] == ["苏锡通"]
    assert page.context["shown"].papers == []
    assert client.get(url("bulletin", JUNE, "brief")).status_code == 404
    assert client.get(url("bulletin_word", JUNE, "brief")).status_code == 404
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(url("statutory_export")).content)).active
    assert "海安市" not in {cell.value for row in sheet.iter_rows() for cell in row}


def test_statistics_over_rest_are_those_of_the_page_within_the_tokens_regions(client, city, staff):
    def told(person, place, **asked):
        token = make_token(
            actor=person, user=person, region=factories.region(place), scopes=["months:read"], days=1
        )
        query = {"programme": PROGRAMME, "month": str(JUNE), **asked}
        return client.get(reverse("api:statistics"), query, headers={"Authorization": f"Token {token}"})

    client_user = factories.user("api_client", "320600")
    rows = {row["name"]: row for row in told(client_user, "320600").json()["results"]}
    assert rows["苏锡通"]["numbers"]["revenue"] == "2001.00"
    assert rows["苏锡通"]["rates"]["revenue_yoy"] == "0.2506"
    assert rows["合计"]["numbers"]["newly_listed_ytd"] == 21
    assert rows["合计"]["numbers"]["risk"] is None
    by_tier = told(client_user, "320600", by="tier").json()["results"]
    assert [row["name"] for row in by_tier] == ["不在培育库", "培育", "合计"]
    officer = factories.user("api_client", "3206SX")
    assert {row["name"] for row in told(officer, "3206SX").json()["results"]} == {"苏锡通", "合计"}
    assert told(officer, "3206SX", region="320685").json()["results"] == []
    assert told(officer, "3206SX", month="2022-13").status_code == 400
    assert told(officer, "3206SX", month="2021-01").json()["version"] is None


# ---------------------------------------------------------------- drafted, signed, issued

DRAFT = {
    "number": "通工信发〔2022〕15号", "addressee": "各县（市、区）工信局：", "copies": "市统计局，市税务局",
    "text": "一、总体进展\n进展平稳。",
}  # fmt: skip


@pytest.mark.any_database
def test_a_paper_is_drafted_by_one_signed_by_another_and_stays_as_it_was_signed(
    client, city, staff, leader, time_machine
):
    time_machine.move_to("2022-07-08 10:00+08:00", tick=False)
    page = url("bulletin", JUNE, "brief")
    client.force_login(staff)
    refused = client.post(page, DRAFT | {"act": "submit", "number": "通工信 第15号"})
    assert "六角括号里四位年份" in refused.content.decode() and not Bulletin.objects.exists()
    client.post(page, DRAFT | {"act": "draft", "number": ""})
    assert Bulletin.objects.get().state == "draft" and not todos_for(leader, "待签发")
    client.post(page, DRAFT | {"act": "submit"})
    drafter = User.objects.get(pk=staff.pk)
    drafter.role = "bureau_leader"
    with pytest.raises(BulletinRefused, match="拟稿和签发应由两个人办理"):
        sign_bulletin(bulletin=Bulletin.objects.get(), printed_on=date(2022, 7, 8), actor=drafter)
    assert "不能再改" in client.post(page, DRAFT | {"act": "draft"}).content.decode()
    finance = factories.user("finance", "320600")
    client.force_login(finance)
    assert "进展平稳" not in client.get(page).content.decode(), "a draft is the bureau's own"
    client.force_login(leader)
    (todo,) = todos_for(leader, "待签发")
    client.post(todo.url, {"act": "return", "opinion": "补上下一步要求"})
    (back,) = todos_for(staff, "被退回")
    assert "补上下一步要求" in back.note and not todos_for(leader, "待签发")
    client.force_login(staff)
    client.post(page, DRAFT | {"act": "submit", "text": DRAFT["text"] + "\n二、要求\n抓紧申报。"})
    client.force_login(leader)
    early = client.post(page, {"act": "sign", "printed_on": "2022-07-07"}).content.decode()
    assert "印发日期不能早于签发的当天" in early
    client.post(page, {"act": "sign", "printed_on": "2022-07-11"})
    content = client.get(url("bulletin_word", JUNE, "brief")).content
    words = words_of(document_of(content))
    assert words[:4] == [
        "南通市工业和信息化局文件", "通工信发〔2022〕15号", "南通市2022年6月规上工业企业培育情况简报",
        "各县（市、区）工信局：",
    ]  # fmt: skip
    assert "抓紧申报。" in words and "送审稿" not in words
    signed = words.index("南通市工业和信息化局")
    assert words[signed + 1] == "2022年7月8日"
    assert words[-3:-1] == ["抄送：市统计局，市税务局。", "南通市工业和信息化局办公室2022年7月11日印发"]
    kept = Bulletin.objects.get()
    assert (bytes(kept.content), kept.sha256) == (content, hashlib.sha256(content).hexdigest())
    client.force_login(finance)
    assert "抓紧申报" in client.get(page).content.decode()
    assert client.get(url("bulletin_word", JUNE, "brief")).content == content
    acts = AuditEntry.objects.filter(act__endswith="_bulletin").order_by("pk").values_list("act", flat=True)
    assert list(acts) == [
        "draft_bulletin", "submit_bulletin", "return_bulletin", "submit_bulletin", "sign_bulletin",
    ]  # fmt: skip


def todos_for(user, kind):
    return [todo for todo in panels.todos_for(user) if todo.kind == kind]


@pytest.mark.any_database
def test_every_table_of_every_paper_is_the_same_on_page_excel_word_and_rest(client, city, staff):
    """The number itself, cell by cell: of December all four papers, period tables among them."""
    client.force_login(staff)
    token = make_token(actor=staff, user=staff, region=staff.region, scopes=["months:read"], days=1)
    asked = {"programme": PROGRAMME, "month": str(DECEMBER)}
    rest = client.get(reverse("api:bulletins"), asked, headers={"Authorization": f"Token {token}"}).json()
    assert [one["kind"] for one in rest["results"]] == ["brief", "quarter", "half_year", "year"]
    compared = 0
    for one in rest["results"]:
        kind = one["kind"]
        shown = client.get(url("bulletin", DECEMBER, kind)).context
        word = tables_of(document_of(client.get(url("bulletin_word", DECEMBER, kind)).content))
        book = openpyxl.load_workbook(
            io.BytesIO(client.get(url("statutory_export", DECEMBER) + f"?kind={kind}").content)
        )
        assert one["lines"] == shown["paper"].lines
        for place, (table, sheet) in enumerate(zip(shown["paper"].sheets, book, strict=True)):
            page = [list(row) for row in shown["tables"][place].rows]
            kinds = [column.kind for column in table.columns]
            cells = sheet.iter_rows(min_row=5, max_row=4 + len(page), values_only=True)
            excel = [[row[0], *map(_shown_of_excel, kinds, row[1:])] for row in cells]
            assert page == word[place][2:] == one["tables"][place]["rows"] == excel, (kind, table.title)
            compared += sum(map(len, page))
    assert compared > 700


def _shown_of_excel(kind, value):
    if kind == "amount" and value not in (None, "—"):
        return written(kind, Decimal(str(value)).quantize(Decimal("0.01")))
    return _shown(kind, value)
