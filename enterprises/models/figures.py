from __future__ import annotations

from django.db import models

from core.fields import AmountField, MonthField
from enterprises.models.registry import Enterprise
from enterprises.querysets import MonthlyFigureQuerySet, OfEnterpriseQuerySet


class MonthlyFigure(models.Model):
    """What a firm declared for one month. Never edited by the portal: a later batch replaces it and says so.

    Of an issued month an approved 更正单 puts one figure right, and keeps old and new (``services.correcting``).
    """

    # nothing looks up figures by firm or by region that the two indexes below do not serve, and every further one
    # costs a tenth of a list that changes each of its rows
    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="monthly_figures", db_index=False)
    month = MonthField("统计月份")
    #: the assessment region in that month
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+", db_index=False)
    revenue_wan = AmountField("营业收入(万元)")
    tax_paid_wan = AmountField("实缴税金(万元)")
    taxable_sales_wan = AmountField("应税销售(万元)", null=True)
    #: 万千瓦时, whole hundredths like the amounts
    power_wan_kwh = AmountField("用电量(万千瓦时)", null=True)
    staff = models.PositiveIntegerField("从业人员(人)", null=True)
    #: the date of entry that the firm declares; the directory itself is known from ScaleEvent alone
    declared_listed_on = models.DateField("入库日期", null=True)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = MonthlyFigureQuerySet.as_manager()

    class Meta:
        db_table = "monthly_figure"
        ordering = ["month", "enterprise"]
        constraints = [models.UniqueConstraint(fields=["enterprise", "month"], name="monthly_figure_uq")]
        indexes = [models.Index(fields=["month", "region"], name="monthly_month_region_ix")]


class AnnualFigure(models.Model):
    """What one source says of a firm's year; sources stand side by side and never overwrite each other."""

    class Source(models.TextChoices):
        SURVEY = "survey", "评价数据采集"
        TAX = "tax", "税务名单"

    enterprise = models.ForeignKey(Enterprise, models.CASCADE, related_name="annual_figures")
    year = models.PositiveSmallIntegerField("年度")
    source = models.CharField("来源", max_length=10, choices=Source)
    region = models.ForeignKey("core.Region", models.PROTECT, related_name="+")
    land_own_mu = AmountField("自有用地(亩)", null=True)
    land_leased_in_mu = AmountField("租入用地(亩)", null=True)
    land_leased_out_mu = AmountField("租出用地(亩)", null=True)
    tax_wan = AmountField("税收(万元)", null=True)
    taxable_sales_wan = AmountField("应税销售(万元)", null=True)
    revenue_wan = AmountField("营业收入(万元)", null=True)
    main_revenue_wan = AmountField("主营业务收入(万元)", null=True)
    value_added_wan = AmountField("工业增加值(万元)", null=True)
    energy_tce = AmountField("综合能耗(吨标煤)", null=True)
    power_wan_kwh = AmountField("用电量(万千瓦时)", null=True)
    emissions_t = AmountField("主要污染物排放量(吨)", null=True)
    staff = models.PositiveIntegerField("年平均职工人数(人)", null=True)
    research_wan = AmountField("研发经费(万元)", null=True)
    batch = models.ForeignKey("intake.Batch", models.PROTECT, related_name="+")

    objects = OfEnterpriseQuerySet.as_manager()

    class Meta:
        db_table = "annual_figure"
        ordering = ["year", "enterprise"]
        constraints = [
            models.UniqueConstraint(fields=["enterprise", "year", "source"], name="annual_figure_uq")
        ]
