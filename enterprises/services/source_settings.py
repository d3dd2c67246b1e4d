"""What a bureau has settled about sources: which counts, how far they may differ, where the line is. Dated, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from core import audit
from core.amounts import to_hundredths
from core.models import Department, Region, User
from core.scoping import may_reach
from enterprises.models import SourceSetting
from enterprises.rules.measures import BY_KEY, SELF, SURVEY

Kind = SourceSetting.Kind
#: every source that a figure can come from, in the order of tables
SOURCE_LABELS = {SELF: "自报月报", SURVEY: "评价采集", **{d.value: d.label for d in Department if d.value}}
#: Without a setting any difference is shown.
NO_TOLERANCE = 0


@dataclass(frozen=True, slots=True)
class Settled:
    """What holds for a region on a day. ``line`` in hundredths of 万元, None where nobody has set it."""

    tolerance: Mapping[str, int] = field(default_factory=dict)
    precedence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line: int | None = None
    line_reason: str = ""

    def tolerance_of(self, measure: str) -> int:
        """Basis points."""
        return self.tolerance.get(measure, self.tolerance.get("", NO_TOLERANCE))


def settled_for(region: Region | None, day: date) -> Settled:
    """The newest setting of each kind and measure made for the region or one above it, in force on the day."""
    if region is None:
        return Settled()
    codes = region.path.strip("/").split("/")
    found: dict[tuple[str, str], SourceSetting] = {}
    rows = SourceSetting.objects.filter(region_id__in=codes, since__lte=day)
    # what stands nearer to the region goes before what its city says; then the later day, then the later entry
    for row in sorted(rows, key=lambda row: (codes.index(row.region_id), row.since, row.pk)):
        found[row.kind, row.measure] = row
    line = found.get((Kind.LINE, ""))
    return Settled(
        {
            measure: int(Decimal(row.value) * 100)
            for (kind, measure), row in found.items()
            if kind == Kind.TOLERANCE
        },
        {measure: tuple(row.value) for (kind, measure), row in found.items() if kind == Kind.PRECEDENCE},
        to_hundredths(Decimal(line.value)) if line else None,
        line.reason if line else "",
    )


@transaction.atomic
def set_source(
    *, actor: User, kind: str, measure: str, region: Region, since: date, value: Any, reason: str
) -> SourceSetting:
    """Add a line; none is ever changed. Raises ``PermissionError`` for a region out of reach."""
    if not may_reach(actor, region):
        raise PermissionError(region.name)
    row = SourceSetting.objects.create(
        kind=kind, measure=measure, region=region, since=since, value=value, reason=reason, set_by=actor
    )
    audit.record(
        actor=actor,
        act="set_source",
        region=region,
        subject=f"{row.get_kind_display()} {measure} {since:%Y-%m-%d}",
        digest=audit.digest_of([kind, measure, value, reason]),
    )
    return row


@dataclass(frozen=True, slots=True)
class SettingLine:
    """A setting as the page shows it."""

    kind: str
    measure: str
    region: str
    since: date
    value: str
    reason: str
    who: str


def settings_shown(user: User) -> list[SettingLine]:
    """Settings that hold for the user's region or below it, the newest first."""
    if user.region is None:
        return []
    codes = user.region.path.strip("/").split("/")
    rows = SourceSetting.objects.filter(
        Q(region_id__in=codes) | Q(region__path__startswith=user.scope_path or user.region.path)
    )
    return [
        SettingLine(
            kind=row.get_kind_display(),
            measure=BY_KEY[row.measure].label if row.measure in BY_KEY else "不分指标",
            region=row.region.name,
            since=row.since,
            value=_value_words(row),
            reason=row.reason,
            who=row.set_by.full_name,
        )
        for row in rows.select_related("region", "set_by")
    ]


def _value_words(row: SourceSetting) -> str:
    if row.kind == Kind.PRECEDENCE:
        return " → ".join(SOURCE_LABELS.get(source, source) for source in row.value)
    return f"{row.value}%" if row.kind == Kind.TOLERANCE else f"{row.value} 万元"
