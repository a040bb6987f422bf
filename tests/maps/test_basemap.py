"""The operator's base map: described by its header, served in ranges."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from mapper.app import create_app
from mapper.config import Settings
from mapper.maps.basemap import UnusableBasemap, open_basemap
from mapper.store.store import Store
from mapper.store.tables import Crisis

RASTER, VECTOR = "stamen_toner_raster_z3.pmtiles", "test_fixture_1.pmtiles"


@pytest.fixture
def serve(sqlite_store: Store, settings: Settings, coast: Crisis) -> Callable[[str], FlaskClient]:
    """Return a function that serves an app with a base map."""

    def start(path: str) -> FlaskClient:
        return create_app(settings.model_copy(update={"basemap": path}), sqlite_store).test_client()

    return start


@pytest.mark.shared
@pytest.mark.parametrize(("name", "kind", "zoom"), [(RASTER, "raster", 3), (VECTOR, "vector", 0)])
def test_the_header_says_what_is_in_it(shared: Path, name: str, kind: str, zoom: int) -> None:
    found = open_basemap(shared / "basemap-pmtiles" / name)
    assert (found.kind, found.max_zoom) == (kind, zoom)


@pytest.mark.parametrize(
    "content", [b"", b"PMTiles\x03", b"PMTiles\x02" + bytes(120), b"PMTiles\x03" + bytes(119)]
)
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "map.pmtiles").write_bytes(content)
    with pytest.raises(UnusableBasemap):
        open_basemap(tmp_path / "map.pmtiles")
    with pytest.raises(UnusableBasemap):
        open_basemap(tmp_path / "absent.pmtiles")


@pytest.mark.shared
def test_a_range_is_a_part_and_a_tag_saves_the_rest(
    shared: Path, serve: Callable[[str], FlaskClient]
) -> None:
    path = shared / "basemap-pmtiles" / RASTER
    client, whole = serve(str(path)), path.read_bytes()
    part = client.get("/basemap.pmtiles", headers={"Range": "bytes=7-126"})
    assert part.status_code == 206
    assert part.data == whole[7:127]
    assert part.headers["Content-Range"] == f"bytes 7-126/{len(whole)}"
    assert part.headers["Accept-Ranges"] == "bytes"
    tag = {"If-None-Match": part.headers["ETag"]}
    assert client.get("/basemap.pmtiles", headers=tag).status_code == 304
    assert client.get("/basemap.pmtiles").data == whole
    too_far = client.get("/basemap.pmtiles", headers={"Range": f"bytes={len(whole)}-"})
    assert too_far.status_code == 416


@pytest.mark.shared
def test_the_page_names_the_base_map(shared: Path, serve: Callable[[str], FlaskClient]) -> None:
    page = serve(str(shared / "basemap-pmtiles" / RASTER)).get("/crises/coast").text
    assert '"basemap": {"kind": "raster", "maxZoom": 3, "url": "/basemap.pmtiles"}' in page


def test_without_a_base_map_there_is_none(
    client: FlaskClient, serve: Callable[[str], FlaskClient], tmp_path: Path
) -> None:
    assert client.get("/basemap.pmtiles").status_code == 404
    (tmp_path / "map.pmtiles").write_bytes(b"no map")
    broken = serve(str(tmp_path / "map.pmtiles"))
    assert broken.get("/basemap.pmtiles").status_code == 404
    assert '"basemap": null' in broken.get("/crises/coast").text
