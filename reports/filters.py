"""What REST clients may ask for. A wrong month or a wrong code is answered with 400 and the field's name."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet

from core.periods import Month
from cultivation.models import RegionMonth, Target


class MonthFormField(forms.CharField):
    def clean(self, value: Any) -> Month | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return Month.parse(text)
        except ValueError as error:
            raise forms.ValidationError("月份应写作 2022-06。") from error


class MonthFilter(django_filters.Filter):
    field_class = MonthFormField


class TargetFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter()
    region = django_filters.CharFilter(field_name="region_id")
    year = django_filters.NumberFilter(method="in_year")
    metric = django_filters.CharFilter()

    class Meta:
        model = Target
        fields = ["programme", "region", "year", "metric"]

    def in_year(self, targets: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        """Targets whose span holds the year: 2023 finds the yearly target and the one for 2022–2024."""
        return targets.filter(year__lte=value, until_year__gte=value)


class RegionMonthFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter(field_name="issue__programme")
    region = django_filters.CharFilter(field_name="region_id")
    month = MonthFilter(field_name="issue__month")
    since = MonthFilter(field_name="issue__month", lookup_expr="gte")
    until = MonthFilter(field_name="issue__month", lookup_expr="lte")
    state = django_filters.CharFilter(field_name="issue__state")

    class Meta:
        model = RegionMonth
        fields = ["programme", "region", "month", "since", "until", "state"]
