"""The fence: honest files come back whole, attacks reach neither a file nor the network."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import shapely
from mapper.files.confinement import confine
from mapper.files.csvs import open_csv
from mapper.files.features import read_features
from mapper.files.fence import read_fenced, repair_fenced
from mapper.files.fenced import DRIVERS
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge, SeveralLayers

SECRET = "canary-7f3a"
WKT = "POLYGON ((87 27, 88 27, 88 28, 87 28, 87 27))"


class Canary:
    """A local server that counts who comes, and a file beside it that nobody may read."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "secret.csv"
        self.file.write_text(f"name,x,y\n{SECRET},1,2\n")
        self.visits = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.visits += 1
                self.send_response(200)
                self.end_headers()
                self.wfile.write(outer.file.read_bytes())

            do_HEAD = do_GET  # noqa: N815 - the server looks this name up

            def log_message(self, *_: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/secret.csv"


@pytest.fixture
def canary(tmp_path: Path) -> Iterator[Canary]:
    folder = tmp_path / "server"
    folder.mkdir()
    watched = Canary(folder)
    yield watched
    watched.server.shutdown()
    watched.server.server_close()
    assert watched.visits == 0, "something reached the canary's server"


def vrt(source: str) -> str:
    return (
        f'<OGRVRTDataSource><OGRVRTLayer name="secret"><SrcDataSource>{source}</SrcDataSource>'
        '<GeometryType>wkbPoint</GeometryType><GeometryField encoding="PointFromColumns" x="x" y="y"/>'
        "</OGRVRTLayer></OGRVRTDataSource>"
    )


def kml(inside: str, head: str = "") -> str:
    return f'<?xml version="1.0"?>{head}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}</Document></kml>'


PLACEMARK = "<Placemark><name>N</name><Point><coordinates>87,27</coordinates></Point></Placemark>"


def write_zip(path: Path, members: dict[str, bytes | str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def write_layer(
    path: Path, driver: str, wkt: str = WKT, crs: str = "EPSG:4326", layer: str = "areas"
) -> Path:
    import numpy as np
    from pyogrio.raw import write

    geometries = np.array([shapely.to_wkb(shapely.from_wkt(wkt))], dtype=object)
    names, grades = np.array(["Північ"], dtype=object), np.array([3], dtype="int32")
    write(
        path,
        geometries,
        [names, grades],
        np.array(["name", "grade"]),
        driver=driver,
        geometry_type="Polygon",
        crs=crs,
        layer=layer,
        append=path.exists(),
        encoding="UTF-8",
    )
    return path


@pytest.mark.parametrize(
    ("kind", "driver", "suffix"),
    [("gpkg", "GPKG", ".gpkg"), ("flatgeobuf", "FlatGeobuf", ".fgb"), ("kml", "LIBKML", ".kml")],
)
def test_honest_files_come_back_whatever_they_are_called(
    tmp_path: Path, kind: str, driver: str, suffix: str
) -> None:
    path = write_layer(tmp_path / f"a{suffix}", driver).rename(tmp_path / "renamed.csv")
    features = read_features(path)
    (found,) = list(features)
    assert features.format == kind
    assert found.geometry.equals(shapely.from_wkt(WKT))
    properties = found.properties or {}
    assert "Північ" in (properties.get("name"), properties.get("Name"))
    assert int(properties["grade"]) == 3


def zipped_shapefile(
    folder: Path, crs: str = "EPSG:4326", wkt: str = WKT, layers: tuple[str, ...] = ("adm1",)
) -> Path:
    for layer in layers:
        write_layer(folder / f"{layer}.shp", "ESRI Shapefile", wkt, crs, layer)
    members = {f"deep/{file.name}": file.read_bytes() for file in folder.iterdir() if file.stem in layers} | {
        "readme.txt": b"read me",
        "__MACOSX/._adm1.shp": b"shadow",
    }
    return write_zip(folder / "shapes.zip", members)


def test_a_zipped_shapefile_is_brought_to_degrees(tmp_path: Path) -> None:
    in_metres = "POLYGON ((500000 3000000, 510000 3000000, 510000 3010000, 500000 3000000))"
    features = read_features(zipped_shapefile(tmp_path, "EPSG:32645", in_metres))
    (found,) = list(features)
    assert features.format == "shapefile" and features.layers == ("adm1",)
    x, y = found.geometry.exterior.coords[0]
    assert (round(x, 6), round(y, 6)) == (87.0, 27.12247)


def test_metres_without_a_coordinate_system_are_not_taken_for_degrees(tmp_path: Path) -> None:
    in_metres = "POLYGON ((500000 3000000, 510000 3000000, 510000 3010000, 500000 3000000))"
    zipped_shapefile(tmp_path, "EPSG:32645", in_metres)
    members = {f"a{end}": (tmp_path / f"adm1{end}").read_bytes() for end in (".shp", ".shx", ".dbf")}
    (found,) = list(read_features(write_zip(tmp_path / "bare.zip", members)))
    assert found.geometry is None and "Earth" in (found.problem or "")


def test_several_layers_need_a_name(tmp_path: Path) -> None:
    archive = zipped_shapefile(tmp_path, layers=("adm1", "adm2"))
    with pytest.raises(SeveralLayers) as refusal:
        read_features(archive)
    assert sorted(refusal.value.layers) == ["adm1", "adm2"]
    assert read_features(archive, layer="adm2").layers == ("adm2",)
    with pytest.raises(FileRefused):
        read_features(archive, layer="adm3")


def test_zipped_geojson_is_read_by_our_own_parser(tmp_path: Path) -> None:
    text = json.dumps(
        {"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2]}}
    )
    features = read_features(write_zip(tmp_path / "x.zip", {"a.geojson": text}))
    assert features.format == "geojson"
    assert [feature.line for feature in features] == [None]


@pytest.mark.parametrize(
    "name", ["evil.geojson", "evil.csv", "evil.kml", "evil.vrt", "evil.gpkg", "evil.shp"]
)
def test_vrt_under_any_name_is_refused(tmp_path: Path, canary: Canary, name: str) -> None:
    for source in (str(canary.file), f"/vsicurl/{canary.url}", canary.url):
        path = tmp_path / name
        path.write_text(vrt(source))
        with pytest.raises(FileRefused):
            list(read_features(path))
        with pytest.raises(FileRefused):
            list(open_csv(path).records())
        with pytest.raises(FileRefused):
            list(read_features(write_zip(tmp_path / "evil.zip", {name: vrt(source)})))


@pytest.mark.parametrize("kind", sorted(DRIVERS.keys() - {"shapefile"}))
def test_the_fence_holds_without_the_front_door(tmp_path: Path, canary: Canary, kind: str) -> None:
    """Whatever kind is claimed, GDAL holds no driver that would open a VRT or an address."""
    for content in (vrt(str(canary.file)), vrt(f"/vsicurl/{canary.url}"), f'"{canary.url}"', canary.url):
        path = tmp_path / "source"
        path.write_text(content)
        with pytest.raises(FileRefused):
            read_fenced(path, kind, None, Limits())


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/x", "/vsicurl/http://127.0.0.1:{port}/x", "/vsizip//vsicurl/http://x/a.zip"],
)
def test_addresses_as_paths_are_not_fetched(canary: Canary, address: str) -> None:
    with pytest.raises(FileRefused):
        read_features(Path(address.format(port=canary.server.server_port)))


def test_links_in_kml_are_not_followed(tmp_path: Path, canary: Canary) -> None:
    path = tmp_path / "a.kml"
    inside = PLACEMARK + "".join(
        f"<NetworkLink><Link><href>{target}</href></Link></NetworkLink>"
        f"<Style><IconStyle><Icon><href>{target}</href></Icon></IconStyle></Style>"
        f"<Placemark><styleUrl>{target}#x</styleUrl><Point><coordinates>1,2</coordinates></Point></Placemark>"
        for target in (canary.url, f"/vsicurl/{canary.url}", str(canary.file))
    )
    path.write_text(kml(inside))
    found = list(read_features(path))
    assert len(found) == 4
    assert SECRET not in repr(found)


def bomb() -> str:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE kml [<!ENTITY l0 "lol">{levels}]>'


def test_entities_in_kml_are_refused_at_once(tmp_path: Path, canary: Canary) -> None:
    external = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "file://{canary.file}"><!ENTITY y SYSTEM "{canary.url}">]>'
    for head in (bomb(), external):
        path = tmp_path / "a.kml"
        path.write_text(kml(f"<Placemark><name>&l9;&x;&y;</name></Placemark>{PLACEMARK}", head))
        started = time.monotonic()
        with pytest.raises(FileRefused, match="entities"):
            read_features(path)
        assert time.monotonic() - started < 2


def test_zip_bombs_are_refused_before_expansion(tmp_path: Path) -> None:
    zeros = write_zip(tmp_path / "zeros.zip", {"a.kml": b"\0" * 60_000_000})
    with pytest.raises(FileTooLarge):
        read_features(zeros)
    many = write_zip(tmp_path / "many.zip", {f"{n}.kml": b"x" for n in range(300)})
    with pytest.raises(FileTooLarge):
        read_features(many)


def test_a_zip_that_lies_about_its_size_is_stopped(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "lies.zip", {"a.kml": b"\0" * 3_000_000})
    data = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (30).to_bytes(4, "little"))
    path.write_bytes(data)
    with pytest.raises(FileRefused):
        read_features(path, Limits(zip_bytes=1_000_000))


@pytest.mark.parametrize(
    "name", ["../../escaped.kml", "/root/escaped.kml", "..\\escaped.kml", "C:\\escaped.kml", "a/../../b.kml"]
)
def test_zip_slip_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="folder"):
        read_features(write_zip(tmp_path / "slip.zip", {name: kml(PLACEMARK)}))
    assert not list(tmp_path.rglob("*escaped*"))


