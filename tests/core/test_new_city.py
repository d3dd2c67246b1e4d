"""A city that the portal does not know yet, brought in the browser alone; and editions approved for a day to come."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from core.models import AuditEntry, JobRun, PolicyEdition, Region, Role, User
from core.panels import menu_for
from core.services.edition_force import approve_edition, put_due_in_force, queue_due_editions
from core.services.editions import EditionRefused, draft_edition, return_edition, submit_edition
from core.services.policies import PolicyRejected, load_edition
from cultivation.models import Target
from tests import factories
from tests.core.test_editions import NEXT, TEXT

#: the same plan for another city: its regions, its name, nothing that the portal knows
NEW = TEXT.replace("3206", "9906").replace("南通", "新城").replace("id: nantong", "id: xincheng")
#: a park that the city's plan does not name, under the known city
PARK = """schema: 1
id: chuangxin-2022
title: 创新园小升规培育方案
locality: "3206CX"
issuer: 创新园管委会
number: unknown
issued_on: 2022-03-01
in_force: {from: 2022-03-01, until: null}
source: {document: 创新园小升规培育方案}
regions:
  clause: 一
  tree:
    - {code: 3206CX, name: 创新园, kind: zone, parent: "320600"}
"""
State = PolicyEdition.State


@pytest.fixture
def first(db):
    return load_edition(text=TEXT, actor=User.objects.system()).edition


@pytest.fixture
def newcomers(db):
    """Two people of a bureau whose city is not known yet: they belong to no region."""
    return [factories.user(role, None) for role in (Role.BUREAU_STAFF, Role.BUREAU_LEADER)]


@pytest.fixture
def bureau(first):
    return [factories.user(role, "320600") for role in (Role.BUREAU_STAFF, Role.BUREAU_LEADER)]


def faults_of(text, actor):
    with pytest.raises(PolicyRejected) as refused:
        draft_edition(text=text, actor=actor)
    return [fault.message for fault in refused.value.faults]


def submitted(text, actor):
    draft = draft_edition(text=text, actor=actor)
    return submit_edition(edition=draft, actor=actor)


# ---- a new city


def test_a_new_city_is_drafted_checked_simulated_approved_and_in_force_in_the_browser(
    client, first, newcomers
):
    maker, checker = newcomers
    client.force_login(maker)
    upload = reverse("core:policy_upload")
    page = client.post(upload, {"text": NEW.replace("[150, 150, 150]", "[151, 150, 150]", 1)})
    assert "没有保存：有" in page.content.decode() and "2022 年合计" in page.content.decode()
    sent = client.post(upload, {"text": NEW}, follow=True)
    draft = PolicyEdition.objects.get(name="xincheng-2022")
    assert "新城市（新地区）" in sent.content.decode()
    assert (draft.state, draft.locality, Region.objects.filter(pk="990600").exists()) == (
        State.DRAFT,
        None,
        False,
    )
    page = client.get(reverse("core:policy_simulate", args=[draft.pk]))
    assert [line.total.after for line in page.context["simulations"]] == [0]
    client.post(reverse("core:policy_submit", args=[draft.pk]))
    client.force_login(checker)
    assert draft.title in client.get(reverse("core:policies")).content.decode()
    page = client.post(reverse("core:policy_approve", args=[draft.pk]), {"over": "", "on": ""}, follow=True)
    assert "已施行" in page.content.decode()
    assert Region.objects.get(pk="990681").path == "990600/990681/"
    assert Target.objects.get(region="990681", year=2022).value == 150
    for user in newcomers:  # who brought the city belongs to it, and works there from the next page on
        user.refresh_from_db()
        assert user.region_id == "990600"
    assert AuditEntry.objects.filter(act="place_user", region="990600").count() == 2
    assert (
        "启东市" in client.get(reverse("cultivation:targets") + "?programme=xincheng-2022").content.decode()
    )
    assert set(Region.objects.filter(path__startswith="320600/").values_list("parent", flat=True)) == {
        None,
        "320600",
    }


def test_whoever_has_no_region_yet_opens_every_page_of_the_menu_and_sees_nobodys_rows(
    client, first, newcomers
):
    factories.enterprise("启东金丝雀机械有限公司")
    for user in newcomers:
        client.force_login(user)
        urls = [item.url for section in menu_for(user) for item in section.items]
        assert len(urls) > 10
        for url in urls:
            page = client.get(url, follow=True)
            assert page.status_code == 200 and "金丝雀" not in page.content.decode(), url


def test_a_region_without_a_parent_is_brought_by_who_has_no_region_and_by_nobody_else(bureau, newcomers):
    assert "没有写上级（parent），不在您的地区范围内" in faults_of(NEW, bureau[0])[0]
    assert faults_of(NEXT, newcomers[0]) == ["南通市不在您的地区范围内，不能起草它的政策"]
    no_tree = NEW[: NEW.index("regions:\n")] + NEW[NEW.index("facts:\n") : NEW.index("targets:\n")]
    assert "新的地区请写 regions（地区）部分" in faults_of(no_tree, newcomers[0])[0]


def test_a_park_under_a_known_city_is_drafted_by_that_city(bureau, newcomers):
    maker, checker = bureau
    assert "上级南通市不在您的地区范围内" in faults_of(PARK, newcomers[0])[0]
    assert "还没有建立" in faults_of(PARK.replace('"320600"', '"320699"'), maker)[0]
    draft = submitted(PARK, maker)
    assert (draft.locality_id, draft.place) == ("320600", "创新园")
    district = factories.user(Role.DISTRICT_OFFICER, "320681")
    assert draft not in PolicyEdition.objects.visible_to(district)
    assert draft not in PolicyEdition.objects.visible_to(newcomers[0])
    approve_edition(edition=draft, over=None, actor=checker)
    draft.refresh_from_db()
    assert draft.locality.path == "320600/3206CX/"


def test_a_document_neither_renames_nor_moves_regions_of_others(bureau, newcomers):
    load_edition(text=NEW, actor=User.objects.system())
    stolen = '\n    - {code: "990681", name: 启东别名, kind: county, parent: 3206CX}'
    assert faults_of(PARK.rstrip() + stolen, bureau[0]) == [
        "启东市（990681）不在您的地区范围内，不能写进地区清单"
    ]
    district = factories.user(Role.BUREAU_STAFF, "320681")
    away = PARK.replace("3206CX", "320681").replace('parent: "320600"', 'parent: "990600"')
    assert faults_of(away.replace("320681,", '"320681",'), district) == [
        "启东市不能改到新城市之下：它不在您的地区范围内"
    ]
    taken = NEW.replace("9906", "9907")  # the name stands for another place
    assert faults_of(taken, newcomers[0])[0].startswith("政策名 xincheng-2022 已用于")


# ---- a day to come


def test_an_edition_approved_for_a_day_to_come_is_in_force_from_that_day(client, first, bureau, monkeypatch):
    maker, checker = bureau
    draft = submitted(NEXT, maker)
    day = timezone.localdate() + timedelta(days=40)
    client.force_login(checker)
    approve = reverse("core:policy_approve", args=[draft.pk])
    page = client.post(approve, {"over": first.pk, "on": "2022-01-01"}, follow=True)
    assert "已过" in page.content.decode()
    page = client.post(approve, {"over": first.pk, "on": day.isoformat()}, follow=True)
    assert f"{day} 起施行" in page.content.decode() and "待施行" in page.content.decode()
    call_command("run_worker", once=True)
    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.state, draft.state) == (State.IN_FORCE, State.SCHEDULED) and not JobRun.objects.exists()
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    call_command("run_worker", once=True)
    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.state, draft.state, draft.approved_by) == (State.RETIRED, State.IN_FORCE, checker)
    assert Target.objects.get(region="320681", year=2022).value == 149
    assert queue_due_editions() == 0 and put_due_in_force(edition=draft.pk, actor=checker) is None


def test_what_came_in_between_sends_a_scheduled_edition_back_to_its_approver(first, bureau, monkeypatch):
    maker, checker = bureau
    draft = submitted(NEXT, maker)
    day = timezone.localdate() + timedelta(days=1)
    approve_edition(edition=draft, over=first.pk, actor=checker, on=day)
    other = load_edition(text=TEXT + "# 改\n", actor=User.objects.system()).edition
    monkeypatch.setattr(timezone, "localdate", lambda *_: day)
    put_due_in_force(edition=draft.pk, actor=checker)
    draft.refresh_from_db()
    other.refresh_from_db()
    assert (other.state, draft.state, draft.approved_by) == (State.IN_FORCE, State.SUBMITTED, None)
    assert "重新比较" in draft.answer


def test_a_scheduled_edition_can_be_returned_before_its_day(first, bureau):
    maker, checker = bureau
    draft = submitted(NEXT, maker)
    approve_edition(edition=draft, over=first.pk, actor=checker, on=date(2999, 1, 1))
    with pytest.raises(EditionRefused, match="“待施行”，不能这样办理"):
        approve_edition(edition=draft, over=first.pk, actor=checker)
    returned = return_edition(edition=draft, answer="推迟", actor=checker)
    assert (returned.state, returned.takes_force_on, returned.approved_by) == (State.DRAFT, None, None)
