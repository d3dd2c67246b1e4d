"""Whether the house is well: what a balancer, the machine room and the administrator's page ask."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from core.models import JobRun, SignOfLife
from core.signs import last_signs

logger = logging.getLogger("house.health")
#: A process that has not been seen for this long is taken for dead.
SILENT = timedelta(seconds=60)
#: Work that waits for longer says that the workers are stuck or too few.
LONGEST_WAIT = timedelta(minutes=10)
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the house: whether it is well, and in what state it was found."""

    name: str
    label: str
    is_well: bool
    found: str


def database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return False
    return True


def health_checks() -> list[Check]:
    """Every part; three queries, and one question to the broker where there is one."""
    if not database_answers():
        return [Check("database", "数据库", False, "连接不上"), _broker(), _disk()]
    checks = [Check("database", "数据库", True, connection.vendor), _broker(), *_signs(), _queue(), _disk()]
    unwell = [check.name for check in checks if not check.is_well]
    if unwell:
        logger.warning("unwell: %s", ", ".join(unwell))
    return checks


def _broker() -> Check:
    """Only Redis is asked; without a broker the workers look at the table themselves."""
    address = settings.CELERY_BROKER_URL
    if not address.startswith(("redis://", "rediss://")):
        return Check("broker", "消息队列", True, "没有使用")
    try:
        with redis.Redis.from_url(address, socket_timeout=1, socket_connect_timeout=1) as client:
            client.ping()
    except redis.RedisError:
        return Check("broker", "消息队列", False, "连接不上")
    return Check("broker", "消息队列", True, "正常")


def _signs() -> list[Check]:
    seen = last_signs()
    expected = [SignOfLife.Name.WORKER]
    if settings.CELERY_BROKER_URL:
        expected.append(SignOfLife.Name.BEAT)
    return [_sign(name, seen.get(name)) for name in expected]


def _sign(name: SignOfLife.Name, at: datetime | None) -> Check:
    if at is None:
        return Check(name.value, name.label, False, "没有出现过")
    silent = timezone.now() - at
    return Check(name.value, name.label, silent <= SILENT, f"{max(0, int(silent.total_seconds()))} 秒前")


def oldest_waiting() -> timedelta:
    """How long the job that waits longest has waited; nothing when none waits."""
    queued = JobRun.objects.filter(state=JobRun.State.QUEUED).order_by("queued_at")
    since = queued.values_list("queued_at", flat=True).first()
    return timezone.now() - since if since else timedelta(0)


def _queue() -> Check:
    waits = oldest_waiting()
    return Check("queue", "排队", waits <= LONGEST_WAIT, f"最久等了 {int(waits.total_seconds())} 秒")


def disk_free_mib() -> int:
    """Free space where uploads, logs and the embedded database lie, MiB."""
    return shutil.disk_usage(settings.VAR_DIR).free // _MIB


def _disk() -> Check:
    free = disk_free_mib()
    return Check("disk", "磁盘", free >= settings.DISK_FREE_MIB, f"剩余 {free} MiB")
