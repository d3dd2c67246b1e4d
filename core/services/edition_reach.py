"""Whose region a document falls to: known regions by the tree, a new one by the parent that the document names."""

from __future__ import annotations

from core.models import PolicyEdition, Region, User
from core.models.policies import DRAFTERS
from core.policies import PolicyDocument, PolicyFault, RegionEntry
from core.scoping import may_reach
from core.services.policies import PolicyRejected


def reached_region(document: PolicyDocument, actor: User) -> Region | None:
    """The known region that the document's drafts belong to, within the person's own regions.

    That is the locality itself; for a locality that the portal does not know yet the region that its ``parent``
    names; ``None`` for a new one without a parent, which only an account without a region may bring: it sees and
    reaches nobody's rows. Raises ``PolicyRejected`` for anything outside the person's regions.
    """
    entries = _own_entries(document)
    known = Region.objects.in_bulk({document.locality, *entries, *_parents(entries)})
    locality, entry = known.get(document.locality), entries.get(document.locality)
    place = locality if locality else _place_of_new(document, entry, known, actor)
    if locality and not may_reach(actor, locality):
        raise _rejected(1, "locality", f"{locality.name}不在您的地区范围内，不能起草它的政策")
    faults = [
        PolicyFault(entries[region.pk].line, "regions.tree", message)
        for region in known.values()
        if (message := _fault_of(region, entries, known, actor))
    ]
    if faults:
        raise PolicyRejected(faults)
    return place


def refuse_other_place(current: PolicyEdition | None, document: PolicyDocument) -> None:
    """A name stands for one document of one place; raises ``PolicyRejected``."""
    if current and current.locality_id != document.locality:
        raise _rejected(1, "id", f"政策名 {document.id} 已用于 {current.title}，请换一个名字")


def place_name(document: PolicyDocument) -> str:
    """What the document calls its locality; empty where it leaves that to another document."""
    entry = document.regions.find(document.locality) if document.regions else None
    return entry.name if entry else ""


def is_unplaced(user: User) -> bool:
    """An account of a bureau whose region is still to come, with the first document of its city."""
    return user.region_id is None and user.role in DRAFTERS


def _own_entries(document: PolicyDocument) -> dict[str, RegionEntry]:
    own = None if document.regions_of else document.regions
    return {entry.code: entry for entry in own or ()}


def _parents(entries: dict[str, RegionEntry]) -> set[str]:
    return {entry.parent for entry in entries.values() if entry.parent}


def _place_of_new(
    document: PolicyDocument, entry: RegionEntry | None, known: dict[str, Region], actor: User
) -> Region | None:
    if entry is None:
        message = f"系统里没有地区 {document.locality}；新的地区请写 regions（地区）部分，批准施行时建立"
        raise _rejected(1, "locality", message)
    if entry.parent:
        parent = known.get(entry.parent)
        if parent is None:
            message = f"{entry.name}的上级 {entry.parent} 还没有建立，请先起草上级的文件"
        elif not may_reach(actor, parent):
            message = f"{entry.name}的上级{parent.name}不在您的地区范围内，不能起草它的政策"
        else:
            return parent
        raise _rejected(entry.line, "regions.tree", message)
    if not is_unplaced(actor):
        message = (
            f"{entry.name}是新的地区，没有写上级（parent），不在您的地区范围内；"
            "请写明上级，或由没有地区的业务科室账号起草"
        )
        raise _rejected(entry.line, "locality", message)
    return None


def _fault_of(
    region: Region, entries: dict[str, RegionEntry], known: dict[str, Region], actor: User
) -> str | None:
    """A document renames and moves the regions that it lists: only the person's own ones."""
    entry = entries.get(region.pk)
    if entry is None:
        return None
    if not may_reach(actor, region):
        return f"{region.name}（{region.pk}）不在您的地区范围内，不能写进地区清单"
    parent = known.get(entry.parent) if entry.parent and entry.parent != region.parent_id else None
    if parent is not None and not may_reach(actor, parent):
        return f"{region.name}不能改到{parent.name}之下：它不在您的地区范围内"
    return None


def _rejected(line: int, key: str, message: str) -> PolicyRejected:
    return PolicyRejected([PolicyFault(line, key, message)])
