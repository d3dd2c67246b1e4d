"""Bonus and penalty of every firm: points, per cents of the score, counts, groups and caps. Pure, set-based."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from core.conditions import Frame
from evaluation.policy import Scheme
from evaluation.policy.adjusting import Adjustment, Counted
from evaluation.policy.grading import known_number
from evaluation.rules.figures import FINE, POINTS_LIMIT, Figures, Ints, Mask, fine
from evaluation.rules.standing import met
from evaluation.rules.values import places_of


@dataclass(frozen=True, eq=False)
class Adjusted:
    """``each``: signed fine points a row and adjustment, 0 where it does not count; ``total`` after all caps."""

    each: Ints
    total: Ints


def adjusted(scheme: Scheme, figures: Figures, frame: Frame, score: Ints) -> Adjusted:
    """``score``: fine, the sum of the items, of which per cents are taken."""
    adjusting = scheme.adjusting
    size = figures.size
    each = np.zeros((size, len(adjusting.items)), np.int64)
    for number, item in enumerate(adjusting.items):
        if item.condition is None:
            continue
        mask = met(item.condition, frame, scheme.data_year, if_unknown=item.if_unknown)
        each[:, number] = np.where(mask, _amount(item, figures, score), 0)
    for name, group in adjusting.groups.items():
        for sign in (1, -1):
            members = [
                n for n, item in enumerate(adjusting.items) if item.group == name and item.sign == sign
            ]
            if not members:
                continue
            if group.take == "highest":
                each[:, members] = _only_highest(each[:, members])
            if group.cap is not None:
                each[:, members] = _capped(each[:, members], int(group.cap * FINE))
    total = np.zeros(size, np.int64)
    for sign, cap in ((1, known_number(adjusting.bonus_cap)), (-1, known_number(adjusting.penalty_cap))):
        columns = [number for number, item in enumerate(adjusting.items) if item.sign == sign]
        part = np.abs(each[:, columns].sum(axis=1))
        if cap is not None:
            part = np.minimum(part, int(cap * FINE))
        total += sign * part
    return Adjusted(each, total)


def _amount(item: Adjustment, figures: Figures, score: Ints) -> Ints:
    points: Ints = np.zeros(figures.size, np.int64)
    if item.points is not None:
        points = np.full(figures.size, int(item.points.known_or(Decimal(0)) * FINE), np.int64)
    elif item.percent is not None:
        share = float(item.percent.known_or(Decimal(0))) / 100
        points = fine(np.maximum(score, 0) / FINE * share)
    elif item.counted is not None:
        points = _by_count(item.counted, figures)
    cap = known_number(item.cap)
    if cap is not None:
        points = np.minimum(points, int(cap * FINE))
    return item.sign * points


def _by_count(counted: Counted, figures: Figures) -> Ints:
    """Whole steps beyond what is free: the first costs ``first``, every further one ``each``; unknown counts none."""
    column = figures.column(counted.quantity)
    scale = 10 ** places_of(figures.scheme.quantities[counted.quantity])
    free, step = int(counted.free * scale), max(int(counted.step * scale), 1)
    steps = np.where(column.known, np.maximum((column.values - free) // step, 0), 0)
    first, further = int(counted.first * FINE), int(counted.each * FINE)
    most = POINTS_LIMIT * FINE // max(first, further, 1)
    kept = np.minimum(steps, most)
    points: Ints = np.where(kept > 0, first + (kept - 1) * further, 0)
    return points


def _only_highest(columns: Ints) -> Ints:
    """The first of the largest by size stays."""
    best = np.abs(columns).argmax(axis=1)
    kept: Mask = np.arange(columns.shape[1]) == best[:, None]
    found: Ints = np.where(kept, columns, 0)
    return found


def _capped(columns: Ints, cap: int) -> Ints:
    """In the order of the document, until the cap is used up."""
    sizes = np.abs(columns)
    before = np.cumsum(sizes, axis=1) - sizes
    found: Ints = np.sign(columns) * np.clip(cap - before, 0, sizes)
    return found


def within(total: Ints, scheme: Scheme) -> Ints:
    """The score after the scheme's own cap and floor."""
    cap, floor = known_number(scheme.total_cap), known_number(scheme.total_floor)
    if cap is not None:
        total = np.minimum(total, int(cap * FINE))
    if floor is not None:
        total = np.maximum(total, int(floor * FINE))
    return total
