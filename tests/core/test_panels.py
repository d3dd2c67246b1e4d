"""The frame shows each role what it may open, in the order of the street."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from django.urls import reverse

from core import panels
from core.context import place_in
from core.models import Role
from core.panels import MenuEntry, Panel, Todo
from core.todos import todos_of


def person(role=Role.BUREAU_STAFF, **fields):
    return SimpleNamespace(role=role, is_active=True, is_authenticated=True, **fields)


@pytest.fixture
def own_registry(monkeypatch):
    """An empty registry, so that a case shows all it depends on."""
    for name, empty in (("_menu", {}), ("_todos", []), ("_alerts", []), ("_dossier", [])):
        monkeypatch.setattr(panels, name, empty)


def test_the_menu_keeps_the_order_of_the_street_and_shows_only_what_the_role_may_open(
    own_registry, monkeypatch
):
    monkeypatch.setattr(panels.permissions, "can", lambda user, permission: permission == "allowed")
    panels.register_menu(
        MenuEntry("月度调度", "月度看板", "core:login", "allowed"),
        MenuEntry("数据填报", "批次记录", "core:password_change", "allowed", order=2),
        MenuEntry("数据填报", "我的填报", "core:login", "allowed", order=1),
        MenuEntry("企业名录", "企业查询", "core:login", "forbidden"),
        MenuEntry("工作台", "工作台", "core:health"),
    )
    menu = panels.menu_for(person())
    assert [section.label for section in menu] == ["工作台", "数据填报", "月度调度"]
    assert [item.label for item in menu[1].items] == ["我的填报", "批次记录"]
    assert menu[0].is_flat and not menu[1].is_flat


def test_a_section_that_the_street_does_not_have_is_refused(own_registry):
    with pytest.raises(ValueError, match="大屏"):
        panels.register_menu(MenuEntry("大屏", "大屏", "core:login"))


def test_every_registered_entry_has_a_page():
    for entry in panels.registered_menu():
        assert reverse(entry.url_name), entry


def test_the_place_of_a_page_is_the_entry_with_the_longest_address():
    entries = {"/": "工作台", "/intake/": "数据填报", "/intake/upload/": "数据填报"}
    menu = [
        panels.MenuSection(label, "gear", tuple(panels.MenuItem(url, url, url) for url in urls))
        for label, urls in {"工作台": ["/"], "数据填报": ["/intake/", "/intake/upload/"]}.items()
    ]
    for url, label in entries.items():
        assert (place_in(menu, url).section.label, place_in(menu, url).is_item) == (label, True)
    below = place_in(menu, "/intake/17/")
    assert (below.item.url, below.is_item) == ("/intake/", False)
    assert place_in(menu, "/password/").section is None


def test_what_was_returned_comes_first_then_the_nearest_deadline(own_registry):
    def waiting(user):
        return [
            Todo("待审核", "如皋市 6月月报", "", date(2022, 7, 13), "/", "审核"),
            Todo("待派单", "如东县", "", None, "/", "派单", "mute"),
            Todo("将逾期", "如东县 6月月报", "", date(2022, 7, 11), "/", "催报", "warn"),
            Todo("被退回", "启东市 5月更正单", "", date(2022, 7, 20), "/", "修改", "bad"),
        ]

    panels.register_todo(waiting)
    assert [todo.kind for todo in panels.todos_for(person())] == ["被退回", "将逾期", "待审核", "待派单"]


def test_todos_are_asked_for_once_a_request(own_registry):
    asked = []
    panels.register_todo(lambda user: asked.append(user) or [])
    request = RequestFactory().get("/")
    request.user = person()
    assert todos_of(request) == todos_of(request) == []
    assert len(asked) == 1


def test_a_block_of_the_dossier_that_has_nothing_to_say_is_absent(own_registry):
    panels.register_dossier(Panel(20, "月度数据", "months.html", lambda user, firm: {"firm": firm}))
    panels.register_dossier(Panel(10, "联系人", "contact.html", lambda user, firm: None))
    filled = panels.dossier_for(person(), "恒砺")
    assert [(panel.title, panel.context) for panel in filled] == [("月度数据", {"firm": "恒砺"})]
