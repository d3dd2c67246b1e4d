"""What REST clients may ask for. A wrong month or a wrong code is answered with 400 and the field's name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django_filters.fields import IsoDateTimeField
from rest_framework import ISO_8601, serializers

from cultivation.filters import MonthFilter
from cultivation.models import MonthlyIssue, PoolHandover, RegionMonth, Target, WatchEntry
from cultivation.querysets import PoolMembershipQuerySet, RegionMonthQuerySet
from cultivation.rules.findings import KIND_WORDS
from evaluation.querysets import ScoreQuerySet
from incentives.querysets import OfRoundQuerySet


def _is_on_every_calendar(moment: datetime) -> bool:
    """Whether the moment has a date in every place: of the first and last hours of all time it has not."""
    try:
        moment.astimezone(UTC), timezone.localtime(moment)
    except OverflowError:
        return False
    return True


def _with_its_plus(text: str) -> str:
    """A plus that an address turned into a blank is read as the plus it was."""
    return re.sub(r" (\d\d:?\d\d)$", r"+\1", text)


_NO_SUCH_MOMENT = "没有这个时刻，应如 2022-07-08T10:00:00+08:00。"


class MomentFormField(IsoDateTimeField):
    default_error_messages = {"invalid": _NO_SUCH_MOMENT}

    def clean(self, value: Any) -> datetime | None:
        moment: datetime | None = super().clean(_with_its_plus(value) if isinstance(value, str) else value)
        if moment is not None and not _is_on_every_calendar(moment):
            raise forms.ValidationError(_NO_SUCH_MOMENT)
        return moment


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentFormField


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


class WatchFilter(django_filters.FilterSet):
    kind = django_filters.ChoiceFilter(label="清单", choices=WatchEntry.Kind.choices)
    region = django_filters.CharFilter(label="地区代码，连同其下各级", method="below")
    uscc = django_filters.CharFilter(label="统一社会信用代码", field_name="enterprise__uscc")
    updated_since = MomentFilter(
        label="自此时刻（含）起有变化的", field_name="refreshed_at", lookup_expr="gte"
    )
    state = django_filters.ChoiceFilter(
        label="在清单上（默认）、已移出、全部",
        choices=[("active", "在清单上"), ("ended", "已移出"), ("all", "全部")],
        method="as_is",
    )

    class Meta:
        model = WatchEntry
        fields = ["kind", "region", "uscc", "updated_since", "state"]

    def below(self, entries: QuerySet[WatchEntry], name: str, value: str) -> QuerySet[WatchEntry]:
        return entries.filter(enterprise__region__path__contains=f"{value}/")

    def as_is(self, entries: QuerySet[WatchEntry], name: str, value: str) -> QuerySet[WatchEntry]:
        """Which rows ``state`` means is decided once, below: its absence means something too."""
        return entries

    def filter_queryset(self, entries: QuerySet[WatchEntry]) -> QuerySet[WatchEntry]:
        state = self.form.cleaned_data["state"] or "active"
        found = super().filter_queryset(entries)
        return found if state == "all" else found.filter(until__isnull=state == "active")


class HandoverFilter(django_filters.FilterSet):
    programme = django_filters.CharFilter(label="方案代号")
    pool = django_filters.CharFilter(label="培育库类别，如 scale_up")
    recipient = django_filters.CharFilter(label="抄送单位（含有）", lookup_expr="contains")
    since = MomentFilter(label="自此时刻（含）起抄送的", field_name="handed_at", lookup_expr="gte")

    class Meta:
        model = PoolHandover
        fields = ["programme", "pool", "recipient", "since"]


class MomentField(serializers.DateTimeField):
    """``2022-07-08T10:00:00+08:00`` or a day."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=[ISO_8601, "%Y-%m-%d"], required=False, **kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        try:
            moment = super().to_internal_value(_with_its_plus(str(value)))
        except OverflowError:
            moment = None
        if moment is None or not _is_on_every_calendar(moment):
            raise serializers.ValidationError(_NO_SUCH_MOMENT)
        return moment


class _ClientParameters(serializers.Serializer):
    region = serializers.CharField(required=False, allow_blank=True, help_text="地区代码，连同其下各级")
    uscc = serializers.CharField(required=False, allow_blank=True, help_text="统一社会信用代码")
    updated_since = MomentField(help_text="自此时刻（含）起有变化的")
    bom = serializers.BooleanField(
        required=False, help_text="format=csv 时文件开头加 BOM，供表格软件识别中文"
    )

    def validate_uscc(self, value: str) -> str:
        return value.upper()


class TierParameters(_ClientParameters):
    year = serializers.IntegerField(required=False, min_value=1900, max_value=9999, help_text="年度")


