"""People around a firm: whom to call there, and who of the bureau answers for it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from enterprises.models.registry import Enterprise
from enterprises.querysets import FollowingQuerySet


class Contact(models.Model):
    """A further person of the firm; the first one stands in ``Enterprise.contact``. Numbers are shown masked."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="contacts")
    name = models.CharField("联系人", max_length=40)
    position = models.CharField("职务", max_length=40, blank=True, default="")
    phone = models.CharField("联系电话", max_length=30, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = FollowingQuerySet.as_manager()

    class Meta:
        db_table = "enterprise_contact"
        ordering = ["enterprise", "id"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "name"], name="enterprise_contact_uq")]


class Liaison(models.Model):
    """Who answers for a firm (责任人) or has it in his care as a leader (包联领导), from one day to another.

    One of each duty a firm at a time; former ones stay, so that it can be told who answered on any day.
    """

    class Duty(models.TextChoices):
        RESPONSIBLE = "responsible", "责任人"
        LEADER = "leader", "包联领导"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="liaisons")
    duty = models.CharField("职责", max_length=12, choices=Duty)
    #: the account of that person where he has one; his name stands for itself
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="liaisons")
    person = models.CharField("姓名", max_length=40)
    unit = models.CharField("单位", max_length=60, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    since = models.DateField("起")
    until = models.DateField("止", null=True)
    assigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")

    objects = FollowingQuerySet.as_manager()

    class Meta:
        db_table = "liaison"
        ordering = ["enterprise", "duty", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "duty"], condition=models.Q(until=None), name="liaison_current_uq"
            )
        ]
        indexes = [models.Index(fields=["user", "until"], name="liaison_user_ix")]
