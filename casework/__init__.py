"""Help for firms: visits, problems, hand-over slips, plans.

In: members of the pool and the month's findings. Out: what was done for whom, and what is still open.
Stands between cultivation and evaluation on the street.
"""
