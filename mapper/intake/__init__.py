"""The door: every channel turns what it receives into `ReportDraft`s and hands them to `accept`.

`intake.service.accept` is the only way in. It is idempotent, keeps blobs by hash, and answers only
after the commit; on the web a committer groups what waits into one transaction.
"""
