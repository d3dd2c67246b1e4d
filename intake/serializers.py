"""How posts and batches are described to REST clients; rows themselves are written by ``intake.services.posts``."""

from __future__ import annotations

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers

from intake.models import Batch, Issue


class _PostSerializer(serializers.Serializer):
    sheet = serializers.CharField(help_text="报表代号，如 monthly、tax_list")
    region = serializers.CharField(help_text="报送范围，地区代码")
    period = serializers.CharField(
        required=False, help_text="所属期：2022-06 或 2021；不给的以各行自己填写的为准"
    )


class FilePostSerializer(_PostSerializer):
    file = serializers.FileField(help_text=".xlsx 或 .csv")


class RowsPostSerializer(_PostSerializer):
    rows = serializers.ListField(
        child=serializers.DictField(),
        help_text="每条一个对象：列名（或列的代号）→ 文字、数字、true、false 或 null；信用代码写成文字",
    )
    name = serializers.CharField(required=False, help_text="批次记录里显示的文件名")


class NotesSerializer(serializers.Serializer):
    notes = serializers.DictField(
        child=serializers.CharField(allow_blank=True), help_text="问题的 id → 情况说明；C 类不少于 6 个字"
    )


class CommitSerializer(serializers.Serializer):
    rows = serializers.ChoiceField(
        choices=["all", "good"],
        default="all",
        help_text="all：全部行，有一行不能入库就不提交；good：只交可以入库的行",
    )


class IssueSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sheet = serializers.CharField(allow_null=True, help_text="工作表")
    row = serializers.IntegerField(allow_null=True, help_text="文件的行号；以 rows 报送的，第一条是第 2 行")
    column = serializers.CharField(allow_null=True)
    cell = serializers.CharField(allow_null=True)
    subject = serializers.CharField(help_text="该行写的企业")
    code = serializers.CharField(help_text="不变的代码，可供程序判断")
    value = serializers.CharField(help_text="填报的值")
    reason = serializers.CharField()
    cure = serializers.CharField(help_text="怎么改")
    note = serializers.CharField(help_text="已给的说明")
    open = serializers.BooleanField(help_text="还没有改正或说明，这一行不能入库")

    def get_fields(self) -> dict[str, serializers.Field]:
        named = {"class": serializers.ChoiceField(choices=Issue.Class.choices)}
        return {**super().get_fields(), **named}


class ChangeSerializer(serializers.Serializer):
    row = serializers.IntegerField()
    name = serializers.CharField()
    heading = serializers.CharField()
    old = serializers.CharField()
    new = serializers.CharField()


COUNTS = {
    "rows": "行数",
    "good": "可以入库",
    "blocked": "要处理",
    "ignored": "合计、说明等没有采用的行",
    "new": "新增",
    "changed": "变更",
    "same": "不变",
    "unknown": "名录中没有的企业",
    **{f"class_{cls.lower()}": f"{cls} 类问题" for cls in "ABCD"},
}


class BatchHeadSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    number = serializers.CharField(help_text="页面上的批次号")
    sheet = serializers.CharField()
    sheet_label = serializers.CharField()
    region = serializers.CharField()
    region_name = serializers.CharField()
    period = serializers.CharField()
    upload_name = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.ChoiceField(choices=Batch.State.choices)
    state_label = serializers.CharField()
    outcome = serializers.ChoiceField(choices=Batch.Outcome.choices)
    counts = inline_serializer(
        "BatchCounts",
        {name: serializers.IntegerField(required=False, help_text=told) for name, told in COUNTS.items()},
    )
    sent_at = serializers.DateTimeField()
    checked_at = serializers.DateTimeField(allow_null=True)
    committed_at = serializers.DateTimeField(allow_null=True)


class BatchSerializer(BatchHeadSerializer):
    message = serializers.CharField()
    may = serializers.ListField(child=serializers.CharField(), help_text="现在可以做的事")
    ignored_rows = serializers.ListField(child=serializers.IntegerField())
    changes = ChangeSerializer(many=True, help_text="变更的前 200 处")
    issues = IssueSerializer(many=True)
    issues_after = serializers.IntegerField(allow_null=True, help_text="还有更多问题时，下次 after 用的数")
