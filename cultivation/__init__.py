"""Who is to be lifted over the line, and how far the year has come.

In: targets from policy documents, figures and scale events of the registry. Out: attainment, ranking and the
month's statistics per region, frozen once issued. Called by pages, REST and the month's jobs.
"""
