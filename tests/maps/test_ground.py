"""Base maps to choose from: files read on the server, and a proxy that asks only whom the operator named."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from mapper.app import create_app
from mapper.config import BasemapSource, Settings
from mapper.maps.ground import MVT
from mapper.maps.ground_cache import TileCache
from mapper.maps.ground_fetch import address_of
from mapper.store.store import Store
from mapper.store.tables import Crisis
from pydantic import ValidationError

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
Serve = Callable[..., FlaskClient]


@dataclass
class Upstream:
    """A tile server on loopback that answers as a test tells it to."""

    port: int = 0
    status: int = 200
    body: bytes = PNG
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A real server that counts what it is asked."""
    made = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.asked.append(self.path)
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(made.body)))
            self.end_headers()
            self.wfile.write(made.body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


@pytest.fixture
def serve(sqlite_store: Store, settings: Settings, coast: Crisis, tmp_path: Path) -> Serve:
    """Return a function that serves an app with one public base map."""

    def start(address: str, **more: Any) -> FlaskClient:
        source = BasemapSource(
            **{"name": "sky", "title": "The sky", "address": address, "public": True} | more
        )
        chosen = settings.model_copy(update={"basemaps": (source,), "data": tmp_path / "data"})
        return create_app(chosen, sqlite_store).test_client()

    return start


def test_there_is_no_proxy_without_a_setting(client: FlaskClient) -> None:
    assert client.get("/basemaps/sky/0/0/0").status_code == 404


def test_a_tile_is_fetched_once_and_kept(upstream: Upstream, serve: Serve) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}.png?key=secret")
    first = client.get("/basemaps/sky/3/2/1")
    assert (first.status_code, first.data, first.content_type) == (200, PNG, "image/png")
    assert client.get("/basemaps/sky/3/2/1").data == PNG
    assert upstream.asked == ["/3/2/1.png?key=secret"]
    assert "secret" not in client.get("/crises/coast").text


@pytest.mark.parametrize("place", ["3/8/0", "3/0/8", "23/0/0"])
def test_a_tile_that_cannot_be_is_refused(upstream: Upstream, serve: Serve, place: str) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}")
    assert client.get(f"/basemaps/sky/{place}").status_code == 400
    assert client.get("/basemaps/sky/-1/0/0").status_code == 404
    assert client.get("/basemaps/sky/0/0/0?host=127.0.0.1:1").status_code == 200
    assert upstream.asked == ["/0/0/0"]


def test_deeper_than_its_last_zoom_nothing_is_asked(upstream: Upstream, serve: Serve) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}", max_zoom=5)
    assert client.get("/basemaps/sky/6/0/0").status_code == 204
    assert upstream.asked == []


@pytest.mark.parametrize(
    "location",
    ["http://localhost:{port}/x", "https://127.0.0.1:{port}/x", "//127.0.0.2:{port}/x", "file:///etc"],
)
def test_a_redirect_elsewhere_is_refused(upstream: Upstream, serve: Serve, location: str) -> None:
    upstream.status, upstream.headers = 302, {"Location": location.format(port=upstream.port)}
    answer = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}").get("/basemaps/sky/0/0/0")
    assert answer.status_code == 502
    assert upstream.asked == ["/0/0/0"]


def test_a_redirect_in_the_house_is_followed_but_not_for_ever(upstream: Upstream, serve: Serve) -> None:
    upstream.status, upstream.headers = 301, {"Location": "/again"}
    answer = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}").get("/basemaps/sky/0/0/0")
    assert answer.status_code == 502
    assert upstream.asked == ["/0/0/0", "/again", "/again"]


@pytest.mark.parametrize("body", [b"<html>", b"<svg onload=x>", b"\x89PNG\r\n\x1a\n" + bytes(2_000_000)])
def test_only_pictures_of_a_tile_s_size_pass(upstream: Upstream, serve: Serve, body: bytes) -> None:
    upstream.body, upstream.headers = body, {"Content-Type": "image/png"}
    answer = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}").get("/basemaps/sky/0/0/0")
    assert answer.status_code == 502
    assert body[:20] not in answer.data


