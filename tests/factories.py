"""Rows for tests, made directly: regions of 南通, people, batches, firms and their figures.

Everything has a sensible default and a name a reader knows; amounts are written as people write them ("120.50").
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import count

from core.amounts import to_hundredths
from core.models import Region, Role, User
from core.periods import Month
from enterprises.models import AnnualFigure, DelistedEntry, Enterprise, MonthlyFigure, RegionSpell, ScaleEvent
from intake.models import Batch
from intake.rules.text import name_key
from intake.rules.uscc import uscc_check_character

CITY = "320600"
#: code, name, kind, other accepted names; in the official order of the target table
NANTONG = (
    ("320600", "南通市", "city", ("南通",)),
    ("320685", "海安市", "county", ("海安",)),
    ("320682", "如皋市", "county", ("如皋",)),
    ("320623", "如东县", "county", ("如东",)),
    ("320681", "启东市", "county", ("启东",)),
    ("320613", "崇川区", "district", ("崇川",)),
    ("320612", "通州区", "district", ("通州",)),
    ("320614", "海门区", "district", ("海门",)),
    ("320671", "开发区", "zone", ("南通开发区", "南通经济技术开发区")),
    ("3206SX", "苏锡通", "zone", ("苏锡通园区", "苏锡通科技产业园区")),
    ("3206TW", "通州湾", "zone", ("通州湾示范区",)),
)
_numbers = count(1)


def regions_nantong() -> dict[str, Region]:
    """The city and its ten assessment regions by code; the same rows when asked again."""
    made = {}
    for order, (code, name, kind, aliases) in enumerate(NANTONG):
        made[code], _ = Region.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "short_name": name.rstrip("市县区") if kind != "zone" else name,
                "kind": kind,
                "parent_id": None if code == CITY else CITY,
                "path": f"{CITY}/" if code == CITY else f"{CITY}/{code}/",
                "order": order,
                "aliases": list(aliases),
                "administrative_code": code if code.isdigit() else "",
            },
        )
    return made


def region(code: str = "320681") -> Region:
    """启东市 unless told otherwise."""
    return Region.objects.filter(code=code).first() or regions_nantong()[code]


def user(role: str = Role.DISTRICT_OFFICER, region: Region | str | None = "320681", **fields) -> User:
    """A person of that role in that region (a code will do); no usable password unless one is given."""
    number = next(_numbers)
    where = _region(region)
    password = fields.pop("password", None)
    defaults = {"username": f"user{number}", "full_name": f"经办{number}", "role": role, "region": where}
    return User.objects.create_user(password=password, **{**defaults, **fields})


def uscc(number: int | None = None, office: str = "320681") -> str:
    """A valid credit code; the same number always gives the same code."""
    number = next(_numbers) if number is None else number
    first17 = f"91{office}MA{number:07d}"[:17]
    return first17 + uscc_check_character(first17)


def batch(sheet: str = "monthly", region: Region | str | None = "320681", **fields) -> Batch:
    where = _region(region)
    sender = fields.pop("sent_by", None) or User.objects.system()
    defaults = {
        "sheet": sheet,
        "region": where,
        "as_of": date(2022, 7, 8),
        "upload_name": f"{sheet}.xlsx",
        "stored_path": f"batches/{sheet}.xlsx",
        "sha256": "0" * 64,
        "size": 1,
        "sent_by": sender,
    }
    return Batch.objects.create(**{**defaults, **fields})


def enterprise(name: str = "", region: Region | str = "320681", **fields) -> Enterprise:
    """A verified firm with its region since ever; ``above_scale`` alone does not make a scale event."""
    number = next(_numbers)
    where = _region(region)
    name = name or f"启东试验{number}机械有限公司"
    defaults = {
        "uscc": uscc(number),
        "name": name,
        "name_key": name_key(name),
        "region": where,
        "industry_code": "3484",
        "verification": Enterprise.Verification.VERIFIED,
    }
    firm = Enterprise.objects.create(**{**defaults, **fields})
    RegionSpell.objects.create(enterprise=firm, region=where, since=None, until=None)
    return firm


def monthly_figure(
    firm: Enterprise,
    month: Month | str,
    revenue: Decimal | str | int,
    tax: Decimal | str | int = "0",
    **fields,
) -> MonthlyFigure:
    """What the firm declared for a month; amounts in 万元."""
    where = _region(fields.pop("region", None)) or firm.region
    source = fields.pop("batch", None) or _any_batch("monthly", where)
    return MonthlyFigure.objects.create(
        enterprise=firm,
        month=_month(month),
        region=where,
        revenue_wan=to_hundredths(revenue),
        tax_paid_wan=to_hundredths(tax),
        batch=source,
        **{key: _stored(key, value) for key, value in fields.items()},
    )


def annual_figure(firm: Enterprise, year: int = 2021, source: str = "survey", **fields) -> AnnualFigure:
    """What one source says of the firm's year; amounts as people write them."""
    where = _region(fields.pop("region", None)) or firm.region
    origin = fields.pop("batch", None) or _any_batch("annual" if source == "survey" else "tax_list", where)
    return AnnualFigure.objects.create(
        enterprise=firm,
        year=year,
        source=source,
        region=where,
        batch=origin,
        **{key: _stored(key, value) for key, value in fields.items()},
    )


def scale_event(
    firm: Enterprise, kind: str = ScaleEvent.Kind.LISTED, month: Month | str = "2022-03", **fields
) -> ScaleEvent:
    """An entry, exit or stock line; the approval-library year is the month's unless told otherwise.

    Keeps the firm's ``above_scale`` as a committed list would, for events given in the order of their months.
    """
    when = _month(month)
    where = _region(fields.pop("region", None)) or firm.region
    event = ScaleEvent.objects.create(
        enterprise=firm,
        kind=kind,
        month=when,
        library_year=fields.pop("library_year", when.year),
        region=where,
        batch=fields.pop("batch", None) or _any_batch("listed", where),
        **fields,
    )
    firm.above_scale = kind != ScaleEvent.Kind.DELISTED
    firm.save(update_fields=["above_scale"])
    return event


def delisted_entry(firm: Enterprise, year: int = 2021, cause: str = "", **fields) -> DelistedEntry:
    where = _region(fields.pop("region", None)) or firm.region
    return DelistedEntry.objects.create(
        enterprise=firm,
        year=year,
        cause=cause,
        region=where,
        batch=fields.pop("batch", None) or _any_batch("delisted", where),
    )


def _region(given: Region | str | None) -> Region | None:
    return region(given) if isinstance(given, str) else given


def _month(given: Month | str) -> Month:
    return Month.parse(given) if isinstance(given, str) else given


def _stored(key: str, value: object) -> object:
    amount = isinstance(value, str | Decimal) and key.endswith(("_wan", "_wan_kwh", "_mu", "_t", "_tce"))
    return to_hundredths(value) if amount else value


def _any_batch(sheet: str, where: Region) -> Batch:
    return Batch.objects.filter(sheet=sheet, region=where).first() or batch(
        sheet, where, state=Batch.State.COMMITTED
    )
