"""Phones with ODK Collect at the test client, what is true of every answer, and what is stored of them."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree

from werkzeug.test import TestResponse

from tests.collect.forms import fill
from tests.collect.painting import grey_jpeg
from tests.server.api.people import Person

Rows = Callable[[str], list[dict[str, Any]]]

LIST = "{http://openrosa.org/xforms/xformsList}"
MESSAGE = "{http://openrosa.org/http/response}message"
FILLED = {
    "location": "28.6139 77.2090 212.0 8.0",
    "observed_at": "2026-11-20T19:42:00.000+05:30",
    "answers/lighting": "1",
    "answers/openness": "2",
    "answers/feeling": "0",
}
PHOTO, OTHER = grey_jpeg(b"one"), grey_jpeg(b"another")
CANARY = "canary of the comment"


@dataclass
class Phone:
    """A phone with Collect at the address of a token."""

    person: Person
    token: str
    device_id: str = "collect:abc"

    def address(self, path: str) -> str:
        return f"/openrosa/testville/{self.token}/{path}?deviceID={self.device_id}"

    def get(self, path: str) -> TestResponse:
        response = self.person.client.get(self.address(path), headers={"X-OpenRosa-Version": "1.0"})
        assert_openrosa(response)
        return response

    def form(self, form_id: str = "safetipin-9") -> bytes:
        return self.get(f"forms/{form_id}.xml").data

    def filled(
        self, instance_id: str | None = None, deprecated_id: str | None = None, **changes: Any
    ) -> bytes:
        values = FILLED | {path.replace("__", "/"): value for path, value in changes.items()}
        return fill(self.form(), values, instance_id=instance_id, deprecated_id=deprecated_id)

    def send(self, xml: bytes, *files: tuple[str, bytes], incomplete: bool = False) -> TestResponse:
        parts: dict[str, Any] = {name: (io.BytesIO(content), name) for name, content in files}
        parts["xml_submission_file"] = (io.BytesIO(xml), "safetipin.xml", "text/xml")
        if incomplete:
            parts["*isIncomplete*"] = "yes"
        return self.post(data=parts, content_type="multipart/form-data")

    def post(self, **sent: Any) -> TestResponse:
        response = self.person.client.post(self.address("submission"), **sent)
        assert_openrosa(response)
        return response


def assert_openrosa(response: TestResponse) -> None:
    """Fail unless an answer carries what every answer must."""
    assert response.headers["X-OpenRosa-Version"] == "1.0"
    assert int(response.headers["X-OpenRosa-Accept-Content-Length"]) == 10_000_000
    assert response.headers["Date"].endswith("GMT")
    if response.status_code != 204:
        assert response.content_type in ("text/xml; charset=utf-8", "image/svg+xml; charset=utf-8")


def message(response: TestResponse) -> tuple[str, str]:
    found = ElementTree.fromstring(response.data).find(MESSAGE)
    assert found is not None
    return found.get("nature", ""), found.text or ""


def quarantine(rows: Rows) -> list[str | None]:
    return [row["quarantine"] for row in rows("SELECT quarantine FROM submission ORDER BY submission_id")]


def standing(rows: Rows) -> list[dict[str, Any]]:
    """Return the current versions of all audits, their first rating among them."""
    return rows(
        "SELECT DISTINCT ON (audit_id) audit_id, version, state, used, flags, device_id, "
        "ratings[1] AS lighting FROM audit ORDER BY audit_id, version DESC"
    )


def attached(rows: Rows) -> list[tuple[str, bytes]]:
    """Return name and hash of each attachment of which there is a photo of the very audit."""
    found = rows(
        "SELECT DISTINCT attachment.name, sha256 FROM attachment "
        "JOIN submission USING (city_id, submission_id) "
        "JOIN photo USING (city_id, audit_id, device_id, sha256) WHERE fault IS NULL ORDER BY name, sha256"
    )
    return [(row["name"], bytes(row["sha256"])) for row in found]


def known(*files: tuple[str, bytes]) -> list[tuple[str, bytes]]:
    return sorted((name, sha256(content).digest()) for name, content in files)
