"""How good a firm is for the land it holds: scores, grades and their trace.

In: annual figures and a scheme from a policy document. Out: grades per firm and year, frozen when published.
Reads everything to its left, is read by incentives and reports.
"""
