"""The basemap that is served from here: one PMTiles file (version 3) in the home folder.

https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import gzip
import json
import os
import shutil
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from server.errors import Fault, Invalid

_HEADER = struct.Struct("<7sB 2Q 2Q 2Q 2Q 3Q 4B 2B 4i")
_NONE, _GZIP = 1, 2
_TYPES = {1: "vector", 2: "raster", 3: "raster", 4: "raster"}
_LARGEST_METADATA = 10 * 2**20


@dataclass(frozen=True, kw_only=True)
class Basemap:
    """What a PMTiles file says of itself."""

    kind: str
    """vector or raster."""
    attribution: str
    bounds: tuple[float, float, float, float]
    """West, south, east, north in degrees."""
    maxzoom: int
    layers: tuple[str, ...]
    """Names of the vector layers."""


def basemap_file(home: Path) -> Path:
    """Return where the basemap of a server is, if there is one."""
    return home / "basemap" / "basemap.pmtiles"


def find_basemap(home: Path) -> Basemap | None:
    """Return the basemap of a server, None without one."""
    file = basemap_file(home)
    return read_basemap(file) if file.is_file() else None


def add_basemap(file: Path, *, home: Path) -> Basemap:
    """Put a PMTiles file in the place of the basemap, whole or not at all; Invalid for any other file."""
    found, target = read_basemap(file), basemap_file(home)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    shutil.copyfile(file, part)
    os.replace(part, target)
    return found


def read_basemap(file: Path) -> Basemap:
    """Return what a PMTiles file says of itself; Invalid, with the remedy, for what cannot be served."""
    with file.open("rb") as opened:
        head = opened.read(_HEADER.size)
        if len(head) < _HEADER.size or head[:7] != b"PMTiles":
            raise _invalid("is no PMTiles file; `pmtiles extract` or `ogr2ogr -f PMTiles` makes one")
        _, version, *numbers = _HEADER.unpack(head)
        offset, length = numbers[2:4]
        packing, _, kind, _, maxzoom, *bounds = numbers[12:]
        if version != 3:
            raise _invalid(f"is PMTiles of version {version}; `pmtiles convert` makes version 3 of it")
        if kind not in _TYPES:
            raise _invalid("holds no vector, PNG, JPEG or WebP tiles")
        said = _metadata(opened, offset, length, packing)
    west, south, east, north = (degrees / 1e7 for degrees in bounds)
    return Basemap(
        kind=_TYPES[kind],
        attribution=str(said.get("attribution") or ""),
        bounds=(west, south, east, north),
        maxzoom=maxzoom,
        layers=tuple(str(layer["id"]) for layer in said.get("vector_layers") or ()),
    )


def _metadata(opened: BinaryIO, offset: int, length: int, packing: int) -> dict[str, Any]:
    if packing not in (_NONE, _GZIP) or length > _LARGEST_METADATA:
        raise _invalid("is packed as browsers cannot read it; `pmtiles convert` packs it by gzip")
    opened.seek(offset)
    packed = opened.read(length)
    try:
        said = json.loads(gzip.decompress(packed) if packing == _GZIP else packed)
    except (ValueError, OSError, EOFError, zlib.error):
        raise _invalid("is damaged: what it says of itself cannot be read") from None
    return said if isinstance(said, dict) else {}


def _invalid(detail: str) -> Invalid:
    return Invalid("this cannot be the basemap", faults=[Fault("/file", detail)])
