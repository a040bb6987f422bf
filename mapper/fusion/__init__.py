"""The linker: which reports speak of the same damage, and why.

Pure parts compare and group (`features`, `linkage`, `clustering`, `partition`); `work` does it as reports
arrive; `service` carries out what people decide of it, which fusion never undoes.
"""
