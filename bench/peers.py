"""Other servers of OGC API Features beside ours: installed once into a cache, on the same store and rows."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from sqlalchemy.engine import make_url

PACKAGES = {
    "pygeoapi": ("pygeoapi==0.21.0", "gunicorn==27.0.1", "psycopg2-binary", "sqlalchemy", "geoalchemy2"),
    "tipg": ("tipg==1.6.1", "uvicorn==0.54.0"),
}
TABLE = "cells_pub"
WORKERS = 2


def program(peer: str, name: str) -> str:
    """Return a program of a peer, whose environment is made at the first asking."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "safeaudit-bench"
    folder = cache / peer
    if not (folder / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "-q", *PACKAGES[peer]], check=True)
        (folder / "installed").touch()
    return str(folder / "bin" / name)


@contextmanager
def tipg(url: str) -> Iterator[str]:
    """Yield the address of tipg on a store."""
    told = make_url(url)
    port, host = _free_port(), quote(str(told.query["host"]), safe="")
    environ = {
        "DATABASE_URL": f"postgresql://{told.username}@{host}/{told.database}",
        "TIPG_DB_SCHEMAS": '["peers"]',
        "TIPG_MAX_FEATURES_PER_TILE": "20000",
        "TIPG_MAX_FEATURES_PER_QUERY": "10000",
        "TIPG_DB_EXCLUDE_FUNCTION_SCHEMAS": '["public"]',
    }
    command = [program("tipg", "uvicorn"), "tipg.main:app", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--workers", str(WORKERS), "--log-level", "error", "--no-access-log"]
    with _running(command, environ, f"http://127.0.0.1:{port}", "/collections") as address:
        yield address


@contextmanager
def pygeoapi(url: str, *, fields: Sequence[str], bounds: Sequence[float]) -> Iterator[str]:
    """Yield the address of pygeoapi on a store."""
    told, port = make_url(url), _free_port()
    with tempfile.TemporaryDirectory() as folder:
        config, api = Path(folder) / "config.yml", Path(folder) / "api.yml"
        config.write_text(yaml.safe_dump(_config(told, port, fields, bounds)))
        environ = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(api)}
        generate = [
            program("pygeoapi", "pygeoapi"),
            "openapi",
            "generate",
            str(config),
            "--output-file",
            str(api),
        ]
        subprocess.run(generate, check=True, env=os.environ | environ, capture_output=True)
        command = [
            program("pygeoapi", "gunicorn"),
            "-t",
            "300",
            "-w",
            str(WORKERS),
            "-b",
            f"127.0.0.1:{port}",
        ]
        command += ["--log-level", "error", "pygeoapi.flask_app:APP"]
        with _running(command, environ, f"http://127.0.0.1:{port}", "/collections") as address:
            yield address


def _config(told: Any, port: int, fields: Sequence[str], bounds: Sequence[float]) -> dict[str, object]:
    words = {"title": {"en": "bench"}, "description": {"en": "bench"}, "keywords": {"en": ["bench"]}}
    address = f"http://127.0.0.1:{port}"
    crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": port},
            "url": address,
            "mimetype": "application/json; charset=UTF-8",
            "encoding": "utf-8",
            "gzip": False,
            "languages": ["en-US"],
            "limits": {"default_items": 100, "max_items": 10000},
            "pretty_print": False,
            "admin": False,
            "map": {"url": f"{address}/{{z}}/{{x}}/{{y}}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {**words, "terms_of_service": "none", "url": address},
            "license": {"name": "none", "url": address},
            "provider": {"name": "none", "url": address},
            "contact": {"name": "none", "email": "none@example.org", "url": address},
        },
        "resources": {
            "cells": {
                "type": "collection",
                "title": "cells",
                "description": "cells",
                "keywords": ["bench"],
                "extents": {"spatial": {"bbox": list(bounds), "crs": crs84}},
                "providers": [
                    {
                        "type": "feature",
                        "name": "PostgreSQL",
                        "data": {
                            "host": told.query["host"],
                            "port": int(told.query.get("port", 5432)),
                            "dbname": told.database,
                            "user": told.username,
                            "password": "none",
                            "search_path": ["peers", "public"],
                        },
                        "id_field": "cell",
                        "table": TABLE,
                        "geom_field": "geom",
                        "properties": list(fields),
                        "count": True,
                    }
                ],
            }
        },
    }


@contextmanager
def _running(command: list[str], environ: dict[str, str], address: str, probe: str) -> Iterator[str]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, env=os.environ | environ, stdout=log, stderr=log, start_new_session=True
        )
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(address + probe, timeout=20).close()
                    break
                except OSError:
                    if process.poll() is not None:
                        log.seek(0)
                        raise SystemExit(log.read().decode()[-3000:]) from None
                    time.sleep(0.3)
            yield address
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