class PoolParameters(_ClientParameters):
    programme = serializers.CharField(required=False, help_text="方案代号")
    pool = serializers.CharField(required=False, help_text="培育库类别，如 scale_up")
    tier = serializers.CharField(required=False, help_text="层级名称")
    state = serializers.ChoiceField(
        required=False, choices=["active", "ended", "all"], help_text="在库（默认）、已出库、全部"
    )

    @staticmethod
    def narrowed(rows: PoolMembershipQuerySet, asked: dict[str, Any]) -> PoolMembershipQuerySet:
        state = asked.get("state", "active")
        if state != "all":
            rows = rows.filter(until__isnull=state == "active")
        if since := asked.get("updated_since"):
            rows = rows.filter(updated_at__gte=since)
        return _of_firms(rows, asked).filter(**_equal(asked, "programme", "pool", "tier"))


class ResultParameters(_ClientParameters):
    scheme = serializers.CharField(required=False, help_text="评价方案代号")
    year = serializers.IntegerField(required=False, min_value=1900, max_value=9999, help_text="评价年度")
    grade = serializers.CharField(required=False, help_text="终评等级")

    @staticmethod
    def narrowed(rows: ScoreQuerySet, asked: dict[str, Any]) -> ScoreQuerySet:
        if since := asked.get("updated_since"):
            rows = rows.filter(round__published_at__gte=since)
        wanted = _equal(asked, round__scheme="scheme", round__year="year", final_grade="grade")
        return _of_firms(rows, asked).filter(**wanted)


class ExplainedParameters(serializers.Serializer):
    uscc = serializers.CharField(help_text="统一社会信用代码，必填")
    scheme = serializers.CharField(required=False, help_text="评价方案代号")
    year = serializers.IntegerField(required=False, min_value=1900, max_value=9999, help_text="评价年度")
    listing = serializers.BooleanField(required=False, help_text="连同列规前后在规下组、规上组的等级")

    def validate_uscc(self, value: str) -> str:
        return value.upper()


class GapParameters(serializers.Serializer):
    scheme = serializers.CharField(help_text="评价方案代号，必填")
    year = serializers.IntegerField(min_value=1900, max_value=9999, help_text="评价年度，必填")


class AwardParameters(_ClientParameters):
    programme = serializers.CharField(required=False, help_text="方案代号")
    year = serializers.IntegerField(required=False, min_value=1900, max_value=9999, help_text="奖补年度")
    state = serializers.ChoiceField(required=False, choices=["proposed", "held"], help_text="拟奖补、待核")

    @staticmethod
    def narrowed(rows: OfRoundQuerySet, asked: dict[str, Any]) -> OfRoundQuerySet:
        if since := asked.get("updated_since"):
            rows = rows.filter(round__computed_at__gte=since)
        if region := asked.get("region"):
            rows = rows.within(region)
        if code := asked.get("uscc"):
            # an award keeps the code of its day: whoever asks by the firm's present code finds it as well
            rows = rows.filter(Q(recipient_code=code) | Q(enterprise__uscc=code))
        return rows.filter(**_equal(asked, "programme", "state", round__year="year"))


def _of_firms(rows: Any, asked: dict[str, Any]) -> Any:
    if region := asked.get("region"):
        rows = rows.within(region)
    return rows.filter(**_equal(asked, enterprise__uscc="uscc"))


def _equal(asked: dict[str, Any], *names: str, **renamed: str) -> dict[str, Any]:
    """What was asked for by name, as conditions on columns."""
    columns = {name: name for name in names} | renamed
    return {column: asked[name] for column, name in columns.items() if asked.get(name) not in (None, "")}


class MonthParameters(serializers.Serializer):
    programme = serializers.CharField(help_text="方案代号")
    month = serializers.RegexField(r"^[12]\d{3}-(0[1-9]|1[0-2])$", help_text="统计月份，如 2022-06")
    state = serializers.ChoiceField(
        required=False,
        choices=MonthlyIssue.State.choices,
        help_text="issued 只取已印发的最新一版，默认最新一版",
    )


class StatisticParameters(MonthParameters):
    by = serializers.ChoiceField(
        required=False, choices=["region", "tier", "industry"], help_text="按地区（默认）、层级、行业"
    )
    region = serializers.CharField(required=False, allow_blank=True, help_text="地区代码")
    tier = serializers.IntegerField(
        required=False, min_value=0, max_value=99, help_text="层级序号，0 为不在库"
    )
    industry = serializers.IntegerField(
        required=False, min_value=0, max_value=99, help_text="行业大类，0 为未填"
    )


class BulletinParameters(MonthParameters):
    """公文只依据已印发的月份。"""

    state = None


class FindingParameters(MonthParameters):
    kind = serializers.ChoiceField(
        required=False, choices=list(KIND_WORDS.items()), help_text="给了就连同这种情况的企业，一页一页列"
    )
    region = serializers.CharField(required=False, allow_blank=True, help_text="地区代码，只列它的企业")
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=100_000)
    page_size = serializers.IntegerField(required=False, default=100, min_value=1, max_value=1000)
