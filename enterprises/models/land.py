"""Land: parcels by certificate, and leases as each party to them states it."""

from __future__ import annotations

from django.db import models

from core.fields import AmountField
from enterprises.models.registry import Enterprise
from enterprises.querysets import FollowingQuerySet


class Parcel(models.Model):
    """A plot that a firm holds, by its certificate (不动产权证号), from one day to another."""

    class Kind(models.TextChoices):
        GRANTED = "granted", "国有出让"
        ALLOCATED = "allocated", "国有划拨"
        COLLECTIVE = "collective", "集体"
        OTHER = "other", "其他"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="parcels")
    certificate = models.CharField("不动产权证号", max_length=60)
    #: the assessment region that the plot lies in; it may differ from the firm's
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    township = models.CharField("坐落乡镇(园区)", max_length=60, blank=True, default="")
    kind = models.CharField("用地性质", max_length=10, choices=Kind, default=Kind.GRANTED)
    area_mu = AmountField("证载面积(亩)")
    #: what is really occupied where that differs from the certificate
    actual_mu = AmountField("实际占地(亩)", null=True)
    floor_sqm = AmountField("建筑面积(㎡)", null=True)
    #: 容积率, whole hundredths
    far = AmountField("容积率", null=True)
    #: null: since ever / until today
    since = models.DateField("取得日期", null=True)
    until = models.DateField("转出日期", null=True)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = FollowingQuerySet.as_manager()

    class Meta:
        db_table = "parcel"
        ordering = ["enterprise", "certificate"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "certificate"], name="parcel_uq")]
        indexes = [models.Index(fields=["certificate"], name="parcel_certificate_ix")]


class Lease(models.Model):
    """What one party says of a lease. A lease between two firms is stated twice, and the two must agree."""

    class Direction(models.TextChoices):
        IN = "in", "租入"
        OUT = "out", "租出"

    class Party(models.TextChoices):
        FIRM = "firm", "企业"
        HOUSE = "house", "民用房"
        VILLAGE = "village", "村二厂"
        SMALL_PARK = "small_park", "小微园"
        OTHER = "other", "其他"

    #: the firm that states the lease
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="leases")
    direction = models.CharField("租入/租出", max_length=4, choices=Direction)
    party = models.CharField("对方类型", max_length=12, choices=Party, default=Party.FIRM)
    #: the other firm's credit code, or the name of an outside party: what the row is known by
    party_key = models.CharField("对方", max_length=200)
    certificate = models.CharField("不动产权证号", max_length=60, blank=True, default="")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    #: land in 亩 or floor in ㎡: a lease states one of the two
    area_mu = AmountField("租赁土地(亩)", null=True)
    floor_sqm = AmountField("租赁建筑面积(㎡)", null=True)
    since = models.DateField("起租日期")
    until = models.DateField("止租日期", null=True)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = FollowingQuerySet.as_manager()

    class Meta:
        db_table = "lease"
        ordering = ["enterprise", "since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise", "direction", "party_key", "certificate", "since"], name="lease_uq"
            )
        ]
