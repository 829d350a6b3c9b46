"""`safeaudit up` with small programs in place of web and worker; run by test_supervisor.

up_with_dummies.py FOLDER PORT DATABASE_URL [slow | stubborn]   supervises
up_with_dummies.py FOLDER PORT web | worker | stubborn          is a part: notes its pid, then lives on
"""

import http.server
import logging
import os
import signal
import sys
import time
from pathlib import Path


def be_a_part(folder, port, name):
    if name == "stubborn":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with (folder / ("web" if name == "web" else "worker")).open("a") as notes:
        notes.write(f"{os.getpid()} {os.environ['SAFEAUDIT_DATABASE_URL']}\n")
    if name == "web":
        http.server.HTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
    time.sleep(600)


def supervise(folder, port, url, option=""):
    from server.settings import Settings  # noqa: PLC0415 - the parts begin faster without
    from server.supervisor import run  # noqa: PLC0415

    def prepare(_url):
        if option == "slow":
            print("preparing", flush=True)
            time.sleep(600)

    logging.basicConfig()
    part = [sys.executable, __file__, folder, str(port)]
    run(
        Settings(home=folder / "home", database_url=url or None, secret_key="k" * 32 if url else None),
        host="127.0.0.1",
        port=port,
        prepare=prepare,
        commands={"web": [*part, "web"], "worker": [*part, "stubborn" if option == "stubborn" else "worker"]},
        pages={"map": "/", "API": "/api/docs"},
        say=lambda text: print(text, flush=True),
    )
    print("ended in order", flush=True)


if __name__ == "__main__":
    where, number = Path(sys.argv[1]), int(sys.argv[2])
    if sys.argv[3] in ("web", "worker", "stubborn"):
        be_a_part(where, number, sys.argv[3])
    else:
        supervise(where, number, *sys.argv[3:])
