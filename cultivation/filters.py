"""One way to choose rows: members of a pool for the page and its export; papers and orders for REST clients."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from core.periods import Month
from cultivation.models import Correction, DispatchOrder, PoolMembership
from cultivation.policy import PoolRule
from cultivation.querysets import PoolMembershipQuerySet
from cultivation.services.pool_block import NO_TIER_NAME, MemberCounts
from cultivation.services.pool_pages import source_word
from enterprises.filters import region_choices

PROPOSED, BY_HAND = "proposed", "by_hand"


class PoolFilter(django_filters.FilterSet):
    """``q``, ``region``, ``tier``, ``planned_year``, ``source``, ``state``; a value there is not leaves nothing."""

    q = django_filters.CharFilter(
        label="企业",
        method="by_text",
        widget=forms.TextInput(
            attrs={"placeholder": "名称、曾用名、信用代码、拼音首字母", "autocomplete": "off"}
        ),
    )
    region = django_filters.CharFilter(label="地区", method="by_region", widget=forms.Select)
    tier = django_filters.CharFilter(label="层级", method="by_tier", widget=forms.Select)
    planned_year = django_filters.CharFilter(label="拟列规年度", method="by_year", widget=forms.Select)
    source = django_filters.CharFilter(label="来源", method="by_source", widget=forms.Select)
    #: 建议移出 or 人工调整过; chosen by the links beside the count
    state = django_filters.CharFilter(method="by_state", widget=forms.HiddenInput)
    programme = django_filters.CharFilter(method="leave", widget=forms.HiddenInput)
    pool = django_filters.CharFilter(method="leave", widget=forms.HiddenInput)

    class Meta:
        model = PoolMembership
        fields: list[str] = []

    def __init__(self, *args: Any, rule: PoolRule, counts: MemberCounts, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keys = counts.source_keys
        years = rule.planned.years if rule.planned else ()
        labels = {key: source_word(rule, codes) for key, codes in self.keys.items()}
        choices = {
            "region": region_choices(self.request.user),
            "tier": [("", "全部"), *((name, name) for name in counts.by_tier)],
            "planned_year": [("", "全部"), *((str(year), f"{year}年") for year in years)],
            "source": [("", "全部"), *labels.items()],
        }
        for name, options in choices.items():
            self.filters[name].extra["widget"] = forms.Select(choices=options)

    def by_text(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        return members.matching(value)

    def by_region(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        return members.within(value)

    def by_tier(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        return members.filter(tier="" if value == NO_TIER_NAME else value)

    def by_year(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        is_year = len(value) == 4 and value.isascii() and value.isdigit()
        return members.filter(planned_year=int(value)) if is_year else members.none()

    def by_source(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        return members.filter(sources=self.keys[value]) if value in self.keys else members.none()

    def by_state(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        if value == PROPOSED:
            return members.filter(is_proposed=True)
        return members.by_hand() if value == BY_HAND else members.none()

    def leave(self, members: PoolMembershipQuerySet, name: str, value: str) -> PoolMembershipQuerySet:
        """Which pool it is has been decided before."""
        return members


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


class _OfRegions(django_filters.FilterSet):
    region = django_filters.CharFilter(label="地区代码，连同其下各级", method="below")

    def below(self, rows: QuerySet, name: str, value: str) -> QuerySet:
        return rows.filter(region__path__contains=f"{value}/")


class CorrectionFilter(_OfRegions):
    programme = django_filters.CharFilter(label="方案代号", field_name="issue__programme")
    month = MonthFilter(label="被更正的月份")
    uscc = django_filters.CharFilter(label="统一社会信用代码", field_name="enterprise__uscc")
    state = django_filters.ChoiceFilter(choices=Correction.State.choices)

    class Meta:
        model = Correction
        fields = ["programme", "month", "region", "uscc", "state"]


class DispatchOrderFilter(_OfRegions):
    programme = django_filters.CharFilter(label="方案代号")
    month = MonthFilter(label="调度月份；结转的在原月份")
    kind = django_filters.CharFilter(label="事由代号")
    state = django_filters.CharFilter(label="状态代号，open 为未办结的全部", method="as_is")

    class Meta:
        model = DispatchOrder
        fields = ["programme", "month", "region", "kind", "state"]

    def as_is(self, orders: QuerySet, name: str, value: str) -> QuerySet:
        return orders.open() if value == "open" else orders.filter(state=value)
