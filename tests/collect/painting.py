"""Photos that phones send: as large as asked for, of few pixels or of many."""

import io
import random
import struct
from collections.abc import Callable

from PIL import Image

Paint = Callable[[bytes], bytes]
"""Makes a JPEG that holds the given bytes beside its picture, so that no two are equal."""
# The smallest baseline JPEG: quantisation, frame, two Huffman tables of one code each, scan.
_GREY = bytes.fromhex(
    "ffdb004300" + "01" * 64 + "ffc0000b080008000801011100"
    "ffc4001400" + "01" + "00" * 15 + "00" + "ffc4001410" + "01" + "00" * 15 + "00"
    "ffda0008010100003f00" + "3f" + "ffd9"
)


def grey_jpeg(filling: bytes) -> bytes:
    """Return a grey JPEG of 8 by 8 pixels, as large as a photo by what fills its application segments."""
    return _filled(b"\xff\xd8" + _GREY, filling)


def scene_painter(rng: random.Random, *, scenes: int = 6) -> Paint:
    """Return what makes photos of 1600 by 1200 pixels: a few scenes of noise, each filled otherwise."""
    painted = [_scene(rng) for _ in range(scenes)]
    return lambda filling: _filled(painted[filling[0] % scenes], filling)


def _scene(rng: random.Random) -> bytes:
    coarse, fine = (
        Image.frombytes("RGB", size, rng.randbytes(size[0] * size[1] * 3)).resize((1600, 1200))
        for size in ((32, 24), (800, 600))
    )
    file = io.BytesIO()
    Image.blend(coarse, fine, 0.1).save(file, "JPEG", quality=85)
    return file.getvalue()


def _filled(jpeg: bytes, filling: bytes) -> bytes:
    pieces = [filling[start : start + 65_000] for start in range(0, len(filling), 65_000)]
    segments = [b"\xff\xef" + struct.pack(">H", len(piece) + 2) + piece for piece in pieces]
    return jpeg[:2] + b"".join(segments) + jpeg[2:]
