"""Where a city's agencies take requests, by Open311."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from server.outgoing import Answer, call

_FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a city's agencies take requests."""

    url: str
    """Up to the version, such as https://311.example.org/open311/v2."""
    jurisdiction_id: str | None = None
    api_key: str | None = field(default=None, repr=False)

    def get(self, path: str, **query: str) -> Answer:
        """Return the answer to GET `path`, which begins behind the address and is quoted already.

        Unreachable where nothing was sent, Interrupted where that is not known.
        """
        said = urlencode(self._with_jurisdiction(query))
        return self._call("GET", f"{path}?{said}" if said else path, None)

    def post(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Return the answer to POST `path` with fields and the key, as a form; errors as `get`."""
        key = {"api_key": self.api_key} if self.api_key else {}
        return self._call("POST", path, urlencode(key | self._with_jurisdiction(fields)).encode())

    def _with_jurisdiction(self, fields: Mapping[str, str]) -> dict[str, str]:
        own = {"jurisdiction_id": self.jurisdiction_id} if self.jurisdiction_id else {}
        return own | dict(fields)

    def _call(self, method: str, path: str, body: bytes | None) -> Answer:
        headers = {"Accept": "text/xml"} | ({"Content-Type": _FORM} if body is not None else {})
        return call(method, f"{self.url}{path}", headers=headers, body=body)
