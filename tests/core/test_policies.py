"""The envelope and the regions of a policy document, and every fault that a clerk can make in them."""

from __future__ import annotations

import re
from datetime import date

import pytest

from core.policies import UNKNOWN, read_document, readable_parts, register_part
from core.policies.fields import printed_comparison

DOCUMENT = """\
schema: 1
id: haibin-2030
title: 海滨市升规行动方案
locality: "990100"
issuer: 海滨市人民政府办公室
number: 海政办〔2030〕1号
issued_on: 2030-01-04
in_force:
  from: 2030-02-01
  until: null
source:
  document: 海政办〔2030〕1号
regions:
  clause: 附件 地区栏
  tree:
    - {code: "990100", name: 海滨市, kind: city}
    - {code: "990101", name: 东港区, short_name: 东港, kind: district, aliases: [东港城区]}
    - {code: 9901HX, name: 海西园区, kind: zone, parent: "990101"}
"""


def changed(old: str, new: str, text: str = DOCUMENT) -> str:
    assert old in text
    return text.replace(old, new, 1)


def faults_of(text: str) -> list[tuple[int, str, str]]:
    document, faults = read_document(text)
    assert document is None
    return [(fault.line, fault.key, fault.message) for fault in faults]


def the_fault_of(text: str) -> tuple[int, str, str]:
    (fault,) = faults_of(text)
    return fault


def test_a_faultless_document_is_read_whole():
    document, faults = read_document(DOCUMENT)
    assert faults == []
    assert (document.id, document.number) == ("haibin-2030", "海政办〔2030〕1号")
    assert document.issued_on == date(2030, 1, 4)
    assert (document.in_force.first, document.in_force.until) == (date(2030, 2, 1), None)
    assert document.unknown_keys == ()


def test_what_the_source_does_not_print_is_unknown_and_named():
    document, _ = read_document(changed("2030-01-04", "unknown", changed("until: null", "until: unknown")))
    assert document.issued_on is UNKNOWN
    assert document.unknown_keys == ("issued_on", "in_force.until")


def test_regions_keep_the_order_of_the_table_and_are_found_by_every_name():
    document, _ = read_document(DOCUMENT)
    assert [region.name for region in document.regions] == ["海滨市", "东港区", "海西园区"]
    for word in ("990101", "东港区", "东港", "东港城区", " 东 港 "):
        assert document.regions.find(word).code == "990101"
    assert document.regions.find("东") is None
    assert document.regions.find("990101").parent == "990100"  # left out: the locality
    assert document.regions.is_below("9901HX", "990100")
    assert not document.regions.is_below("990100", "990100")


def test_a_child_listed_before_its_parent_is_still_created_after_it():
    rows = DOCUMENT.splitlines(keepends=True)
    document, _ = read_document("".join([*rows[:-3], rows[-1], rows[-3], rows[-2]]))
    assert [region.code for region in document.regions.parents_first()] == ["990100", "990101", "9901HX"]


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "says"),
    [
        ("title:", "titel:", 3, "titel", "是不是 title"),
        ("issuer: 海滨市人民政府办公室\n", "", 1, "issuer", "填 unknown"),
        ("title: 海滨市升规行动方案", "title:", 3, "title", "缺少 title"),
        ("title: 海滨市升规行动方案", "title: [海滨市]", 3, "title", "应是一段文字"),
        ("title: 海滨市升规行动方案", "title: " + "长" * 201, 3, "title", "最多 200 个"),
        ("2030-01-04", "2030-02-30", 7, "issued_on", "没有 2030-02-30 这一天"),
        ("2030-01-04", "2030年1月4日", 7, "issued_on", "2022-06-04 的样子"),
        ("  until: null\n", "", 9, "in_force.until", "写 null"),
        ("until: null", "until: 2029-12-31", 10, "in_force.until", "早于施行日期"),
        ("id: haibin-2030", "id: 海滨2030", 2, "id", "小写字母"),
        ("source:\n  document: 海政办〔2030〕1号", "source: 海政办", 11, "source", "应是一张表"),
        ("  clause: 附件 地区栏\n", "", 14, "regions.clause", "缺少 clause"),
        ("kind: district", "kind: 城区", 17, "regions.tree[2].kind", "只能是"),
        ('"990101", name', '"99-1", name', 17, "regions.tree[2].code", "6—12 位"),
        ("9901HX, name", '"990101", name', 18, "regions.tree[3]", "已属于第 17 行的东港区"),
        ("name: 海西园区", "name: 东港", 18, "regions.tree[3]", "已属于第 17 行的东港区"),
        ('parent: "990101"', 'parent: "990109"', 18, "regions.tree[3]", "不在地区清单里"),
        ('parent: "990101"', "parent: 9901HX", 18, "regions.tree[3]", "绕回了自己"),
        ('locality: "990100"', 'locality: "990900"', 16, "regions.tree[1]", "不在地区清单里"),
        ("regions:", "listing: {}\nregions:", 13, "listing", "本版本还不能读 listing（入库纳统）"),
    ],
)
def test_a_fault_is_told_with_its_line_its_key_and_the_cure(old, new, line, key, says):
    told = faults_of(changed(old, new))
    assert any((at, name) == (line, key) and says in message for at, name, message in told), told


