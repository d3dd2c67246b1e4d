"""Cases beside a document: what is compared and how a difference is told, and that no database is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from core.conditions import FactKey, FactType, Kind, parse
from core.periods import Month
from core.policies import UNKNOWN, read_document
from core.policies.cases import _differences, plain_of, read_cases, work_cases
from core.policies.given import frame_of, read_facts
from core.policies.nodes import read_nodes
from tests.core.test_policies import DOCUMENT

CASES = """\
policy: haibin-2030
cases:
  - name: 简称也找得到
    part: regions
    given: {words: [东港, 西港]}
    expect:
      found:
        东港: {code: "990101", kind: district, parent: "990100"}
        西港: null
"""


def worked(cases: str):
    document, _ = read_document(DOCUMENT)
    read, faults = read_cases(cases, document)
    assert faults == []
    return work_cases(document, read)


def differences(expected: str, got) -> list[tuple[int, str, str, str]]:
    node, _ = read_nodes(expected)
    return [(d.line, d.path, d.expected, d.got) for d in _differences(node, got, "")]


def test_a_case_is_compared_with_what_the_document_makes_of_it():
    (result,) = worked(CASES)
    assert result.ok
    assert result.got["order"] == ["海滨市", "东港区", "海西园区"]  # more than was expected is no difference


def test_a_difference_names_its_line_its_path_what_was_expected_and_what_came():
    (result,) = worked(CASES.replace("kind: district", "kind: zone"))
    (difference,) = result.differences
    assert (difference.line, difference.path) == (8, "found.东港.kind")
    assert (difference.expected, difference.got) == ("zone", "district")


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        ("a: 5", {"a": Decimal("5.00")}),
        ('a: "5.0"', {"a": 5}),
        ("a: unknown", {"a": UNKNOWN}),
        ("a: null", {"a": None}),
        ("a: true", {"a": True}),
        ("a: 2022-06-30", {"a": date(2022, 6, 30)}),
        ("a: [1, {b: 2}]", {"a": [1, {"b": 2, "c": 3}]}),
        ("2022: {海安市: 130}", {"2022": {"海安市": 130}, "2023": {}}),
    ],
)
def test_equal_by_value(expected, got):
    assert differences(expected, got) == []


@pytest.mark.parametrize(
    ("expected", "got", "path", "told"),
    [
        ("a: 5", {"a": Decimal("5.01")}, "a", "5.01"),
        ("a: 1", {"a": True}, "a", "true"),
        ("a: 0", {"a": UNKNOWN}, "a", "unknown"),
        ("a: unknown", {"a": 0}, "a", "0"),
        ("a: 0", {"a": None}, "a", "null"),
        ("a: {b: 1}", {"a": {"c": 1}}, "a.b", "没有这一项；有：c"),
        ("a: [1, 2]", {"a": [1, 2, 3]}, "a", "[1, 2, 3]"),
        ("a: [1, 2]", {"a": [1, 3]}, "a[2]", "3"),
        ("a: {b: 1}", {"a": 1}, "a", "1"),
    ],
)
def test_not_equal(expected, got, path, told):
    ((_, at, _, shown),) = differences(expected, got)
    assert (at, shown) == (path, told)


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("policy: haibin-2030", "policy: haibin-2031", 1, "案例属于 haibin-2031，文件是 haibin-2030"),
        ("    part: regions", "    part: targets", 4, "文件没有 targets（目标任务）部分"),
        ("    part: regions", "    part: region", 4, "部分只能是：regions"),
        ("    given:", "    give:", 5, "是不是 given"),
        ("    expect:\n", "    expect:\n      - 1\n", None, ""),
    ],
)
def test_a_fault_of_the_file_of_cases_is_told_with_its_line(old, new, line, says):
    document, _ = read_document(DOCUMENT)
    _, faults = read_cases(CASES.replace(old, new), document)
    assert faults
    assert line is None or any(fault.line == line and says in fault.message for fault in faults), faults


def test_what_a_runner_cannot_read_fails_that_case_alone():
    first, second = worked(CASES + "  - {name: 错, part: regions, given: {word: [东港]}}\n")
    assert first.ok and not second.ok
    assert "是不是 words" in second.faults[0].message and second.faults[0].line == 10


def test_numbers_leave_as_decimal_strings():
    assert plain_of({"a": [1, Decimal("2.50"), True, None, UNKNOWN]}) == {
        "a": ["1", "2.50", True, None, "unknown"]
    }


TYPES = {
    fact.name: fact
    for fact in (
        FactType("sales", "应税销售", Kind.AMOUNT, per=Kind.YEAR),
        FactType("growth", "增幅", Kind.RATIO),
        FactType("power", "用电量", Kind.QUANTITY, "万千瓦时", per=Kind.QUARTER),
        FactType("staff", "职工人数", Kind.COUNT, "人"),
        FactType("started", "投产日期", Kind.DATE),
        FactType("honours", "荣誉", Kind.TAGS, words=("专精特新", "小巨人")),
        FactType("on_list", "在名单", Kind.FLAG),
        FactType("returned", "月报", Kind.AMOUNT, per=Kind.MONTH),
    )
}


def facts_of(text: str):
    node, _ = read_nodes(text)
    faults = []
    return read_facts(node, TYPES, faults), faults


def test_given_facts_are_read_in_their_units():
    facts, faults = facts_of(
        "sales: {2021: 600万元, 2022: 0.5亿元}\nsales[2020]: 499.99\ngrowth: 10%\npower: {2022Q1: 12000千瓦时}\n"
        "staff: 80人\nstarted: 2020-05-01\nhonours: [小巨人]\non_list: 是\nreturned: {2022-06: unknown}\n"
    )
    assert faults == []
    assert {str(key): value for key, value in facts.items()} == {
        "sales[2021]": 600,
        "sales[2022]": 5000,
        "sales[2020]": Decimal("499.99"),
        "growth": Fraction(1, 10),
        "power[2022Q1]": Fraction(6, 5),
        "staff": 80,
        "started": date(2020, 5, 1),
        "honours": ["小巨人"],
        "on_list": True,
        "returned[2022-06]": None,
    }
    assert FactKey("returned", Kind.MONTH, Month(2022, 6).year * 12 + 5) in facts


def test_given_facts_are_judged_and_what_is_not_given_is_not_known():
    condition = parse("sales[2021] >= 500万元 and on_list", TYPES)
    rows = [facts_of("sales: {2021: 500}\non_list: true")[0], facts_of("sales: {2021: 499.99}")[0], {}]
    judged = condition.judge(frame_of(rows, condition.needs({}), TYPES), {})
    assert judged.outcome.tolist() == [1, 0, -1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sale: 1", "是不是 sales"),
        ("sales: 1", "要写明期间，如 sales: {2021: …}"),
        ("sales: {二零二一: 1}", "期间应写成 2021 的样子"),
        ("sales: {2021: 1亩}", "以万元计，不能写亩"),
        ("sales: {2021: 1块}", "没有“块”这个单位"),
        ("sales: {2021: 1.005}", "最多 2 位小数"),
        ("sales: {2021: 很多}", "应是数字，如 600 或 600万元"),
        ("on_list: 1", "写 true（是）、false（否）或 unknown"),
        ("honours: [小小巨人]", "没有“小小巨人”；可用：专精特新、小巨人"),
        ("started: 2020-13-01", "应写成 2021-12-31 的样子"),
        ("staff[2021]: 1", "没有期间"),
        ("sales[2021]: 1\nsales: {2021: 2}", "给了两次"),
    ],
)
def test_a_fact_that_cannot_be_read_is_told(text, says):
    _, faults = facts_of(text)
    assert len(faults) == 1 and says in faults[0].message, faults


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "haibin-2030.yaml").write_text(DOCUMENT, encoding="utf-8")
    (tmp_path / "haibin-2030.cases.yaml").write_text(CASES, encoding="utf-8")
    return tmp_path


def test_cases_beside_the_document_are_picked_up_and_told_as_json(files: Path):
    out = StringIO()
    call_command("check_policy", str(files / "haibin-2030.yaml"), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["policy"], told["ok"], told["passed"], told["failed"]) == ("haibin-2030", True, 1, 0)
    assert told["cases"][0]["got"]["found"]["东港"]["code"] == "990101"


def test_a_case_that_differs_makes_the_command_fail(files: Path):
    other = files / "other.yaml"
    other.write_text(CASES.replace("district", "zone"), encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("check_policy", str(files / "haibin-2030.yaml"), "--cases", str(other), stdout=out)
    assert refused.value.returncode == 1 and "1 个案例不符" in str(refused.value)
    assert f"{other}:8: 案例“简称也找得到”found.东港.kind：应为 zone，得到 district" in out.getvalue()


def test_every_shipped_document_meets_its_cases_without_a_database():
    """Run as a stranger runs it: nothing answers at the database's address."""
    from core.management.policy_files import shipped_paths

    done = subprocess.run(
        [sys.executable, "manage.py", "check_policy", *map(str, shipped_paths()), "--json"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=False,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(told) == len(shipped_paths()) and all(check["ok"] for check in told)
    assert sum(check["passed"] for check in told) >= 2
