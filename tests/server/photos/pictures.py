"""Pictures as phones and attackers send them, made here; what they carry beside their pixels is known.

`face.jpg` is cut out of a portrait of Eileen Collins by NASA, which is in the public domain
(Great Images in NASA, https://flic.kr/p/r9qvLn).
"""

import io
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, PngImagePlugin

FACE = Path(__file__).with_name("face.jpg")
EXIF, XMP, GPS = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/", b"GPS canary 28.6139 77.2090"
THUMBNAIL = b"canary of the thumbnail"
CANARIES = {
    "exif": b"Exif",
    "make": b"canary of the maker",
    "gps": GPS,
    "xmp": b"xmpmeta",
    "comment": b"canary of the comment",
    "profile": b"canary of the profile",
    "thumbnail": THUMBNAIL,
}


def street(size: tuple[int, int] = (320, 240)) -> Image.Image:
    """Return a scene that looks like no turned or mirrored copy of itself."""
    width, height = size
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, height * 0.7, width, height), fill=(90, 90, 95))
    pen.rectangle((width * 0.1, height * 0.1, width * 0.3, height * 0.7), fill=(190, 60, 40))
    bush = [(width * 0.6, height), (width * 0.9, height), (width * 0.8, height * 0.6)]
    pen.polygon(bush, fill=(20, 160, 60))
    pen.ellipse((width * 0.8, 0, width * 0.95, height * 0.2), fill=(250, 240, 150))
    return picture


def with_face(size: tuple[int, int] = (640, 480), at: tuple[int, int] = (300, 150)) -> Image.Image:
    """Return a street in which somebody looks at the camera, in the 230 by 230 pixels at `at`."""
    picture = street(size)
    with Image.open(FACE) as face:
        picture.paste(face, at)
    return picture


def encoded(picture: Image.Image, format: str = "JPEG", **further: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, format, **further)
    return file.getvalue()


def betraying(format: str = "JPEG", *, orientation: int = 1, picture: Image.Image | None = None) -> bytes:
    """Return a file with all of CANARIES in it, to be shown turned by its EXIF orientation."""
    told = {
        "exif": EXIF + _tiff(orientation),
        "xmp": XMP + b"\0<x:xmpmeta>" + GPS + b"</x:xmpmeta>",
        "icc_profile": b"canary of the profile".ljust(128, b"\0"),
    }
    if format == "PNG":
        words = PngImagePlugin.PngInfo()
        words.add_text("Comment", "canary of the comment")
        words.add_itxt("XML:com.adobe.xmp", told.pop("xmp").decode())
        # zlib would hide the canary from a search: a stored block does not.
        content = encoded(picture or street(), format, exif=told["exif"], pnginfo=words)
        return _with_chunk(content, b"iCCP", b"x\0\0" + zlib.compress(told["icc_profile"], 0))
    if format == "JPEG":
        told["comment"] = b"canary of the comment"
    return encoded(picture or street(), format, **told)


def _tiff(orientation: int) -> bytes:
    """Return EXIF with a maker, an orientation, a position in words, and a thumbnail."""
    maker, thumbnail = CANARIES["make"] + b"\0", encoded(street((32, 24)), comment=THUMBNAIL)
    at_maker = 8 + 2 + 3 * 12 + 4
    at_gps = at_maker + len(maker)
    at_area = at_gps + 2 + 12 + 4
    at_second = at_area + len(GPS)
    at_thumbnail = at_second + 2 + 3 * 12 + 4
    first = [(0x010F, 2, len(maker), at_maker), (0x0112, 3, 1, orientation), (0x8825, 4, 1, at_gps)]
    second = [(0x0103, 3, 1, 6), (0x0201, 4, 1, at_thumbnail), (0x0202, 4, 1, len(thumbnail))]
    return b"".join(
        [
            b"II*\0" + struct.pack("<I", 8),
            _directory(first, then=at_second),
            maker,
            _directory([(0x001C, 7, len(GPS), at_area)], then=0),
            GPS,
            _directory(second, then=0),
            thumbnail,
        ]
    )


def _directory(entries: list[tuple[int, int, int, int]], *, then: int) -> bytes:
    body = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + body + struct.pack("<I", then)


def _with_chunk(png: bytes, kind: bytes, content: bytes) -> bytes:
    """Return a PNG with a chunk after its header."""
    chunk = struct.pack(">I", len(content)) + kind + content
    return png[:33] + chunk + struct.pack(">I", zlib.crc32(kind + content)) + png[33:]


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header says so many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )


def jpeg_claiming(width: int, height: int) -> bytes:
    """Return a small JPEG whose frame header says so many pixels."""
    content = encoded(street((16, 16)))
    at = content.index(b"\xff\xc0") + 5
    return content[:at] + struct.pack(">HH", height, width) + content[at + 4 :]


def text_bomb() -> bytes:
    """Return a PNG with a compressed text of 100 MB in it."""
    return _with_chunk(
        encoded(street((16, 16)), "PNG"), b"zTXt", b"a\0\0" + zlib.compress(bytes(100_000_000))
    )


def zipped() -> bytes:
    """Return a zip file with a picture in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.jpg", encoded(street((16, 16))))
    return file.getvalue()


def glimpse(picture: Image.Image) -> NDArray[np.float64]:
    """Return a picture as 16 by 12 colours."""
    return np.asarray(picture.convert("RGB").resize((16, 12), Image.Resampling.BOX), dtype=float)
