"""Assets: the addresses of built style sheets, scripts and vendored files.

The build writes `static/build/manifest.json`, which maps `room/file` to a path under `static/build/`
with the content's hash in its name, so that a browser may keep it for a year.
"""

from __future__ import annotations

import json
from mimetypes import guess_type
from pathlib import Path

from flask import Flask, Response, request, send_from_directory, url_for
from markupsafe import Markup

PROJECT = Path(__file__).resolve().parents[2]
TEMPLATES = PROJECT / "templates"
STATIC = PROJECT / "static"
MANIFEST = STATIC / "build" / "manifest.json"
BUILT = "/static/build/"
A_YEAR = "public, max-age=31536000, immutable"


def is_static(path: str) -> bool:
    """Whether a path names a file and not an answer that is worked out."""
    return path.startswith("/static/")


def read_manifest(path: Path) -> dict[str, str]:
    """Return asset name -> path below `static/`; empty where nothing has been built."""
    try:
        built: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: f"build/{value.removeprefix('build/')}" for name, value in built.items()}


def read_icons(folder: Path) -> dict[str, Markup]:
    """Return icon name -> its inline SVG, read once: they are small and ours."""
    return {path.stem: Markup(path.read_text(encoding="utf-8").strip()) for path in folder.glob("*.svg")}  # noqa: S704


def init_assets(app: Flask, manifest: Path = MANIFEST) -> None:
    """Give templates `asset(name)` and `icon(name)`; let browsers keep what is built."""
    built = read_manifest(manifest)
    icons = read_icons(STATIC / "web" / "icons")

    def asset(name: str) -> str:
        """Return the address of an asset such as `web/base.css`; one not built is served as it stands."""
        return url_for("static", filename=built.get(name, name))

    def icon(name: str) -> Markup:
        """Return an icon's SVG, which assistive technology skips; put words beside it."""
        return icons.get(name) or icons.get("unknown", Markup(""))

    app.view_functions["static"] = _static_file

    @app.after_request
    def keep_built(response: Response) -> Response:
        if request.path.startswith(BUILT) and response.status_code in (200, 206, 304):
            response.headers["Cache-Control"] = A_YEAR
        return response

    app.jinja_env.globals.update(asset=asset, icon=icon)


def _static_file(filename: str) -> Response:
    """Send a built file, packed where the build made a packed twin and the browser takes one."""
    packed = f"{filename}.gz"
    if request.accept_encodings["gzip"] and (STATIC / packed).is_file() and ".." not in filename:
        response = send_from_directory(STATIC, packed, mimetype=guess_type(filename)[0])
        response.headers["Content-Encoding"] = "gzip"
    else:
        response = send_from_directory(STATIC, filename)
    response.vary.add("Accept-Encoding")
    return response
