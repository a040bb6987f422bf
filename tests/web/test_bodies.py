"""Bodies that no view read, and bodies without a length."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from mapper.config import Settings
from mapper.web.limits import DRAINED_BYTES

CHUNKED = {"wsgi.input_terminated": True}  # what a server says that ends a body without a length itself


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/problem", "/api/v1/broken"])
@pytest.mark.parametrize("size", [1, DRAINED_BYTES - 1])
def test_a_refused_body_is_read_so_that_the_connection_stays(
    client: FlaskClient, path: str, size: int
) -> None:
    body = io.BytesIO(b"x" * size)
    answer = client.post(path, input_stream=body, content_length=size)
    assert answer.status_code >= 400
    assert body.tell() == size
    assert "Connection" not in answer.headers


def test_a_body_too_long_to_read_ends_the_connection(client: FlaskClient, settings: Settings) -> None:
    for size in (DRAINED_BYTES + 1, settings.max_body_bytes + 1):
        body = io.BytesIO(b"x" * size)
        answer = client.post("/api/v1/nothing", input_stream=body, content_length=size)
        assert answer.headers["Connection"] == "close"
        assert body.tell() <= DRAINED_BYTES


def test_a_refused_body_without_a_length_is_read_too(client: FlaskClient) -> None:
    body = io.BytesIO(b"x" * 5)
    headers = {"Transfer-Encoding": "chunked"}
    answer = client.post("/api/v1/problem", input_stream=body, headers=headers, environ_overrides=CHUNKED)
    assert answer.status_code == 422
    assert body.tell() == 5
