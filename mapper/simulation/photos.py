"""Pictures that look like photos of damage and show nobody: drawn from a number, always the same bytes."""

from __future__ import annotations

import io
import random
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

Colour = tuple[int, int, int]

SIZE = (640, 480)
SKIES: tuple[Colour, ...] = ((150, 180, 210), (196, 200, 204), (228, 190, 150), (70, 84, 110))
WALLS: tuple[Colour, ...] = (
    (196, 178, 150),
    (170, 150, 138),
    (205, 205, 198),
    (158, 110, 92),
    (140, 152, 160),
)
GROUND: Colour = (112, 104, 92)
GLASS: Colour = (150, 176, 190)
DARK: Colour = (24, 22, 22)
QUALITY = 80


@lru_cache(maxsize=256)
def draw(number: int, damage: int) -> bytes:
    """Return the JPEG of a building at a damage class (0 to 5), seen from the street."""
    from PIL import Image, ImageDraw, ImageFilter

    rng = random.Random(number)  # noqa: S311 - a picture, no secret
    sky, wall = rng.choice(SKIES), rng.choice(WALLS)
    picture = Image.new("RGB", SIZE, sky)
    pen = ImageDraw.Draw(picture)
    horizon, left, width = rng.randint(330, 380), rng.randint(60, 160), rng.randint(280, 400)
    pen.rectangle((0, horizon, *SIZE), fill=_shaded(GROUND, rng.uniform(0.8, 1.1)))
    height = round(rng.randint(190, 270) * (1 - 0.13 * max(0, damage - 2)))
    _building(rng, pen, (left, horizon - height, left + width, horizon + 20), wall, damage)
    for _ in range(damage * damage * 14):
        _stone(rng, pen, left + rng.gauss(width / 2, width / 2.2), horizon + rng.randint(-10, 60), wall)
    picture = picture.rotate(rng.uniform(-4, 4), Image.Resampling.BICUBIC, fillcolor=sky)
    grain = Image.frombytes("L", SIZE, rng.randbytes(SIZE[0] * SIZE[1]))
    picture = Image.blend(picture, Image.merge("RGB", [grain] * 3), 0.05)
    file = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.2))).save(file, "JPEG", quality=QUALITY)
    return file.getvalue()


def _building(
    rng: random.Random, pen: ImageDraw, box: tuple[int, int, int, int], wall: Colour, damage: int
) -> None:
    left, top, right, bottom = box
    bite = 14 * damage if damage >= 2 else 1  # how deep the upper edge is broken
    edge = [(x, top + rng.randint(0, bite)) for x in range(left, right, 12)]
    pen.polygon([(left, bottom), *edge, (right, bottom)], fill=wall)
    for x in range(left + 24, right - 40, 56):
        for y in range(top + 30 + bite, bottom - 50, 62):
            pen.rectangle((x, y, x + 28, y + 36), fill=DARK if rng.random() < damage / 5 else GLASS)
    for _ in range(4 * damage):
        x, y = rng.randint(left, right), rng.randint(top + bite, bottom)
        steps = [(x + rng.randint(-14, 14), y + step * 9) for step in range(5)]
        pen.line(steps, fill=_shaded(wall, 0.4), width=2)


def _stone(rng: random.Random, pen: ImageDraw, x: float, y: float, wall: Colour) -> None:
    size = rng.uniform(4, 18)
    corners = [(x + rng.uniform(-size, size), y + rng.uniform(-size, size) / 1.6) for _ in range(5)]
    pen.polygon(corners, fill=_shaded(wall, rng.uniform(0.5, 1.05)))


def _shaded(colour: Colour, light: float) -> Colour:
    red, green, blue = (min(255, round(part * light)) for part in colour)
    return red, green, blue
