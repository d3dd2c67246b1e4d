"""Whether an entry into the directory is the firm's first: its whole history decides. Pure, vectorised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from incentives.rules.codes import EARLIER_DELISTED_LIST, EARLIER_EVENT, ENTERED_AGAIN, FIRST

Column = NDArray[np.int64]

#: kinds of directory events
IN_DIRECTORY, LISTED, DELISTED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries (LISTED) under judgement, one a row; ``firm`` counts from 0, ``again`` is 1 for 再次升规."""

    firm: Column
    month: Column  # 202206
    library_year: Column
    again: Column


@dataclass(frozen=True, slots=True)
class History:
    """All directory events of these firms, and the years in which a list of leavers (退统) names them."""

    firm: Column
    kind: Column
    month: Column
    library_year: Column
    leaver: Column
    leaver_year: Column


@dataclass(frozen=True, slots=True)
class FirstTimes:
    """A code an entry: ``FIRST`` or why it is not; ``when`` is the month or year that says so, else 0."""

    code: Column
    when: Column


def first_times(entries: Entries, history: History, firms: int) -> FirstTimes:
    """Earlier means an earlier month; stock of the same month counts when it belongs to an earlier library.

    The firm's own word 再次升规 outweighs a history that the lists do not reach back to.
    """
    code = np.full(entries.firm.size, FIRST, np.int64)
    when = np.zeros(entries.firm.size, np.int64)
    again = entries.again == 1
    code[again] = ENTERED_AGAIN
    left = _left_before(entries, history, firms)
    code[left > 0], when[left > 0] = EARLIER_DELISTED_LIST, left[left > 0]
    earlier = _earliest_event(entries, history, firms)
    code[earlier > 0], when[earlier > 0] = EARLIER_EVENT, earlier[earlier > 0]
    return FirstTimes(code, when)


def _earliest_event(entries: Entries, history: History, firms: int) -> Column:
    """The month of the firm's first event when it lies before the entry, else 0."""
    none = np.iinfo(np.int64).max
    first = np.full(firms, none, np.int64)
    np.minimum.at(first, history.firm, history.month)
    stock = np.full(firms, none, np.int64)  # first library of the stock, by firm
    is_stock = history.kind == IN_DIRECTORY
    keyed = history.month * 10_000 + history.library_year
    np.minimum.at(stock, history.firm[is_stock], keyed[is_stock])
    month = first[entries.firm]
    own = stock[entries.firm]
    same_month = (own // 10_000 == entries.month) & (own % 10_000 < entries.library_year)
    return np.where((month < entries.month) | same_month, month, 0)


def _left_before(entries: Entries, history: History, firms: int) -> Column:
    """The first year in which a list of leavers names the firm before its entry, else 0.

    A list of the entry's own year tells of the exit after it when the directory knows that exit, else of one before.
    """
    none = np.iinfo(np.int64).max
    first = np.full(firms, none, np.int64)
    np.minimum.at(first, history.leaver, history.leaver_year)
    last_exit = np.zeros(firms, np.int64)
    gone = history.kind == DELISTED
    np.maximum.at(last_exit, history.firm[gone], history.month[gone])
    year = first[entries.firm]
    entry_year = entries.month // 100
    own_exit = last_exit[entries.firm]
    exit_after = (own_exit >= entries.month) & (own_exit // 100 == entry_year)
    return np.where((year < entry_year) | ((year == entry_year) & ~exit_after), year, 0)
