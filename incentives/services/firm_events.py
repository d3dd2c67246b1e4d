"""Events of firms that other rooms of the house keep: entries, honours, grades, pools, exits avoided, upper awards.

Each is read only where a rule that can run asks for it. Whether it is a first time is decided later, by the past
of the firm and of those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Q
from django.utils import timezone

from core.conditions import FactKey
from core.models import Region
from cultivation.models import PoolMembership
from cultivation.policy.pool import POOL_KINDS
from enterprises.models import Honour, ScaleEvent
from evaluation.models import Score
from incentives.models import Award, AwardRound
from incentives.rules.codes import FIRST, FIRST_NOT_KNOWN
from incentives.rules.happenings import Happening
from incentives.services.asked import Asked, Firms, day_number
from incentives.services.firm_pasts import month_number
from incentives.services.programmes import awards_part

RISK_POOL = "delisting_risk"
#: an upper award is known by the level of its rule, or by that of its locality
_LEVELS = {Region.Kind.PROVINCE: "province", Region.Kind.CITY: "city"}
Dated = tuple[int, date, str, str, dict[FactKey, str]]


def firm_events(asked: Asked) -> Iterator[Happening]:
    yield from _entries(asked)
    sources = {
        "honour": _honours,
        "evaluation": _grades,
        "pool": _admissions,
        "exit_avoided": _exits_avoided,
        "upper_award": _upper_awards,
    }
    for event, read in sources.items():
        if asked.rules_of(event, "enterprise"):
            yield from _happened(event, list(read(asked)), asked)


def _entries(asked: Asked) -> Iterator[Happening]:
    """Entries of the directory that belong to the year by library or by month; the region is that of the month."""
    year = asked.year
    of_year = Q(library_year=year) | Q(month__gte=year * 100 + 1, month__lte=year * 100 + 12)
    rows = list(
        ScaleEvent.objects.filter(of_year, region_id__in=asked.regions, kind=ScaleEvent.Kind.LISTED)
        .annotate(number=month_number())
        .order_by()
        .values_list("enterprise_id", "number", "library_year", "entry_type", "region_id")
    )
    firms = Firms.of(row[0] for row in rows)
    for firm, month, library, entry_type, region in rows:
        yield Happening(
            event="listed",
            who=firms.who(firm),
            region=region,
            first_day=month * 100 + 1,
            last_day=month * 100 + 31,
            library_year=library,
            first=FIRST_NOT_KNOWN,
            entry_type=entry_type,
        )


def _happened(event: str, rows: list[Dated], asked: Asked) -> Iterator[Happening]:
    """(firm, day, key, project, facts) of firms that were assessed in the locality on that day."""
    firms = Firms.of(row[0] for row in rows)
    for firm, day, key, project, facts in rows:
        region = firms.region_on(firm, day)
        if region in asked.regions:
            number = day_number(day)
            yield Happening(
                event=event,
                who=firms.who(firm),
                region=region,
                first_day=number,
                last_day=number,
                library_year=day.year,
                first=FIRST_NOT_KNOWN if event == "honour" else FIRST,
                key=key,
                project=project,
                facts=facts,
            )


def honour_key(title: str, level: str, keys: Iterable[str]) -> str:
    """How the rules call an honour: by its title, or with its level before it; else the bare title."""
    named = set(keys)
    return next((word for word in (title, f"{level}{title}") if word in named), title)


def _honours(asked: Asked) -> Iterator[Dated]:
    keys = asked.keys_of("honour")
    rows = Honour.objects.filter(granted_on__range=asked.days()).order_by()
    for firm, title, level, day in rows.values_list("enterprise_id", "title", "level", "granted_on"):
        yield firm, day, honour_key(title, Honour.Level(level).label, keys), "", {}


def _grades(asked: Asked) -> Iterator[Dated]:
    """A grade is known on the day on which its round was published."""
    rows = Score.objects.current().filter(round__published_at__year=asked.year).exclude(final_grade="")
    for firm, grade, at in rows.order_by().values_list("enterprise_id", "final_grade", "round__published_at"):
        yield firm, timezone.localdate(at), grade, "", {}


def _admissions(asked: Asked) -> Iterator[Dated]:
    rows = PoolMembership.objects.filter(since__range=asked.days()).order_by()
    for firm, pool, day in rows.values_list("enterprise_id", "pool", "since"):
        yield firm, day, POOL_KINDS.get(pool, pool), "", {}


def _exits_avoided(asked: Asked) -> Iterator[Dated]:
    """Firms that came off the list of those about to leave the directory, and are in it still."""
    rows = PoolMembership.objects.filter(
        pool=RISK_POOL, until__range=asked.days(), enterprise__above_scale=True
    ).order_by()
    for firm, day in rows.values_list("enterprise_id", "until"):
        yield firm, day, "", "", {}


def _upper_awards(asked: Asked) -> Iterator[Dated]:
    """What approved rounds of the regions above granted in the year, as amounts of their level."""
    above = asked.edition.locality.path.strip("/").split("/")[:-1]
    rows = Award.objects.filter(
        round__region_id__in=above,
        round__state=AwardRound.State.APPROVED,
        round__approved_at__year=asked.year,
        state=Award.State.PROPOSED,
        enterprise__isnull=False,
    ).select_related("round__region", "round__edition")
    for award in rows.order_by("pk"):
        part, at = awards_part(award.round.edition), award.round.approved_at
        if part is None or at is None:
            continue
        rule = part.rule(award.rule)
        level = rule.level or _LEVELS.get(award.round.region.kind, "district")
        yuan = f"{award.amount_fen // 100}.{award.amount_fen % 100:02d}"
        yield award.enterprise_id, timezone.localdate(at), rule.title, "", {FactKey(f"upper_{level}"): yuan}
