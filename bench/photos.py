"""Processor time of a photo: in the darkroom, by the same code in this process, decoded and encoded alone.

    python -m bench.photos [--rounds 5]

What the darkroom costs more than the same code here is the price of a process with limits for each picture;
what that code costs more than its floor is mostly the search for faces. The sides take turns. What the
darkroom's first photo costs, which starts its fork server, is told apart.
"""

import argparse
import io
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_image

from bench.harness import cpu_seconds
from server.photos import drawing
from server.photos.darkroom import Darkroom

# Pixels, and how many are drawn a round: processor time is told in hundredths of a second.
PICTURES = {"small": ((64, 48), 100), "phone": ((4000, 3000), 5)}


@dataclass(frozen=True)
class Costs:
    """Milliseconds of processor a photo, by who drew it."""

    darkroom: float
    here: float
    floor: float

    def __str__(self) -> str:
        times = f"darkroom {self.darkroom:.1f} ms, in process {self.here:.1f}, floor {self.floor:.1f}"
        ratios = self.darkroom / self.here, self.darkroom / self.floor
        return f"{times}; ratio to in process {ratios[0]:.2f}, to the floor {ratios[1]:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name, (size, photos) in PICTURES.items():
        content, room = scene(size), Darkroom(2**26)
        print(f"{name:5}: {size[0]} by {size[1]} pixels, {len(content)} bytes")
        print(f"first: {spent_ms(partial(room.develop, content), 1):.0f} ms")
        print(f"then : {compare(room, content, photos, options.rounds)}", flush=True)


def scene(size: tuple[int, int]) -> bytes:
    """Return the photo of a street as a JPEG of so many pixels, with a camera's noise."""
    street = Image.fromarray(load_sample_image("china.jpg")).resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(1).normal(0, 4, (size[1], size[0], 3))
    noisy = np.clip(np.asarray(street) + noise, 0, 255).astype(np.uint8)
    paper = io.BytesIO()
    Image.fromarray(noisy).save(paper, "JPEG", quality=85)
    return paper.getvalue()


def compare(room: Darkroom, content: bytes, photos: int, rounds: int) -> Costs:
    """Return the medians over so many rounds of so many photos each."""
    sides: dict[str, Callable[[], object]] = {
        "darkroom": partial(room.develop, content),
        "here": partial(drawing.draw, content),
        "floor": partial(decode_and_encode, content),
    }
    drawing.draw(content)  # what this process loads for it is loaded now
    turns = [{name: spent_ms(draw, photos) for name, draw in sides.items()} for _ in range(rounds)]
    return Costs(**{name: statistics.median(turn[name] for turn in turns) for name in sides})


def decode_and_encode(content: bytes) -> bytes:
    """Return the picture at its stored size, whoever is on it: what no way of drawing it can do without."""
    with Image.open(io.BytesIO(content)) as picture:
        picture.draft(None, (drawing.STORED_SIDE, drawing.STORED_SIDE))
        picture.thumbnail((drawing.STORED_SIDE, drawing.STORED_SIDE), Image.Resampling.LANCZOS)
        paper = io.BytesIO()
        picture.save(paper, "JPEG", quality=85)
    return paper.getvalue()


def spent_ms(draw: Callable[[], object], photos: int) -> float:
    """Return the processor time of so many photos, of this process and of all below it, for each."""
    before = cpu_seconds(os.getpid())
    for _ in range(photos):
        draw()
    return 1000 * (cpu_seconds(os.getpid()) - before) / photos


if __name__ == "__main__":
    main()
