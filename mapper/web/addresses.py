"""The site's own address, for links in answers: never what a request says it is.

Answers to the public are kept by caches, and a feed's id stands in its readers' lists: a made-up
`Host` header must not get into them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask

from mapper.config import Settings


def init_addresses(app: Flask, settings: Settings) -> None:
    """Let every link of `app` start with the public address; on loopback, with whatever was asked for.

    Call before proxies are believed: what they say about the host does not matter either.
    """
    if settings.is_loopback:
        return
    public, inner = urlsplit(settings.public_url), app.wsgi_app

    def addressed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = public.netloc, public.scheme
        return inner(environ, start_response)

    app.wsgi_app = addressed  # type: ignore[method-assign]
