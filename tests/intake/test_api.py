"""`POST …/reports` answers as the contract says, whatever is sent."""

import io
import json

import pytest
from mapper.store.contents import open_contents
from mapper.store.tables import Medium, Report
from PIL import Image
from sqlalchemy import func, select

URL = "/api/v1/crises/coast/reports"


def feature(geometry=(-72.3, 18.5), **properties):
    point = None if geometry is None else {"type": "Point", "coordinates": list(geometry)}
    return {"type": "Feature", "geometry": point, "properties": {"text": "Bridge down"} | properties}


@pytest.fixture
def crisis(sqlite_store, make_crisis):
    return make_crisis(sqlite_store)


@pytest.fixture
def auth(sqlite_store, crisis, make_token):
    return make_token(sqlite_store, "reporter")


def reports(store):
    with store.read() as session:
        found = session.scalars(select(Report)).all()
        return found, open_contents(session, store.keys, found)


def test_a_report_is_taken_from_anybody(client, crisis, sqlite_store):
    answer = client.post(URL, json=feature(contact="me@example.org", observed_at="2026-02-28T09:00:00-05:00"))
    assert answer.status_code == 201
    assert set(answer.json) == {"id", "receipt"}
    (report,), contents = reports(sqlite_store)
    assert str(report.id) == answer.json["id"]
    assert report.observed_at.isoformat() == "2026-02-28T14:00:00+00:00"
    assert contents[report.id].contact == "me@example.org"
    assert report.sender_key == "anonymous" and report.sender_user_id is None


def test_geojsons_own_type_is_taken(client, crisis):
    data = json.dumps(feature())
    assert client.post(URL, data=data, content_type="application/geo+json; charset=utf-8").status_code == 201


def test_a_place_that_is_not_known_is_accepted(client, crisis, sqlite_store):
    assert client.post(URL, json=feature(None, location_text="behind the market")).status_code == 201
    assert reports(sqlite_store)[0][0].lon_e7 is None


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        (feature((999, 18.5)), "/geometry/coordinates"),
        (feature((-72.3, 91)), "/geometry/coordinates"),
        (feature(("-72.3", "18.5")), "/geometry/coordinates"),
        (feature((-72.3,)), "/geometry/coordinates"),
        (feature((True, 1)), "/geometry/coordinates"),
        (feature(damage_grade=6), "/properties/damage_grade"),
        (feature(damage_grade="5"), "/properties/damage_grade"),
        (feature(damage_grade=True), "/properties/damage_grade"),
        (feature(service_state="broken"), "/properties/service_state"),
        (feature(observed_at="2026-02-30T00:00:00Z"), "/properties/observed_at"),
        (feature(observed_at="2026-02-28T09:00:00"), "/properties/observed_at"),
        (feature(observed_at=1700000000), "/properties/observed_at"),
        (feature(observed_at="2027-02-28T09:00:00Z"), "/properties/observed_at"),
        (feature(observed_at="0001-01-01T00:00:00+05:00"), "/properties/observed_at"),
        (feature(observed_at="9999-12-31T23:00:00-05:00"), "/properties/observed_at"),
        (feature(people_affected=-1), "/properties/people_affected"),
        (feature(needs="water"), "/properties/needs"),
        (feature(source_url="javascript:alert(1)"), "/properties/source_url"),
        (feature(consent="maybe"), "/properties/consent"),
        (feature(position_accuracy_m=-5), "/properties/position_accuracy_m"),
        (feature(text="x" * 20_001), "/properties/text"),
        (feature(text=5), "/properties/text"),
        (feature(damage_scale="s" * 33), "/properties/damage_scale"),
        ({"type": "Feature", "properties": {"text": "no geometry member"}}, "/geometry"),
        ({"type": "FeatureCollection", "features": []}, "/type"),
        (
            {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": []}, "properties": {}},
            "/geometry",
        ),
        ([], ""),
        ({"type": "Feature", "geometry": None, "properties": {}}, "/properties"),
    ],
)
def test_each_wrong_field_is_named(client, crisis, sqlite_store, document, pointer):
    answer = client.post(URL, json=document)
    assert answer.status_code == 422
    assert answer.content_type == "application/problem+json"
    body = answer.json
    assert body["status"] == 422 and body["type"] and body["title"] and body["detail"]
    assert any(error["pointer"].startswith(pointer) and error["detail"] for error in body["errors"])
    assert not reports(sqlite_store)[0]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_422(client, crisis, number):
    body = json.dumps(feature()).replace("-72.3", number)
    answer = client.post(URL, data=body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"].startswith("/geometry/coordinates")


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"a":' * 100_000])
def test_what_is_no_json_is_400(client, crisis, body):
    answer = client.post(URL, data=body, content_type="application/json")
    assert answer.status_code == 400 and answer.content_type == "application/problem+json"


def test_other_answers(client, crisis, app):
    assert client.post(URL.replace("coast", "nowhere"), json=feature()).status_code == 404
    assert client.post(URL, data="x", content_type="text/plain").status_code == 415
    assert client.get(URL).status_code == 405
    assert client.post(URL, json=feature(), headers={"Authorization": "Bearer wrong"}).status_code == 401
    for answer in (client.post(URL, data="x", content_type="text/plain"), client.get(URL)):
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("levels", [99, 253, 254, 500, 1000])
def test_a_payload_too_deep_to_be_kept_is_400(client, crisis, levels):
    deep = "[" * levels + "]" * levels
    body = json.dumps(feature()).replace('"text":', f'"x": {deep}, "text":')
    assert client.post(URL, data=body, content_type="application/json").status_code == 400
    lines = f"{body}\n{json.dumps(feature())}"
    answer = client.post(URL, data=lines, content_type="application/x-ndjson")
    assert (answer.json["accepted"], answer.json["rejected"]) == (1, 1)


@pytest.mark.parametrize("written", ["1700000000", "1e9", "-5", "17000000000000"])
def test_a_count_of_seconds_is_no_time(client, crisis, written):
    answer = client.post(URL, json=feature(observed_at=written))
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] == "/properties/observed_at"


