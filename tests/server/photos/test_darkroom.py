"""What comes out of the darkroom: the scene and nothing else; and what never comes out."""

import ast
import io
import sys

import numpy as np
import pytest
from PIL import Image, ImageOps

from server.errors import Invalid, Refusal, TooLarge, Unavailable, WrongMediaType
from server.photos import darkroom, drawing
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


# --- the process ---

FATES = {
    "eats memory": "drawing.MOST_MEMORY_BYTES = 2**28; "
    "drawing.draw = lambda _: (drawing.Drawn(width=1, height=1, faces=bytearray(2**29)[0]), b'')",
    "eats time": "drawing.MOST_CPU_S = 1; drawing.draw = lambda _: [None for _ in iter(int, 1)]",
    "crashes": "import os; drawing.draw = lambda _: os.kill(os.getpid(), 11)",
}


def run_instead(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    script = f"from server.photos import drawing; {line}; drawing.main()"
    monkeypatch.setattr(darkroom, "_PROGRAM", (sys.executable, "-I", "-c", script))


@pytest.mark.parametrize("fate", FATES)
def test_a_picture_that_ends_its_process_is_refused_and_the_next_one_drawn(
    monkeypatch: pytest.MonkeyPatch, fate: str
) -> None:
    with monkeypatch.context() as patch:
        run_instead(patch, FATES[fate])
        with pytest.raises(Refusal) as refusal:
            ROOM.develop(b"")
        assert isinstance(refusal.value, Invalid)
    assert ROOM.develop(encoded(street((16, 16))))[0].width == 16


def test_the_process_has_limits_and_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "canary of the environment")
    asked = "*(resource.getrlimit(getattr(resource, f'RLIMIT_{name}')) for name in ('AS', 'CPU', 'FSIZE'))"
    line = f"drawing.draw = lambda _: (_ for _ in ()).throw(drawing.Unfit(repr(({asked}, *os.environ))))"
    run_instead(monkeypatch, f"import os, resource; {line}")
    with pytest.raises(Invalid) as refusal:
        ROOM.develop(b"")
    memory, cpu, size, *names = ast.literal_eval(refusal.value.faults[0].detail)
    assert memory == (drawing.MOST_MEMORY_BYTES,) * 2
    assert cpu == (drawing.MOST_CPU_S,) * 2
    assert size == (0, 0)
    assert sorted(names) == ["LC_ALL", "OPENBLAS_NUM_THREADS"]


def test_a_machine_that_is_too_busy_asks_to_send_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkroom, "_LONGEST_WAIT_S", 0.01)
    monkeypatch.setattr(darkroom, "_LONGEST_DRAWING_S", 0.05)
    room = Darkroom(1000)
    with room._seat(), pytest.raises(Unavailable, match="too many photos"):
        room.develop(b"")
    run_instead(monkeypatch, "import time; time.sleep(5)")
    with pytest.raises(Unavailable, match="in time"):
        room.develop(b"")
