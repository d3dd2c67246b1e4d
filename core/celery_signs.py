"""How Celery's own processes give their signs of life: hooks that ``config.celery`` names."""

from __future__ import annotations

import logging

from celery import bootsteps
from celery.beat import PersistentScheduler
from django.db import Error, connection

from core.jobs import sweep
from core.models import SignOfLife
from core.signs import EVERY, give_sign

logger = logging.getLogger("house.signs")


class WorkerSign(bootsteps.StartStopStep):
    """Celery's worker gives its sign from its own loop, whatever its children are busy with."""

    requires = {"celery.worker.components:Timer"}

    def start(self, worker: object) -> None:
        worker.timer.call_repeatedly(EVERY, self._sign)  # type: ignore[attr-defined]
        # what its predecessor left is looked for at once, not only when the beat comes round
        worker.timer.call_after(0, self._sweep)  # type: ignore[attr-defined]

    def _sweep(self) -> None:
        try:
            sweep()
        except Error:
            logger.warning("the job table could not be looked at")
        connection.close()

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
