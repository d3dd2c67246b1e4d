"""Decisions for tests, made directly: published rounds with their scores, pools with their members."""

from __future__ import annotations

from datetime import date, datetime
from hashlib import sha256
from itertools import count

from core.models import PolicyEdition, Region, User
from core.periods import Month
from cultivation.models import PoolMembership, PoolScreening
from enterprises.models import Enterprise
from evaluation.models import Round, Score
from incentives.models import Award, AwardRound
from tests import factories

SCHEME, PROGRAMME = "nantong-demo-2021", "nantong-2022"
_numbers = count(1)


def at(text: str) -> datetime:
    """``"2022-07-08 10:00"`` in 南通."""
    return datetime.fromisoformat(f"{text}+08:00")


def edition(name: str, region: Region | None = None) -> PolicyEdition:
    found = PolicyEdition.objects.filter(name=name).order_by("-number").first()
    if found:
        return found
    return PolicyEdition.objects.create(
        name=name,
        number=1,
        title=name,
        locality=region or factories.region(factories.CITY),
        sha256=sha256(name.encode()).hexdigest(),
        text="",
        state=PolicyEdition.State.IN_FORCE,
        loaded_by=User.objects.system(),
    )


def round_(
    year: int = 2021,
    published: str | None = "2022-07-01 09:00",
    *,
    scheme: str = SCHEME,
    version: int = 1,
    decimals: int = 2,
    region: Region | None = None,
) -> Round:
    """A round, published at that moment, or a draft where there is none."""
    of = edition(scheme, region)
    return Round.objects.create(
        scheme=scheme,
        year=year,
        version=version,
        state=Round.State.PUBLISHED if published else Round.State.DRAFT,
        region=of.locality,
        edition=of,
        decimals=decimals,
        trace_columns=[],
        inputs_digest=f"{next(_numbers):064}",
        results_digest="0" * 64,
        run_by=User.objects.system(),
        run_at=at("2022-06-30 09:00"),
        published_by=User.objects.system() if published else None,
        published_at=at(published) if published else None,
    )


def score(of: Round, firm: Enterprise, grade: str, total: int | None = 7325, **fields: object) -> Score:
    """A firm's grade; an empty one is out of the round's scope."""
    return Score.objects.create(
        round=of,
        enterprise=firm,
        region=fields.pop("region", firm.region),
        standing=Score.Standing.GRADED if grade else Score.Standing.OUT,
        total=total if grade else None,
        initial_grade=grade,
        final_grade=grade,
        trace=b"",
        **fields,
    )


def screening(
    year: int = 2022,
    when: str = "2022-07-02 09:00",
    *,
    programme: str = PROGRAMME,
    pool: str = "scale_up",
    region: Region | None = None,
) -> PoolScreening:
    of = edition(programme, region)
    return PoolScreening.objects.create(
        programme=programme,
        pool=pool,
        year=year,
        region=of.locality,
        edition=of,
        inputs_digest="0" * 64,
        screened_by=User.objects.system(),
        screened_at=at(when),
    )


def member(
    firm: Enterprise,
    tier: str = "第一梯队",
    when: str = "2022-07-02 09:00",
    *,
    programme: str = PROGRAMME,
    pool: str = "scale_up",
    until: date | None = None,
    **fields: object,
) -> PoolMembership:
    return PoolMembership.objects.create(
        programme=programme,
        pool=pool,
        enterprise=firm,
        tier=tier,
        planned_year=2023,
        sources="tax_list+delisted",
        measure_wan=123450,
        edition=edition(programme),
        since=date(2022, 7, 2),
        until=until,
        admitted_by=User.objects.system(),
        updated_at=at(when),
        **fields,
    )


def award(firm: Enterprise, fen: int, when: str = "2022-07-03 09:00", **fields: object) -> Award:
    """An award of 南通's round of 2022, borne by city and district half and half, the odd fen by the district."""
    of = edition(PROGRAMME)
    batch, _ = AwardRound.objects.get_or_create(
        programme=PROGRAMME,
        year=2022,
        version=1,
        defaults={
            "region": of.locality,
            "edition": of,
            "inputs_digest": "0" * 64,
            "computed_by": User.objects.system(),
            "computed_at": at(when),
        },
    )
    return Award.objects.create(
        round=batch,
        programme=PROGRAMME,
        rule="first_listed",
        recipient_kind="enterprise",
        recipient_code=firm.uscc,
        recipient_name=firm.name,
        enterprise=firm,
        region=firm.region,
        occasion="first_listed",
        event_month=Month(2022, 3),
        amount_fen=fen,
        shares={"city": fen // 2, "district": fen - fen // 2},
        **fields,
    )
