"""Workbooks at the door: a stranger's .xlsx or .csv in, plain rows out; annotated copies and templates back.

In: a file and the name it was sent under. Out: ``RawWorkbook``, or ``WorkbookRefused`` with a plain message.
Knows nothing of columns or of Django; ``intake.rules`` understands what is read here, ``intake.services`` calls both.
"""

from intake.workbooks.limits import DEFAULT_LIMITS, Limits
from intake.workbooks.raw import RawSheet, RawWorkbook
from intake.workbooks.reading import read_workbook
from intake.workbooks.refusals import WorkbookRefused

__all__ = ["DEFAULT_LIMITS", "Limits", "RawSheet", "RawWorkbook", "WorkbookRefused", "read_workbook"]
