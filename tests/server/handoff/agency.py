"""An agency's server: speaks GeoReport v2 in XML as the specification says, fails in the usual ways."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

KEY, CITY = "key-of-the-city", "city.example"
SERVICES = ("LIGHT-1", "PATH-7")


@dataclass
class Agency:
    """What it holds, and how it behaves: `realtime batch blackbox down lost garbled moved slow bomb`."""

    address: str = ""
    mode: str = "realtime"
    posts: list[dict[str, str]] = field(default_factory=list)
    requests: dict[str, dict[str, str]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    lists: bool = True


@contextmanager
def serving() -> Iterator[Agency]:
    """Run an agency on the loopback."""
    agency = Agency()
    handler = type("Handler", (_Handler,), {"agency": agency})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    agency.address = f"http://127.0.0.1:{server.server_port}/open311/v2"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield agency
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    agency: Agency

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.agency.asked.append(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        _, _, kind, *rest = parts.path.removesuffix(".xml").split("/")[1:]
        found = self._found(kind, rest, query) if query.get("jurisdiction_id") == CITY else None
        if found is None:
            self._fault(404, "jurisdiction_id or id was not found")
        else:
            self._requests(found)

    def _found(self, kind: str, rest: list[str], query: dict[str, str]) -> list[dict[str, str]] | None:
        agency = self.agency
        if kind == "tokens":
            if rest[0] not in agency.tokens:
                return None
            known = agency.tokens[rest[0]]
            return [{"service_request_id": known, "token": rest[0]}]
        if rest:
            return [agency.requests[rest[0]]] if rest[0] in agency.requests else None
        every = agency.requests.values() if agency.lists else ()
        return [one for one in every if one["service_code"] == query.get("service_code")]

    def do_POST(self) -> None:
        agency = self.agency
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = {name: values[0] for name, values in parse_qs(body, strict_parsing=True).items()}
        agency.posts.append(said)
        if agency.mode == "down":
            return self._fault(503, "the CRM is down")
        if agency.mode == "moved":
            self.send_response(307)
            self.send_header("Location", "http://127.0.0.1:1/requests.xml")
            self.end_headers()
            return None
        if said.get("api_key") != KEY:
            return self._fault(403, "api_key is not known")
        if said.get("service_code") not in SERVICES or said.get("jurisdiction_id") != CITY:
            return self._fault(404, "service_code or jurisdiction_id was not found")
        number = str(len(agency.requests) + 293944)
        kept = {"service_request_id": number, "status": "open", "status_notes": "", **said}
        agency.requests[number] = {name: one for name, one in kept.items() if name != "api_key"}
        return self._told(number)

    def _told(self, number: str) -> None:
        match self.agency.mode:
            case "lost":  # kept, but the answer never arrives
                self.close_connection = True
            case "garbled":
                self._send(200, "<html>done")
            case "bomb":
                self._send(200, '<!DOCTYPE a [<!ENTITY b "c">]><service_requests>&b;</service_requests>')
            case "batch":
                self._requests([{"token": f"t/{number}"}])
            case "blackbox":
                self._requests([{"service_notice": "thank you"}])
            case _:
                self._requests([{"service_request_id": number, "service_notice": "", "account_id": ""}])

    def _requests(self, found: list[dict[str, str]]) -> None:
        told = "".join(
            "<request>"
            + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in one.items())
            + "</request>"
            for one in found
        )
        self._send(200, f"<service_requests>{told}</service_requests>")

    def _fault(self, code: int, words: str) -> None:
        told = f"<error><code>{code}</code><description>{words}</description></error>"
        self._send(code, f"<errors>{told}</errors>")

    def _send(self, status: int, document: str) -> None:
        content = f'<?xml version="1.0" encoding="utf-8"?>{document}'.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
