"""GeoJSON by our own parser: what is well formed comes back, what is not is named."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from mapper.files import splitter
from mapper.files.features import Feature, read_features
from mapper.files.limits import Limits
from mapper.files.refusals import FileRefused, FileTooLarge

POINT = {"type": "Point", "coordinates": [30.5, 50.4]}


def write(folder: Path, content: str | bytes) -> Path:
    path = folder / "file.geojson"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read(folder: Path, content: Any, limits: Limits | None = None) -> list[Feature]:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    return list(read_features(write(folder, text), limits or Limits()))


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def collection(*features: Any, **members: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", **members, "features": list(features)}


def test_a_collection_with_members_before_and_after(tmp_path: Path) -> None:
    text = '{"name": "features", "features": [\n' + json.dumps(feature(POINT, a='[{"')) + ",\n"
    text += json.dumps(feature(None, b=1)) + '\n], "type": "FeatureCollection", "bbox": [0, 1]}'
    first, second = read(tmp_path, text)
    assert (first.number, first.line, first.properties) == (1, 2, {"a": '[{"'})
    assert (first.geometry.x, first.geometry.y) == (30.5, 50.4)
    assert (second.line, second.geometry, second.problem) == (3, None, None)


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\n\x1e", "\n\n"])
def test_sequences(tmp_path: Path, separator: str) -> None:
    text = separator.join(json.dumps(feature(POINT, n=n)) for n in range(3))
    assert [item.properties for item in read(tmp_path, text)] == [{"n": n} for n in range(3)]


def test_one_feature_and_one_geometry(tmp_path: Path) -> None:
    assert read(tmp_path, feature(POINT, a=1))[0].properties == {"a": 1}
    assert read(tmp_path, POINT)[0].geometry.equals(shapely.Point(30.5, 50.4))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    text = json.dumps(collection(feature(POINT, text="Міст")), ensure_ascii=False)
    assert read(tmp_path, text.encode(encoding))[0].properties == {"text": "Міст"}


BAD_GEOMETRIES: list[Any] = [
    {"type": "Point", "coordinates": [999, 999]},
    {"type": "Point", "coordinates": [85.3, 127.7]},
    {"type": "Point", "coordinates": ["30.5", "50.4"]},
    {"type": "Point", "coordinates": [True, False]},
    {"type": "Point", "coordinates": [30.5]},
    {"type": "Point", "coordinates": [None, None]},
    {"type": "Point", "coordinates": {"lon": 1, "lat": 2}},
    {"type": "Point"},
    {"type": "Pointer", "coordinates": [1, 2]},
    {"type": ["Point"], "coordinates": [1, 2]},
    {"type": "LineString", "coordinates": [[1, 2]]},
    {"type": "LineString", "coordinates": [1, 2]},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[0, 0], [1, 1], [2, 0], [0, 0]]},
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [999, 0]}]},
    "POINT (1 2)",
    [1, 2],
    7,
]


@pytest.mark.parametrize("geometry", BAD_GEOMETRIES, ids=str)
def test_bad_geometries_are_named_and_kept_raw(tmp_path: Path, geometry: Any) -> None:
    (found,) = read(tmp_path, collection(feature(geometry, text="x")))
    assert found.geometry is None
    assert found.problem
    assert found.raw_geometry == geometry
    assert found.properties == {"text": "x"}


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_nan_is_no_position(tmp_path: Path, number: str) -> None:
    text = '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"a":NaN,"b":"x"},'
    text += '"geometry":{"type":"Point","coordinates":[NUMBER,1]}}]}'.replace("NUMBER", number)
    (found,) = read(tmp_path, text)
    assert found.geometry is None and found.problem
    assert found.properties == {"a": "NaN", "b": "x"}


@pytest.mark.parametrize(
    ("geometry", "wkt"),
    [
        ({"type": "Point", "coordinates": [1, 2, 300]}, "POINT (1 2)"),
        ({"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2]]]}, "POLYGON ((0 0, 2 0, 2 2, 0 0))"),
        ({"type": "MultiPoint", "coordinates": [[0, 0], [1, 1]]}, "MULTIPOINT ((0 0), (1 1))"),
        (
            {"type": "MultiLineString", "coordinates": [[[0, 0], [1, 1]], [[2, 2], [3, 3]]]},
            "MULTILINESTRING ((0 0, 1 1), (2 2, 3 3))",
        ),
        (
            {
                "type": "Polygon",
                "coordinates": [
                    [[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]],
                    [[1, 1], [2, 1], [2, 2], [1, 2], [1, 1]],
                ],
            },
            "POLYGON ((0 0, 9 0, 9 9, 0 9, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))",
        ),
    ],
)
def test_geometries(tmp_path: Path, geometry: Any, wkt: str) -> None:
    assert shapely.to_wkt(read(tmp_path, feature(geometry))[0].geometry, trim=True) == wkt


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"type": "FeatureCollection", "features": [',
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {"a": "x',
        '{"type": "FeatureCollection", "features": [1]}',
        '{"type": "FeatureCollection", "features": ["x"]}',
        '{"type": "FeatureCollection", "features": [[]]}',
        '{"type": "Topology", "features": []}',
        '{"type": "FeatureCollection", "features": []} trailing',
        '{"type": "FeatureCollection", "features": []}}',
        "[1, 2]",
        "<OGRVRTDataSource></OGRVRTDataSource>",
        "plain",
    ],
)
def test_what_is_no_geojson_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FileRefused):
        read(tmp_path, text)


@pytest.mark.parametrize(
    "text",
    ['{"type": "Elsewhere"}', '{"type": "Feature", "properties": 7}', '{"type": "Feature", "x": oops}'],
)
def test_a_damaged_feature_is_named_and_the_next_is_read(tmp_path: Path, text: str) -> None:
    first, second = read(tmp_path, text + "\n" + json.dumps(feature(POINT)))
    assert first.properties is None and first.problem
    assert second.line == 2 and second.geometry is not None


def test_other_coordinate_systems_are_refused(tmp_path: Path) -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32645"}}
    with pytest.raises(FileRefused, match="32645"):
        read(tmp_path, collection(feature(POINT), crs=crs))
    fine = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(read(tmp_path, collection(feature(POINT), crs=fine))) == 1


def test_limits(tmp_path: Path) -> None:
    ring = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    polygon = {"type": "Polygon", "coordinates": [ring]}
    assert "positions" in (read(tmp_path, feature(polygon), Limits(vertices=4))[0].problem or "")
    with pytest.raises(FileTooLarge):
        read(tmp_path, collection(feature(POINT), feature(POINT)), Limits(rows=1))
    with pytest.raises(FileTooLarge):
        read(tmp_path, feature(POINT, text="x" * 2_000), Limits(feature_characters=1_000))
    with pytest.raises(FileTooLarge):
        read(tmp_path, '{"type":"Feature","properties":' + '{"a":' * 100_000, Limits())


def test_a_million_positions_are_refused_in_time(tmp_path: Path) -> None:
    ring = ",".join(f"[{n % 360 - 180},{n % 180 - 90}]" for n in range(1_000_000))
    started = time.monotonic()
    text = '{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[' + ring + "]]}}"
    (found,) = read(tmp_path, text)
    assert found.geometry is None and "positions" in (found.problem or "")
    assert time.monotonic() - started < 15


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(
    properties=st.lists(st.dictionaries(st.text(max_size=9), JSON, max_size=4), max_size=5),
    chunk=st.integers(1, 40),
    indent=st.sampled_from([None, 1]),
)
def test_properties_survive_any_chunking(
    tmp_path_factory: pytest.TempPathFactory, properties: list[dict[str, Any]], chunk: int, indent: int | None
) -> None:
    content = collection(*(feature(POINT) | {"properties": item} for item in properties), features2=[1])
    path = write(tmp_path_factory.mktemp("json"), json.dumps(content, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter, "CHUNK", chunk)
        found = list(read_features(path))
    assert [item.properties for item in found] == properties
    if indent:
        lines = path.read_text().splitlines()
        assert all(lines[(item.line or 0) - 1].strip() == "{" for item in found)
