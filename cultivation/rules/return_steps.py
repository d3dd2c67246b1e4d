"""A return's way from those who fill it in to those who accept it, and back (提交、审核、退回). Pure."""

from __future__ import annotations

FILL, REVIEW, ACCEPT, DONE = "fill", "review", "accept", "done"
#: 县区: filled in, reviewed by its own leader, accepted by the city; 乡镇: reviewed by the district, and that is all
DISTRICT_WAY = (FILL, REVIEW, ACCEPT, DONE)
TOWN_WAY = (FILL, REVIEW, DONE)
#: who moves a return on from where it stands; who is above it fills in on its behalf (代填)
MOVERS = {
    FILL: frozenset({"township_officer", "district_officer", "bureau_staff"}),
    REVIEW: frozenset({"district_leader", "bureau_leader"}),
    ACCEPT: frozenset({"bureau_staff", "bureau_leader"}),
}
#: who may send it back, from anywhere beyond the first step
RETURNERS = frozenset({"district_leader", "bureau_staff", "bureau_leader"})


def way_of(is_town: bool) -> tuple[str, ...]:
    return TOWN_WAY if is_town else DISTRICT_WAY


def next_step(step: str, is_town: bool) -> str | None:
    """Where it goes when it is handed on; ``None`` at the end of the way."""
    way = way_of(is_town)
    place = way.index(step) + 1
    return way[place] if place < len(way) else None


def steps_back(step: str, is_town: bool) -> tuple[str, ...]:
    """Every step it can be sent back to, the nearest first."""
    way = way_of(is_town)
    return way[: way.index(step)][::-1]


def may_move(step: str, role: str, *, is_above: bool) -> bool:
    """Whether a person of that role, who sees the return, hands it on. ``is_above``: his region holds the return's.

    Accepting is for those above; reviewing a district is its own leader's, or the city's leader in his stead.
    """
    if role not in MOVERS.get(step, frozenset()):
        return False
    return is_above if step == ACCEPT else True


def is_on_behalf(step: str, *, is_above: bool, is_town: bool) -> bool:
    """Whether somebody above takes a step that is the region's own (代报、代审)."""
    return is_above and (step == FILL or (step == REVIEW and not is_town))


def may_send_back(step: str, role: str, *, is_above: bool) -> bool:
    """A leader returns what waits for him or lies below him; what the city holds, the city returns."""
    if step == FILL or role not in RETURNERS:
        return False
    return is_above or step == REVIEW


def stewards(step: str, path: str, *, is_town: bool) -> tuple[tuple[str, str], ...]:
    """Role and region path of whose step it is, the nearest first: who comes next takes it where nobody is before him."""
    own, above = path, _parent(path)
    district, city = (above, _parent(above)) if is_town else (own, above)
    if step == REVIEW:
        return (("district_leader", district), ("bureau_leader", city))
    town = (("township_officer", own),) if is_town else ()
    return (*town, ("district_officer", district), ("bureau_staff", city))


def _parent(path: str) -> str:
    """``320600/320681/`` → ``320600/``."""
    return "".join(f"{code}/" for code in path.strip("/").split("/")[:-1])