def test_links_nested_archives_and_damage_are_refused(tmp_path: Path, canary: Canary) -> None:
    link = zipfile.ZipInfo("a.kml")
    link.external_attr = 0o120777 << 16
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, str(canary.file))
    with pytest.raises(FileRefused, match="link"):
        read_features(path)
    inner = write_zip(tmp_path / "inner.zip", {"a.kml": kml(PLACEMARK)})
    with pytest.raises(FileRefused, match="another archive"):
        read_features(write_zip(tmp_path / "outer.zip", {"b.kmz": inner.read_bytes()}))
    for cut in (30, len(inner.read_bytes()) - 10):
        damaged = tmp_path / "cut.zip"
        damaged.write_bytes(inner.read_bytes()[:cut])
        with pytest.raises(FileRefused):
            read_features(damaged)
    with pytest.raises(FileRefused):
        read_features(write_zip(tmp_path / "none.zip", {"a.txt": "x"}))
    with pytest.raises(FileRefused, match="Excel"):
        read_features(write_zip(tmp_path / "book.xlsx", {"xl/workbook.xml": "<workbook/>"}))


def test_time_is_limited(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.gpkg", "GPKG")
    with pytest.raises(FileTooLarge):
        read_features(path, Limits(seconds=0))


def test_memory_is_limited(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "a.gpkg", "GPKG")
    with pytest.raises(FileRefused):
        read_features(path, Limits(memory_bytes=60_000_000))


def test_a_crossing_area_is_repaired(tmp_path: Path) -> None:
    bow = {"type": "Polygon", "coordinates": [[[0, 0], [2, 2], [2, 0], [0, 2], [0, 0]]]}
    path = tmp_path / "bow.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": bow}))
    (found,) = list(read_features(path))
    assert found.repaired and found.geometry.is_valid and found.geometry.area == 2