def test_every_fault_is_told_at_once_in_the_order_of_lines():
    text = changed("title:", "titel:", changed("2030-01-04", "明天", changed("kind: city", "kind: 市")))
    assert [line for line, _, _ in faults_of(text)] == [1, 3, 7, 16]


def test_a_doubled_key_names_both_lines():
    text = changed("number:", "title: 另一个标题\nnumber:")
    line, key, message = the_fault_of(text)
    assert (line, key) == (6, "title")
    assert "第 3 行已有" in message


@pytest.mark.parametrize("schema", ["2", "一", "[1]"])
def test_an_unknown_shape_is_told_alone(schema):
    text = changed("schema: 1", f"schema: {schema}", changed("title:", "titel:"))
    line, key, message = the_fault_of(text)
    assert (line, key) == (1, "schema")
    assert "能读：1" in message


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("  from:", "\tfrom:", 9, "制表符"),
        ("title: 海滨", "title：海滨", 4, "冒号"),
        ("title: 海滨", 'title: "海滨', None, "引号"),
        ("[东港城区]", "[东港城区", None, "没有闭合|冒号"),
        ("title: 海滨", "title: &a 海滨", 3, "& 作标记"),
        ("title: 海滨", "title: !!python/name:os.system 海滨", 3, "! 标签"),
        ("  document: 海政办〔2030〕1号", "  document: *a", 12, r"\* 引用"),
        ("regions:", "---\nregions:", 13, "一个文件只写一份"),
    ],
)
def test_text_that_is_not_plain_yaml_is_refused_with_the_line(old, new, line, says):
    document, faults = read_document(changed(old, new))
    assert document is None
    assert any(re.search(says, fault.message) for fault in faults), faults
    assert line is None or line in [fault.line for fault in faults], faults


def test_a_bomb_of_references_is_refused_before_it_grows():
    rows = ["a0: &a0 [哈]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    assert all("请" in message for _, _, message in faults_of("\n".join(rows)))


@pytest.mark.parametrize("text", ["", "\n# 空\n", "- 1\n", "标题", "[" * 20000, "a: \x00", "\ud800"])
def test_anything_at_all_gives_faults_and_never_an_exception(text):
    assert faults_of(text)


def test_a_part_has_one_reader_and_only_known_parts_have_any():
    assert "regions" in readable_parts()
    with pytest.raises(ValueError, match="not a part"):
        register_part("weather", lambda node, document: (None, []))
    with pytest.raises(ValueError, match="not a part"):
        register_part("regions", lambda node, document: (None, []))


def test_the_same_text_is_parsed_once_and_its_faults_cannot_be_tampered_with():
    first, _ = read_document(DOCUMENT)
    assert read_document(DOCUMENT)[0] is first
    read_document("schema: 9")[1].clear()
    assert read_document("schema: 9")[1]


@pytest.mark.parametrize(
    ("wording", "comparison"),
    [
        ("新增规模以上工业企业138家", None),
        ("新增规模以上工业企业500家以上", "at_least"),
        ("年营业收入3000万元以下", "at_most"),
        ("超过3000万元", "more_than"),
        ("不超过3000万元", "at_most"),
        ("数量不足1.2倍", "less_than"),
        ("不低于10%", "at_least"),
        ("1000万元以上2000万元以下", None),
    ],
)
def test_printed_words_mean_ends(wording, comparison):
    assert printed_comparison(wording) == comparison