@pytest.mark.parametrize("year", ["0001", "1066", "1899"])
def test_a_time_long_past_is_refused(client, crisis, year):
    # One such report once stopped fusion for everybody: its window began before the calendar does.
    answer = client.post(URL, json=feature(observed_at=f"{year}-12-31T00:00:00Z"))
    assert answer.status_code == 422
    assert client.post(URL, json=feature(observed_at="1900-01-01T00:00:00Z")).status_code == 201


def test_null_is_as_good_as_absent(client, crisis, sqlite_store):
    nothing = dict.fromkeys(["needs", "consent", "category", "damage_grade", "observed_at", "contact"])
    assert client.post(URL, json=feature(**nothing)).status_code == 201
    assert reports(sqlite_store)[0][0].consent == "none"


def test_a_byte_order_mark_is_no_error(client, crisis):
    body = b"\xef\xbb\xbf" + json.dumps(feature()).encode()
    assert client.post(URL, data=body, content_type="application/json").status_code == 201


def test_an_oversize_body_is_413(client, crisis, settings):
    answer = client.post(URL, data=b"x" * (settings.max_body_bytes + 1), content_type="application/json")
    assert answer.status_code == 413 and answer.content_type == "application/problem+json"


def test_an_oversize_body_without_a_length_is_413(client, crisis, settings):
    pieces = json.dumps(feature()).encode() + b" " * settings.max_body_bytes
    answer = client.post(
        URL,
        input_stream=io.BytesIO(pieces),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413 and answer.content_type == "application/problem+json"


def test_no_cache_keeps_a_receipt(client, crisis):
    assert client.post(URL, json=feature()).headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("position", [(999, 18.5), ("-72.3", 18.5), (1, 2, 3, 4)])
def test_a_wrong_position_is_one_error(client, crisis, position):
    (error,) = client.post(URL, json=feature(position)).json["errors"]
    assert error["pointer"].startswith("/geometry/coordinates")


def test_idempotency_is_per_sender(client, crisis, auth):
    key = {"Idempotency-Key": "abc"}
    first = client.post(URL, json=feature(), headers=auth | key)
    again = client.post(
        URL, data=json.dumps(feature(), indent=3), headers=auth | key, content_type="application/json"
    )
    other = client.post(URL, json=feature(text="Other"), headers=auth | key)
    stranger = client.post(URL, json=feature(), headers=key)
    assert [first.status_code, again.status_code, other.status_code, stranger.status_code] == [
        201,
        200,
        409,
        201,
    ]
    assert first.json == again.json != stranger.json
    assert other.content_type == "application/problem+json"


def test_a_source_id_counts_for_known_senders_only(client, crisis, auth):
    body = feature(channel="kobo", source_id="17")
    known = [client.post(URL, json=body, headers=auth) for _ in range(2)]
    unknown = [client.post(URL, json=body) for _ in range(2)]
    assert [answer.status_code for answer in known + unknown] == [201, 200, 201, 201]
    assert known[0].json == known[1].json


def test_what_the_sender_may_not_say_is_ignored(client, crisis, sqlite_store):
    client.post(URL, json=feature(status="verified", role="admin", source_grade="A", channel="satellite"))
    (report,), contents = reports(sqlite_store)
    assert report.channel == "api"
    assert contents[report.id].raw["properties"]["status"] == "verified"


def jpeg(size=(64, 48)):
    buffer = io.BytesIO()
    Image.new("RGB", size, "grey").save(buffer, "JPEG")
    return buffer.getvalue()


def multipart(document, *media):
    files = [("media", (io.BytesIO(data), name)) for name, data in media]
    return {"report": json.dumps(document), **({"media": [file for _, file in files]} if files else {})}


def test_photos_come_with_the_report(client, crisis, sqlite_store):
    photo = jpeg()
    answer = client.post(URL, data=multipart(feature(), ("a.png", photo), ("b.jpg", jpeg((32, 32)))))
    assert answer.status_code == 201
    with sqlite_store.read() as session:
        media = session.scalars(select(Medium).order_by(Medium.position)).all()
        assert [medium.content_type for medium in media] == ["image/jpeg", "image/jpeg"]
        assert photo not in sqlite_store.blobs.get(media[0].blob)  # sealed


def test_a_photo_alone_is_a_report(client, crisis):
    document = {"type": "Feature", "geometry": None, "properties": {}}
    assert client.post(URL, data=multipart(document, ("a.jpg", jpeg()))).status_code == 201


def png_of(width, height):
    """A small PNG whose header claims a size."""
    buffer = io.BytesIO()
    Image.new("1", (8, 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", 415),
        (b"GIF89a" + b"\0" * 50, 415),
        (b"\xff\xd8\xff\xe0 not really", 415),
        (b"", 415),
        (png_of(12_000, 12_000), 413),
        (png_of(60_000, 60_000), 413),
        (png_of(4_000, 3_000), 413),
    ],
)
def test_what_is_no_honest_photo_is_refused(client, crisis, sqlite_store, data, status):
    answer = client.post(URL, data=multipart(feature(), ("x.jpg", data)))
    assert answer.status_code == status
    assert answer.json["errors"][0]["pointer"] == "/media/0"
    assert not reports(sqlite_store)[0]


def test_too_many_photos_and_no_report_part(client, crisis, settings):
    many = [(f"{number}.jpg", jpeg((8, 8))) for number in range(settings.max_photos + 1)]
    assert client.post(URL, data=multipart(feature(), *many)).status_code == 413
    assert client.post(URL, data={"media": (io.BytesIO(jpeg()), "a.jpg")}).status_code == 422


def test_the_same_photo_again_is_the_same_report(client, crisis, auth):
    key = auth | {"Idempotency-Key": "p"}
    photo = jpeg()
    answers = [client.post(URL, data=multipart(feature(), ("a.jpg", photo)), headers=key) for _ in range(2)]
    other = client.post(URL, data=multipart(feature(), ("a.jpg", jpeg((9, 9)))), headers=key)
    assert [answer.status_code for answer in [*answers, other]] == [201, 200, 409]


def lines(*documents):
    return b"\n".join(item if isinstance(item, bytes) else json.dumps(item).encode() for item in documents)


def test_lines_are_counted_and_each_refusal_is_named(client, crisis, sqlite_store):
    body = lines(
        feature(), feature(text="2"), b"", b"{broken", feature((999, 0)), feature(), feature(text="3")
    )
    answer = client.post(URL, data=body, content_type="application/x-ndjson")
    assert answer.status_code == 200
    counts = {name: answer.json[name] for name in ("read", "accepted", "duplicates", "rejected")}
    assert counts == {"read": 6, "accepted": 3, "duplicates": 1, "rejected": 2}
    assert [error["line"] for error in answer.json["errors"]] == [4, 5]
    again = client.post(URL, data=body, content_type="application/x-ndjson").json
    assert (again["accepted"], again["duplicates"]) == (0, 4)
    with sqlite_store.read() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 3


def test_a_long_line_is_refused_and_the_next_one_read(client, crisis):
    body = lines(b'{"x": "' + b"y" * 1_100_000 + b'"}', feature())
    answer = client.post(URL, data=body, content_type="application/x-ndjson").json
    assert (answer["read"], answer["accepted"], answer["rejected"]) == (2, 1, 1)
