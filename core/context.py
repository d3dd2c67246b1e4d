"""What every page of the frame needs; nothing is computed for a page that does not show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from core.panels import MenuItem, MenuSection, menu_for
from core.todos import todo_count_of

PRODUCT_NAME = "升规通"
REGISTRY_LIST = "enterprises:list"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page stands in the street: its section and, below it, its entry."""

    section: MenuSection | None = None
    item: MenuItem | None = None
    is_item: bool = False  # the page is the entry itself, not one below it


def place_in(menu: list[MenuSection], path: str) -> Place:
    """The entry with the longest address that ``path`` begins with; the root only matches itself."""
    best = Place()
    for section in menu:
        for item in section.items:
            fits = path == item.url or (item.url != "/" and path.startswith(item.url))
            if fits and (best.item is None or len(item.url) > len(best.item.url)):
                best = Place(section, item, path == item.url)
    return best


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: ``menu``, ``place``, ``todo_count``, ``search_url``, ``demo``, titles. The first four are
    functions of no argument that answer once, so a fragment or a download pays for none of them."""

    @cache
    def menu() -> list[MenuSection]:
        user = getattr(request, "user", None)
        return menu_for(user) if user is not None and user.is_authenticated else []

    @cache
    def place() -> Place:
        return place_in(menu(), request.path)

    def search_url() -> str:
        return next(
            (item.url for section in menu() for item in section.items if item.url_name == REGISTRY_LIST), ""
        )

    @cache
    def todo_count() -> int:
        return todo_count_of(request)

    return {
        "product_name": PRODUCT_NAME,
        "site_title": getattr(settings, "SITE_TITLE", "小微工业企业列规增收平台"),
        "demo": getattr(settings, "DEMO", False),
        "menu": menu,
        "place": place,
        "search_url": search_url,
        "todo_count": todo_count,
        "nav_folded": request.COOKIES.get("nav") == "folded",
        "density": {"compact": "density-compact", "roomy": "density-roomy"}.get(
            request.COOKIES.get("density", "")
        ),
    }
