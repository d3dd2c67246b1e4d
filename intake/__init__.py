"""The front door: any list a district or department sends, read, checked and taken whole or not at all.

In: workbooks. Out: committed batches of typed rows, and every fault of every row in plain Chinese. Called by
pages, by ``import_sheet`` and by the sheets that apps to the right register; knows none of those apps.
"""
