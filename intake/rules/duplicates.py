"""Rows of one file that speak of the same thing. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .columns import Column, NameColumn
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


def _whole(columns: Sequence[Column], parsed: Mapping[str, list[object]], i: int) -> tuple[object, ...]:
    return tuple(
        name_key(value) if isinstance(column, NameColumn) and isinstance(value, str) else value
        for column in columns
        if column.key in parsed
        for value in (parsed[column.key][i],)
    )
