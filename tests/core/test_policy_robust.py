"""Documents of strangers: borrowed regions, and no damage to a text that ends in anything but told faults."""

from __future__ import annotations

import random
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.management.policy_files import shipped_paths
from core.models import PolicyEdition, Region, User
from core.policies import read_document
from core.services.policies import PolicyRejected, document_of, load_edition
from tests.core.test_policies import DOCUMENT, changed

TARGETS = """\
targets:
  clause: 附件
  counting: {entry_year: approval_library, schedule: even_by_month, basis: gross, clause: 附件}
  tables:
    - {metric: newly_listed, unit: 家, years: [2030], rows: {东港区: [5]}, stated_total: [5]}
"""
BORROWER = changed("haibin-2030", "haibin-goals", DOCUMENT.split("regions:")[0]) + TARGETS
BORROWS = changed("schema: 1\n", "schema: 1\nregions_of: haibin-2030\n", BORROWER)


def test_targets_may_stand_on_the_regions_of_another_document():
    document, faults = read_document(BORROWS, {"haibin-2030": DOCUMENT})
    assert faults == []
    assert [goal.region for goal in document.parts["targets"].goals] == ["990101", "990100"]
    assert document.present == ("targets",)


@pytest.mark.parametrize(
    ("text", "lender", "line", "says"),
    [
        (BORROWER, DOCUMENT, 14, "regions_of: 政策名"),
        (BORROWS, None, 2, "用 --with 指明文件"),
        (BORROWS, DOCUMENT.split("regions:")[0], 2, "没有可用的 regions"),
        (BORROWS, "a: [", 2, "没有可用的 regions"),
        (changed('"990100"', '"990900"', BORROWS), DOCUMENT, 5, "没有 locality 所写的 990900"),
        (BORROWS + DOCUMENT[DOCUMENT.index("regions:") :], DOCUMENT, 2, "regions_of 请删去"),
        (changed("东港区: [5]", "西港区: [5]", BORROWS), DOCUMENT, 18, "“西港区”不在地区清单里"),
    ],
)
def test_what_may_be_wrong_with_borrowed_regions(text, lender, line, says):
    document, faults = read_document(text, {} if lender is None else {"haibin-2030": lender})
    assert document is None
    assert any(fault.line == line and says in fault.message for fault in faults), faults


def test_another_lender_is_another_reading():
    assert [fault.key for fault in read_document(BORROWS)[1]] == ["regions_of"]  # told once
    assert read_document(BORROWS, {"haibin-2030": DOCUMENT})[0] is not None


def test_the_file_of_the_other_document_stands_beside_or_is_named(tmp_path: Path):
    path, elsewhere = tmp_path / "haibin-goals.yaml", tmp_path / "elsewhere"
    path.write_text(BORROWS, encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("check_policy", str(path), stdout=StringIO())
    elsewhere.mkdir()
    (elsewhere / "its-name-does-not-matter.yaml").write_text(DOCUMENT, encoding="utf-8")
    call_command("check_policy", str(path), "--with", str(next(elsewhere.iterdir())), stdout=StringIO())
    (tmp_path / "haibin-2030.yaml").write_text(DOCUMENT, encoding="utf-8")
    call_command("check_policy", str(path), stdout=StringIO())


def test_in_force_the_regions_are_those_of_the_edition_in_force(db):
    actor = User.objects.system()
    with pytest.raises(PolicyRejected):
        load_edition(text=BORROWS, actor=actor)
    load_edition(text=DOCUMENT, actor=actor)
    before = Region.objects.count()
    edition = load_edition(text=BORROWS, actor=actor).edition
    assert Region.objects.count() == before == 3
    assert document_of(edition).regions.find("东港").code == "990101"
    assert PolicyEdition.objects.count() == 2


@cache
def shipped_texts() -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8") for path in shipped_paths())


#: what a slip of the hand puts where something else should stand
SLIPS = (
    "unknown",
    "[]",
    "{}",
    "null",
    "- x",
    "一百",
    "-1",
    "1e9",
    "[unknown, 1]",
    "{a: {b: c}}",
    "'",
    "year",
)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_slip_of_the_hand_makes_of_a_document_it_is_told_and_nothing_fails(seed):
    chance = random.Random(seed)
    for text in chance.sample(shipped_texts(), 3):
        lines = text.splitlines()
        for _ in range(4):
            damaged = list(lines)
            for _ in range(chance.randint(1, 3)):
                at = chance.randrange(1, len(damaged))
                head, colon, _rest = damaged[at].partition(":")
                slip = chance.choice(SLIPS)
                damaged[at : at + 1] = chance.choice(
                    (
                        [],
                        [f"{head}{colon} {slip}"],
                        [damaged[at], damaged[at]],
                        [damaged[at].lstrip()],
                        [" " + damaged[at]],
                    )
                )
            document, faults = read_document("\n".join(damaged))
            assert (document is None) == bool(faults)
            for fault in faults:
                assert 1 <= fault.line <= len(damaged) + 1 and fault.message, fault
