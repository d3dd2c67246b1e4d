"""The registry: firms, their region at each date, what they declared, and what happened to them.

In: committed batches of the sheets in ``sheets.py``. Out: enterprises, monthly and annual figures, scale
events. Called by everything to the right; nothing enters except through intake.
"""
