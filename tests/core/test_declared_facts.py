"""Facts that a document declares: what a clerk can get wrong, and that one name means one thing everywhere."""

from __future__ import annotations

import pytest

from core.conditions import Kind
from core.models import User
from core.policies import read_document
from core.services.policies import PolicyRejected, declared_in_force, load_edition
from tests.core.test_policies import DOCUMENT, changed

FACTS = """\
facts:
  full_load: {label: 连续满负荷生产, kind: flag, per: quarter, source: 工信部门认定, clause: 正文 二}
  local_loan_growth: {label: 普惠小微贷款余额增量, kind: amount, per: year, source: 人行}
  rating: {label: 信用等级, kind: text, words: [A, B, C], source: 税务}
  steam: {label: 蒸汽用量, kind: quantity, unit: 吨, places: 3, per: month, source: 供热企业}
"""


def faults_of(text: str) -> list[tuple[int, str, str]]:
    _, faults = read_document(text)
    return [(fault.line, fault.key, fault.message) for fault in faults]


def test_declared_facts_are_read_with_kind_unit_and_period():
    document, faults = read_document(DOCUMENT + FACTS)
    assert faults == []
    assert [(f.name, f.kind, f.unit, f.places, f.per) for f in document.facts.values()] == [
        ("full_load", Kind.FLAG, "", 0, Kind.QUARTER),
        ("local_loan_growth", Kind.AMOUNT, "万元", 2, Kind.YEAR),
        ("rating", Kind.TEXT, "", 0, None),
        ("steam", Kind.QUANTITY, "吨", 3, Kind.MONTH),
    ]
    assert document.declared["full_load"].source == "工信部门认定"
    assert "facts" in document.present
    assert {"full_load", "taxable_sales"} <= set(document.types)


def test_conditions_of_the_document_may_name_them():
    pool = """\
pool:
  clause: 正文 三
  pools:
    - kind: scale_up
      title: 培育库
      year: 2030
      sources: [{code: loans, label: 贷款增长, when: "local_loan_growth[2029] >= 100万元"}]
"""
    document, faults = read_document(DOCUMENT + FACTS + pool)
    assert faults == [] and document.parts["pool"]
    ((line, key, message),) = faults_of(DOCUMENT + pool)
    assert (line, key) == (25, "pool.pools[1].sources[1].when") and "local_loan_growth" in message


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("kind: flag", "kind: 是否", 20, "类别只能是"),
        ("per: quarter", "per: week", 20, "期间只能是：year、quarter、month"),
        ("full_load:", "满负荷:", 20, "英文字母"),
        ("full_load:", "year:", 20, "不能作名"),
        ("kind: amount", "kind: amount, unit: 亩", 21, "单位不能是亩"),
        ("kind: amount", "kind: amount, unit: 块", 21, "没有“块”这个单位"),
        ("kind: flag", "kind: flag, unit: 万元", 20, "不写单位"),
        ("unit: 吨, ", "", 23, "缺少 unit（单位）"),
        ("kind: quantity", "kind: count", 23, "个数的单位应是"),
        ("source: 人行", "sauce: 人行", 21, "是不是 source"),
        ("kind: flag", "kind: flag, words: [是]", 20, "只有文字和多项标签"),
        ("places: 3", "places: 7", 23, "小数最多 6 位"),
        (
            "full_load:",
            "taxable_sales:",
            20,
            "系统里已有 taxable_sales：应税销售（评价采集），每年、金额（万元）",
        ),
    ],
)
def test_a_fault_is_told_with_its_line_and_the_cure(old, new, line, says):
    told = faults_of(DOCUMENT + changed(old, new, FACTS))
    assert any(at == line and says in message for at, _, message in told), told


def test_a_name_of_the_portal_may_be_repeated_when_it_means_the_same():
    same = FACTS + "  tax: {label: 税收, kind: amount, per: year, source: 税务}\n"
    assert faults_of(DOCUMENT + same) == []


def test_two_documents_in_force_cannot_mean_two_things_by_one_name(db):
    actor = User.objects.system()
    load_edition(text=DOCUMENT + FACTS, actor=actor)
    other = DOCUMENT.replace("haibin-2030", "haibin-2031") + FACTS
    load_edition(text=other, actor=actor)  # the same meaning
    with pytest.raises(PolicyRejected) as refused:
        load_edition(text=changed("kind: amount, per: year", "kind: amount", other), actor=actor)
    (fault,) = refused.value.faults
    assert (fault.line, fault.key) == (21, "facts.local_loan_growth")
    assert (
        "haibin-2030 已把 local_loan_growth 声明为普惠小微贷款余额增量（每年、金额（万元））" in fault.message
    )
    assert set(declared_in_force()) == {"full_load", "local_loan_growth", "rating", "steam"}
