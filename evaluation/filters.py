"""One way to choose firms of a round, for the page and what is exported from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from enterprises.filters import region_choices
from enterprises.models import Enterprise
from evaluation.models import Round, Score
from evaluation.policy import Scheme
from evaluation.querysets import ScoreQuerySet
from evaluation.services.editions import grade_names

OUT, NONE = "out", "none"
SORTS = {
    "region": ("region__order", "region_id"),
    "name": ("enterprise__name_key",),
    "score": ("total",),
    "rank": ("rank",),
}


class ScoreFilter(django_filters.FilterSet):
    """``round``, ``q``, ``region``, ``cohort``, ``grade``; a region out of reach leaves nothing."""

    round = django_filters.CharFilter(label="评价轮次", method="as_given", widget=forms.Select)
    q = django_filters.CharFilter(
        label="企业",
        method="by_text",
        widget=forms.TextInput(
            attrs={"placeholder": "名称、曾用名、信用代码、拼音首字母", "autocomplete": "off"}
        ),
    )
    # not choice fields: a code outside the scope is an empty answer, not a fault
    region = django_filters.CharFilter(label="地区", method="by_region", widget=forms.Select)
    cohort = django_filters.CharFilter(label="分组", field_name="cohort", widget=forms.Select)
    grade = django_filters.CharFilter(label="等级", method="by_grade", widget=forms.Select)

    #: number of an absolute line of the scheme; chosen on the page of the lines
    flag = django_filters.NumberFilter(label="绝对标准", method="by_flag", widget=forms.Select)

    class Meta:
        model = Score
        fields: list[str] = []

    def __init__(self, *args: Any, rounds: list[Round], chosen: Round, scheme: Scheme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {
            "round": [(round_.pk, round_label(round_)) for round_ in rounds],
            "region": region_choices(self.request.user),
            "cohort": [("", "全部"), *((cohort.id, cohort.label) for cohort in scheme.cohorts)],
            "grade": [
                ("", "全部"),
                *((name, name) for name in grade_names(scheme)),
                (NONE, "未定级"),
                (OUT, "不在评价范围"),
            ],
        }
        if scheme.flags:
            choices["flag"] = [("", "全部"), *((bit, flag.label) for bit, flag in enumerate(scheme.flags))]
        else:
            del self.filters["flag"]
        for name, options in choices.items():
            self.filters[name].extra["widget"] = forms.Select(choices=options)
        self.form.initial["round"] = chosen.pk

    def as_given(self, scores: ScoreQuerySet, name: str, value: str) -> ScoreQuerySet:
        """The round is chosen before: it decides which choices the other fields have."""
        return scores

    def by_text(self, scores: ScoreQuerySet, name: str, value: str) -> ScoreQuerySet:
        found = Enterprise.objects.visible_to(self.request.user).matching(value)
        return scores.filter(enterprise__in=found.order_by().values("pk"))

    def by_region(self, scores: ScoreQuerySet, name: str, value: str) -> ScoreQuerySet:
        return scores.within(value)

    def by_flag(self, scores: ScoreQuerySet, name: str, value: Decimal) -> ScoreQuerySet:
        return scores.flagged(int(value)) if 0 <= value < 63 else scores.none()

    def by_grade(self, scores: ScoreQuerySet, name: str, value: str) -> ScoreQuerySet:
        if value in (OUT, NONE):
            is_out = Q(standing=Score.Standing.OUT)
            return scores.filter(is_out if value == OUT else ~is_out, final_grade="")
        return scores.filter(final_grade=value)


def round_label(round_: Round) -> str:
    return f"{round_.region.name} {round_.year}年度第{round_.version}版　{round_.get_stage_display()}　{round_.scheme}"


def sorted_scores(scores: ScoreQuerySet, asked: str) -> ScoreQuerySet:
    """By the column asked for; else by region, cohort and place, firms without a place last."""
    fields = SORTS.get(asked.removeprefix("-"))
    if fields is None:
        return scores.in_official_order()
    sign = "-" if asked.startswith("-") else ""
    return scores.order_by(*(f"{sign}{field}" for field in fields), "pk")
