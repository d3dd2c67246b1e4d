"""One way to choose firms, for the page, its export and the API."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms

from core.models import Role
from core.scoping import regions_visible_to
from enterprises.models import Enterprise, Liaison, RegistryEvent
from enterprises.querysets import EnterpriseQuerySet, RegistryEventQuerySet
from enterprises.rules.industries import INDUSTRIAL_SECTIONS, SECTIONS
from enterprises.services.firm_table import Span, months_offered
from enterprises.services.liaison import with_liaisons, without_responsible
from enterprises.services.liaison_duty import duties_for, must_have
from enterprises.services.lineage import current_codes

ABOVE, BELOW = "above", "below"
LIVING, ENDED = "living", "ended"


class EnterpriseFilter(django_filters.FilterSet):
    """``q``, ``region``, ``scale``, ``verification``, ``section``, ``state``, ``uscc``; a region out of reach leaves nothing."""

    q = django_filters.CharFilter(
        label="企业",
        method="by_text",
        widget=forms.TextInput(
            attrs={"placeholder": "名称、曾用名、信用代码、拼音首字母", "autocomplete": "off"}
        ),
    )
    # not a choice field: a code outside the scope is an empty answer, not a fault
    region = django_filters.CharFilter(label="地区", method="by_region", widget=forms.Select)
    scale = django_filters.ChoiceFilter(
        label="统计状态", method="by_scale", choices=((ABOVE, "规上"), (BELOW, "规下")), empty_label="全部"
    )
    verification = django_filters.ChoiceFilter(
        label="核实", choices=Enterprise.Verification.choices, empty_label="全部"
    )
    section = django_filters.ChoiceFilter(
        label="行业门类",
        method="by_section",
        choices=[(section, f"{section} {SECTIONS[section][0]}") for section in INDUSTRIAL_SECTIONS],
        empty_label="全部",
    )
    state = django_filters.ChoiceFilter(
        label="存续", method="by_state", choices=((LIVING, "存续"), (ENDED, "已终止")), empty_label="全部"
    )
    uscc = django_filters.CharFilter(method="by_code", widget=forms.HiddenInput)

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is not None and self.request.user.is_authenticated:
            self.filters["region"].extra["widget"] = forms.Select(choices=region_choices(self.request.user))

    def by_text(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return firms.matching(value)

    def by_region(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return firms.within(value)

    def by_state(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return firms.filter(ended_on=None) if value == LIVING else firms.exclude(ended_on=None)

    def by_scale(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return firms.above_scale() if value == ABOVE else firms.below_scale()

    def by_section(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return firms.in_section(value)

    def by_code(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        """An old code leads to the firm that bore it."""
        code = value.strip().upper()
        change = current_codes([code]).get(code)
        return firms.filter(uscc=change.uscc if change else code)


class FirmPageFilter(EnterpriseFilter):
    """企业查询 in the browser: besides, up to which month the figures go."""

    month = django_filters.ChoiceFilter(label="数据月份", method="by_month", empty_label=None)

    def __init__(self, *args: Any, latest: Span | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = months_offered(latest) if latest else []
        self.filters["month"].extra["choices"] = [(str(month), month.label) for month in months]
        self.filters["month"].extra["initial"] = str(latest.month) if latest else None

    def by_month(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        """The month chooses figures, never firms."""
        return firms


def region_choices(user: Any) -> list[tuple[str, str]]:
    """The user's regions in official order, the whole of them first."""
    regions = [(code, name) for code, name in regions_visible_to(user).values_list("code", "name")]
    own = user.region_id if user.role != Role.SYSTEM else None
    below = [(code, name) for code, name in regions if code != own]
    whole = next((name for code, name in regions if code == own), "全部地区")
    return [("", f"{whole}（{len(below)}个地区）" if below else whole), *below]


class EventFilter(django_filters.FilterSet):
    """变更事项: firm, kind, days."""

    q = django_filters.CharFilter(
        label="企业",
        method="by_text",
        widget=forms.TextInput(attrs={"placeholder": "名称、曾用名、信用代码", "autocomplete": "off"}),
    )
    kind = django_filters.ChoiceFilter(label="事项", choices=RegistryEvent.Kind.choices, empty_label="全部")
    since = django_filters.DateFilter(
        label="自", field_name="on", lookup_expr="gte", widget=forms.DateInput(attrs={"type": "date"})
    )
    until = django_filters.DateFilter(
        label="至", field_name="on", lookup_expr="lte", widget=forms.DateInput(attrs={"type": "date"})
    )

    class Meta:
        model = RegistryEvent
        fields: list[str] = []

    def by_text(self, events: RegistryEventQuerySet, name: str, value: str) -> RegistryEventQuerySet:
        firms = Enterprise.objects.visible_to(self.request.user).matching(value)
        return events.filter(enterprise__in=firms.order_by().values("pk"))


class LiaisonFilter(EnterpriseFilter):
    """责任人: firms by who answers for them, and those for whom nobody does."""

    scale = verification = section = state = None
    person = django_filters.CharFilter(label="责任人或包联领导", method="by_person")
    duty = django_filters.ChoiceFilter(label="名单", method="by_duty", empty_label="全部存续企业")
    gap = django_filters.ChoiceFilter(
        label="指派", method="by_gap", choices=(("yes", "未指派责任人"), ("no", "已指派")), empty_label="全部"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.filters["duty"].extra["choices"] = [(duty.name, duty.label) for duty in duties_for()]

    def by_person(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        now = Liaison.objects.visible_to(self.request.user).current().filter(person__contains=value.strip())
        return firms.filter(pk__in=now.order_by().values("enterprise"))

    def by_duty(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return must_have(firms, value)

    def by_gap(self, firms: EnterpriseQuerySet, name: str, value: str) -> EnterpriseQuerySet:
        return without_responsible(firms) if value == "yes" else with_liaisons(firms)
