"""Verification: people decide what an incident is, two of them where it counts.

`rules` says what a decision leads to, `service.decide` writes it, `views` and `pages` are the door for
programs and the workbench for people, `work` makes the working copies of photos they look at.
"""
