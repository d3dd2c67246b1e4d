"""Leased floor as a part of the parcel that it stands on, and the FAR that it is divided by. Pure.

Areas are whole hundredths of 亩 and ㎡, FARs whole hundredths, firms their numbers; in force on 31 December.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from enterprises.rules.land import OUTSIDE, Ints, Lease, Mask, Plot


@dataclass(frozen=True, eq=False)
class SharedFloors:
    """Columns beside ``firms``. ``share``: 亩 of others' parcels that a firm's leased floor stands for, less what it
    lets, so that a parcel is counted once; not known where a parcel's floor is not registered or the two parties
    differ. ``far``: that of all floors a firm leases or lets, known where it is one."""

    firms: Ints
    share: Ints
    share_known: Mask
    far: Ints
    far_known: Mask


def shared_floors(
    firms: Iterable[int], plots: Sequence[Plot], leases: Sequence[Lease], year: int
) -> SharedFloors:
    ids = np.unique(np.fromiter(firms, dtype=np.int64))
    last = date(year, 12, 31).toordinal()
    parcels = {
        plot.certificate: plot for plot in plots if plot.certificate and plot.since <= last <= plot.until
    }
    share: dict[int, int] = defaultdict(int)
    torn: set[int] = set()
    ratios: dict[int, set[int]] = defaultdict(set)
    for lease in leases:
        if not lease.floor or not lease.since <= last <= lease.until:
            continue
        parties = [party for party in (lease.lessor, lease.lessee) if party != OUTSIDE]
        plot = parcels.get(lease.certificate)
        for party in parties:
            ratios[party].add(plot.far if plot else 0)
        if plot is None or not plot.floor or not lease.is_settled:
            torn.update(parties)
            continue
        part = (2 * plot.area * lease.floor + plot.floor) // (2 * plot.floor)
        share[lease.lessee] += part
        share[lease.lessor] -= part
    numbers = ids.tolist()
    found = [ratios.get(firm, {0}) for firm in numbers]
    far = [next(iter(each)) if len(each) == 1 else 0 for each in found]
    return SharedFloors(
        ids,
        np.array([share.get(firm, 0) for firm in numbers], np.int64),
        np.array([firm not in torn for firm in numbers], np.bool_),
        np.array(far, np.int64),
        np.array([each > 0 for each in far], np.bool_),
    )
