"""How Celery's own processes give their signs of life: hooks that ``config.celery`` names."""

from __future__ import annotations

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.db import connection

from core.models import SignOfLife
from core.signs import EVERY, give_sign


class WorkerSign(bootsteps.StartStopStep):
    """Celery's worker gives its sign from its own loop, whatever its children are busy with."""

    requires = {"celery.worker.components:Timer"}

    def start(self, worker: object) -> None:
        worker.timer.call_repeatedly(EVERY, self._sign)  # type: ignore[attr-defined]

    def _sign(self) -> None:
        give_sign(SignOfLife.Name.WORKER)
        # a child forked later must not inherit the connection
        connection.close()


class SigningScheduler(PersistentScheduler):
    """Celery's beat gives its sign whenever it looks at the clock: every ten seconds at least."""

    def tick(self, *args: object, **kwargs: object) -> float:
        give_sign(SignOfLife.Name.BEAT)
        connection.close()
        return super().tick(*args, **kwargs)  # type: ignore[no-any-return]
