from __future__ import annotations

from django.db import models

from core.fields import AmountField
from enterprises.querysets import EnterpriseQuerySet, OfEnterpriseQuerySet


class Enterprise(models.Model):
    """A firm under one unified social credit code, in one assessment region at a time."""

    class Verification(models.TextChoices):
        VERIFIED = "verified", "已核"
        #: entered because a list named it; the registry list has not confirmed it yet
        PENDING = "pending", "待核"

    uscc = models.CharField("统一社会信用代码", max_length=18, unique=True)
    name = models.CharField("企业名称", max_length=200)
    #: what names are compared by: width, brackets, case and traditional characters made equal
    name_key = models.CharField(max_length=200, db_index=True)
    former_names = models.CharField("曾用名", max_length=600, blank=True, default="")
    former_codes = models.CharField("曾用代码", max_length=200, blank=True, default="")
    initials = models.CharField("拼音首字母", max_length=200, blank=True, default="", db_index=True)
    #: the assessment region today: scope, targets, ranking, API; its history is RegionSpell
    region = models.ForeignKey("core.Region", models.PROTECT, verbose_name="考核地区", related_name="+")
    township = models.CharField("乡镇(园区)", max_length=60, blank=True, default="")
    #: information only, never scope
    administrative_code = models.CharField("行政区划", max_length=12, blank=True, default="")
    industry_code = models.CharField("行业代码", max_length=4, blank=True, default="")
    founded_on = models.DateField("成立日期", null=True, blank=True)
    started_on = models.DateField("投产日期", null=True, blank=True)
    status = models.CharField("企业状态", max_length=20, blank=True, default="")
    registration_type = models.CharField("登记注册类型", max_length=60, blank=True, default="")
    registered_capital_wan = AmountField("注册资本(万元)", null=True, blank=True)
    contact = models.CharField("联系人", max_length=40, blank=True, default="")
    phone = models.CharField("联系电话", max_length=30, blank=True, default="")
    address = models.CharField("地址", max_length=200, blank=True, default="")
    legal_person = models.CharField("法定代表人", max_length=40, blank=True, default="")
    verification = models.CharField("核实", max_length=10, choices=Verification, default=Verification.PENDING)
    #: 规上: in the statistical directory after the latest known scale event; kept by services.scale
    above_scale = models.BooleanField("规上", default=False)
    #: kept by services.identity from the registry events: the last day on which the firm existed, how it ended
    #: (a kind of RegistryEvent), and the one firm that stands for it since (并入, 个转企, 重复档案)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    ended_as = models.CharField("终止原因", max_length=10, blank=True, default="")
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="承继企业", related_name="+"
    )
    #: the list that entered the firm or last changed its particulars
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "enterprise"
        ordering = ["region__order", "uscc"]
        indexes = [models.Index(fields=["region", "above_scale"], name="enterprise_region_scale_ix")]

    def __str__(self) -> str:
        return self.name


class RegionSpell(models.Model):
    """From when to when a firm was assessed in a region: one region per date, both ends included."""

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="region_spells")
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    #: null: since ever
    since = models.DateField(null=True)
    #: null: until today
    until = models.DateField(null=True)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, null=True, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "enterprise_region_spell"
        ordering = ["enterprise", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["enterprise"], condition=models.Q(until=None), name="region_spell_current_uq"
            )
        ]
