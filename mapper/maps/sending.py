"""Answers that a browser may ask for again: a tag that changes with the data, 304, gzip."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable

from flask import Response, request

PUBLIC_SECONDS = 60  # below the five minutes within which a blanked crisis must be gone everywhere


def tagged(what: str, version: int, make: Callable[[], bytes], content_type: str, seconds: int) -> Response:
    """Return `make()` with a tag of `what`, `version` and the request's parameters, or 304 or 204.

    `seconds` is how long a browser may keep it without asking. The bytes and the tag are the same from
    every process: they depend on the data and the address alone.
    """
    tag = _tag(what, version)
    if request.if_none_match.contains_weak(tag):
        return _sent(Response(status=304), tag, seconds)
    body = make()
    if not body:
        return _sent(Response(status=204), tag, seconds)
    response = Response(body, content_type=content_type)
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(body, compresslevel=6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return _sent(response, tag, seconds)


def _tag(what: str, version: int) -> str:
    given = sorted(request.args.items(multi=True))
    parameters = hashlib.sha256(repr(given).encode()).hexdigest()[:16]
    return f"{what}-{version}-{parameters}"


def _sent(response: Response, tag: str, seconds: int) -> Response:
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    response.vary.add("Accept-Encoding")
    return response
