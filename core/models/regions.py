from __future__ import annotations

from django.db import models


class Region(models.Model):
    """A node of the assessment tree (考核地区): province, city, county or zone, township.

    Not the administrative tree: zones (开发区, 园区) are assessed too. Created from policy documents.
    """

    class Kind(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县(市)"
        DISTRICT = "district", "区"
        ZONE = "zone", "园区"
        TOWNSHIP = "township", "乡镇(街道)"

    code = models.CharField("代码", max_length=12, primary_key=True)
    name = models.CharField("名称", max_length=60)
    short_name = models.CharField("简称", max_length=30, blank=True)
    kind = models.CharField("类别", max_length=10, choices=Kind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    #: "320600/320685/": a region and all below it share this prefix.
    path = models.CharField(max_length=120, unique=True)
    #: place among its siblings, as the official table has them; never pinyin
    place = models.PositiveIntegerField(default=0)
    #: place in the whole tree, parents before children, worked out from ``place``: lists of regions keep this order
    order = models.PositiveIntegerField(default=0)
    aliases = models.JSONField("别名", default=list, blank=True)
    administrative_code = models.CharField("行政区划代码", max_length=12, blank=True)

    class Meta:
        db_table = "core_region"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.name
