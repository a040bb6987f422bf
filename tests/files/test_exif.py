"""A photo's place and time: used with both references, flagged and never guessed without."""

import io
import json

import pi_heif
import pytest
from mapper.files.exif import PHOTO_ACCURACY_M, read_stamp
from mapper.verification.evidence import make_copies
from PIL import Image, TiffImagePlugin

from tests.files.heic import SIDE, heic

Rational = TiffImagePlugin.IFDRational
HERE = {1: "N", 2: (18.0, 32.0, 21.0), 3: "W", 4: (72.0, 20.0, 6.0)}


def photo(gps=None, details=None, orientation=None, format="JPEG"):
    """Return a photo's bytes with these EXIF tags."""
    exif = Image.Exif()
    if orientation is not None:
        exif[0x0112] = orientation
    if gps:
        exif.get_ifd(0x8825).update(gps)
    if details:
        exif.get_ifd(0x8769).update(details)
    buffer = io.BytesIO()
    Image.new("RGB", (8, 6), "white").save(buffer, format, exif=exif)
    return buffer.getvalue()


def stamp(data):
    with Image.open(io.BytesIO(data)) as image:
        return read_stamp(image)


def test_degrees_with_references_are_a_position_with_a_stated_accuracy():
    found = stamp(photo(HERE, orientation=6))
    assert (found.longitude, found.latitude) == pytest.approx((-72.335, 18.539167), abs=1e-6)
    assert (found.accuracy_m, found.flag, found.orientation) == (PHOTO_ACCURACY_M, None, 6)
    assert (found.width, found.height, found.is_placed) == (8, 6, True)


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({1: None}, "no_reference"),
        ({3: None}, "no_reference"),
        ({1: "X"}, "no_reference"),
        ({1: ""}, "no_reference"),
        ({2: (91.5, 0.0, 0.0)}, "out_of_range"),
        ({4: (181.0, 0.0, 0.0)}, "out_of_range"),
        ({2: (18.0, 75.0, 0.0)}, "unreadable"),
        ({2: (Rational(1, 0), Rational(0, 0), Rational(0, 0))}, "unreadable"),
        ({2: None}, "unreadable"),
    ],
)
def test_what_cannot_be_used_is_flagged_and_not_placed(changes, flag):
    gps = {tag: value for tag, value in (HERE | changes).items() if value is not None}
    found = stamp(photo(gps))
    assert (found.longitude, found.latitude, found.flag, found.is_placed) == (None, None, flag, False)


def test_null_island_is_read_but_not_used():
    found = stamp(photo({1: "N", 2: (0.0, 0.0, 0.0), 3: "E", 4: (0.0, 0.0, 0.0)}))
    assert (found.longitude, found.latitude, found.flag, found.is_placed) == (0.0, 0.0, "null_island", False)


def test_a_photo_that_says_nothing_is_no_error():
    for data in (photo(), photo(orientation=99), photo(format="PNG")):
        found = stamp(data)
        assert (found.longitude, found.flag, found.taken_at, found.orientation) == (None, None, None, 1)


@pytest.mark.parametrize(
    ("gps", "details", "taken"),
    [
        ({}, {0x9003: "2026:02:28 10:11:12", 0x9011: "+02:00"}, "2026-02-28T10:11:12+02:00"),
        ({}, {0x9003: "2026:02:28 10:11:12"}, "2026-02-28T10:11:12"),
        (
            {29: "2026:02:28", 7: (8.0, 11.0, 12.0)},
            {0x9003: "2026:02:28 10:11:12"},
            "2026-02-28T08:11:12+00:00",
        ),
        ({29: "2026:02:31", 7: (8.0, 11.0, 12.0)}, {}, None),
        ({}, {0x9003: "0000:00:00 00:00:00"}, None),
        ({}, {0x9003: "2026:02:28 10:11:12", 0x9011: "+99:00"}, "2026-02-28T10:11:12"),
    ],
)
def test_the_time_keeps_its_offset_or_none_is_made_up(gps, details, taken):
    assert stamp(photo(gps, details)).taken_at == taken


def test_damaged_metadata_is_flagged_and_the_pixels_stay():
    class Damaged:
        size = (8, 6)

        def getexif(self):
            raise SyntaxError("not a TIFF file")

    assert read_stamp(Damaged()).flag == "unreadable"


def test_heic_is_read_alike():
    pi_heif.register_heif_opener()
    exif = Image.Exif()
    exif.get_ifd(0x8825).update(HERE)
    data = heic(exif.tobytes())
    found = stamp(data)
    assert (found.longitude, found.latitude) == pytest.approx((-72.335, 18.539167), abs=1e-6)
    assert (found.width, found.height) == (SIDE, SIDE)
    copies = make_copies(data)
    assert Image.open(io.BytesIO(copies.copy)).format == "JPEG"
    assert stamp(copies.copy).longitude is None and b"Exif" not in copies.copy
    assert stamp(heic(Image.Exif().tobytes())).longitude is None


@pytest.mark.shared
def test_real_photos_say_what_is_expected_of_them(shared):
    folder = shared / "exif-photos"
    expected = json.loads((folder / "expected.json").read_text())
    assert {path.name for path in folder.glob("*.jpg")} == set(expected)
    for name, facts in expected.items():
        data = (folder / name).read_bytes()
        found = stamp(data)
        assert len(data) == facts["bytes"], name
        assert [found.width, found.height] == facts["stored_size"], name
        assert found.orientation == facts["orientation"], name
        if facts["lat"] is None:
            assert (found.latitude, found.longitude) == (None, None), name
        else:
            assert (found.latitude, found.longitude) == pytest.approx((facts["lat"], facts["lon"]), abs=1e-6)
            signs = ["S" if found.latitude < 0 else "N", "W" if found.longitude < 0 else "E"]
            assert signs == facts["refs"], name
        assert found.is_placed == (facts["lat"] not in (None, 0.0)), name
