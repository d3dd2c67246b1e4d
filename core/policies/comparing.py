"""Two editions of a document leaf by leaf: what is changed, added and removed, by name, with line and clause. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.policies.outline import Row, Section

CHANGED, ADDED, REMOVED = "changed", "added", "removed"
CHANGE_LABELS = {CHANGED: "改动", ADDED: "新增", REMOVED: "删去"}


@dataclass(frozen=True, slots=True)
class Change:
    """``before`` and ``after`` are the same leaf in both texts; one is ``None`` where it is added or removed."""

    part: str
    kind: str
    before: Row | None
    after: Row | None

    @property
    def names(self) -> tuple[str, ...]:
        row = self.after or self.before
        return row.names if row else ()

    @property
    def kind_label(self) -> str:
        return CHANGE_LABELS[self.kind]


def changes_between(before: list[Section], after: list[Section]) -> list[Change]:
    """In the order of the new text; what is removed stands where its part ends."""
    changes: list[Change] = []
    labels = {section.part: section.label for section in (*before, *after)}
    for part, label in labels.items():
        old, new = _leaves(before, part), _leaves(after, part)
        for key, row in new.items():
            former = old.get(key)
            if former is None:
                changes.append(Change(label, ADDED, None, row))
            elif _said(former) != _said(row):
                changes.append(Change(label, CHANGED, former, row))
        changes += [Change(label, REMOVED, row, None) for key, row in old.items() if key not in new]
    return changes


def _leaves(sections: list[Section], part: str) -> dict[str, Row]:
    return {
        row.key: row
        for section in sections
        if section.part == part
        for row in section.rows
        if row.value is not None
    }


def _said(row: Row) -> tuple[str | None, str]:
    return row.value, row.node.text if row.node else ""
