"""评价单元: tenants of a landlord and companies of one owner, evaluated apart, together, or one after the other. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core.conditions import Column
from evaluation.policy import Scheme
from evaluation.rules.figures import NOT_ANY, Figures, FirmYears, Ints, Mask
from evaluation.rules.land import LEASE_PARTS
from evaluation.rules.standing import met


def row_of(keys: Ints, wanted: Ints) -> Ints:
    """Row of the firm with each wanted key; −1 where it is not in the list."""
    order = np.argsort(keys, kind="stable")
    place = np.minimum(np.searchsorted(keys, wanted, sorter=order), keys.size - 1)
    rows = order[place]
    found: Ints = np.where((wanted != NOT_ANY) & (keys[rows] == wanted), rows, NOT_ANY)
    return found


def landlord_rows(firms: FirmYears, scheme: Scheme) -> Ints:
    """Row of the landlord for tenants whom the scheme's rule for tenants concerns; −1 for everybody else.

    A landlord who is a tenant himself, or who is not in the list, leaves the tenant to be evaluated alone.
    """
    none = np.full(firms.size, NOT_ANY, np.int64)
    if firms.landlord is None or scheme.subject is None or not firms.size:
        return none
    rows = row_of(firms.keys(), firms.landlord)
    rows = np.where(rows == np.arange(firms.size), NOT_ANY, rows)
    rows = np.where((rows != NOT_ANY) & (rows[rows] != NOT_ANY), NOT_ANY, rows)
    if scheme.subject.tenant_exceptions is not None:
        excepted = met(scheme.subject.tenant_exceptions, Figures(firms, scheme).frame, scheme.data_year)
        rows = np.where(excepted, NOT_ANY, rows)
    return rows


def head_rows(firms: FirmYears) -> Ints:
    """Row of the head of a firm's group; −1 for firms of no group and for the head itself."""
    if firms.head is None or not firms.size:
        return np.full(firms.size, NOT_ANY, np.int64)
    rows = row_of(firms.keys(), firms.head)
    return np.where(rows == np.arange(firms.size), NOT_ANY, rows)


def merged(firms: FirmYears, joins: Ints, scheme: Scheme) -> tuple[FirmYears, Ints]:
    """One row for each unit, and the number of every firm's unit. ``joins``: row of the firm that one is added to, or −1.

    Quantities are added up, where every member told them; whatever is no quantity is the head's. A unit is 规上 when
    one of its members is, and as long in production as the longest.
    """
    root = np.where(joins == NOT_ANY, np.arange(firms.size), joins)
    heads, unit = np.unique(root, return_inverse=True)
    taken = firms.take(heads)
    # a landlord leaves leased-in land blank and a tenant land of its own
    fills = scheme.land.blank_lease.known_or("zero") == "zero"
    summed = set(firms.quantities) | set(scheme.quantities)

    def columns(of: Mapping[str, Column]) -> dict[str, Column]:
        return {
            name: _summed(column, unit, heads.size, fills=fills and name.partition("[")[0] in LEASE_PARTS)
            if name.partition("[")[0] in summed and not column.words
            else column.take(heads)
            for name, column in of.items()
        }

    above = np.zeros(heads.size, np.bool_)
    np.logical_or.at(above, unit, firms.above_scale)
    years = np.zeros(heads.size, np.int64)
    np.maximum.at(years, unit, firms.years_in_production.values)
    told = np.zeros(heads.size, np.bool_)
    np.logical_or.at(told, unit, firms.years_in_production.known)
    return (
        FirmYears(
            columns(firms.quantities),
            above,
            Column(years, told),
            taken.region,
            columns(firms.facts),
            {name: _everywhere(mask, unit, heads.size) for name, mask in firms.not_applicable.items()},
            taken.given,
            taken.years_as,
            firms.keys()[heads],
            taken.landlord,
            taken.head,
            taken.cohort,
        ),
        unit.astype(np.int64),
    )


def _summed(column: Column, unit: Ints, size: int, *, fills: bool) -> Column:
    """Known where every member told it; where blanks count as 0, where one did."""
    values = np.zeros(size, np.int64)
    np.add.at(values, unit, column.values)
    if fills:
        return Column(values, ~_everywhere(~column.known, unit, size))
    return Column(values, _everywhere(column.known, unit, size))


def _everywhere(mask: Mask, unit: Ints, size: int) -> Mask:
    found = np.ones(size, np.bool_)
    np.logical_and.at(found, unit, mask)
    return found
