"""What REST clients read of a row: codes and names of regions, amounts as decimal strings with two places."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.amounts import from_hundredths
from cultivation.models import RegionMonth, Target
from enterprises.models import Enterprise


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{2}$", "example": "1234.50"})
class AmountString(serializers.Field):
    """Whole hundredths → ``"1234.50"``; null stays null."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, hundredths: int) -> str:
        return str(from_hundredths(hundredths))


@extend_schema_field({"type": "string", "pattern": r"^-?\d+\.\d{4}$", "example": "0.5231"})
class RatioString(serializers.Field):
    """A ratio (0–1) with four places → ``"0.5231"``, however large; null when there is no base."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(read_only=True, **kwargs)

    def to_representation(self, ratio: Decimal) -> str:
        return f"{ratio:.4f}"


class TargetSerializer(serializers.ModelSerializer):
    region_name = serializers.CharField(source="region.name", read_only=True)
    value = serializers.SerializerMethodField()
    edition = serializers.IntegerField(source="edition.number", read_only=True, default=None)

    class Meta:
        model = Target
        fields = [
            "programme",
            "region",
            "region_name",
            "year",
            "until_year",
            "metric",
            "value",
            "unit",
            "clause",
            "edition",
        ]

    def get_value(self, target: Target) -> str:
        return str(target.amount)


class EnterpriseSerializer(serializers.ModelSerializer):
    """No contact, no phone: a client pulls what a firm is, not whom to ring."""

    region_name = serializers.CharField(source="region.name", read_only=True)
    registered_capital_wan = AmountString()

    class Meta:
        model = Enterprise
        fields = [
            "uscc",
            "name",
            "region",
            "region_name",
            "township",
            "administrative_code",
            "industry_code",
            "founded_on",
            "started_on",
            "status",
            "registration_type",
            "registered_capital_wan",
            "above_scale",
            "verification",
            "updated_at",
        ]


class RegionMonthSerializer(serializers.ModelSerializer):
    """A region's line in the newest version of a month; ``state`` says whether that version is issued (frozen)."""

    programme = serializers.CharField(source="issue.programme", read_only=True)
    month = serializers.CharField(source="issue.month", read_only=True)
    version = serializers.IntegerField(source="issue.version", read_only=True)
    state = serializers.CharField(source="issue.state", read_only=True)
    edition = serializers.IntegerField(source="issue.edition.number", read_only=True)
    closed_at = serializers.DateTimeField(source="issue.closed_at", read_only=True)
    issued_at = serializers.DateTimeField(source="issue.issued_at", read_only=True, allow_null=True)
    region_name = serializers.CharField(source="region.name", read_only=True)
    revenue_wan = AmountString()
    revenue_comparable_wan = AmountString()
    revenue_base_wan = AmountString()
    revenue_yoy = RatioString(allow_null=True)
    revenue_ytd_wan = AmountString()
    revenue_ytd_yoy = RatioString(allow_null=True)
    tax_paid_wan = AmountString()
    tax_paid_ytd_wan = AmountString()
    net_added_ytd = serializers.IntegerField(read_only=True)
    attainment = RatioString(allow_null=True)
    schedule_gap = RatioString(allow_null=True)

    class Meta:
        model = RegionMonth
        fields = [
            "programme",
            "month",
            "version",
            "state",
            "edition",
            "region",
            "region_name",
            "firms",
            "reporting",
            "zero_reports",
            "silent",
            "revenue_wan",
            "comparable_firms",
            "revenue_comparable_wan",
            "revenue_base_wan",
            "revenue_yoy",
            "revenue_ytd_wan",
            "revenue_ytd_yoy",
            "tax_paid_wan",
            "tax_paid_ytd_wan",
            "newly_listed",
            "newly_listed_ytd",
            "delisted",
            "delisted_ytd",
            "net_added_ytd",
            "above_scale_total",
            "target",
            "attainment",
            "schedule_gap",
            "rank",
            "closed_at",
            "issued_at",
        ]
