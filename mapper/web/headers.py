"""Security headers on every answer, and the nonce that lets a page's own inline script run."""

from __future__ import annotations

import secrets
from functools import lru_cache

from flask import Flask, Response, g, request

from mapper.config import Settings
from mapper.web.assets import is_static

PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), interest-cohort=()"
HSTS = "max-age=31536000; includeSubDomains"


def csp_nonce() -> str:
    """Return this answer's nonce for inline `<script>` and `<style>` elements."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


@lru_cache(maxsize=16)  # most answers have no nonce
def content_security_policy(nonce: str = "") -> str:
    """Return the policy: everything from here, nothing inline without the nonce, no frames."""
    inline = f" 'nonce-{nonce}'" if nonce else ""
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self'{inline}",
            f"style-src 'self'{inline}",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def init_headers(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer of `app`."""
    is_https = settings.public_url.startswith("https://")

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", content_security_policy(g.get("csp_nonce", "")))
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Permissions-Policy"] = PERMISSIONS
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if is_https:
            headers["Strict-Transport-Security"] = HSTS
        if not is_static(request.path):
            headers.pop("Last-Modified", None)  # when something changed is itself a signal
        return response

    app.jinja_env.globals["csp_nonce"] = csp_nonce
