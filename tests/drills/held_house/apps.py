"""The closing of a month stops before a query of its own that the drill has chosen, so that something can befall it there."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import time_machine
from django.apps import AppConfig
from django.db import connection

#: seconds after which a worker that nobody killed goes on
_LONGEST = 120


class HeldHouse(AppConfig):
    name = "tests.drills.held_house"

    def ready(self) -> None:
        from core import jobs

        jobs._handlers["close_month"] = held(jobs._handlers["close_month"])
        if os.environ.get("DRILL_NOW"):
            now = datetime.fromisoformat(os.environ["DRILL_NOW"])
            time_machine.travel(now, tick=True).start()


def held(handler: Callable[[Any], Mapping[str, Any] | None]) -> Callable[[Any], Mapping[str, Any] | None]:
    def work(progress: Any) -> Mapping[str, Any] | None:
        with ExitStack() as stack:
            stack.enter_context(connection.execute_wrapper(Moment()))
            return handler(progress)

    return work


class Moment:
    """Counts the queries of one closing; before the one whose number is in ``hold`` it waits while that file is there."""

    def __init__(self) -> None:
        self.folder = Path(os.environ["DRILL_FOLDER"])
        self.count = 0

    def __call__(self, execute: Callable[..., Any], *query: Any) -> Any:
        self.count += 1
        if self.count == self._chosen():
            self._wait()
        return execute(*query)

    def _chosen(self) -> int:
        try:
            return int((self.folder / "hold").read_text() or 0)
        except FileNotFoundError:
            return 0

    def _wait(self) -> None:
        (self.folder / "reached").write_text(f"{os.getpid()} {datetime.now(UTC).isoformat()}")
        deadline = time.monotonic() + _LONGEST
        while (self.folder / "hold").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
