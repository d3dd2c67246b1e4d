"""Doors of the registry's pages: each parses, calls one service, renders."""
