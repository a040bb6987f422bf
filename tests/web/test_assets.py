"""Built files travel packed to browsers that take it, and are the same files."""

import gzip
import json

import pytest
from mapper.web.assets import MANIFEST, STATIC

from tests.conftest import needs


@pytest.fixture(scope="module")
def built():
    needs(MANIFEST.is_file(), "built assets (make setup)")
    return json.loads(MANIFEST.read_text(encoding="utf-8"))


def test_texts_come_packed_to_who_takes_it(client, built):
    path = f"/static/build/{built['vendor/world-land.json'].removeprefix('build/')}"
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data
    assert packed.mimetype == plain.mimetype == "application/json"
    assert len(packed.data) < len(plain.data) / 2
    for answer in (packed, plain):
        assert "Accept-Encoding" in answer.headers["Vary"] and "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["../pyproject.toml", "build/../../pyproject.toml", "%2e%2e/pyproject.toml", "absent.js"]
)
def test_nothing_outside_is_served(client, path):
    assert client.get(f"/static/{path}").status_code == 404
    assert STATIC.is_dir()
