"""What REST clients may ask for. A wrong month or a wrong code is answered with 400 and the field's name."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from core.periods import Month
from cultivation.models import MonthlyIssue, RegionMonth, Target
from cultivation.querysets import RegionMonthQuerySet


class MonthFormField(forms.CharField):
    def clean(self, value: Any) -> Month | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError as error:
            raise forms.ValidationError("月份应写作 2022-06。") from error


@extend_schema_field({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}$", "example": "2022-06"})
class MonthFilter(django_filters.Filter):
    field_class = MonthFormField


class TargetFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter(label="方案代号")
    region = django_filters.CharFilter(label="地区代码", field_name="region_id")
    year = django_filters.NumberFilter(label="年度", method="in_year")
    metric = django_filters.ChoiceFilter(label="指标", choices=Target.Metric.choices)

    class Meta:
        model = Target
        fields = ["programme", "region", "year", "metric"]

    def in_year(self, targets: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        """Targets whose span holds the year: 2023 finds the yearly target and the one for 2022–2024."""
        return targets.filter(year__lte=value, until_year__gte=value)


class RegionMonthFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter(label="方案代号", field_name="issue__programme")
    region = django_filters.CharFilter(label="地区代码", field_name="region_id")
    month = MonthFilter(label="统计月份", field_name="issue__month")
    since = MonthFilter(label="自此月起", field_name="issue__month", lookup_expr="gte")
    until = MonthFilter(label="至此月止", field_name="issue__month", lookup_expr="lte")
    state = django_filters.ChoiceFilter(field_name="issue__state", choices=MonthlyIssue.State.choices)

    class Meta:
        model = RegionMonth
        fields = ["programme", "region", "month", "since", "until", "state"]

    def filter_queryset(self, lines: RegionMonthQuerySet) -> RegionMonthQuerySet:
        """Of each month one version: the newest, or the newest in the state asked for."""
        state = self.form.cleaned_data["state"]
        return super().filter_queryset(lines).of_newest_versions(**{"state": state} if state else {})
