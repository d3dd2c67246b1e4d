"""What REST clients read of a row: codes and names of regions, amounts as decimal strings with two places."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.amounts import from_hundredths
from cultivation.models import PoolHandover, RegionMonth, Target, WatchEntry, WatchNote
from cultivation.rules.findings import KIND_WORDS
from cultivation.rules.watch import CODES
from enterprises.models import Enterprise
from evaluation.models import Score
from incentives.models import Award, AwardRound
from incentives.policy import RECIPIENTS


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


class WatchNoteSerializer(serializers.ModelSerializer):
    """``code`` and its word; ``person`` spoke or answered, by name."""

    word = serializers.SerializerMethodField()

    class Meta:
        model = WatchNote
        fields = ["on", "code", "word", "person", "note", "next_on"]

    def get_word(self, note: WatchNote) -> str:
        return next((words[note.code] for words in CODES.values() if note.code in words), note.code)


class WatchEntrySerializer(serializers.ModelSerializer):
    """A firm on a daily list, with what was done about it, the newest first; ``until`` null: it stands there now."""

    uscc = serializers.CharField(source="enterprise.uscc", read_only=True)
    name = serializers.CharField(source="enterprise.name", read_only=True)
    region = serializers.CharField(source="enterprise.region_id", read_only=True)
    region_name = serializers.CharField(source="enterprise.region.name", read_only=True)
    month = serializers.CharField(read_only=True)
    signals = serializers.ListField(child=serializers.CharField(), read_only=True)
    last_year_wan = AmountString(allow_null=True)
    ytd_wan = AmountString(allow_null=True)
    expected_wan = AmountString(allow_null=True)
    low_wan = AmountString(allow_null=True)
    high_wan = AmountString(allow_null=True)
    notes = WatchNoteSerializer(many=True, read_only=True)

    class Meta:
        model = WatchEntry
        fields = [
            "kind",
            "uscc",
            "name",
            "region",
            "region_name",
            "month",
            "signals",
            "last_year_wan",
            "ytd_wan",
            "expected_wan",
            "low_wan",
            "high_wan",
            "crossing",
            "entry_year",
            "since",
            "until",
            "refreshed_at",
            "notes",
        ]


class HandoverSerializer(serializers.ModelSerializer):
    """``sha256`` is that of the file; ``region`` and all below it are in the list."""

    region_name = serializers.CharField(source="region.name", read_only=True)
    handed_by = serializers.CharField(source="handed_by.full_name", read_only=True)

    class Meta:
        model = PoolHandover
        fields = [
            "id",
            "programme",
            "pool",
            "region",
            "region_name",
            "recipient",
            "purpose",
            "count",
            "sha256",
            "handed_by",
            "handed_at",
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
    is_joint = serializers.BooleanField(
        read_only=True, help_text="方案写明1、2月合并：2月的 revenue_yoy 是1—2月同比"
    )
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
            "is_joint",
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


@extend_schema_field({"type": "string", "pattern": r"^-?\d+(\.\d+)?$", "example": "73.25", "nullable": True})
class ScoreString(serializers.Field):
    """A score with its scheme's places; null without the scope for scores, and for firms without one."""


class _FirmRow(serializers.Serializer):
    """How a row is described; rows themselves are written by ``reports.services`` without it."""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region = serializers.CharField()
    region_name = serializers.CharField()


class TierSerializer(_FirmRow):
    year = serializers.IntegerField()
    programme = serializers.CharField(allow_null=True, help_text="培育库所属方案；不在库为 null")
    pool_tier = serializers.CharField(allow_null=True, help_text="层级；在库而未分层为空文本，不在库为 null")
    grade = serializers.CharField(allow_null=True, help_text="已公布的等级；没有为 null")
    score = ScoreString(help_text="只给有 scores:read 的令牌")
    edition = serializers.CharField(help_text="依据的文件和版次：有等级的是评价方案，否则是培育库的方案")
    published_at = serializers.DateTimeField(allow_null=True)
    updated_at = serializers.DateTimeField(help_text="等级或在库情况最近一次变化")


class PoolMemberSerializer(_FirmRow):
    programme = serializers.CharField()
    pool = serializers.CharField()
    tier = serializers.CharField(help_text="未分层为空文本")
    planned_year = serializers.IntegerField(allow_null=True, help_text="拟列规年度")
    sources = serializers.ListField(child=serializers.CharField(), help_text="来源")
    measure_wan = AmountString(allow_null=True, help_text="方案用来排序的指标，万元")
    is_proposed_out = serializers.BooleanField(help_text="规则建议移出，待人决定")
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, help_text="在库为 null")
    edition = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class EvaluationResultSerializer(_FirmRow):
    scheme = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=Score.Standing.choices)
    cohort = serializers.CharField(allow_null=True)
    initial_grade = serializers.CharField(allow_null=True)
    grade = serializers.CharField(allow_null=True)
    score = ScoreString(help_text="只给有 scores:read 的令牌")
    rank = serializers.IntegerField(
        allow_null=True, help_text="同一排名范围内的位次，只给有 scores:read 的令牌"
    )
    ranked_firms = serializers.IntegerField(allow_null=True, help_text="同一排名范围内的企业数")
    edition = serializers.IntegerField()
    published_at = serializers.DateTimeField()


