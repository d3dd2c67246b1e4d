"""A person at a browser: signs in, clicks, and everything that goes wrong on the way is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from core.models import User

if TYPE_CHECKING:  # the suite runs without playwright
    from playwright.sync_api import Browser, Page, Response

WIDTH, HEIGHT = 1366, 768
PASSWORD = "Long-Enough-2022"
BUDGETS: dict[str, int] = json.loads((Path(__file__).parent / "budgets.json").read_text())
#: Tells the test of every pressed button of the mouse (real clicks, not those that a script makes), and on every
#: page how many pixels it is wider than the window.
LISTENER = """
addEventListener("pointerdown", event => { if (event.isTrusted) { tellClick(); } }, true);
addEventListener("load", () => {
  const whole = document.documentElement;
  tellWidth(location.pathname, whole.scrollWidth - whole.clientWidth);
});
"""


class Person:
    """One browser session; ``faults`` holds console messages, failed answers, foreign hosts and overflow."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.site = site
        self.faults: list[str] = []
        self.clicks = self.pages = 0
        self.context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, locale="zh-CN", timezone_id="Asia/Shanghai"
        )
        self.context.expose_function("tellClick", self._clicked)
        self.context.expose_function("tellWidth", self._measured)
        self.context.add_init_script(LISTENER)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._told(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        self.page.on("response", self._answered)

    def sign_in(self, user: User) -> Page:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
        self.page.goto(f"{self.site}/login/")
        self.page.get_by_label("账号").fill(user.username)
        self.page.get_by_label("密码", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        self.page.get_by_role("heading", name="工作台").wait_for()
        return self.page

    def choose_file(self, path: Path) -> None:
        """The file dialogue is the system's: it counts as one click."""
        self.page.get_by_label("报表文件").set_input_files(path)
        self.clicks += 1

    def goes_to(self, link: str) -> None:
        self.page.get_by_role("link", name=link, exact=True).first.click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button).first.click()

    def saves(self, name: str, folder: Path) -> Path:
        """Click the link or button of that name and keep the file it sends."""
        either = self.page.get_by_role("link", name=name).or_(self.page.get_by_role("button", name=name))
        with self.page.expect_download() as started:
            either.first.click()
        path = folder / started.value.suggested_filename
        started.value.save_as(path)
        return path

    @contextmanager
    def within_budget(self, story: str) -> Iterator[None]:
        before = self.clicks
        yield
        used = self.clicks - before
        if used > BUDGETS[story]:
            self.faults.append(f"{story}: {used} clicks, {BUDGETS[story]} allowed")

    def _clicked(self) -> None:
        self.clicks += 1

    def _told(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.faults.append(f"console: {text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status}: {response.url}")
        if not response.url.startswith((self.site, "data:", "blob:")):
            self.faults.append(f"foreign host: {response.url}")

    def _measured(self, path: str, overflow: int) -> None:
        self.pages += 1
        if overflow > 0:
            self.faults.append(f"{path}: {overflow} pixels wider than {WIDTH}")
