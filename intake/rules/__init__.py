"""Reading rules, pure: raw cells and a description of the sheet in, typed columns with their faults out.

Comes in: a raw workbook (rows, hidden rows, merges) and a ``SheetSpec``. Goes out: a ``Frame``.
What is certain is normalised in silence, what is doubtful is reported with its row and never guessed.
"""
