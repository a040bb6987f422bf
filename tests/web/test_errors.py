"""Errors are problem documents for programs and sentences for people."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def test_a_problem_is_rfc_9457_json(client: FlaskClient) -> None:
    answer = client.get("/api/v1/problem")
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Unusable report",
        "status": 422,
        "detail": "The input has errors.",
        "errors": [{"pointer": "/geometry", "detail": "is no point"}],
    }


def test_a_rooms_exception_is_found_in_the_table(client: FlaskClient) -> None:
    answer = client.get("/api/v1/out_of_stock")
    assert answer.status_code == 409
    assert answer.json["title"] == "Out of stock"
    assert answer.json["detail"] == "no tents are left"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("GET", "/crises/nothing/summary.json", 404),
        ("GET", "/crises/nothing/areas.geojson", 404),
        ("DELETE", "/api/v1/problem", 405),
        ("GET", "/api/v1/teapot", 415),
        ("GET", "/api/v1/broken", 500),
    ],
)
def test_framework_errors_are_problems(client: FlaskClient, method: str, path: str, status: int) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == status
    assert answer.json["title"]
    assert answer.json["detail"]


@pytest.mark.parametrize(("path", "status"), [("/api/v1/problem%00", 404), ("/api/v1/problem?a=%00", 400)])
def test_an_address_with_a_nul_is_refused(client: FlaskClient, path: str, status: int) -> None:
    assert client.get(path).status_code == status


def test_a_405_says_what_is_allowed(client: FlaskClient) -> None:
    assert "GET" in client.delete("/api/v1/problem").headers["Allow"]


@pytest.mark.parametrize("path", ["/nothing", "/pages/problem", "/pages/out_of_stock", "/pages/broken"])
def test_people_get_a_page(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=HTML)
    assert answer.status_code >= 400
    assert answer.mimetype == "text/html"
    assert "<h1>" in answer.text


def test_a_program_that_accepts_json_gets_a_problem_anywhere(client: FlaskClient) -> None:
    answer = client.get("/nothing", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/api/v1/broken", "/pages/broken"])
def test_no_answer_shows_what_broke(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_body_over_the_limit_is_413(client: FlaskClient, app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 10
    assert client.post("/api/v1/body", data=b"x" * 10).text == "10"
    answer = client.post("/api/v1/body", data=b"x" * 11)
    assert answer.status_code == 413
    assert answer.content_type == "application/problem+json"


def test_a_limited_view_answers_429_with_a_time(client: FlaskClient) -> None:
    assert [client.post("/api/v1/often").status_code for _ in range(3)] == [200, 200, 429]
    refused = client.post("/api/v1/often")
    assert refused.headers["Retry-After"] == "60"
    assert refused.content_type == "application/problem+json"
    assert client.get("/api/v1/often").status_code == 200
    assert client.post("/api/v1/often", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
