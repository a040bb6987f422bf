"""A small HEIC photo with EXIF, put together from one HEVC frame (ISO/IEC 23008-12): pi-heif only reads."""

from __future__ import annotations

import re
import struct
from fractions import Fraction

SIDE = 64
SPS = 33
PARAMETER_SETS = (32, SPS, 34)
FIRST_THAT_IS_NO_PICTURE = 32


def heic(exif: bytes) -> bytes:
    """Return a HEIC file of one white square; `exif` begins with `Exif\\0\\0`."""
    settings, frame = _hevc_frame()
    held = struct.pack(">I", 6) + exif
    ftyp = _box(b"ftyp", b"heic", struct.pack(">I", 0), b"mif1", b"heic")
    start = len(ftyp) + len(_meta(settings, 0, len(frame), len(held))) + 8
    return ftyp + _meta(settings, start, len(frame), len(held)) + _box(b"mdat", frame, held)


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I", 8 + len(body)) + kind + body


def _full(kind: bytes, *parts: bytes, version: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", version << 24), *parts)


def _meta(settings: bytes, start: int, frame: int, held: int) -> bytes:
    items = [
        _full(b"infe", struct.pack(">HH4s", number, 0, kind), b"\0", version=2)
        for number, kind in ((1, b"hvc1"), (2, b"Exif"))
    ]
    places = b"".join(
        struct.pack(">HHHII", number, 0, 1, offset, length)
        for number, offset, length in ((1, start, frame), (2, start + frame, held))
    )
    properties = _box(
        b"iprp",
        _box(b"ipco", _box(b"hvcC", settings), _full(b"ispe", struct.pack(">II", SIDE, SIDE))),
        _full(b"ipma", struct.pack(">IHBBB", 1, 1, 2, 0x81, 0x02)),
    )
    return _full(
        b"meta",
        _full(b"hdlr", struct.pack(">I4s12s", 0, b"pict", b""), b"\0"),
        _full(b"pitm", struct.pack(">H", 1)),
        _full(b"iloc", struct.pack(">BBH", 0x44, 0, 2), places),
        _full(b"iinf", struct.pack(">H", 2), *items),
        _full(b"iref", _box(b"cdsc", struct.pack(">HHH", 2, 1, 1))),
        properties,
    )


def _hevc_frame() -> tuple[bytes, bytes]:
    """Return the decoder's settings (ISO/IEC 14496-15, 8.3.3.1) and one frame, lengths before units."""
    import av
    from PIL import Image

    encoder = av.CodecContext.create("libx265", "w")
    encoder.width = encoder.height = SIDE
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, 1)
    encoder.options = {"x265-params": "log-level=none"}
    image = av.VideoFrame.from_image(Image.new("RGB", (SIDE, SIDE), "white"))
    stream = b"".join(bytes(packet) for packet in (*encoder.encode(image), *encoder.encode(None)))
    units = [unit for unit in re.split(rb"\x00?\x00\x00\x01", stream) if unit]
    sets = {kind: next(unit for unit in units if unit[0] >> 1 == kind) for kind in PARAMETER_SETS}
    profile = sets[SPS][3:15]
    fixed = bytes([0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, len(sets)])
    arrays = b"".join(struct.pack(">BHH", 0x80 | kind, 1, len(unit)) + unit for kind, unit in sets.items())
    frames = [unit for unit in units if unit[0] >> 1 < FIRST_THAT_IS_NO_PICTURE]
    return b"\1" + profile + fixed + arrays, b"".join(struct.pack(">I", len(unit)) + unit for unit in frames)
