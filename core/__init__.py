"""Foundations that every room stands on.

In: people, regions, policy documents, jobs to do. Out: who may see what (``visible_to``), what was done by
whom (audit), months, amounts, editions. Called by every app; calls none of them.
"""
