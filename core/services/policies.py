"""Policy editions: a document's text in, its regions kept up to date, one edition of each name in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from core.audit import record
from core.conditions import FactType
from core.models import PolicyEdition, Region, User
from core.policies import (
    DeclaredFact,
    PolicyDocument,
    PolicyFault,
    RegionEntry,
    borrowed_regions,
    read_document,
)
from core.policies.declared import same_meaning, told_type


class EditionHook(Protocol):
    def __call__(self, *, edition: PolicyEdition, actor: User) -> object: ...


#: Services of the apps to the right that keep rows of an edition in force (targets and the like); each app adds
#: its own in ``AppConfig.ready``. They run in the transaction that puts the edition in force.
on_edition_in_force: list[EditionHook] = []


class PolicyRejected(Exception):
    """The text is not a document that can be loaded; carries every fault."""

    def __init__(self, faults: list[PolicyFault]) -> None:
        super().__init__(f"政策文件有 {len(faults)} 处问题")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class LoadedEdition:
    """``is_new`` is false when the same text was in force already and nothing was written."""

    edition: PolicyEdition
    is_new: bool
    regions_created: int = 0
    regions_changed: int = 0


def document_of(edition: PolicyEdition) -> PolicyDocument:
    """The parsed text of an edition; raises ``PolicyRejected`` when this version cannot read it."""
    return read_text(edition.text)


def read_text(text: str) -> PolicyDocument:
    """The document that ``text`` is; regions that it borrows are those in force. Raises ``PolicyRejected``."""
    document, faults = read_document(text, lenders_of(text))
    if document is None:
        raise PolicyRejected(faults)
    return document


def lenders_of(text: str) -> dict[str, str]:
    """The text of the document whose regions ``text`` borrows, if it does and that one is in force."""
    name = borrowed_regions(text)
    lender = edition_in_force(name) if name else None
    return {lender.name: lender.text} if lender else {}


def edition_in_force(name: str) -> PolicyEdition | None:
    return PolicyEdition.objects.filter(name=name, state=PolicyEdition.State.IN_FORCE).first()


def load_edition(*, text: str, actor: User) -> LoadedEdition:
    """Put ``text`` in force as the next edition of its document and retire the one before.

    The text in force already changes nothing. Raises ``PolicyRejected`` with every fault.
    """
    document = read_text(text)
    with transaction.atomic():
        editions = locked_editions(document.id)
        current = in_force_among(editions)
        if current and current.sha256 == document.sha256:
            return LoadedEdition(current, is_new=False)
        edition = PolicyEdition(
            name=document.id,
            number=next_number(editions),
            title=document.title,
            sha256=document.sha256,
            text=text,
            loaded_by=actor,
        )
        return put_in_force(edition=edition, document=document, replaced=current, actor=actor)


def put_in_force(
    *, edition: PolicyEdition, document: PolicyDocument, replaced: PolicyEdition | None, actor: User
) -> LoadedEdition:
    """Inside a transaction that holds the document's editions: its regions, its rows, its entry in the trail."""
    _refuse_other_meanings(document)
    created, changed = _save_regions(document)
    if replaced:
        replaced.state = PolicyEdition.State.RETIRED
        replaced.save(update_fields=["state"])
    edition.state = PolicyEdition.State.IN_FORCE
    edition.locality_id = document.locality
    edition.place = edition.locality.name
    edition.in_force_at = timezone.now()
    edition.save()
    for hook in on_edition_in_force:
        hook(edition=edition, actor=actor)
    record(
        actor=actor,
        act="load_policy",
        region=edition.locality,
        subject=str(edition),
        counts={"number": edition.number, "regions_created": created, "regions_changed": changed},
        digest=edition.sha256,
    )
    return LoadedEdition(edition, True, created, changed)


def locked_editions(name: str) -> list[PolicyEdition]:
    return list(PolicyEdition.objects.select_for_update().filter(name=name))


def in_force_among(editions: list[PolicyEdition]) -> PolicyEdition | None:
    return next((e for e in editions if e.state == PolicyEdition.State.IN_FORCE), None)


def next_number(editions: list[PolicyEdition]) -> int:
    return max((edition.number for edition in editions), default=0) + 1


def declared_in_force() -> dict[str, tuple[DeclaredFact, str]]:
    """Every fact that an edition in force declares, by name, with the name of the first document that does."""
    declared: dict[str, tuple[DeclaredFact, str]] = {}
    for edition in PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE).order_by("name"):
        document, _faults = read_document(edition.text, lenders_of(edition.text))
        for name, fact in document.declared.items() if document else ():
            declared.setdefault(name, (fact, edition.name))
    return declared


def declared_types() -> dict[str, FactType]:
    """The type of every fact that any edition declares; where editions differ the one in force counts, then the
    latest: a draft is simulated before it is in force."""
    types: dict[str, FactType] = {name: fact.type for name, (fact, _) in declared_in_force().items()}
    others = PolicyEdition.objects.exclude(state=PolicyEdition.State.IN_FORCE).order_by("-pk")
    for text in others.filter(text__contains="facts:").values_list("text", flat=True):
        document, _faults = read_document(text)
        for name, kind in document.facts.items() if document else ():
            types.setdefault(name, kind)
    return types


