from __future__ import annotations

from django.conf import settings
from django.db import models


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    """Entries are read and added, nothing else: not in bulk either."""

    def update(self, **fields: object) -> int:
        raise TypeError("an audit entry is never changed")

    def bulk_update(self, *args: object, **kwargs: object) -> int:
        raise TypeError("an audit entry is never changed")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("an audit entry is never deleted")


class AuditEntry(models.Model):
    """One act: who, when, what, over which region, with counts and a digest of the differences.

    Written by ``core.audit.record`` in the transaction of the act itself; never changed, never deleted.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_name = models.CharField(max_length=90)
    act = models.CharField("事项", max_length=60)
    region = models.ForeignKey("core.Region", models.PROTECT, null=True, related_name="+")
    subject = models.CharField("对象", max_length=120, blank=True)
    counts = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=32, blank=True)
    address = models.CharField(max_length=45, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        db_table = "core_audit_entry"
        ordering = ["-id"]
        indexes = [models.Index(fields=["act", "at"], name="audit_act_at_ix")]

    def save(self, *args: object, **kwargs: object) -> None:
        if self.pk:
            raise TypeError("an audit entry is never changed")
        super().save(*args, **kwargs)

    def delete(self, *args: object, **kwargs: object) -> None:
        raise TypeError("an audit entry is never deleted")
