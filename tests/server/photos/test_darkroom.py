"""What comes out of the darkroom: the scene and nothing else; and what never comes out."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from server.errors import Invalid, TooLarge, WrongMediaType
from server.photos import drawing
from server.photos.darkroom import Darkroom
from server.photos.drawing import Unfit
from tests.server.photos import pictures
from tests.server.photos.pictures import CANARIES, betraying, encoded, glimpse, street, with_face

ROOM = Darkroom(2 * 2**20)
# What a JPEG needs to be seen: JFIF header, tables, frame, scan.
SEEN = {0xD8, 0xE0, 0xDB, 0xC0, 0xC4, 0xDA}


def drawn_here(content: bytes) -> Image.Image:
    """Return what is drawn, in this process, for the sake of speed."""
    return Image.open(io.BytesIO(drawing.draw(content)[1]))


def markers(jpeg: bytes) -> set[int]:
    """Return the markers of a JPEG up to its scan."""
    found, at = {jpeg[1]}, 2
    while jpeg[at + 1] not in (0xDA, 0xD9):
        found.add(jpeg[at + 1])
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big")
    return found | {jpeg[at + 1]}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_nothing_but_the_scene_comes_out(format: str) -> None:
    sent = betraying(format)
    lacking = {"PNG": {"exif"}, "WEBP": {"exif", "comment"}}.get(format, set())  # they name it otherwise
    assert {name for name, trace in CANARIES.items() if trace in sent} == CANARIES.keys() - lacking
    drawn, kept = ROOM.develop(sent)
    assert {name for name, trace in CANARIES.items() if trace in kept} == set()
    for word in (b"http", b"ICC", b"GPS", b"Photoshop", b"MPF"):
        assert word not in kept
    assert markers(kept) <= SEEN
    assert kept.count(b"\xff\xd8\xff") == 1, "one picture, and no thumbnail"
    with Image.open(io.BytesIO(kept)) as picture:
        assert dict(picture.getexif()) == {}
        assert (drawn.width, drawn.height) == picture.size == (320, 240)
        assert np.abs(glimpse(picture) - glimpse(street())).mean() < 3


@pytest.mark.parametrize("orientation", range(1, 9))
def test_it_comes_out_upright(orientation: int) -> None:
    """Turn the scene as the camera held it; the numbers are those of TIFF 6.0 and EXIF 2.3."""
    held = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    picture = street()
    if orientation in held:
        picture = picture.transpose(Image.Transpose(held[orientation]))
    sent = betraying(orientation=orientation, picture=picture)
    with drawn_here(sent) as upright:
        assert upright.size == (320, 240)
        assert np.abs(glimpse(upright) - glimpse(street())).mean() < 3
        for wrong in (ImageOps.mirror(street()), ImageOps.flip(street()), street().rotate(180)):
            assert np.abs(glimpse(upright) - glimpse(wrong)).mean() > 15, "the comparison can fail"


def test_a_face_is_hidden_and_the_street_stays() -> None:
    sent = with_face()
    drawn, kept = ROOM.develop(encoded(sent, quality=95))
    assert drawn.faces == 1
    with Image.open(io.BytesIO(kept)) as picture:
        # Eyes, nose and mouth of the portrait, 230 pixels square at (300, 150).
        features = (370, 220, 460, 300)
        was, now = (np.asarray(one.crop(features).convert("L"), dtype=float) for one in (sent, picture))
        assert detail(now) < 0.05 * detail(was)
        street_part = (0, 0, 280, 480)
        before, after = (np.asarray(one.crop(street_part), dtype=float) for one in (sent, picture))
        assert np.abs(before - after).mean() < 3
    assert ROOM.develop(kept)[0].faces == 0, "nobody is found any more"


def detail(grey: np.ndarray) -> float:
    """Return the mean square difference of neighbouring pixels."""
    return float((np.diff(grey, axis=0) ** 2).mean() + (np.diff(grey, axis=1) ** 2).mean())


def test_a_face_in_a_large_turned_photo_is_hidden_too() -> None:
    sent = with_face((3000, 2000), (1200, 700)).transpose(Image.Transpose.ROTATE_90)
    drawn, _ = ROOM.develop(betraying(orientation=6, picture=sent))
    assert (drawn.width, drawn.height, drawn.faces) == (1600, 1067, 1)


def test_what_is_transparent_is_not_uncovered() -> None:
    hidden = street()
    hidden.putalpha(0)
    with drawn_here(encoded(hidden, "PNG")) as picture:
        assert glimpse(picture).min() > 250


UNFIT = {
    "nothing": b"",
    "text": b"hello, this is no picture at all",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "avif": b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + bytes(100),
    "gif": encoded(street((16, 16)), "GIF"),
    "tiff": encoded(street((16, 16)), "TIFF"),
    "zip": pictures.zipped(),
    "jpeg and zip": encoded(street((16, 16))) + pictures.zipped(),
    "png and zip": encoded(street((16, 16)), "PNG") + pictures.zipped(),
    "jpeg and pdf": encoded(street((16, 16)), comment=b"%PDF-1.7 1 0 obj"),
}
BROKEN = {
    "cut jpeg": encoded(street())[:2000],
    "cut png": encoded(street(), "PNG")[:-200],
    "cut webp": encoded(street(), "WEBP")[:-200],
    "a jpeg's first bytes": b"\xff\xd8\xff\xe0 a photo \xff\xd9",
    "a webp's first bytes": b"RIFF\x10\0\0\0WEBPVP8 ",
    "60,000 pixels a side, jpeg": pictures.jpeg_claiming(60_000, 60_000),
    "60,000 pixels a side, png": pictures.claiming(60_000, 60_000),
    "60,000 by 1": pictures.claiming(60_000, 1),
    "51 megapixels": pictures.claiming(10_200, 5_000),
    "text bomb": pictures.text_bomb(),
    "16 bits": encoded(Image.new("I;16", (32, 32), 40_000), "PNG"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_is_no_photo_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(Unfit) as unfit:
        drawing.draw(UNFIT[name])
    words = {"heic": "JPEG ('most compatible')", "jpeg and zip": "another kind of file as well"}
    assert words.get(name, "") in str(unfit.value)
    assert unfit.value.format


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_or_too_large_is_refused_in_plain_words(name: str) -> None:
    with pytest.raises(Unfit) as unfit:
        drawing.draw(BROKEN[name])
    words = {"60,000 pixels a side, jpeg": "60000 by 60000", "cut jpeg": "broken or cut short"}
    assert words.get(name, "") in str(unfit.value)
    assert not unfit.value.format


def test_the_darkroom_tells_what_its_process_said() -> None:
    with pytest.raises(WrongMediaType, match="HEIC"):
        ROOM.develop(UNFIT["heic"])
    with pytest.raises(Invalid) as refusal:
        ROOM.develop(BROKEN["60,000 pixels a side, png"])
    assert "60000 by 60000 pixels: at most 50 million" in refusal.value.faults[0].detail


def test_a_script_in_a_comment_does_not_come_out() -> None:
    script = b"<script>alert(1)</script>"
    sent = encoded(street((16, 16)), comment=script) + script
    assert script not in drawing.draw(sent)[1]


def test_more_bytes_than_the_limit_are_refused_unseen() -> None:
    with pytest.raises(TooLarge, match="100 bytes; this one has 101"):
        Darkroom(100).develop(bytes(101))