def _refuse_other_meanings(document: PolicyDocument) -> None:
    """One fact a name: what another document in force declares under it must be the same."""
    others = {
        name: (fact, owner) for name, (fact, owner) in declared_in_force().items() if owner != document.id
    }
    faults = [
        PolicyFault(
            fact.line,
            f"facts.{name}",
            f"{others[name][1]} 已把 {name} 声明为{others[name][0].type.label}（{told_type(others[name][0].type)}），"
            f"与这里的{told_type(fact.type)}不同，请换一个名字或改成一致",
        )
        for name, fact in document.declared.items()
        if name in others and not same_meaning(fact.type, others[name][0].type)
    ]
    if faults:
        raise PolicyRejected(faults)


def _save_regions(document: PolicyDocument) -> tuple[int, int]:
    """Create and update the regions that the document names; how many of each."""
    own = None if document.regions_of else document.regions
    entries = own.parents_first() if own else []
    known = Region.objects.in_bulk()
    faults = _region_faults(document, entries, known)
    if faults:
        raise PolicyRejected(faults)
    other_aliases = _aliases_of_other_documents(document.id) if entries else {}
    created = changed = 0
    for entry in entries:
        region = known.get(entry.code)
        if region is None:
            known[entry.code] = _create_region(entry, known)
            created += 1
        elif _update_region(region, entry, known, document, other_aliases.get(entry.code, ())):
            changed += 1
    if created or changed:
        _number_tree()
    return created, changed


def _number_tree() -> None:
    """Every region's place in the whole tree: a county, then its towns, then the next county."""
    below: dict[str | None, list[Region]] = defaultdict(list)
    for region in Region.objects.order_by("place", "code"):
        below[region.parent_id].append(region)
    waiting, moved, order = below[None][::-1], [], 0
    while waiting:
        region = waiting.pop()
        waiting += below[region.code][::-1]
        if region.order != order:
            region.order = order
            moved.append(region)
        order += 1
    Region.objects.bulk_update(moved, ["order"])


def _region_faults(
    document: PolicyDocument, entries: list[RegionEntry], known: Collection[str]
) -> list[PolicyFault]:
    """What only the database can tell: whether regions outside the document exist."""
    named = {entry.code for entry in entries}
    if document.locality not in named and document.locality not in known:
        message = f"系统里没有地区 {document.locality}；请写 regions 部分，或先载入建立该地区的文件"
        return [PolicyFault(1, "locality", message)]
    return [
        PolicyFault(
            entry.line, "regions.tree", f"{entry.name}的上级 {entry.parent} 还没有建立，请先载入上级的文件"
        )
        for entry in entries
        if entry.parent and entry.parent not in named and entry.parent not in known
    ]


def _create_region(entry: RegionEntry, known: dict[str, Region]) -> Region:
    parent = known[entry.parent] if entry.parent else None
    return Region.objects.create(
        code=entry.code,
        name=entry.name,
        short_name=entry.short_name,
        kind=entry.kind,
        parent=parent,
        path=_path(parent, entry.code),
        place=entry.order,
        aliases=list(entry.aliases),
        administrative_code=entry.administrative_code or "",
    )


def _update_region(
    region: Region,
    entry: RegionEntry,
    known: dict[str, Region],
    document: PolicyDocument,
    other_aliases: Collection[str],
) -> bool:
    """Bring the region to what the document says; whether anything changed.

    The document of a park names the park only as its own locality: how the city's table calls and orders it
    stays, and the park's own words for itself become aliases.
    """
    before = _state(region)
    aliases = dict.fromkeys([*entry.aliases, *other_aliases])
    if entry.code == document.locality and entry.parent is None and region.parent_id:
        own_words = [word for word in (entry.name, entry.short_name) if word != region.name]
        aliases = dict.fromkeys([*region.aliases, *own_words, *aliases])
    else:
        region.name, region.short_name, region.kind = entry.name, entry.short_name, entry.kind
        region.place = entry.order
        region.parent = known[entry.parent] if entry.parent else region.parent
        region.administrative_code = entry.administrative_code or region.administrative_code
    region.aliases = list(aliases)
    old_path, region.path = region.path, _path(region.parent, region.code)
    if _state(region) == before:
        return False
    region.save()
    if region.path != old_path:
        _move_below(old_path, region, known)
    return True


def _move_below(old_path: str, region: Region, known: dict[str, Region]) -> None:
    below = [r for r in known.values() if r.path.startswith(old_path) and r.pk != region.pk]
    for child in below:
        child.path = region.path + child.path.removeprefix(old_path)
    Region.objects.bulk_update(below, ["path"])


def _aliases_of_other_documents(name: str) -> dict[str, list[str]]:
    """Words that the other documents in force use for a region; a later document does not take them away."""
    aliases: dict[str, list[str]] = defaultdict(list)
    others = PolicyEdition.objects.filter(state=PolicyEdition.State.IN_FORCE).exclude(name=name)
    for edition in others:
        document, _faults = read_document(edition.text)  # one that borrows its regions adds no words
        for entry in (document and document.regions) or ():
            aliases[entry.code] += entry.aliases
    return aliases


def _path(parent: Region | None, code: str) -> str:
    return f"{parent.path if parent else ''}{code}/"


def _state(region: Region) -> tuple[object, ...]:
    return (
        region.name,
        region.short_name,
        region.kind,
        region.parent_id,
        region.path,
        region.place,
        list(region.aliases),
        region.administrative_code,
    )
