"""The inner end of `server.photos.forks`: a process with all that draws loaded, forked for each picture.

Its standard input is a socket. Each message on it brings another one, by which a picture comes in and what
it became goes out: a line of JSON and a JPEG. A child reads and answers that, with limits around it, and
ends; this process itself never sees a byte of a picture, so no picture can leave anything for the next one.
"""

import gc
import json
import os
import resource
import socket
import struct
from dataclasses import asdict
from io import BytesIO

from server.photos import drawing

# Of the process of each picture, whatever that does to the decoder.
MOST_MEMORY_BYTES, MOST_CPU_S = 2**30, 30
UNFIT_EXIT = 3
EXIT_CODE = struct.Struct("i")
"""How the end of each child is told: its exit code, negative where a signal ended it."""


def main() -> None:
    """Fork for each picture until the other end of standard input is closed."""
    with socket.socket(fileno=0) as control:
        _load()
        while received := socket.recv_fds(control, 1, 1)[1]:
            with socket.socket(fileno=received[0]) as wire:
                child = os.fork()
                if child == 0:
                    control.close()
                    _draw_and_end(wire)
            _, status = os.waitpid(child, 0)
            control.sendall(EXIT_CODE.pack(os.waitstatus_to_exitcode(status)))


def _load() -> None:
    """Draw a picture of our own: what that loads is there in every child."""
    from PIL import Image  # noqa: PLC0415 - an extra, and its lack is told by who started us

    paper = BytesIO()
    Image.new("RGB", (drawing.STORED_SIDE, drawing.STORED_SIDE)).save(paper, "WEBP")
    drawing.draw(paper.getvalue())
    gc.collect()
    gc.freeze()  # else the first collection of each child would copy every page


def _draw_and_end(wire: socket.socket) -> None:
    code = os.EX_SOFTWARE
    try:
        for limit, most in (
            (resource.RLIMIT_AS, MOST_MEMORY_BYTES),
            (resource.RLIMIT_CPU, MOST_CPU_S),
            (resource.RLIMIT_FSIZE, 0),
            (resource.RLIMIT_CORE, 0),
        ):
            resource.setrlimit(limit, (most, most))
        code = _draw(wire)
    finally:
        os._exit(code)


def _draw(wire: socket.socket) -> int:
    with wire.makefile("rwb") as line:
        try:
            drawn, jpeg = drawing.draw(line.read())
            head, body, code = asdict(drawn), jpeg, os.EX_OK
        except drawing.Unfit as unfit:
            head, body, code = {"detail": str(unfit), "format": unfit.format}, b"", UNFIT_EXIT
        line.write(json.dumps(head).encode() + b"\n" + body)
    return code


if __name__ == "__main__":
    main()
