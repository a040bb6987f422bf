"""Languages: which one a person reads, in which direction, and how dates and numbers look in it.

Chosen by `?lang=`, then by the cookie that such a choice leaves, then by Accept-Language.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask, Response, g, has_request_context, request
from flask_babel import Babel, get_locale

from mapper.config import Settings
from mapper.web.assets import PROJECT

COOKIE = "language"
A_YEAR_SECONDS = 31_536_000
TRANSLATIONS = PROJECT / "translations"


def init_locale(app: Flask, settings: Settings) -> None:
    """Let `app` speak the languages of the settings."""
    offered = settings.language_list
    is_https = settings.public_url.startswith("https://")
    Babel(
        app,
        default_locale=offered[0],
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: choose(offered),
    )

    @app.after_request
    def remember(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.vary.add("Accept-Language")
        asked = request.args.get("lang", "")
        if asked in offered and not g.get("sets_no_cookie"):
            response.set_cookie(
                COOKIE, asked, max_age=A_YEAR_SECONDS, secure=is_https, httponly=True, samesite="Lax"
            )
        return response

    app.jinja_env.globals.update(
        language=language,
        text_direction=text_direction,
        languages=lambda: [(code, own_name(code)) for code in offered],
        language_link=language_link,
        own_name=own_name,
    )
    app.jinja_env.filters.update(moment=moment, day=day, number=number, percent=percent, ago=ago)


def choose(offered: list[str]) -> str:
    """Return the language of this request among those offered; the first where nothing fits."""
    if not has_request_context():
        return offered[0]
    if "language" not in g:
        g.language = _choose(offered)
    chosen: str = g.language
    return chosen


def language() -> str:
    """Return the code of the language in force, such as `en`."""
    return str(get_locale() or "en").replace("_", "-")


def text_direction() -> str:
    """Return `ltr` or `rtl` for the language in force."""
    return str(_locale().text_direction)


@lru_cache
def own_name(code: str) -> str:
    """Return a language's name in itself, such as `français`."""
    return Locale.parse(code, sep="-").get_display_name() or code


def language_link(code: str) -> str:
    """Return the address of this page in another language; it works without scripts."""
    kept = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode([*kept, ('lang', code)])}"


def moment(value: datetime | None, timezone: str = "UTC", length: str = "medium") -> str:
    """Return a time in words, in a place's own time zone; empty for None."""
    if value is None:
        return ""
    return str(format_datetime(value, length, tzinfo=ZoneInfo(timezone), locale=_locale()))


def day(value: datetime | None, timezone: str = "UTC") -> str:
    """Return the day of a time in a place's own time zone; empty for None."""
    if value is None:
        return ""
    return str(format_datetime(value, "d MMMM y", tzinfo=ZoneInfo(timezone), locale=_locale()))


def number(value: float | None) -> str:
    """Return a number with the language's own separators; empty for None."""
    return "" if value is None else str(format_decimal(value, locale=_locale()))


def percent(share: float) -> str:
    """Return a share of 1 in the language's own way, such as `12%`; one decimal below ten per cent."""
    rounded = round(share, 3 if share < 0.1 else 2)
    return str(format_percent(rounded, decimal_quantization=False, locale=_locale()))


def ago(value: datetime | None, now: datetime) -> str:
    """Return how long before `now` something was, such as `3 hours ago`; empty for None."""
    if value is None:
        return ""
    return str(format_timedelta(value - now, add_direction=True, locale=_locale()))


def _choose(offered: list[str]) -> str:
    for asked in (request.args.get("lang", ""), request.cookies.get(COOKIE, "")):
        if asked in offered:
            return asked
    return request.accept_languages.best_match(offered) or offered[0]


def _locale() -> Locale:
    return get_locale() or Locale("en")
