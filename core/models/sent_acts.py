"""What programs have done once: the key that a client gave its act, so that sending it again does nothing more."""

from __future__ import annotations

from django.conf import settings
from django.db import models

#: of a client's own key
KEY_CHARACTERS = 100


class SentAct(models.Model):
    """One act of one client under its own key; kept in the act's transaction, so a refused act leaves no key."""

    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.CharField(max_length=KEY_CHARACTERS)
    #: of the door and of everything that was sent
    digest = models.CharField(max_length=64)
    #: the row that the act made or changed
    subject = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "core_sent_act"
        constraints = [models.UniqueConstraint(fields=["sent_by", "key"], name="core_sent_act_uq")]
