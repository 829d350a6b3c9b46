"""Answers as ODK Collect reads them: OpenRosaResponse in XML, and the headers without which it turns away."""

from email.utils import formatdate

from flask import Flask, Response, render_template, request

PREFIX = "/openrosa/"
# Beyond this, Collect splits a submission into several posts; a larger single file comes all the same.
ACCEPTED_BYTES = 10_000_000


def register(app: Flask) -> None:
    """Set the headers of OpenRosa on every answer below its prefix, errors included."""
    app.after_request(_add_headers)


def is_openrosa() -> bool:
    """Return whether this request came to an OpenRosa address."""
    return request.path.startswith(PREFIX)


def told(message: str, *, status: int) -> Response:
    """Return a message that Collect shows to the person who sent."""
    nature = "submit_success" if status < 400 else "error"
    return xml(render_template("openrosa_response.xml", nature=nature, message=message), status=status)


def xml(body: str | bytes, *, status: int = 200) -> Response:
    """Return XML under the type that Collect insists on."""
    return Response(body, status=status, content_type="text/xml; charset=utf-8")


def _add_headers(response: Response) -> Response:
    if is_openrosa():
        response.headers["X-OpenRosa-Version"] = "1.0"
        response.headers["X-OpenRosa-Accept-Content-Length"] = str(ACCEPTED_BYTES)
        response.headers["Date"] = formatdate(usegmt=True)
        response.headers["Cache-Control"] = "no-store"
    return response
