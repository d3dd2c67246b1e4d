from __future__ import annotations

from typing import Self

from django.db.models import Exists, OuterRef, Q

from core.periods import Month
from core.scoping import ScopedQuerySet


class EnterpriseQuerySet(ScopedQuerySet):
    def matching(self, text: str) -> Self:
        """By name, former name, credit code or pinyin initials: one box, any of them."""
        text = text.strip()
        if not text:
            return self
        return self.filter(
            Q(name__icontains=text)
            | Q(former_names__icontains=text)
            | Q(uscc__istartswith=text)
            | Q(initials__istartswith=text.lower())
        )

    def above_scale(self) -> Self:
        return self.filter(above_scale=True)

    def below_scale(self) -> Self:
        return self.filter(above_scale=False)


class OfEnterpriseQuerySet(ScopedQuerySet):
    """Rows that hang on a firm and carry the assessment region of their own date."""

    def for_month(self, month: Month) -> Self:
        return self.filter(month=month)

    def for_months(self, first: Month, last: Month) -> Self:
        return self.filter(month__gte=first, month__lte=last)


class MonthlyFigureQuerySet(OfEnterpriseQuerySet):
    def reported_also(self, month: Month) -> Self:
        """Figures of firms that reported for ``month`` too: the comparable ones (同口径)."""
        other = self.model.objects.filter(enterprise=OuterRef("enterprise"), month=month)
        return self.filter(Exists(other))
