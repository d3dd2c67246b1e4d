"""The registry list taken in: firms confirmed, renamed, moved; what a list leaves empty stays as it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from enterprises.models import Enterprise, RegionSpell, RegistryEvent
from enterprises.services.firms import KnownFirm, begin_spells, known_firms
from enterprises.services.initials import pinyin_initials
from enterprises.services.storing import in_chunks
from intake.models import Batch
from intake.rules.text import name_key
from intake.services.replaced import keep_replaced, objects_of, read_replaced

#: column of the list → field of the firm, beyond name and region
PLAIN_FIELDS = {
    "township": "township",
    "administrative_code": "administrative_code",
    "industry_code": "industry_code",
    "founded_on": "founded_on",
    "started_on": "started_on",
    "status": "status",
    "registration_type": "registration_type",
    "registered_capital_wan": "registered_capital_wan",
    "address": "address",
    "legal_person": "legal_person",
    "contact": "contact",
    "phone": "phone",
}
WRITTEN = (
    "name",
    "name_key",
    "former_names",
    "initials",
    "region",
    "verification",
    "batch",
    "updated_at",
    *PLAIN_FIELDS.values(),
)
#: … and what an undo must know besides to write a whole row.
_KEPT = frozenset({"id", "uscc", *WRITTEN}) - {"updated_at"}
#: names of the two tables in the file of replaced rows
FIRMS, SPELLS = "firms", "spells"
#: Former names are kept in one text, newest first.
NAME_SEPARATOR = "；"
_FORMER_NAMES_LIMIT = 600


@dataclass(slots=True)
class FirmChange:
    """A registered firm and what the list says differently: column key → (old, new)."""

    place: int
    firm: Enterprise
    values: dict[str, tuple[Any, Any]]
    confirms: bool

    @property
    def moves_to(self) -> str | None:
        return self.values["region"][1] if "region" in self.values else None


@dataclass(slots=True)
class RegistryDifference:
    new: list[int] = field(default_factory=list)
    changed: list[FirmChange] = field(default_factory=list)
    #: firms whose particulars stay and that the list confirms (待核 → 已核)
    confirmed: list[FirmChange] = field(default_factory=list)
    same: int = 0


def firms_by_code(usccs: Iterable[str]) -> dict[str, Enterprise]:
    found = {}
    for chunk in in_chunks(sorted(set(usccs))):
        found.update({firm.uscc: firm for firm in Enterprise.objects.filter(uscc__in=chunk).order_by()})
    return found


def firms_replaced(batch: Batch) -> dict[str, Enterprise]:
    """Firms by code as they stood before a committed list changed them."""
    table = read_replaced(batch).get(FIRMS)
    return {firm.uscc: firm for firm in objects_of(Enterprise, table)} if table else {}


def compare_registry(columns: Mapping[str, list[Any]], firms: Mapping[str, Enterprise]) -> RegistryDifference:
    """Rows of the list against registered firms."""
    difference = RegistryDifference()
    for place, code in enumerate(columns["uscc"]):
        firm = firms.get(code)
        if firm is None:
            difference.new.append(place)
            continue
        values = _differing(columns, place, firm)
        pending = firm.verification == Enterprise.Verification.PENDING
        change = FirmChange(place, firm, values, confirms=pending)
        if values:
            difference.changed.append(change)
        elif pending:
            difference.confirmed.append(change)
        else:
            difference.same += 1
    return difference


def _differing(columns: Mapping[str, list[Any]], place: int, firm: Enterprise) -> dict[str, tuple[Any, Any]]:
    values: dict[str, tuple[Any, Any]] = {}
    name, region = columns["name"][place], columns["region"][place]
    if name != firm.name:
        values["name"] = (firm.name, name)
    if region != firm.region_id:
        values["region"] = (firm.region_id, region)
    for key, attribute in PLAIN_FIELDS.items():
        said = columns[key][place] if key in columns else None
        old = getattr(firm, attribute)
        if said not in (None, "") and said != old:
            values[key] = (old, said)
    return values


def store_registry(
    columns: Mapping[str, list[Any]], difference: RegistryDifference, *, batch: Batch
) -> dict[str, int]:
    """Write the difference in few statements; returns counts for the trail."""
    _enter_verified(columns, difference.new, batch)
    touched = [*difference.changed, *difference.confirmed]
    moves = [change for change in touched if change.moves_to]
    counts = {
        "new": len(difference.new),
        "changed": len(difference.changed),
        "same": difference.same + len(difference.confirmed),
        "confirmed": sum(change.confirms for change in touched),
        "renamed": sum("name" in change.values for change in touched),
        "moved": len(moves),
    }
    keep_replaced(batch, **_before(touched, moves))
    now = timezone.now()
    for change in touched:
        _apply(change, batch, now)
    if touched:
        Enterprise.objects.bulk_create(
            [change.firm for change in touched],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=list(WRITTEN),
        )
    _move(moves, batch)
    RegistryEvent.objects.bulk_create(listed_events(touched, batch))
    return counts


def listed_events(changes: Iterable[FirmChange], batch: Batch) -> list[RegistryEvent]:
    """The renames and moves that a registry list states, as events of the day of the list."""
    kinds = {"name": RegistryEvent.Kind.RENAMED, "region": RegistryEvent.Kind.MOVED}
    return [
        RegistryEvent(
            enterprise=change.firm,
            kind=kinds[key],
            on=batch.as_of,
            old=old,
            new=new,
            evidence=f"企业名录 {batch} {batch.upload_name}",
            actor_id=batch.committed_by_id or batch.sent_by_id,
            batch=batch,
        )
        for change in changes
        for key, (old, new) in change.values.items()
        if key == "region" or (key == "name" and name_key(old) != name_key(new))
    ]


def _before(
    touched: list[FirmChange], moves: list[FirmChange]
) -> dict[str, tuple[Sequence[str], Iterable[Sequence[Any]]]]:
    """Firms and spells as they stand before the list: what an undo puts back."""
    names = [field.attname for field in Enterprise._meta.concrete_fields if field.name in _KEPT]
    spell_names = [field.attname for field in RegionSpell._meta.concrete_fields]
    spells: list[Sequence[Any]] = []
    for chunk in in_chunks([change.firm.pk for change in moves]):
        spells += RegionSpell.objects.filter(enterprise_id__in=chunk).order_by("id").values_list(*spell_names)
    return {
        FIRMS: (names, [[getattr(change.firm, name) for name in names] for change in touched]),
        SPELLS: (spell_names, spells),
    }


def _enter_verified(columns: Mapping[str, list[Any]], places: list[int], batch: Batch) -> None:
    if not places:
        return
    firms = []
    for place in places:
        name = columns["name"][place]
        said = {attribute: columns[key][place] for key, attribute in PLAIN_FIELDS.items() if key in columns}
        firms.append(
            Enterprise(
                uscc=columns["uscc"][place],
                name=name,
                name_key=name_key(name),
                initials=pinyin_initials(name),
                region_id=columns["region"][place],
                verification=Enterprise.Verification.VERIFIED,
                batch=batch,
                **{attribute: value for attribute, value in said.items() if value is not None},
            )
        )
    Enterprise.objects.bulk_create(firms)
    entered: dict[str, KnownFirm] = known_firms(firm.uscc for firm in firms)
    begin_spells(entered.values(), batch=batch)


def _apply(change: FirmChange, batch: Batch, now: datetime) -> None:
    firm = change.firm
    firm.batch = batch
    firm.verification = Enterprise.Verification.VERIFIED
    firm.updated_at = now
    for key, (_, new) in change.values.items():
        if key == "name":
            rename_firm(firm, new)
        elif key == "region":
            firm.region_id = new
        else:
            setattr(firm, PLAIN_FIELDS[key], new)


def rename_firm(firm: Enterprise, name: str) -> None:
    """A new spelling of the same name (brackets, width) replaces it; another name keeps the old one as 曾用名."""
    key = name_key(name)
    if key != firm.name_key:
        firm.former_names = former_first(firm.name, firm.former_names, name, _FORMER_NAMES_LIMIT)
    firm.name, firm.name_key, firm.initials = name, key, pinyin_initials(name)


def former_first(old: str, former: str, now: str, limit: int) -> str:
    """Former names or codes with ``old`` in front; the oldest fall off where they no longer fit."""
    all_former = [old, *filter(None, former.split(NAME_SEPARATOR))]
    kept = NAME_SEPARATOR.join(word for word in dict.fromkeys(all_former) if word != now)
    while len(kept) > limit:
        kept = kept.rpartition(NAME_SEPARATOR)[0]
    return kept


def _move(moves: list[FirmChange], batch: Batch) -> None:
    """End the present spell the day before ``batch.as_of`` and begin one in the new region on that day."""
    if not moves:
        return
    ids = [change.firm.pk for change in moves]
    today = batch.as_of
    began: dict[int, date | None] = {}
    for chunk in in_chunks(ids):
        current = RegionSpell.objects.filter(enterprise_id__in=chunk, until=None).order_by()
        began.update(current.values_list("enterprise_id", "since"))
        # a spell that began on this very day is corrected below, not ended before it began
        current.exclude(since=today).update(until=today - timedelta(days=1))
        RegionSpell.objects.filter(enterprise_id__in=chunk, until=None, since=today).delete()
    RegionSpell.objects.bulk_create(
        [
            RegionSpell(enterprise_id=change.firm.pk, region_id=change.moves_to, since=today, batch=batch)
            for change in moves
        ]
    )


def current_spell_starts(firm_ids: Iterable[int]) -> dict[int, date]:
    """Firms that moved once: the day from which they are where they are now."""
    found: dict[int, date] = {}
    for chunk in in_chunks(sorted(set(firm_ids))):
        spells = RegionSpell.objects.filter(
            enterprise_id__in=chunk, until=None, since__isnull=False
        ).order_by()
        found.update(spells.values_list("enterprise_id", "since"))
    return found
