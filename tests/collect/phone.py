"""ODK Collect's side of the wire, after getodk/collect: what it sends, what it insists on, when it gives up.

- Requests carry `X-OpenRosa-Version` and a `Date`; XML must come as text/xml, forms with the MD5 listed.
- HEAD `submission` must be answered with 204; the accepted length is read from it, else 10,000,000.
- Files are added to a post until the next one would exceed that length or the post has 100; each post repeats
  the XML, all but the last carry `*isIncomplete*` (SubmissionChunker.kt).
- Only 201 and 202 are success. After anything else the record stays, and all of it is sent again later.
"""

import hashlib
import http.client
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4
from xml.etree import ElementTree

LIST = "{http://openrosa.org/xforms/xformsList}"
MOST_FILES = 100
DEFAULT_LENGTH = 10_000_000
TIMEOUT_S = 60

File = tuple[str, bytes]


class UploadError(Exception):
    """The server did not answer as Collect wants it: the record stays on the phone."""


@dataclass(frozen=True)
class Record:
    """A finished form with its files."""

    xml: bytes
    files: tuple[File, ...] = ()


@dataclass
class Collect:
    """One phone; `proxy` is where its packets go, whatever host the address names."""

    address: str
    device_id: str
    proxy: tuple[str, int]
    chunked: bool = False
    """Whether bodies are sent in chunks, as every OpenRosa server must take them."""
    posts: int = field(default=0, init=False)

    def form(self, form_id: str) -> bytes:
        """Return a form as downloaded; UploadError where list or form is not as Collect wants it."""
        listed = ElementTree.fromstring(self._get(f"{self.address}/formList"))
        if listed.tag != f"{LIST}xforms":
            raise UploadError(f"no form list but {listed.tag}")
        for entry in listed:
            told = {child.tag.removeprefix(LIST): child.text or "" for child in entry}
            if not (told.get("formID") and told.get("name") and told.get("downloadUrl")):
                raise UploadError(f"the whole list is refused for {told}")
            if told["formID"] == form_id:
                form = self._get(told["downloadUrl"])
                if told["hash"] != "md5:" + hashlib.md5(form).hexdigest():
                    raise UploadError("the form is not the one of the list")
                return form
        raise UploadError(f"no form {form_id}")

    def send(self, record: Record) -> None:
        """Send a record whole; UploadError or OSError where any of its posts is not acknowledged."""
        limit = self._head()
        for files, last in chunks(record, limit):
            self._post(record.xml, files, last=last)

    def _get(self, url: str) -> bytes:
        status, headers, body = self._exchange("GET", url)
        if status != 200 or "text/xml" not in headers.get("content-type", ""):
            raise UploadError(f"{status} {headers.get('content-type')}")
        if "x-openrosa-version" not in headers:
            raise UploadError("this is no OpenRosa server")
        return body

    def _head(self) -> int:
        status, headers, _ = self._exchange("HEAD", f"{self.address}/submission")
        if status != 204:
            raise UploadError(f"HEAD was answered with {status}")
        return int(headers.get("x-openrosa-accept-content-length", DEFAULT_LENGTH))

    def _post(self, xml: bytes, files: Sequence[File], *, last: bool) -> None:
        boundary = uuid4().hex
        body = multipart(boundary, xml, files, last=last)
        self.posts += 1
        status, _, answer = self._exchange(
            "POST",
            f"{self.address}/submission",
            body=(body[start : start + 65536] for start in range(0, len(body), 65536))
            if self.chunked
            else body,
            headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
        )
        if status not in (201, 202):
            raise UploadError(f"POST was answered with {status}: {answer[:300]!r}")
        if ElementTree.fromstring(answer)[0].get("nature") != "submit_success":
            raise UploadError("no success in the message")

    def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, dict[str, str], bytes]:
        where = urlsplit(url)
        connection = http.client.HTTPConnection(*self.proxy, timeout=TIMEOUT_S)
        connection.response_class = _Response
        common = {
            "Host": where.netloc,
            "X-OpenRosa-Version": "1.0",
            "Date": formatdate(usegmt=True),
            "User-Agent": "org.odk.collect.android/v2026.3.0 Dalvik/2.1.0",
        }
        try:
            path = f"{where.path}?deviceID={quote(self.device_id)}"
            connection.request(method, path, body, {**common, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


class _Response(http.client.HTTPResponse):
    """An answer that is an error where it breaks off among its headers, as OkHttp has it."""

    def __init__(self, *arguments: Any, **further: Any) -> None:
        super().__init__(*arguments, **further)
        self.fp = _WholeLines(self.fp)


class _WholeLines:
    """A stream whose lines end, or never came."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def readline(self, limit: int = -1) -> bytes:
        """Return a line; IncompleteRead where it breaks off."""
        line: bytes = self._stream.readline(limit)
        if not line.endswith(b"\n"):
            raise http.client.IncompleteRead(line)
        return line


def chunks(record: Record, limit: int) -> Iterator[tuple[Sequence[File], bool]]:
    """Yield (files of a post, whether it is the last), as Collect's SubmissionChunker cuts them."""
    start, at = 0, 0
    while True:
        length = len(record.xml)
        while at < len(record.files):
            length += len(record.files[at][1])
            at += 1
            further = record.files[at : at + 1]
            if further and (at - start > MOST_FILES or length + len(further[0][1]) > limit):
                break
        yield record.files[start:at], at == len(record.files)
        if at == len(record.files):
            return
        start = at


def pieces(body: bytes) -> Iterator[bytes]:
    """Yield a body piece by piece, which makes http.client send it in chunks."""
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def multipart(boundary: str, xml: bytes, files: Sequence[File], *, last: bool) -> bytes:
    """Return the body of a post in the order and with the headers of OkHttp's MultipartBody."""
    parts = [_part(boundary, "xml_submission_file", "text/xml", xml, file_name="audit.xml")]
    parts += [_part(boundary, name, "image/jpeg", content, file_name=name) for name, content in files]
    if not last:
        parts.append(_part(boundary, "*isIncomplete*", None, b"yes"))
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def _part(
    boundary: str, name: str, content_type: str | None, content: bytes, *, file_name: str | None = None
) -> bytes:
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"']
    lines[-1] += f'; filename="{file_name}"' if file_name else ""
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Length: {len(content)}", "", ""]
    return "\r\n".join(lines).encode() + content + b"\r\n"
