from __future__ import annotations

import os
import time
from pathlib import Path

from django.apps import AppConfig
from django.db.models.signals import pre_save

#: seconds after which a worker that nobody killed goes on
_LONGEST = 120


class HeldHouse(AppConfig):
    name = "tests.drills.held_house"

    def ready(self) -> None:
        from cultivation.models import IssueRows

        pre_save.connect(hold, sender=IssueRows)


def hold(**signal: object) -> None:
    """The lines of the month are written, its firms are not: wait there while a file ``hold`` lies in the folder."""
    folder = Path(os.environ["DRILL_FOLDER"])
    if not (folder / "hold").exists():
        return
    (folder / "reached").write_text(str(os.getpid()))
    deadline = time.monotonic() + _LONGEST
    while (folder / "hold").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
