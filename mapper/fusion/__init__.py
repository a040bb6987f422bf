"""The linker: which reports speak of the same damage, and why.

Pure parts compare and group (`features`, `linkage`, `clustering`, `partition`); `work` does it as reports
arrive, with the result that fusing all at once would have; `service` carries out what people decide of
it, which fusion never undoes.
"""
