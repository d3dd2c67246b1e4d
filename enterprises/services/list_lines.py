"""Lines that a document draws through a list (应税销售 500—2000万元), said by the app that screens: a row outside is
kept, and told to the sender with the document's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from core.models import Region

#: (fact, region of the list, its year if it has one, the fact's value by row: whole hundredths, years) → places of the
#: rows outside, each with the reason
Reader = Callable[[str, Region, int | None, Sequence[int | None]], Iterable[tuple[int, str]]]
_readers: list[Reader] = []


def register_line(reader: Reader) -> Reader:
    if reader not in _readers:
        _readers.append(reader)
    return reader


def rows_outside(
    fact: str, region: Region, year: int | None, values: Sequence[int | None]
) -> list[tuple[int, str]]:
    return [told for reader in _readers for told in reader(fact, region, year, values)]
