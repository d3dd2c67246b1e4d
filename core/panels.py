"""What apps show on others' pages: menu entries, 待办, 提示 and panels of 一企一档.

Each app has a ``panels.py`` that registers here; ``CoreConfig.ready`` loads them by
``autodiscover_modules("panels")``. So the frame, the 工作台 and the firm's page never import to the right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import NoReverseMatch, reverse

from core import permissions

#: section → icon, in street order; the order never changes, a section without an entry for the role is absent
SECTIONS = {
    "工作台": "grid-1x2",
    "驾驶舱": "speedometer2",
    "数据填报": "file-earmark-arrow-up",
    "企业名录": "building",
    "培育库": "layers",
    "目标任务": "bullseye",
    "月度调度": "calendar2-check",
    "企业服务": "people",
    "综合评价": "clipboard-data",
    "奖补": "wallet2",
    "报表通报": "file-earmark-bar-graph",
    "系统管理": "gear",
}
#: 待办 with these tones come first, whatever their deadline: a returned thing is read before anything else
TONE_ORDER = {"bad": 0, "warn": 1, "info": 2}


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """One line of the left navigation; an empty ``permission`` is open to everyone who is signed in."""

    section: str
    label: str
    url_name: str
    permission: str = ""
    order: int = 0


@dataclass(frozen=True, slots=True)
class MenuItem:
    label: str
    url: str
    url_name: str


@dataclass(frozen=True, slots=True)
class MenuSection:
    label: str
    icon: str
    items: tuple[MenuItem, ...]

    @property
    def url(self) -> str:
        return self.items[0].url

    @property
    def is_flat(self) -> bool:
        """One entry of the section's own name, such as 工作台: there is no second level to open."""
        return len(self.items) == 1 and self.items[0].label == self.label


@dataclass(frozen=True, slots=True)
class Todo:
    """One line of 待办. ``kind`` is the word in the tag (被退回, 待审核…), ``tone`` its colour, ``action`` the
    word on the button."""

    kind: str
    title: str
    note: str
    due: date | None
    url: str
    action: str
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class Alert:
    """One line of 提示: what, how many, and the page that lists exactly these."""

    tone: str
    title: str
    note: str
    count: int
    url: str
    unit: str = "家"


@dataclass(frozen=True, slots=True)
class Panel:
    """One block of 一企一档. ``context_fn(user, enterprise)`` gives the template's context, or ``None`` when
    this user may not see the block or there is nothing it could say."""

    order: int
    title: str
    template: str
    context_fn: Callable[[Any, Any], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class FilledPanel:
    title: str
    template: str
    context: Mapping[str, Any]


_menu: dict[tuple[str, str], MenuEntry] = {}
_todos: list[Callable[[Any], Iterable[Todo]]] = []
_alerts: list[Callable[[Any], Iterable[Alert]]] = []
_dossier: list[Panel] = []


def register_menu(*entries: MenuEntry) -> None:
    """Raises ``ValueError`` for a section that the street does not have."""
    for entry in entries:
        if entry.section not in SECTIONS:
            raise ValueError(f"no such section of the menu: {entry.section}")
        _menu[entry.section, entry.label] = entry


def register_todo(fn: Callable[[Any], Iterable[Todo]]) -> Callable[[Any], Iterable[Todo]]:
    """Usable as a decorator; ``fn(user)`` gives what waits for this user."""
    _todos.append(fn)
    return fn


def register_alert(fn: Callable[[Any], Iterable[Alert]]) -> Callable[[Any], Iterable[Alert]]:
    """Usable as a decorator; ``fn(user)`` gives what this user should know."""
    _alerts.append(fn)
    return fn


def register_dossier(panel: Panel) -> None:
    _dossier.append(panel)


def registered_menu() -> list[MenuEntry]:
    return list(_menu.values())


def menu_for(user: Any) -> list[MenuSection]:
    """The sections this user may open, in street order, each with its entries."""
    sections = []
    for label, icon in SECTIONS.items():
        entries = sorted(
            (entry for entry in _menu.values() if entry.section == label), key=lambda entry: entry.order
        )
        items = tuple(item for entry in entries if (item := _item_for(user, entry)))
        if items:
            sections.append(MenuSection(label, icon, items))
    return sections


def _item_for(user: Any, entry: MenuEntry) -> MenuItem | None:
    if entry.permission and not permissions.can(user, entry.permission):
        return None
    try:
        return MenuItem(entry.label, reverse(entry.url_name), entry.url_name)
    except (
        NoReverseMatch
    ):  # an app taken out of the URLs takes its entry with it; a test finds misspelt names
        return None


def todos_for(user: Any) -> list[Todo]:
    """What waits for this user: 被退回 first, then by deadline, those without one last."""
    waiting = [todo for fn in _todos for todo in fn(user)]
    return sorted(
        waiting, key=lambda todo: (todo.tone != "bad", todo.due or date.max, TONE_ORDER.get(todo.tone, 3))
    )


def alerts_for(user: Any) -> list[Alert]:
    return [alert for fn in _alerts for alert in fn(user)]


def dossier_for(user: Any, enterprise: Any) -> list[FilledPanel]:
    """The blocks of a firm's page for this user, in their order."""
    filled = []
    for panel in sorted(_dossier, key=lambda panel: panel.order):
        context = panel.context_fn(user, enterprise)
        if context is not None:
            filled.append(FilledPanel(panel.title, panel.template, context))
    return filled
