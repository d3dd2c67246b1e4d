"""What rests on a committed batch, said by the apps to the right: while anything does, the batch stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from intake.models import Batch


@dataclass(frozen=True, slots=True)
class Touched:
    """What undoing a batch would touch: firms with rows in it, those it entered, the years its rows are of."""

    batch: Batch
    firms: frozenset[int]
    entered: frozenset[int]
    years: frozenset[int]


#: What is touched → one line for each thing that was computed from it since, as people read it.
Reader = Callable[[Touched], Iterable[str]]
_readers: list[Reader] = []


def register_built_on(reader: Reader) -> Reader:
    if reader not in _readers:
        _readers.append(reader)
    return reader


def built_on(touched: Touched) -> list[str]:
    return [line for reader in _readers for line in reader(touched)]