class ExplainedItemSerializer(serializers.Serializer):
    indicator = serializers.CharField()
    value = serializers.CharField(allow_null=True, help_text="没有数据为 null")
    unit = serializers.CharField()
    baseline = serializers.CharField(allow_null=True)
    weight = serializers.CharField()
    points = serializers.CharField(allow_null=True, help_text="直接按指标值排序的没有分")
    why = serializers.CharField(help_text="怎么除出来的，数据来自哪个部门")
    remark = serializers.CharField(help_text="封顶、保底、未报怎么算的")


class GapWaySerializer(serializers.Serializer):
    indicator = serializers.CharField()
    now = serializers.CharField()
    needed = serializers.CharField(help_text="只靠这一项要达到多少，其他企业不变")
    more = serializers.CharField(help_text="折合多少数量")
    is_enough = serializers.BooleanField(help_text="false：封顶以后仍差 points_short 分")
    points_short = serializers.CharField(allow_null=True)


class GapSerializer(serializers.Serializer):
    grade = serializers.CharField(help_text="上一级")
    points = serializers.CharField(allow_null=True)
    unit = serializers.CharField()
    sentence = serializers.CharField()
    ways = GapWaySerializer(many=True)


class ListingSideSerializer(serializers.Serializer):
    above_scale = serializers.BooleanField()
    is_now = serializers.BooleanField()
    cohort = serializers.CharField(allow_null=True, help_text="不参加排名为 null")
    grade = serializers.CharField()
    score = serializers.CharField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    ranked_firms = serializers.IntegerField(allow_null=True)


class ExplainedScoreSerializer(_FirmRow):
    scheme = serializers.CharField()
    title = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    standing = serializers.ChoiceField(choices=Score.Standing.choices)
    ranked_in = serializers.CharField(allow_null=True, help_text="排名范围")
    initial_grade = serializers.CharField(allow_null=True)
    grade = serializers.CharField(allow_null=True)
    grade_label = serializers.CharField(allow_null=True)
    score = serializers.CharField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    ranked_firms = serializers.IntegerField(allow_null=True)
    items = ExplainedItemSerializer(many=True)
    steps = serializers.ListField(child=serializers.CharField(), help_text="怎么算出来的，一句一条")
    gap = GapSerializer(allow_null=True, help_text="距上一级还差多少；已是最好或没有等级为 null")
    policies = serializers.ListField(child=serializers.CharField(), help_text="这一级的差别化政策")
    listing = ListingSideSerializer(many=True, allow_null=True, help_text="列规前后，listing=true 时才算")
    published_at = serializers.DateTimeField()


class MissingFirmSerializer(_FirmRow):
    reasons = serializers.ListField(child=serializers.CharField(), help_text="为什么应当参评")


class MissingFigureSerializer(serializers.Serializer):
    label = serializers.CharField()
    department = serializers.CharField(help_text="来源部门")
    missing = serializers.IntegerField(help_text="没有这一项的参评企业，家")
    of = serializers.IntegerField(help_text="参评企业，家")


class SurveyGapsSerializer(serializers.Serializer):
    scheme = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField(allow_null=True, help_text="没有已公布的评价为 null")
    firms = MissingFirmSerializer(many=True)
    figures = MissingFigureSerializer(many=True)


class AwardSerializer(serializers.Serializer):
    recipient_kind = serializers.ChoiceField(choices=list(RECIPIENTS.items()))
    recipient = serializers.CharField(help_text="企业的信用代码，或地区代码")
    name = serializers.CharField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    programme = serializers.CharField()
    year = serializers.IntegerField()
    version = serializers.IntegerField()
    round_state = serializers.ChoiceField(choices=AwardRound.State.choices)
    rule = serializers.CharField()
    occasion = serializers.CharField()
    event_month = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=Award.State.choices)
    amount_yuan = AmountString()
    province_yuan = AmountString()
    city_yuan = AmountString()
    district_yuan = AmountString()
    unshared_yuan = AmountString(help_text="文件没有载明由谁承担的")
    edition = serializers.IntegerField()
    updated_at = serializers.DateTimeField()


