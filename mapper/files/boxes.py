"""Boxes that hide parts of a picture: the pixels under them are replaced, not blurred.

Blurred faces and plates have been read again; a solid box holds nothing of what was there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

SIDES = ("left", "top", "width", "height")
BLACK = (0, 0, 0)


def cover(image: Image, boxes: Iterable[Mapping[str, Any]], page: int = 1) -> None:
    """Paint the boxes of a page black. Sides are shares of the upright picture; edges round outward."""
    from PIL import ImageDraw

    draw = ImageDraw.Draw(image)
    width, height = image.size
    for box in boxes:
        if box["page"] != page:
            continue
        left, top = box["left"] * width, box["top"] * height
        right, bottom = left + box["width"] * width, top + box["height"] * height
        # PIL's rectangle holds both its corners.
        corners = (math.floor(left), math.floor(top), math.ceil(right) - 1, math.ceil(bottom) - 1)
        draw.rectangle(corners, fill=BLACK)
