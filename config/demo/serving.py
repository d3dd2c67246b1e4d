"""``make run``: the web and a worker side by side; when one stops, or Ctrl-C comes, all stop."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable

from django.conf import settings

#: Who was asked to stop is killed after this time: a worker puts back what it could not finish by then.
STOPPING_SECONDS = settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT + 5


def commands(port: int) -> dict[str, list[str]]:
    """What runs: gunicorn, and the embedded worker, or Celery's worker and beat where a broker is named."""
    python = sys.executable
    web = [python, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    running = {"web": [*web, "--threads", "8", "--timeout", "60", "--log-level", "warning"]}
    if settings.CELERY_BROKER_URL:
        celery = [python, "-m", "celery", "-A", "config", "--quiet"]
        running["worker"] = [*celery, "worker", "--loglevel", "warning", "--concurrency", "2"]
        beat_state = str(settings.VAR_DIR / "celerybeat-schedule")
        running["beat"] = [*celery, "beat", "--loglevel", "warning", "--schedule", beat_state]
    else:
        running["worker"] = [python, "manage.py", "run_worker"]
    return running


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def serve(port: int, ready: Callable[[], None]) -> int:
    """Run until a signal or until a child ends; returns the exit code of the whole."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    stopping: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: stopping.append(received))
    # Their own session: Ctrl-C reaches us alone, and we stop them in order.
    children = {
        name: subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR, start_new_session=True)  # noqa: S603
        for name, command in commands(port).items()
    }
    told = False
    ended = None
    while not stopping and ended is None:
        time.sleep(0.2)
        ended = next((name for name, child in children.items() if child.poll() is not None), None)
        if not told and not port_is_free(port):
            told = True
            ready()
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + STOPPING_SECONDS
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
    if ended is not None:
        print(f"{ended} 已退出，其余已一并停止。", file=sys.stderr)
        return 1
    return 0
