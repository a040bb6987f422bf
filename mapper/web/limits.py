"""Limits: how large a request may be and how often one address may try something.

Counts live in the memory of one process and hold addresses only while their window lasts: no address
is ever stored. With several processes a limit holds for each.
"""

from __future__ import annotations

from flask import Flask, current_app, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.middleware.proxy_fix import ProxyFix

from mapper.config import Settings
from mapper.web.errors import Problem
from mapper.web.permission import rate_of

EXTENSION = "mapper_rates"
FORM_FIELD_BYTES = 1_000_000
FORM_PARTS = 200


def init_limits(app: Flask, settings: Settings) -> None:
    """Bound bodies and forms, believe as many proxies as the settings say, count what is limited."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_FIELD_BYTES
    app.config["MAX_FORM_PARTS"] = FORM_PARTS
    app.extensions[EXTENSION] = MovingWindowRateLimiter(MemoryStorage())
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(check_rate)


def check_rate() -> None:
    """Count this request where its view is limited; raises a 429 problem when it is one too many."""
    view = current_app.view_functions.get(request.endpoint or "")
    rate = rate_of(view) if view else None
    if rate is None or request.method not in rate[1]:
        return
    count_attempt(rate[0], request.endpoint or "", request.remote_addr or "")


def count_attempt(rate: str, *key: str) -> None:
    """Count an attempt under a key; raises a 429 problem beyond the rate, such as `"10/minute"`."""
    item = parse(rate)
    limiter: MovingWindowRateLimiter = current_app.extensions[EXTENSION]
    if not limiter.hit(item, *key):
        raise Problem(429, headers={"Retry-After": str(item.get_expiry())})
