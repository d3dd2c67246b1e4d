"""The demo city: invents firms and writes the Excel files that districts and departments would send.

In: a ``City`` (data) and a seed. Out: workbooks and ``inbox.json`` under ``var/demo/``, the same bytes each time.
The making is pure (cities, city, series, annual, lists, workbooks); ``make_demo_inbox`` is its door.
"""
