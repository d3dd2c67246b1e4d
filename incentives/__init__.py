"""Public money: what is due to whom, why, and shared between which levels.

In: events, figures, grades and rules from policy documents. Out: awards with their trace, each once.
Reads everything to its left, is read by reports.
"""
