"""The log: one JSON line on standard error for each message, and never the values of variables.

A traceback with variables, which structlog prints when rich is installed, would write down reports,
contacts and keys that are sealed everywhere else.
"""

from __future__ import annotations

import logging
import sys

import structlog


def init_logs(level: str) -> None:
    """Log from `level` (debug, info, warning, error) on, in this process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # Asked for each time: standard error may be another one by then.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
    logging.getLogger("mapper").setLevel(level.upper())  # what Flask says
