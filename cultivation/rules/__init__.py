"""Deciding the month: columns of facts in, lines per region and the firms behind each number out. Pure."""
