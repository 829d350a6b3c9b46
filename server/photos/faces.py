"""Faces, found by OpenCV's Haar cascades and hidden: the best that models inside a library's wheel allow.

Faces that are turned far, tilted, masked, dark, or smaller than about 2 % of the picture's longer side are
missed (Viola and Jones, CVPR 2001; the models know upright faces from the front and from the side).
"""

from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

Box = tuple[int, int, int, int]

# Faces are looked for in a copy of this longer side; in it they must have at least so many pixels.
SEARCH_SIDE, SMALLEST_FACE = 1024, 24
# Model, step between sizes, how many neighbouring hits make a face. Two models of frontal faces, as each
# finds some that the other misses; a profile costs most, so its sizes are farther apart.
_MODELS = (("frontalface_default", 1.1, 4), ("frontalface_alt2", 1.1, 3), ("profileface", 1.2, 3))
_MARGIN = 0.3  # of the box on each side: hair, ears and chin stand out of it
_COLOURS = 4  # of a hidden face 4 by 4 colours are left, from which nobody can be told


def model_files() -> list[Path]:
    """Return where the detector's models must be; [] where OpenCV is not installed."""
    found = find_spec("cv2")
    if found is None or found.origin is None:
        return []
    folder = Path(found.origin).parent / "data"
    return [folder / f"haarcascade_{name}.xml" for name, _, _ in _MODELS]


def hide_faces(picture: Image.Image) -> tuple[Image.Image, int]:
    """Return an upright RGB picture with every face that is found hidden, and how many were found."""
    boxes = list(_find(picture))
    hidden = picture.copy()
    for box in boxes:
        region = _widened(box, picture.size)
        colours = picture.crop(region).resize((_COLOURS, _COLOURS), Image.Resampling.BOX)
        size = (region[2] - region[0], region[3] - region[1])
        hidden.paste(colours.resize(size, Image.Resampling.BICUBIC), region)
    return hidden, _distinct(boxes)


def _find(picture: Image.Image) -> Iterator[Box]:
    """Yield left, top, width, height of each hit in the picture; one face may be hit several times."""
    scale = max(1.0, max(picture.size) / SEARCH_SIDE)
    size = (round(picture.width / scale), round(picture.height / scale))
    if min(size) < SMALLEST_FACE:
        return
    grey = picture.convert("L").resize(size, Image.Resampling.BOX)
    for (name, step, neighbours), file in zip(_MODELS, model_files(), strict=True):
        hits = _hits(file, grey, step=step, neighbours=neighbours)
        if name == "profileface":  # the model knows faces that look to one side
            mirrored = _hits(file, ImageOps.mirror(grey), step=step, neighbours=neighbours)
            hits += [(size[0] - x - w, y, w, h) for x, y, w, h in mirrored]
        for x, y, w, h in hits:
            yield round(x * scale), round(y * scale), round(w * scale), round(h * scale)


def _hits(file: Path, grey: Image.Image, *, step: float, neighbours: int) -> list[Box]:
    import numpy as np  # noqa: PLC0415 - slow to load, as is OpenCV

    found = _detector(file).detectMultiScale(
        np.asarray(grey), scaleFactor=step, minNeighbors=neighbours, minSize=(SMALLEST_FACE, SMALLEST_FACE)
    )
    return [(int(x), int(y), int(w), int(h)) for x, y, w, h in found]


@cache
def _detector(file: Path) -> Any:
    """Return a model, loaded once and ready in every process that is forked then; it starts no threads."""
    import cv2  # noqa: PLC0415 - slow to load

    cv2.setNumThreads(1)
    return cv2.CascadeClassifier(str(file))


def _widened(box: Box, size: tuple[int, int]) -> Box:
    """Return left, top, right, bottom of a box with its margin, inside the picture."""
    x, y, w, h = box
    left, top = max(0, round(x - _MARGIN * w)), max(0, round(y - _MARGIN * h))
    return left, top, min(size[0], round(x + (1 + _MARGIN) * w)), min(size[1], round(y + (1 + _MARGIN) * h))


def _distinct(boxes: list[Box]) -> int:
    """Return how many faces were hit: boxes of which one's centre lies in another are one face."""
    faces: list[Box] = []
    for x, y, w, h in sorted(boxes, key=lambda box: -box[2]):
        centre = (x + w / 2, y + h / 2)
        if not any(0 <= centre[0] - a <= c and 0 <= centre[1] - b <= d for a, b, c, d in faces):
            faces.append((x, y, w, h))
    return len(faces)
