"""A real browser against the running house: its own database file, so that browser and test may write side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from core.models import Region, User
from core.services.policies import load_edition
from tests.cultivation.conftest import POLICY
from tests.e2e.person import Person

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(tmp_path_factory) -> None:
    """SQLite in memory is one connection for all threads; in a file each has its own, as when serving."""
    from django.db import connections

    house = connections["default"]
    if house.vendor == "sqlite":
        house.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("house") / "test.sqlite3")


@pytest.fixture(scope="session")
def browser(django_db_setup) -> Iterator:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with pytest.MonkeyPatch.context() as patch:
        # Playwright keeps an event loop in this thread; the test's own queries are no part of it.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with playwright.sync_playwright() as driver:
            opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=zh-CN"])
            yield opened
            opened.close()


@pytest.fixture
def house(transactional_db, browser) -> dict[str, Region]:
    """The city's programme in force; its regions by code."""
    load_edition(text=POLICY.read_text(encoding="utf-8"), actor=User.objects.system())
    return {region.code: region for region in Region.objects.all()}


@pytest.fixture
def sit_down(house, browser, live_server) -> Iterator[Callable[[User], Person]]:
    """A user at a browser of his own; when the story ends, nothing may have gone wrong on any page."""
    people: list[Person] = []

    def at_desk(user: User) -> Person:
        person = Person(browser, live_server.url)
        people.append(person)
        person.sign_in(user)
        return person

    yield at_desk
    faults = [fault for person in people for fault in person.faults]
    pages = [person.pages for person in people]
    for person in people:
        person.context.close()
    assert not faults
    assert all(pages)
