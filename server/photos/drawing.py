"""A picture drawn anew from its pixels: upright, of known size, without faces, and not a word beside it."""

import struct
import zipfile
from dataclasses import dataclass
from io import BytesIO
from typing import Any

MOST_PIXELS, LONGEST_SIDE = 50_000_000, 20_000
"""Beyond these a picture is refused by its header alone; the largest phones' cameras make 50 megapixels."""
STORED_SIDE = 1600
"""Longer side of what is stored: enough to see a street, too little for faces far away."""
_QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
_HEIF_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


class Unfit(Exception):  # noqa: N818 - an answer, not an error of the program
    """The bytes make no photo; the message says why and what would help."""

    def __init__(self, detail: str, *, format: bool = False) -> None:
        super().__init__(detail)
        self.format = format
        """Whether the format is at fault, rather than this one picture."""


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """What is told of a picture drawn anew."""

    width: int
    height: int
    faces: int


def draw(content: bytes) -> tuple[Drawn, bytes]:
    """Return what a picture became, and its JPEG; Unfit where it is none of ours, broken or too large.

    Only pixels pass: EXIF, XMP, GPS, comments, colour profiles, thumbnails and appended files stay behind.
    """
    from server.photos.faces import hide_faces  # noqa: PLC0415 - an extra

    refuse_foreign(content)
    picture, faces = hide_faces(_pixels(content))
    clean = _bare(picture)
    paper = BytesIO()
    clean.save(paper, "JPEG", quality=_QUALITY)
    return Drawn(width=clean.width, height=clean.height, faces=faces), paper.getvalue()


def refuse_foreign(content: bytes) -> None:
    """Return if the bytes begin as JPEG, PNG or WebP and are nothing else besides; Unfit if not."""
    jpeg, png = content.startswith(b"\xff\xd8\xff"), content.startswith(b"\x89PNG\r\n\x1a\n")
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise Unfit(
            "HEIC and AVIF are not read here: set the camera to JPEG ('most compatible')", format=True
        )
    if not (jpeg or png or webp):
        raise Unfit("send a JPEG, PNG or WebP picture; this is none of them", format=True)
    # A file that is a picture to one program and an archive or a document to another is meant to deceive.
    if zipfile.is_zipfile(BytesIO(content)) or b"%PDF-" in content[:1024]:
        raise Unfit("the picture is another kind of file as well; send the picture alone", format=True)


def _pixels(content: bytes) -> Any:
    """Return the picture decoded, upright, in RGB, its longer side at most STORED_SIDE."""
    from PIL import Image, ImageOps  # noqa: PLC0415 - an extra

    Image.MAX_IMAGE_PIXELS = None  # we ask ourselves, below, before anything is decoded
    try:
        with Image.open(BytesIO(content), formats=_FORMATS) as picture:
            _refuse_too_large(*picture.size)
            if picture.mode[0] in "IF":
                raise Unfit("pictures of 16 bits a pixel are not read here; save it with 8")
            picture.draft(None, (STORED_SIDE, STORED_SIDE))
            upright = ImageOps.exif_transpose(picture)
    except (OSError, SyntaxError, ValueError, struct.error, ZeroDivisionError, KeyError, IndexError):
        raise Unfit("the picture is broken or cut short; take it again, or send the whole file") from None
    upright.thumbnail((STORED_SIDE, STORED_SIDE), Image.Resampling.LANCZOS)
    return _on_white(upright)


def _refuse_too_large(width: int, height: int) -> None:
    if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
        raise Unfit(
            f"{width} by {height} pixels: at most {MOST_PIXELS // 10**6} million and {LONGEST_SIDE} a side "
            "are taken; send it smaller"
        )


def _on_white(picture: Any) -> Any:
    """Return a picture in RGB; what is transparent becomes white, for it may hide what must not be seen."""
    from PIL import Image  # noqa: PLC0415 - as above

    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")


def _bare(picture: Any) -> Any:
    """Return the same pixels in a picture that knows nothing else: the library writes what it knows."""
    from PIL import Image  # noqa: PLC0415 - as above

    return Image.frombytes("RGB", picture.size, picture.tobytes())
