"""Names that we give fit domestic databases, and no source file walks the street backwards unseen."""

import ast
import re
from pathlib import Path

import pytest

from tests.test_foreign_keys import STREET, our_models

ROOT = Path(__file__).resolve().parents[1]
LONGEST = 30
SOURCES = sorted(
    path
    for app in [*STREET, "config"]
    for path in (ROOT / app).rglob("*.py")
    if "migrations" not in path.parts
)
#: rooms that read for a person: rows come through ``visible_to`` there
DOORS = [path for path in SOURCES if re.search(r"/(views|api|panels|forms|filters)(\.py|/)", path.as_posix())]


def named(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("model", our_models(), ids=lambda model: model._meta.label)
def test_tables_columns_indexes_and_constraints_have_names_of_at_most_30_characters(model):
    meta = model._meta
    names = [meta.db_table, *(field.column for field in meta.local_fields)]
    names += [index.name for index in meta.indexes] + [constraint.name for constraint in meta.constraints]
    names += [field.m2m_db_table() for field in meta.local_many_to_many]
    assert [name for name in names if len(name) > LONGEST] == []
    assert len({name.lower() for name in names}) == len(names), "one name for one thing, whatever its case"


def test_indexes_and_constraints_have_names_of_their_own_across_tables():
    names = [
        thing.name.lower()
        for model in our_models()
        for thing in (*model._meta.indexes, *model._meta.constraints)
    ]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_no_source_walks_the_street_backwards(path):
    """No ``apps.get_model``, no generic foreign keys, no signals: they hide who calls whom."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and node.attr == "get_model":
            found.append((node.lineno, "get_model"))
        if isinstance(node, ast.Name | ast.alias):
            name = node.id if isinstance(node, ast.Name) else node.name
            if name in {"GenericForeignKey", "GenericRelation", "receiver"}:
                found.append((node.lineno, name))
        if isinstance(node, ast.ImportFrom) and node.module and re.search(r"\bsignals$", node.module):
            found.append((node.lineno, node.module))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "connect"
        ):
            found.append((node.lineno, ".connect("))
    assert found == []


@pytest.mark.parametrize("path", DOORS, ids=named)
def test_doors_reach_rows_through_visible_to_only(path):
    """``Model.objects`` is followed by ``.visible_to`` (or ``.none``), never by ``.filter`` or ``.all``."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    after = {id(node.value): node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    found = [
        (node.lineno, after.get(id(node)))
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager"}
        and after.get(id(node)) not in {"visible_to", "none"}
    ]
    assert found == []


def test_the_source_walk_sees_the_house():
    assert len(SOURCES) > 60
    assert {named(path) for path in DOORS} >= {"reports/api/results.py", "core/views.py"}
