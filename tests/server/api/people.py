"""The people of the journeys, and what they send."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.server.api.documented import assert_documented

CITY = "/api/v1/cities/testville"


@dataclass
class Person:
    """Somebody at a browser or phone: sends their token, and checks each answer against the documents."""

    client: FlaskClient
    specification: dict[str, Any]
    token: str | None = None
    device: str | None = None
    headers: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, **sent: Any) -> TestResponse:
        """Return the answer; it was checked against its documented shape."""
        address = path if path.startswith("/") else f"{CITY}/{path}" if path else CITY
        headers = {**self.headers, **sent.pop("headers", {})}
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        response = self.client.open(address, method=method, headers=headers, **sent)
        assert_documented(response, method, self.specification)
        return response

    def get(self, path: str, **sent: Any) -> TestResponse:
        return self.ask("GET", path, **sent)

    def post(self, path: str, body: Any = None, **sent: Any) -> TestResponse:
        return self.ask("POST", path, **({} if body is None else {"json": body}), **sent)

    def put(self, path: str, body: Any, **sent: Any) -> TestResponse:
        return self.ask("PUT", path, json=body, **sent)

    def patch(self, path: str, body: Any, **sent: Any) -> TestResponse:
        return self.ask("PATCH", path, json=body, **sent)

    def delete(self, path: str, **sent: Any) -> TestResponse:
        return self.ask("DELETE", path, **sent)


def audit(**changes: Any) -> dict[str, Any]:
    """Return an audit inside testville, at night, as a phone sends it."""
    return {
        "id": str(uuid4()),
        "location": {"lat": 28.6139, "lng": 77.2090, "accuracy_m": 8.0},
        "observed_at": "2026-11-20T19:42:00+05:30",
        "instrument": "safetipin-9",
        "answers": {"lighting": 1, "openness": 2, "people": 0, "feeling": 1},
        **changes,
    }
