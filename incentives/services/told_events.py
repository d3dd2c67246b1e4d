"""Events that lists and claims tell, with the data beside them: of firms and of everybody else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from core.conditions import FactKey
from incentives.models import AwardApplication, AwardOccasion
from incentives.rules.codes import FIRST, FIRST_NOT_KNOWN, TOLD_NOT_FIRST
from incentives.rules.fact_rows import read_facts
from incentives.rules.happenings import Happening, Who
from incentives.rules.occasions import days_of
from incentives.services.asked import Asked, Firms, day_number

_FIRST = {True: FIRST, False: TOLD_NOT_FIRST, None: FIRST_NOT_KNOWN}
#: with a list of upper awards those that it does not name are none
_UPPER = ("upper_state", "upper_province", "upper_city", "upper_district")


def told_events(asked: Asked) -> Iterator[Happening]:
    yield from _listed(asked)
    yield from _claimed(asked)


def told_data(asked: Asked) -> dict[tuple[str, str], dict[FactKey, str]]:
    """(kind, code) → facts by period that rows of any year tell of a recipient."""
    found: dict[tuple[str, str], dict[FactKey, str]] = defaultdict(dict)
    rows = AwardOccasion.objects.inside(asked.edition.locality).select_related("enterprise")
    for row in rows.order_by("year", "period", "pk"):
        code = row.enterprise.uscc if row.enterprise else row.recipient_code
        for key, text in read_facts(row.facts).items():
            if key.per is not None:
                found[row.recipient_kind, code][key] = text
    return found


def _listed(asked: Asked) -> Iterator[Happening]:
    rows = AwardOccasion.objects.inside(asked.edition.locality).filter(year=asked.year).exclude(event="")
    for row in rows.select_related("enterprise").order_by():
        first_day, last_day = days_of(row.period)
        firm = row.enterprise
        named = (firm.uscc, firm.name, firm.pk) if firm else (row.recipient_code, row.recipient_name, None)
        facts = {key: text for key, text in read_facts(row.facts).items() if key.per is None}
        if row.event == "upper_award":
            facts = {**{FactKey(name): "0" for name in _UPPER}, **facts}
        yield Happening(
            event=row.event,
            who=Who(row.recipient_kind, *named),
            region=row.region_id,
            first_day=first_day,
            last_day=last_day,
            library_year=row.year,
            first=_FIRST[row.is_first],
            key=row.key,
            project=row.project,
            invoice=row.invoice,
            facts=facts,
        )


def _claimed(asked: Asked) -> Iterator[Happening]:
    """Claims of the year under rules that can run."""
    rules = {rule.id: rule for rule in asked.rules}
    rows = list(
        AwardApplication.objects.filter(
            programme=asked.edition.name, rule__in=rules, happened_on__year=asked.year
        ).order_by()
    )
    firms = Firms.of(row.enterprise_id for row in rows)
    for row in rows:
        occasion = rules[row.rule].occasion
        region = firms.region_on(row.enterprise_id, row.happened_on)
        if occasion is None or region not in asked.regions:
            continue
        day = day_number(row.happened_on)
        first, last = days_of(occasion.period) if occasion.period else (day, day)
        yield Happening(
            event=occasion.event,
            who=firms.who(row.enterprise_id),
            region=region,
            first_day=first,
            last_day=last,
            library_year=asked.year,
            first=FIRST_NOT_KNOWN,
            key=row.key,
            project=row.project,
            invoice=row.invoice,
            claim=row.rule,
            facts=read_facts(row.facts),
        )
