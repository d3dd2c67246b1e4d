"""Tells what the others decided: the workbench, dashboards, documents, and the REST door.

In: frozen months, targets, registry. Out: pages and files; decides nothing itself.
The right end of the street: only config stands behind it.
"""
