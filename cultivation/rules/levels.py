"""Figures of several levels in one list (省—市—县—乡镇): who stands above whom, and what adds up without counting twice. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping


def topmost(codes: Iterable[str], above: Mapping[str, Collection[str]]) -> set[str]:
    """The regions of ``codes`` that stand below no other of them. ``above``: code → the codes above it; a region that
    it does not name stands at the top."""
    named = set(codes)
    return {code for code in named if not named.intersection(above.get(code, ()))}
