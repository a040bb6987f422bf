"""Limits: how large a request may be and how often one address may try something.

Counts live in the memory of one process and hold addresses only while their window lasts: no address
is ever stored. With several processes a limit holds for each.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from mapper.config import Settings
from mapper.web.errors import Problem
from mapper.web.permission import rate_of

EXTENSION = "mapper_rates"
FORM_FIELD_BYTES = 1_000_000
FORM_PARTS = 200
DRAINED_BYTES = 1_000_000  # of a refused body, read for the sake of the connection's next request
DRAINED_AT_ONCE = 65_536


def init_limits(app: Flask, settings: Settings) -> None:
    """Bound bodies and forms, believe as many proxies as the settings say, count what is limited."""
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = FORM_FIELD_BYTES
    app.config["MAX_FORM_PARTS"] = FORM_PARTS
    app.extensions[EXTENSION] = MovingWindowRateLimiter(MemoryStorage())
    hops = settings.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.before_request(refuse_nul)
    app.before_request(check_rate)
    app.after_request(finish_body)


def whole_body() -> bytes:
    """Return the request's body; a 413 error where one without a length goes on beyond the limit."""
    body = request.get_data(cache=False)
    request.stream.read(1)  # reading stops at the limit without a word: only the next byte complains
    return body


def finish_body(response: Response) -> Response:
    """Read what a view left of the body, or say that the connection ends here.

    The server drops a connection whose body was not read, and clients that keep connections, which
    is nearly all, would lose their next request on it.
    """
    has_body = request.content_length or "chunked" in request.headers.get("Transfer-Encoding", "")
    if has_body and not _drained():
        response.headers["Connection"] = "close"
    return response


def _drained() -> bool:
    left = DRAINED_BYTES
    try:
        while left > 0:
            portion = request.stream.read(min(left, DRAINED_AT_ONCE))
            if not portion:
                return True
            left -= len(portion)
    except (HTTPException, OSError):  # it is larger than any body may be, or its sender has gone
        pass
    return False


def refuse_nul() -> None:
    """Refuse an address with a NUL, which names nothing and makes PostgreSQL fail; raises a problem."""
    if "\0" in request.path:
        raise Problem(404)
    if any("\0" in value for value in request.args.values()):
        raise Problem(400)


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
