"""The firms of a round as one packed text, from which the round can be computed again to the last digit. Pure.

A line of JSON names every array with its kind, shape and words; the arrays follow, little-endian; the whole is
deflated. Equal firms give equal bytes on any machine.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.conditions import Column
from evaluation.rules.figures import FirmYears

#: a level above 1 costs three times as long and saves a tenth
_LEVEL = 1
_COLUMNS = ("quantities", "facts", "given", "years_as")
_NUMBERS = ("key", "landlord", "head", "cohort")


@dataclass(frozen=True, eq=False)
class Frozen:
    """``regions``: codes that ``FirmYears.region`` counts; ``previous``: the firms of the year before."""

    firms: FirmYears
    previous: FirmYears | None
    regions: tuple[str, ...]


def frozen(firms: FirmYears, previous: FirmYears | None, regions: Sequence[str]) -> bytes:
    arrays: dict[str, NDArray[Any]] = {}
    words: dict[str, list[str]] = {}
    _lay_out("now", firms, arrays, words)
    if previous is not None:
        _lay_out("before", previous, arrays, words)
    told = [
        [name, array.dtype.newbyteorder("<").str, list(array.shape), words.get(name, [])]
        for name, array in arrays.items()
    ]
    head = json.dumps({"regions": list(regions), "arrays": told}, ensure_ascii=False).encode()
    packer = zlib.compressobj(_LEVEL)
    parts = [packer.compress(head + b"\n")]
    for array in arrays.values():
        little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
        parts.append(packer.compress(little.tobytes()))
    return b"".join([*parts, packer.flush()])


def thawed(content: bytes) -> Frozen:
    """Raises ``ValueError`` or ``zlib.error`` for what ``frozen`` did not write."""
    head, _, rest = zlib.decompress(content).partition(b"\n")
    told = json.loads(head)
    arrays: dict[str, NDArray[Any]] = {}
    words: dict[str, tuple[str, ...]] = {}
    start = 0
    for name, kind, shape, texts in told["arrays"]:
        size = int(np.prod(shape)) * np.dtype(kind).itemsize
        arrays[name] = np.frombuffer(rest[start : start + size], kind).reshape(shape)
        words[name] = tuple(texts)
        start += size
    previous = _read("before", arrays, words) if "before.region" in arrays else None
    return Frozen(_read("now", arrays, words), previous, tuple(told["regions"]))


def _lay_out(
    year: str, firms: FirmYears, arrays: dict[str, NDArray[Any]], words: dict[str, list[str]]
) -> None:
    arrays[f"{year}.region"] = firms.region
    arrays[f"{year}.above_scale"] = firms.above_scale
    columns = {"years_in_production": firms.years_in_production}
    for group in _COLUMNS:
        of: Mapping[str, Column] = getattr(firms, group)
        columns |= {f"{group}.{name}": column for name, column in of.items()}
    for name, column in columns.items():
        arrays[f"{year}.{name}"] = column.values
        arrays[f"{year}.{name}?"] = column.known
        words[f"{year}.{name}"] = list(column.words)
    for name, mask in firms.not_applicable.items():
        arrays[f"{year}.not_applicable.{name}"] = mask
    for name in _NUMBERS:
        numbers = getattr(firms, name)
        if numbers is not None:
            arrays[f"{year}.{name}"] = numbers


def _read(year: str, arrays: Mapping[str, NDArray[Any]], words: Mapping[str, tuple[str, ...]]) -> FirmYears:
    def column(name: str) -> Column:
        return Column(arrays[name], arrays[f"{name}?"], words[name])

    def columns(group: str) -> dict[str, Column]:
        begin = f"{year}.{group}."
        names = [name for name in arrays if name.startswith(begin) and not name.endswith("?")]
        return {name.removeprefix(begin): column(name) for name in names}

    masks = f"{year}.not_applicable."
    return FirmYears(
        columns("quantities"),
        arrays[f"{year}.above_scale"],
        column(f"{year}.years_in_production"),
        arrays[f"{year}.region"],
        columns("facts"),
        {name.removeprefix(masks): mask for name, mask in arrays.items() if name.startswith(masks)},
        columns("given"),
        columns("years_as"),
        *(arrays.get(f"{year}.{name}") for name in _NUMBERS),
    )
