"""The linker: which reports speak of the same damage, and why.

Candidates come from shared places in space, time and words; a calibrated model weighs each pair; average
linkage groups them without chains. Online and offline use the same core (`traits` to `clustering`).
What people decided always wins: `service.py` holds their verbs, `work.py` fuses what waits.
"""
