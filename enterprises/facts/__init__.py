"""Named columns that the registry offers to conditions and schemes, found by autodiscovery."""

from enterprises.facts import honours, land, registry, sizes

__all__ = ["honours", "land", "registry", "sizes"]