def test_a_server_that_fails_is_left_alone(upstream: Upstream, serve: Serve) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}")
    upstream.status = 500
    codes = [client.get(f"/basemaps/sky/4/{x}/0").status_code for x in range(8)]
    assert codes == [502] * 5 + [503] * 3
    assert len(upstream.asked) == 5


def test_an_old_tile_stands_in_where_the_server_fails(
    upstream: Upstream, serve: Serve, tmp_path: Path
) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}", keep_days=1)
    client.get("/basemaps/sky/0/0/0")
    (kept,) = (tmp_path / "data" / "basemaps").rglob("0/0/0")
    os.utime(kept, (0, 0))
    upstream.status = 500
    answer = client.get("/basemaps/sky/0/0/0")
    assert (answer.status_code, answer.data) == (200, PNG)
    assert "max-age=60" in answer.headers["Cache-Control"]


def test_nothing_where_the_server_has_nothing(upstream: Upstream, serve: Serve) -> None:
    upstream.status = 404
    assert serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}").get("/basemaps/sky/0/0/0").status_code == 204


def test_an_unreachable_server_is_said(serve: Serve) -> None:
    answer = serve("http://127.0.0.1:1/{z}/{x}/{y}").get("/basemaps/sky/0/0/0")
    assert answer.status_code == 502


def test_only_people_signed_in_get_what_is_not_public(
    upstream: Upstream, serve: Serve, verifier: dict[str, str]
) -> None:
    client = serve(f"{upstream.place}/{{z}}/{{x}}/{{y}}", public=False)
    assert client.get("/basemaps/sky/0/0/0").status_code == 404
    assert "The sky" not in client.get("/crises/coast").text
    assert client.get("/basemaps/sky/0/0/0", headers=verifier).status_code == 200
    assert "The sky" in client.get("/crises/coast", headers=verifier).text


def test_wms_is_asked_for_the_tile_s_box() -> None:
    source = BasemapSource(name="wms", title="WMS", address="https://maps.example/wms?bbox={bbox}&width=256")
    assert address_of(source, 1, 1, 0).endswith("bbox=0.000,0.000,20037508.343,20037508.343&width=256")


@pytest.mark.parametrize(
    "address",
    ["https://{x}.example/{z}/{x}/{y}", "https://a.example/tiles", "/etc/passwd", "ftp://a/{z}/{x}/{y}"],
)
def test_an_address_that_cannot_be_a_base_map_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        BasemapSource(name="sky", title="The sky", address=address)


def test_mbtiles_count_rows_from_the_south(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "drone.mbtiles"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        file.execute("INSERT INTO metadata VALUES ('format', 'png'), ('attribution', '<b>Drone</b> team')")
        file.execute("INSERT INTO tiles VALUES (2, 1, 3, ?)", (PNG,))
    client = serve(str(path))
    assert client.get("/basemaps/sky/2/1/0").data == PNG
    assert client.get("/basemaps/sky/2/1/3").status_code == 204
    assert "Drone team" in client.get("/crises/coast").text


def test_a_file_that_is_no_map_is_not_offered(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "x.mbtiles").write_bytes(b"nothing")
    client = serve(str(tmp_path / "x.mbtiles"))
    assert client.get("/basemaps/sky/0/0/0").status_code == 404
    assert "The sky" not in client.get("/crises/coast").text


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("stamen_toner_raster_z3.pmtiles", "image/png"),
        ("test_fixture_1.pmtiles", MVT),
    ],
)
def test_pmtiles_are_read_on_the_server(shared: Path, serve: Serve, name: str, kind: str) -> None:
    answer = serve(str(shared / "basemap-pmtiles" / name)).get("/basemaps/sky/0/0/0")
    assert (answer.status_code, answer.content_type) == (200, kind)


def test_the_cache_forgets_the_oldest(tmp_path: Path) -> None:
    cache = TileCache(tmp_path, most_bytes=1000)
    for n in range(10):
        cache.put(f"sky/0/{n}", bytes(200))
        os.utime(tmp_path / f"sky/0/{n}", (n + 1, n + 1))
    cache.clear_old()
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["6", "7", "8", "9"]
