"""Loading a document: its regions, its editions, its trail, and what the two commands say."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.models import AuditEntry, PolicyEdition, Region, User
from core.services import policies
from core.services.policies import PolicyRejected, document_of, edition_in_force, load_edition

pytestmark = pytest.mark.django_db

DOCUMENT = """\
schema: 1
id: haibin-2030
title: 海滨市升规行动方案
locality: "990100"
issuer: unknown
number: unknown
issued_on: unknown
in_force: {from: unknown, until: unknown}
source: {document: 测试文件}
regions:
  clause: 附件
  tree:
    - {code: "990100", name: 海滨市, short_name: 海滨, kind: city}
    - {code: "990101", name: 东港区, short_name: 东港, kind: district, aliases: [东港城区]}
    - {code: 9901HX, name: 海西园区, kind: zone}
"""
PARK = """\
schema: 1
id: haixi-2030
title: 海西园区综合评价办法
locality: 9901HX
issuer: unknown
number: unknown
issued_on: unknown
in_force: {from: unknown, until: unknown}
source: {document: 测试文件}
regions:
  clause: 附件
  tree:
    - {code: 9901HX, name: 海西经济开发区, short_name: 海西, kind: zone}
    - {code: "990101301", name: 三港镇, kind: township}
"""


@pytest.fixture
def hooks(monkeypatch):
    """Hooks of one test only: none but its own."""
    mine = []
    monkeypatch.setattr(policies, "on_edition_in_force", mine)
    return mine


@pytest.fixture
def system(hooks):
    return User.objects.system()


def run(command: str, *words: str) -> str:
    out = StringIO()
    call_command(command, *words, stdout=out, stderr=out)
    return out.getvalue()


def test_a_document_creates_its_regions_in_the_official_order(system):
    loaded = load_edition(text=DOCUMENT, actor=system)
    assert (loaded.is_new, loaded.regions_created) == (True, 3)
    assert list(Region.objects.values_list("code", "path", "order")) == [
        ("990100", "990100/", 0),
        ("990101", "990100/990101/", 1),
        ("9901HX", "990100/9901HX/", 2),
    ]
    east = Region.objects.get(code="990101")
    assert (east.name, east.short_name, east.kind, east.aliases) == (
        "东港区",
        "东港",
        "district",
        ["东港城区"],
    )


def test_the_edition_keeps_the_exact_text_and_is_in_force(system):
    text = DOCUMENT.replace("\n", "\r\n")
    edition = load_edition(text=text, actor=system).edition
    edition.refresh_from_db()
    assert edition.text == text
    assert (edition.number, edition.state, edition.locality_id) == (1, "in_force", "990100")
    assert (edition.loaded_by, edition.approved_by) == (system, None)
    assert edition_in_force("haibin-2030") == edition
    assert document_of(edition).id == "haibin-2030"


def test_the_same_text_again_changes_nothing(system):
    first = load_edition(text=DOCUMENT, actor=system)
    again = load_edition(text=DOCUMENT, actor=system)
    assert (again.is_new, again.edition) == (False, first.edition)
    assert PolicyEdition.objects.count() == 1
    assert AuditEntry.objects.filter(act="load_policy").count() == 1


def test_a_changed_text_is_the_next_edition_and_retires_the_one_before(system):
    load_edition(text=DOCUMENT, actor=system)
    changed = load_edition(text=DOCUMENT.replace("东港区", "东港新区"), actor=system)
    assert (changed.regions_created, changed.regions_changed) == (0, 1)
    states = PolicyEdition.objects.order_by("number").values_list("number", "state")
    assert list(states) == [(1, "retired"), (2, "in_force")]
    assert Region.objects.get(code="990101").name == "东港新区"


def test_an_earlier_text_put_in_force_again_is_a_new_edition(system):
    for text in (DOCUMENT, DOCUMENT + "# 改\n", DOCUMENT):
        load_edition(text=text, actor=system)
    assert edition_in_force("haibin-2030").number == 3


def test_an_act_leaves_one_entry_with_the_digest_of_the_text(system):
    edition = load_edition(text=DOCUMENT, actor=system).edition
    entry = AuditEntry.objects.get(act="load_policy")
    assert (entry.actor, entry.subject, entry.digest) == (system, "haibin-2030 第1版", edition.sha256)
    assert entry.counts == {"number": 1, "regions_created": 3, "regions_changed": 0}


def test_a_hook_that_fails_leaves_nothing_behind(system, hooks):
    seen = []

    def store_and_fail(*, edition, actor):
        seen.append((edition.state, actor))
        raise RuntimeError("targets")

    hooks.append(store_and_fail)
    with pytest.raises(RuntimeError, match="targets"):
        load_edition(text=DOCUMENT, actor=system)
    assert seen == [("in_force", system)]
    assert not PolicyEdition.objects.exists()
    assert not Region.objects.exists()
    assert not AuditEntry.objects.filter(act="load_policy").exists()


def test_the_document_of_a_park_leaves_its_place_in_the_city_alone(system):
    load_edition(text=DOCUMENT, actor=system)
    load_edition(text=PARK, actor=system)
    park = Region.objects.get(code="9901HX")
    assert (park.name, park.parent_id, park.place) == ("海西园区", "990100", 2)
    assert set(park.aliases) == {"海西经济开发区", "海西"}
    # lists of regions go down the tree: a park's towns stand below it, not among the city's districts
    assert list(Region.objects.values_list("code", flat=True)) == ["990100", "990101", "9901HX", "990101301"]
    assert Region.objects.get(code="990101301").path == "990100/9901HX/990101301/"


def test_a_park_that_moves_takes_all_below_it_along(system):
    load_edition(text=DOCUMENT, actor=system)
    load_edition(text=PARK, actor=system)
    moved = DOCUMENT.replace("name: 海西园区, kind: zone", 'name: 海西园区, kind: zone, parent: "990101"')
    load_edition(text=moved, actor=system)
    assert Region.objects.get(code="990101301").path == "990100/990101/9901HX/990101301/"


def test_a_document_does_not_take_away_the_words_of_another(system):
    load_edition(text=DOCUMENT, actor=system)
    other = DOCUMENT.replace("haibin-2030", "haibin-2031").replace("[东港城区]", "[东港新城]")
    load_edition(text=other, actor=system)
    assert set(Region.objects.get(code="990101").aliases) == {"东港城区", "东港新城"}
    load_edition(text=other.replace(", aliases: [东港新城]", ""), actor=system)
    assert Region.objects.get(code="990101").aliases == ["东港城区"]


def test_a_document_for_a_region_nobody_created_is_refused_by_name(system):
    text = DOCUMENT[: DOCUMENT.index("regions:")]
    with pytest.raises(PolicyRejected) as refused:
        load_edition(text=text, actor=system)
    assert "系统里没有地区 990100" in refused.value.faults[0].message
    text = DOCUMENT.replace("kind: city}", 'kind: city, parent: "990000"}')
    with pytest.raises(PolicyRejected) as refused:
        load_edition(text=text, actor=system)
    assert "海滨市的上级 990000 还没有建立" in refused.value.faults[0].message
    assert not Region.objects.exists()


def test_the_command_loads_shipped_documents_by_name_and_says_when_nothing_changed():
    assert "nantong-2022 第1版 已施行，新建地区 11 个" in run("load_policy", "nantong-2022")
    assert "nantong-2022 第1版 未变化" in run("load_policy", "nantong-2022")
    assert PolicyEdition.objects.get().loaded_by == User.objects.system()
    assert "pingdingshan-2022 第1版 已施行，新建地区 13 个" in run("load_policy", "--all")


def test_the_command_loads_a_path_and_refuses_all_when_one_has_faults(tmp_path: Path, hooks):
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(DOCUMENT, encoding="utf-8")
    bad.write_text(DOCUMENT.replace("title:", "titel:"), encoding="utf-8")
    with pytest.raises(CommandError, match="没有载入"):
        run("load_policy", str(good), str(bad))
    assert not PolicyEdition.objects.exists()
    assert "haibin-2030 第1版 已施行" in run("load_policy", str(good))


@pytest.mark.parametrize("words", [(), ("--all", "nantong-2022"), ("no-such-policy",)])
def test_a_call_that_names_no_document_is_a_usage_fault(words):
    with pytest.raises(CommandError) as refused:
        run("load_policy", *words)
    assert refused.value.returncode == 64


def test_check_tells_every_fault_with_file_line_and_key(tmp_path: Path, capsys):
    bad = tmp_path / "bad.yaml"
    bad.write_text(DOCUMENT.replace("title:", "titel:").replace("kind: city", "kind: 市"), encoding="utf-8")
    out = StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("check_policy", str(bad), stdout=out)
    assert refused.value.returncode == 1
    lines = out.getvalue().splitlines()
    assert [line.split(" ")[0] for line in lines] == [
        f"{bad}:1:",
        f"{bad}:3:",
        f"{bad}:13:",
    ]
    assert "regions.tree[1].kind: 类别只能是" in lines[2]


def test_check_passes_the_shipped_documents():
    assert run("check_policy", "nantong-2022", "pingdingshan-2022").count("通过") == 2


def test_check_tells_a_file_that_is_not_utf8(tmp_path: Path):
    gbk = tmp_path / "gbk.yaml"
    gbk.write_bytes(DOCUMENT.encode("gbk"))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_policy", str(gbk), stdout=out)
    assert f"{gbk}:3: : 文件不是 UTF-8 编码" in out.getvalue()
