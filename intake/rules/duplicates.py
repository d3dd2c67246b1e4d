"""Rows of one file that speak of the same thing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .columns import Column, NameColumn, UsccColumn
from .text import name_key


def duplicate_rows(
    columns: Sequence[Column], parsed: Mapping[str, list[object]], unique: Sequence[str], left_out: set[int]
) -> list[tuple[int, list[int], bool]]:
    """``(record, the other records, exact)`` for each record that must be told.

    An exact repetition keeps the first record; of records that contradict each other each is told.
    """
    keys = [parsed[key] for key in unique if key in parsed]
    if not keys or len(keys) < len(unique):
        return []
    marks = list(zip(*keys, strict=True)) if len(keys) > 1 else [(value,) for value in keys[0]]
    if len(set(marks)) == len(marks):
        return []
    groups: dict[tuple[object, ...], list[int]] = {}
    for i, mark in enumerate(marks):
        if i not in left_out and None not in mark:
            groups.setdefault(mark, []).append(i)
    told: list[tuple[int, list[int], bool]] = []
    for group in groups.values():
        if len(group) < 2:
            continue
        exact = len({_whole(columns, parsed, i) for i in group}) == 1
        told += [
            (i, [group[0]] if exact else [j for j in group if j != i], exact)
            for i in group[1 if exact else 0 :]
        ]
    return sorted(told)


def same_names(
    columns: Sequence[Column], parsed: Mapping[str, list[object]], left_out: set[int]
) -> list[tuple[int, int]]:
    """``(record, another record)``: firms of one name under two codes, of which one is often mistyped or out of date."""
    kinds = {type(column): column.key for column in columns}
    if UsccColumn not in kinds or NameColumn not in kinds:
        return []
    names, codes = parsed[kinds[NameColumn]], parsed[kinds[UsccColumn]]
    # Brackets of both widths name the same firm; the names themselves are already without blanks.
    keys = [name.replace("（", "(").replace("）", ")") if isinstance(name, str) else None for name in names]
    if len(set(keys)) == len(keys):
        return []
    groups: dict[str, list[int]] = {}
    for i, key in enumerate(keys):
        if key is not None and isinstance(codes[i], str) and i not in left_out:
            groups.setdefault(key, []).append(i)
    told = []
    for group in groups.values():
        if len(group) > 1 and len({codes[i] for i in group}) > 1:
            told += [(i, next(j for j in group if codes[j] != codes[i])) for i in group]
    return sorted(told)


def _whole(columns: Sequence[Column], parsed: Mapping[str, list[object]], i: int) -> tuple[object, ...]:
    return tuple(
        name_key(value) if isinstance(column, NameColumn) and isinstance(value, str) else value
        for column in columns
        if column.key in parsed
        for value in (parsed[column.key][i],)
    )
