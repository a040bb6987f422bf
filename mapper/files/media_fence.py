"""Copies of videos and PDFs, made behind the fence, where nothing in a stranger's file reaches the worker."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mapper.files.fence import run_fenced
from mapper.files.limits import Limits

# Minutes of processor time: decoding and encoding three minutes of video takes one to two on a small machine.
MEDIA_LIMITS = Limits(seconds=300, zip_bytes=200_000_000)
VIDEOS = ("video/mp4", "video/quicktime", "video/webm")
PDF = "application/pdf"


@dataclass(frozen=True)
class FencedCopies:
    """The copy (a PDF's is its first page), pages, a thumbnail, and what the original says of itself."""

    copy: bytes
    thumbnail: bytes
    pages: Sequence[bytes]
    stamp: Mapping[str, Any]
    is_cut: bool  # the original is longer than the copy


def copy_fenced(
    data: bytes, content_type: str, boxes: Sequence[Mapping[str, Any]] = (), limits: Limits = MEDIA_LIMITS
) -> FencedCopies:
    """Return metadata-free copies of a video or PDF; raises FileRefused or FileTooLarge."""
    with tempfile.TemporaryDirectory(prefix="mapper-fence-") as name:
        folder = Path(name)
        (folder / "source").write_bytes(data)
        job = "pdf" if content_type == PDF else "video"
        task = {"job": job, "source": str(folder / "source"), "type": content_type, "boxes": list(boxes)}
        answer = run_fenced(task, folder, limits)
        pages = [(folder / f"page-{number + 1}").read_bytes() for number in range(answer["pages"])]
        return FencedCopies(
            pages[0] if pages else (folder / "copy").read_bytes(),
            (folder / "thumbnail").read_bytes(),
            pages,
            answer["stamp"],
            answer["is_cut"],
        )
