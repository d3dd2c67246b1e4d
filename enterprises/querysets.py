from __future__ import annotations

from datetime import date
from typing import Self

from django.db.models import Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Cast

from core.models import Region, User
from core.periods import Month
from core.scoping import ScopedQuerySet
from enterprises.rules.industries import code_range
from enterprises.rules.lineage import Step
from intake.rules.text import name_key

#: A month is kept as 202206: the same month a year before is a hundred less.
_YEAR = 100
#: Pieces of a credit code shorter than this are more likely pinyin or part of a name.
_CODE_PIECE = 4
#: ``RegistryEvent.Kind.DUPLICATE``, which cannot be imported from here
SECOND_RECORD = "duplicate"
#: kinds of events after which the other firm stands for the whole of the one
STANDS_FOR = ("merged", "converted", SECOND_RECORD)


class EnterpriseQuerySet(ScopedQuerySet):
    def visible_to(self, user: User) -> Self:
        """A record that was found to be a second one of the same firm is nobody's firm any more."""
        return super().visible_to(user).exclude(ended_as=SECOND_RECORD)

    def stood_for(self) -> Self:
        """Firms for which another stands since: merged, converted, second records, and those that were split up."""
        return self.filter(ended_as__in=[*STANDS_FOR, "split"])

    def living_on(self, day: date) -> Self:
        """Firms not yet 注销, 吊销 or 并入 on that day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gte=day))

    def matching(self, text: str) -> Self:
        """By name, former name, credit code, former code or pinyin initials: one box, any of them."""
        text = text.strip()
        if not text:
            return self
        key = name_key(text)
        found = Q(name_key__contains=key) | Q(former_names__icontains=text)
        if key.isascii() and key.isalnum():
            found |= Q(initials__contains=key)
            if len(key) >= _CODE_PIECE:
                found |= Q(uscc__contains=key.upper()) | Q(former_codes__contains=key.upper())
        return self.filter(found)

    def within(self, region_code: str) -> Self:
        """Firms of a region and of all below it; none for a code that does not exist."""
        path = Region.objects.filter(code=region_code).values_list("path", flat=True).first()
        return self.none() if path is None else self.filter(region__path__startswith=path)

    def above_scale(self) -> Self:
        return self.filter(above_scale=True)

    def below_scale(self) -> Self:
        return self.filter(above_scale=False)

    def in_section(self, section: str) -> Self:
        """By 行业门类: the codes of its divisions."""
        first, behind_last = code_range(section)
        return self.filter(industry_code__gte=first, industry_code__lt=behind_last)


class RegistryEventQuerySet(ScopedQuerySet):
    """Who sees the firm today sees what happened to it."""

    region_lookup = "enterprise__region"

    def steps(self) -> list[Step]:
        """Every step of the registry: mergers, conversions and splits are hundreds where firms are many thousands."""
        rows = self.filter(kind__in=[*STANDS_FOR, "split"], other__isnull=False).order_by("id")
        fields = ("enterprise_id", "other_id", "on", "kind", "other__founded_on")
        return [
            Step(
                before,
                after,
                on,
                kind in STANDS_FOR,
                kind == SECOND_RECORD,
                on if kind == "converted" else founded,
                kind in ("converted", SECOND_RECORD),
            )
            for before, after, on, kind, founded in rows.values_list(*fields)
        ]


class DuplicateDecisionQuerySet(ScopedQuerySet):
    region_lookup = "first__region"


class FollowingQuerySet(ScopedQuerySet):
    """Rows that go with their firm wherever it moves: land, honours, people. Who sees the firm sees them."""

    region_lookup = "enterprise__region"

    def current(self) -> Self:
        return self.filter(until=None)


class OfEnterpriseQuerySet(ScopedQuerySet):
    """Rows that hang on a firm and carry the assessment region of their own date."""

    def for_month(self, month: Month) -> Self:
        return self.filter(month=month)

    def for_months(self, first: Month, last: Month) -> Self:
        return self.filter(month__gte=first, month__lte=last)

    def of_firms(self, firms: QuerySet) -> Self:
        """Of a set of firms; of all firms in scope no list is needed."""
        return self.filter(enterprise__in=firms.order_by().values("pk")) if firms.query.where else self


class MonthlyFigureQuerySet(OfEnterpriseQuerySet):
    def reported_also(self, month: Month) -> Self:
        """Figures of firms that reported for ``month`` too: the comparable ones (同口径)."""
        other = self.model.objects.filter(enterprise=OuterRef("enterprise"), month=month)
        return self.filter(Exists(other))

    def with_base(self) -> Self:
        """Figures that have one of the same month a year before: it stands in ``base_wan``."""
        year_before = self.model.objects.filter(
            enterprise=OuterRef("enterprise"), month=OuterRef("month_number") - _YEAR
        )
        return (
            self.annotate(month_number=Cast("month", IntegerField()))
            .annotate(base_wan=Subquery(year_before.order_by().values("revenue_wan")[:1]))
            .filter(base_wan__isnull=False)
        )

    def sum_by_firm(self, field: str) -> Self:
        """One number a firm, for a subquery on ``OuterRef("pk")`` of the firm."""
        mine = self.filter(enterprise=OuterRef("pk")).order_by().values("enterprise")
        return mine.annotate(total=Sum(F(field))).values("total")
