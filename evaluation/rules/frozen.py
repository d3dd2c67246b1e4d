"""The firms of a round as one packed text, from which the round can be computed again to the last digit. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from core.conditions import Column
from core.packed_arrays import Arrays, kinds_of, packed, unpacked
from evaluation.rules.figures import FirmYears

_COLUMNS = ("quantities", "facts", "given", "years_as")
_NUMBERS = ("key", "landlord", "head", "cohort")


@dataclass(frozen=True, eq=False)
class Frozen:
    """``regions``: codes that ``FirmYears.region`` counts; ``previous``: the firms of the year before."""

    firms: FirmYears
    previous: FirmYears | None
    regions: tuple[str, ...]


def frozen(firms: FirmYears, previous: FirmYears | None, regions: Sequence[str]) -> bytes:
    arrays: Arrays = {}
    words: dict[str, list[str]] = {}
    _lay_out("now", firms, arrays, words)
    if previous is not None:
        _lay_out("before", previous, arrays, words)
    told = [[name, *kind, words.get(name, [])] for name, *kind in kinds_of(arrays)]
    return packed({"regions": list(regions), "arrays": told}, arrays)


def thawed(content: bytes) -> Frozen:
    """Raises ``ValueError`` or ``zlib.error`` for what ``frozen`` did not write."""
    head, arrays = unpacked(content)
    words = {name: tuple(texts) for name, _kind, _shape, texts in head["arrays"]}
    previous = _read("before", arrays, words) if "before.region" in arrays else None
    return Frozen(_read("now", arrays, words), previous, tuple(head["regions"]))


def _lay_out(year: str, firms: FirmYears, arrays: Arrays, words: dict[str, list[str]]) -> None:
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
