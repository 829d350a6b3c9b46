"""Releases: for everybody cards and files that never change; for admins a new one on demand."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import Response, request, send_file
from flask_restx import Namespace, Resource

from analysis.disclosure.missing import two_digits
from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.reading import checked, one_of, parameter
from server.api.shapes.release import NEW_RELEASE, RELEASE, RELEASE_REQUEST, RELEASES
from server.api.writing import json_response
from server.cities import City
from server.errors import NotThere, Unavailable
from server.period import Period
from server.queries.release_requests import Request
from server.queries.releases import Release, ReleaseFile, find_release, list_releases
from server.releasing.ask import ask_for_release, find_order
from server.releasing.create_release import Order, folder_of
from server.releasing.dictionary import hxl_tags

namespace = Namespace(
    "releases", path="/cities/<city>/releases", description="Anonymised audits of closed quarters"
)
_release = namespace.schema_model("Release", RELEASE)
_request = namespace.schema_model("ReleaseRequest", RELEASE_REQUEST)

_FOR_EVER = "public, max-age=31536000, immutable"
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
    "gpkg": "application/geopackage+sqlite3",
    "md": "text/markdown; charset=utf-8",
    "json": "application/json",
    "SHA256SUMS": "text/plain; charset=utf-8",
}
_BLOCK = 1 << 16


@namespace.route("")
class Releases(Resource):
    """The releases of a city."""

    @namespace.response(200, "The latest quarter first", namespace.schema_model("Releases", RELEASES))
    def get(self, city: str) -> Response:
        """List the releases of a city."""
        town = city_named(city)
        with services().database.layer_reading() as connection:
            found = list_releases(connection, city_id=town.city_id)
        body = {"releases": [_short(town, one) for one in found]}
        return json_response(body, headers={"Cache-Control": "public, max-age=60"})

    @namespace.expect(namespace.schema_model("NewRelease", NEW_RELEASE), validate=False)
    @namespace.response(200, "It is made: this is its card", _release)
    @namespace.response(202, "It will be made; Location tells where to ask for it", _request)
    @namespace.response(409, "It cannot be made: the quarter is open, or has no audits")
    def post(self, city: str) -> Response:
        """Have a closed quarter released; made once, it is the same for ever."""
        town, said = city_named(city), checked(NEW_RELEASE)
        order = Order(
            city=town,
            period=Period.of(said["period"]),
            instrument_id=said.get("instrument", town.default_instrument),
            purpose=said.get("purpose"),
            actor=f"key:{actor_here().id}",
        )
        made = ask_for_release(services().database, order, now=services().now())
        if made is not None:
            return json_response(_card(town, made))
        asked = find_order(services().database, town, release_id=order.release_id)
        place = f"/api/v1/cities/{town.slug}/releases/requests/{order.release_id}"
        return json_response(_told(asked), status=202, headers={"Location": place, "Retry-After": "5"})


@namespace.route("/requests/<release>")
class ReleaseRequest(Resource):
    """A release that was asked for."""

    @namespace.response(200, "How far it is, or why it cannot be made", _request)
    def get(self, city: str, release: str) -> Response:
        """Show what became of a release that was asked for."""
        asked = find_order(services().database, city_named(city), release_id=release)
        return json_response(_told(asked), headers={"Cache-Control": "private, no-store"})


@namespace.route("/<release>")
class OneRelease(Resource):
    """One release."""

    @namespace.response(200, "Its card", _release)
    def get(self, city: str, release: str) -> Response:
        """Show how a release was made, who is missing from it, how to cite it, and its files."""
        town = city_named(city)
        return json_response(
            _card(town, _found(town, release)), headers={"Cache-Control": "public, max-age=60"}
        )


@namespace.route("/<release>/files/<name>")
class ReleaseFileOf(Resource):
    """One file of a release."""

    @namespace.doc(
        params={"hxl": {"enum": ["on", "off"], "description": "audits.csv: a row of HXL hashtags"}}
    )
    @namespace.response(200, "The file; its ETag is its SHA-256")
    @namespace.response(206, "The part asked for by a Range header")
    @namespace.response(304, "The file is the one you have")
    @namespace.response(416, "The part asked for is not in the file")
    def get(self, city: str, release: str, name: str) -> Response:
        """Download a file of a release; it never changes."""
        town = city_named(city)
        made = _found(town, release)
        file = next((one for one in made.files if one.name == name), None)
        if file is None:
            raise NotThere(f"no file {name!r}; there are: {', '.join(one.name for one in made.files)}")
        tagged = parameter("hxl", one_of("on", "off"), default="off") == "on" and name == "audits.csv"
        path = _kept(town, made, file)
        response = _with_tags(path, file) if tagged else _whole(path, file)
        response.headers["Cache-Control"] = _FOR_EVER
        response.headers["Content-Disposition"] = f'attachment; filename="{town.slug}-{release}-{name}"'
        return response


def _found(town: City, release_id: str) -> Release:
    with services().database.layer_reading() as connection:
        made = find_release(connection, city_id=town.city_id, release_id=release_id)
    if made is None:
        raise NotThere(f"no release {release_id[:80]!r} here")
    return made


def _kept(town: City, made: Release, file: ReleaseFile) -> Path:
    """Return where a file is; Unavailable where it is not there as it was made."""
    path = folder_of(services().settings.home, slug=town.slug, release_id=made.release_id) / file.name
    if not path.is_file() or path.stat().st_size != file.bytes:
        raise Unavailable(f"{file.name} is not on this machine as it was made; its operator has been told")
    return path


def _whole(path: Path, file: ReleaseFile) -> Response:
    response = send_file(path, conditional=True, etag=file.sha256)
    response.headers["Content-Type"] = _type_of(file.name)
    return response


def _with_tags(path: Path, file: ReleaseFile) -> Response:
    """Return the table with a row of hashtags under its header."""
    with path.open("rb") as opened:
        header = opened.readline()
    tags = ",".join(hxl_tags(header.decode().rstrip().split(","))).encode() + b"\r\n"

    def parts() -> Iterator[bytes]:
        yield header + tags
        with path.open("rb") as opened:
            opened.seek(len(header))
            while block := opened.read(_BLOCK):
                yield block

    response = Response(parts(), content_type=_type_of(file.name))
    response.set_etag(f"{file.sha256}-hxl")
    response.make_conditional(request)
    return response


def _type_of(name: str) -> str:
    return _TYPES[name.rpartition(".")[2]]


def _short(town: City, made: Release) -> dict[str, Any]:
    return {
        "id": made.release_id,
        "period": made.period,
        "instrument": made.instrument_id,
        "made_at": made.made_at,
        "rows_out": made.rows_out,
        "sha256": made.sha256.hex(),
        "href": _address(town, made),
    }


def _card(town: City, made: Release) -> dict[str, Any]:
    account = made.account
    return {
        **_short(town, made),
        "purpose": made.purpose,
        **made.about,
        **{name: account[name] for name in ("k", "cap", "resolution", "missing", "variances", "checks")},
        "rows_in_min": two_digits(made.rows_in),
        "by_resolution": [
            {"resolution": int(resolution), "rows": rows}
            for resolution, rows in account["by_resolution"].items()
        ],
        "files": [
            {
                **vars(file),
                "type": _type_of(file.name),
                "href": f"{_address(town, made)}/files/{file.name}",
            }
            for file in made.files
        ],
    }


def _address(town: City, made: Release) -> str:
    return f"/api/v1/cities/{town.slug}/releases/{made.release_id}"


def _told(asked: Request | Release) -> dict[str, Any]:
    if isinstance(asked, Release):
        return {"id": asked.release_id, "status": "made", "share": 1.0, "doing": "made", "fault": None}
    status = "refused" if asked.fault else "waiting" if asked.doing == "waiting" else "making"
    return {
        "id": asked.release_id,
        "status": status,
        "share": float(asked.share),
        "doing": asked.doing,
        "fault": asked.fault,
    }
