"""Impact: the donors' page, made of the public release and of nothing else.

Verified totals by week, area and sector with their denominators, and in plain words how they came about,
how late they are and how coarse.
"""