def test_a_large_crossing_area_is_repaired_behind_the_fence_or_given_up_in_time(tmp_path: Path) -> None:
    count = 3_000
    ring = [
        [x % 2 * 90, x * 90 / count] if x % 3 else [(x + 1) % 2 * 90, (count - x) * 90 / count]
        for x in range(count)
    ]
    path = tmp_path / "star.geojson"
    shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
    path.write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": shape}))
    started = time.monotonic()
    try:
        (found,) = list(read_features(path, Limits(seconds=5)))
        assert found.geometry.is_valid
    except FileTooLarge:
        pass
    assert time.monotonic() - started < 30


def test_repair_behind_the_fence() -> None:
    bow = shapely.from_wkt("POLYGON ((0 0, 2 2, 2 0, 0 2, 0 0))")
    assert shapely.from_wkb(repair_fenced(shapely.to_wkb(bow), Limits())).area == 2


PROBE = """
import sys; sys.path.insert(0, sys.argv[1])
import json, os, socket, subprocess
from pathlib import Path
from mapper.files.confinement import confine
folder, canary, port = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
holding = confine(folder, [Path(sys.prefix), Path(sys.base_prefix)], 10, 2_000_000_000, 1_000_000)
def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"
print(json.dumps({
    "holding": holding,
    "write inside": tried(lambda: (folder / "x").write_text("x")),
    "write too much": tried(lambda: (folder / "y").write_bytes(b"x" * 2_000_000)),
    "read outside": tried(lambda: open(canary).read()),
    "write outside": tried(lambda: open(canary, "a")),
    "connect": tried(lambda: socket.create_connection(("127.0.0.1", port))),
    "run": tried(lambda: subprocess.run([sys.executable, "-c", ""])),
    "signal": tried(lambda: os.kill(os.getppid(), 0)),
}))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the fence's own walls are Linux's")
def test_a_confined_process_can_do_nothing_else(tmp_path: Path, canary: Canary) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    root = str(Path(confine.__code__.co_filename).parents[2])
    command = [sys.executable, "-I", "-c", PROBE, root, folder, canary.file, str(canary.server.server_port)]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    report = json.loads(run.stdout)
    holding = report.pop("holding")
    assert "seccomp" in holding or "namespace" in holding
    assert report["write inside"] == "done"
    assert report["write too much"] == "OSError"
    assert report["connect"] != "done"
    if "landlock" in holding:
        assert (report["read outside"], report["write outside"]) == ("PermissionError", "PermissionError")
    if "seccomp" in holding:
        assert (report["run"], report["signal"]) == ("PermissionError", "PermissionError")


def test_the_canary_sings(canary: Canary) -> None:
    """The canary would notice: a test that cannot fail proves nothing."""
    with socket.create_connection(("127.0.0.1", canary.server.server_port)) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert SECRET in connection.makefile().read()
    assert canary.visits == 1
    canary.visits = 0


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    path = write_layer(tmp_path / "a.gpkg", "GPKG")
    features = read_features(path)
    assert len(list(features)) == 1
    del features
    with pytest.raises(FileRefused):
        read_features(write_zip(tmp_path / "none.zip", {"a.txt": "x"}))
    assert list((tmp_path / "temporary").iterdir()) == []
