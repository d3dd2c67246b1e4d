from __future__ import annotations

from django.db import models


class SignOfLife(models.Model):
    """When a process that nobody looks at was last seen: a worker of any kind, the beat."""

    class Name(models.TextChoices):
        WORKER = "worker", "工作进程"
        BEAT = "beat", "定时"

    name = models.CharField(primary_key=True, max_length=20, choices=Name)
    at = models.DateTimeField()

    class Meta:
        db_table = "core_sign_of_life"