class StatisticRowSerializer(serializers.Serializer):
    """``numbers``：家数是整数，金额、用电量是两位小数的文本；没有规则的数是 null。``rates``：四位小数，不可比的是 null。"""

    name = serializers.CharField(help_text="地区、层级或行业的名称；合计为“合计”")
    value = serializers.CharField(help_text="地区代码、层级序号或行业大类；合计为空")
    numbers = serializers.DictField(child=serializers.JSONField(allow_null=True))
    rates = serializers.DictField(child=serializers.CharField(allow_null=True))


class StatutoryRowSerializer(serializers.Serializer):
    """法定统计表的一行：与页面、Excel、Word 同一个数；完成率、序时差是百分数，一位小数的文本。"""

    region = serializers.CharField(help_text="地区代码；合计为空")
    region_name = serializers.CharField()
    target = serializers.IntegerField(allow_null=True)
    newly_listed = serializers.IntegerField()
    newly_listed_ytd = serializers.IntegerField()
    attainment_percent = serializers.CharField(allow_null=True)
    schedule_gap_points = serializers.CharField(allow_null=True)
    rank = serializers.IntegerField(allow_null=True)
    delisted_ytd = serializers.IntegerField()
    net_added_ytd = serializers.IntegerField()
    above_scale_total = serializers.IntegerField()
    delisting_alerts = serializers.IntegerField(allow_null=True)
    pool_members = serializers.IntegerField(allow_null=True)


class _OfVersionSerializer(serializers.Serializer):
    programme = serializers.CharField()
    month = serializers.CharField()
    version = serializers.IntegerField(allow_null=True, help_text="没有这个月、或范围外，为 null")
    state = serializers.CharField(allow_null=True)


class StatisticsSerializer(_OfVersionSerializer):
    is_joint = serializers.BooleanField(
        allow_null=True, help_text="方案写明1、2月合并：2月的本月数是1—2月合计，1—3月没有环比"
    )
    results = StatisticRowSerializer(many=True)


class StatutorySerializer(_OfVersionSerializer):
    results = StatutoryRowSerializer(many=True)


class FindingRegionSerializer(serializers.Serializer):
    region = serializers.CharField()
    region_name = serializers.CharField()
    firms = serializers.IntegerField()


class FindingSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=list(KIND_WORDS.items()))
    label = serializers.CharField()
    rule = serializers.CharField(help_text="判断界限和它的出处")
    firms = serializers.IntegerField()
    regions = FindingRegionSerializer(many=True)


class BehindSerializer(serializers.Serializer):
    region = serializers.CharField(source="region_id")
    region_name = serializers.CharField(source="region.name")
    attainment = RatioString()
    schedule_gap = RatioString()
    light = serializers.CharField(source="light_word")


class ContributionSerializer(serializers.Serializer):
    """对全部可比企业营业收入同比的贡献；各地区相加等于合计同比。"""

    name = serializers.CharField()
    own = RatioString(allow_null=True, help_text="本地区同比")
    points = RatioString(allow_null=True, help_text="贡献，0.01 是一个百分点")


class FindingFirmSerializer(serializers.Serializer):
    """``numbers``：这种情况所依据的数，金额两位小数、比率六位小数的文本，月数是整数。"""

    uscc = serializers.CharField()
    name = serializers.CharField()
    region_name = serializers.CharField()
    numbers = serializers.DictField(child=serializers.JSONField())


class FindingsSerializer(_OfVersionSerializer):
    results = FindingSerializer(many=True)
    behind = BehindSerializer(many=True, help_text="落后序时的地区，差得多的在前")
    contributions = ContributionSerializer(many=True)
    count = serializers.IntegerField(required=False, help_text="有 kind 时：企业数")
    firms = FindingFirmSerializer(many=True, required=False)


class PaperTableSerializer(serializers.Serializer):
    """各格是公文上的文字，与页面、Word 一样。"""

    title = serializers.CharField()
    unit = serializers.CharField()
    head = serializers.ListField(child=serializers.CharField())
    rows = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))


class PaperSerializer(serializers.Serializer):
    kind = serializers.CharField(help_text="brief 月度简报、quarter 季度、half_year 半年、year 年度")
    title = serializers.CharField()
    state = serializers.CharField(allow_null=True, help_text="draft、waiting、issued；没有拟稿为 null")
    state_label = serializers.CharField()
    number = serializers.CharField(help_text="发文字号")
    addressee = serializers.CharField(help_text="主送")
    copies = serializers.CharField(help_text="抄送")
    lines = serializers.ListField(child=serializers.CharField(), help_text="正文，一段一行")
    tables = PaperTableSerializer(many=True)
    signed_by = serializers.CharField(allow_null=True)
    dated = serializers.DateField(allow_null=True, help_text="成文日期")
    printed_on = serializers.DateField(allow_null=True, help_text="印发日期")
    sha256 = serializers.CharField(help_text="签发的 Word 的指纹")


class BulletinsSerializer(_OfVersionSerializer):
    results = PaperSerializer(many=True)
