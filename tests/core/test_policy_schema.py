"""The published JSON Schema: every shipped document fulfils it, and it holds the keys that readers take."""

from __future__ import annotations

import json
from functools import cache
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema import Draft202012Validator

from core.management.policy_files import shipped_paths
from core.policies import nodes
from core.policies.document import ENVELOPE_KEYS, PART_NAMES
from core.policies.schema import plain_value
from cultivation.policy.pool_reader import POOL_KEYS, RULE_KEYS

#: may stand on any table
YEARLY_KEY = {"yearly": "每年更新"}


@cache
def schema() -> dict[str, Any]:
    out = StringIO()
    call_command("policy_schema", stdout=out)
    made: dict[str, Any] = json.loads(out.getvalue())
    Draft202012Validator.check_schema(made)
    return made


def faults_of(text: str) -> list[str]:
    node, _ = nodes.read_nodes(text)
    return [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema()).iter_errors(plain_value(node))
    ]


@pytest.mark.parametrize("path", shipped_paths(), ids=lambda path: path.stem)
def test_every_shipped_document_fulfils_it(path):
    assert faults_of(path.read_text(encoding="utf-8")) == []


def test_it_holds_every_key_that_the_readers_take_with_its_chinese_name():
    top = schema()["properties"]
    assert {name: top[name]["title"] for name in top} == {**ENVELOPE_KEYS, **PART_NAMES, **YEARLY_KEY}
    pool = top["pool"]["properties"]["pools"]["items"]
    assert set(pool["properties"]) == {*POOL_KEYS, *YEARLY_KEY} and "kind" in pool["required"]
    assert set(pool["properties"]["sources"]["items"]["properties"]) == {*RULE_KEYS, *YEARLY_KEY}
    entry_year = top["targets"]["properties"]["counting"]["properties"]["entry_year"]
    assert "approval_library 审批库年度" in entry_year["description"]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title:", "titel:", "titel"),
        ("schema: 1", "schema: 7", "7 is not one of"),
        ("entry_year: approval_library", "entry_year: any", "counting.entry_year"),
        ("      year: 2022", "      year: 二〇二二", "pools[0].year"),
        ("    basis: gross\n", "", "'basis' is a required property"),
        ("  clause: 附件 地区栏\n  note:", "  clauses: 附件\n  note:", "clauses"),
    ],
)
def test_a_slip_is_marked(old, new, says):
    (path,) = (path for path in shipped_paths() if path.stem == "nantong-2022")
    text = path.read_text(encoding="utf-8")
    assert old in text
    assert any(says in fault for fault in faults_of(text.replace(old, new, 1)))
