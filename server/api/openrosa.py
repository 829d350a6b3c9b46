"""OpenRosa: forms out, submissions in, as ODK Collect and KoboCollect know it (https://docs.getodk.org/openrosa).

The token in the address is a device's or a campaign's. Logs and metrics hold the route's template alone.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePath
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request

from server.api import limiting, metrics
from server.api.context import Services, city_named, services
from server.api.openrosa_answers import PREFIX, told, xml
from server.api.photos import studio
from server.api.writing import no_content
from server.cities import City
from server.errors import NotThere, Unparsable, WrongMediaType
from server.instruments.xform import XForm
from server.intake.xform import LARGEST_XML_BYTES, read_submission
from server.services.collect_settings import collect_address, collect_settings
from server.services.find_collector import Collector, enrol_collector, find_collector
from server.services.keep_attachments import keep_attachments
from server.services.receive_submission import Acknowledgement, Delivery, receive_submission

# Collect sends a file that is larger than it was told to in a post of its own, rather than keep it for ever.
_LARGEST_POST_BYTES = 50_000_000
_XML_PART, _INCOMPLETE = "xml_submission_file", "*isIncomplete*"
_LONGEST_FILE_NAME = 255

_REASONS = {
    "campaign_over": "this walk is over",
    "conflict": "its id is taken by other content",
    "invalid": "some answers do not fit the form",
    "refused": "its author did not agree, so nothing of it is stored",
    "stale": "the audit was changed elsewhere meanwhile",
    "superseded": "a correction of it arrived first",
    "unknown_version": "the form is of a version that is not known here",
    "withdrawn": "the audit was withdrawn",
}

blueprint = Blueprint("openrosa", __name__, url_prefix=f"{PREFIX}<city>/<token>")


@blueprint.get("/formList")
def form_list(city: str, token: str) -> Response:
    """List the forms of a city, or the one asked for."""
    town, _ = _admit(city, token)
    asked = request.args.get("formID")
    forms = [form for form in town.xforms.values() if asked in (None, form.form_id)]
    return xml(render_template("openrosa_forms.xml", forms=forms, base=_base(town, token)))


@blueprint.get("/forms/<form>.xml")
def one_form(city: str, token: str, form: str) -> Response:
    """Serve a form."""
    town, _ = _admit(city, token)
    return xml(_form(town, form).xml)


@blueprint.get("/forms/<form>/manifest")
def manifest(city: str, token: str, form: str) -> Response:
    """Say that a form comes without files."""
    town, _ = _admit(city, token)
    _form(town, form)
    return xml(render_template("openrosa_manifest.xml"))


@blueprint.get("/qr.svg")
def qr_code(city: str, token: str) -> Response:
    """Draw the QR code that sets up Collect for this address."""
    import segno  # noqa: PLC0415 - only here

    town, _ = _admit(city, token)
    drawing = BytesIO()
    segno.make(collect_settings(_base(town, token), project=town.name), error="m", micro=False).save(
        drawing, kind="svg", scale=4
    )
    return Response(drawing.getvalue(), mimetype="image/svg+xml")


@blueprint.get("/submission")
def submission_check(city: str, token: str) -> Response:
    """Answer the HEAD request with which Collect begins; it wants 204 and nothing else."""
    _admit(city, token)
    return no_content()


@blueprint.post("/submission")
def submission(city: str, token: str) -> Response:
    """Keep one submission, or a part of it; 201, or 202 where a moderator has to look at it."""
    here, (town, collector) = services(), _admit(city, token)
    _spend(here, collector)
    delivery = _delivery(town, late=collector.late(here.now()))
    with here.database.transaction() as connection:
        sender = enrol_collector(connection, city_id=town.city_id, collector=collector, now=here.now())
        outcome = receive_submission(
            connection, city=town, sender=sender, delivery=delivery, secret=here.secret, now=here.now()
        )
    keep_attachments(studio(), city=town, sender=sender, delivery=delivery, received=outcome)
    metrics.count_audits(outcome.status)
    return told(_words(outcome), status=202 if outcome.quarantine else 201)


def _admit(city: str, token: str) -> tuple[City, Collector]:
    here, town = services(), city_named(city)
    with here.database.statements() as connection:
        collector = find_collector(
            connection,
            city_id=town.city_id,
            token=token,
            phone=request.args.get("deviceID", ""),
            secret=here.secret,
        )
    return town, collector


def _spend(here: Services, collector: Collector) -> None:
    """Count a post against its phone, and a new phone of a campaign against the campaign's enrolments."""
    with here.database.statements() as connection:
        if collector.auditor is None and collector.campaign is not None:
            limit = limiting.campaign_enrolment(here.settings)
            limiting.spend_one(connection, limit, limiting.address(), collector.campaign.campaign_id.bytes)
        limiting.spend_one(connection, limiting.submission(here.settings), collector.device_id.bytes)


def _delivery(town: City, *, late: bool) -> Delivery:
    """Return what is in the body; Unparsable, WrongMediaType or NotThere where it cannot be kept."""
    if request.mimetype != "multipart/form-data":
        raise WrongMediaType("send the submission as multipart/form-data")
    request.max_content_length = _LARGEST_POST_BYTES
    part = request.files.get(_XML_PART)
    if part is None:
        raise Unparsable(f"the part {_XML_PART} is missing, or the body was cut short")
    content = part.read(LARGEST_XML_BYTES + 1)
    submitted = read_submission(content)
    _form(town, submitted.form_id)
    return Delivery(
        xml=content,
        submission=submitted,
        files=list(_files()),
        complete=_INCOMPLETE not in request.form,
        late=late,
    )


def _files() -> Iterator[tuple[str, bytes]]:
    for part, file in request.files.items(multi=True):
        name = PurePath((file.filename or part).replace("\\", "/")).name.replace("\0", "")
        if part != _XML_PART and name:
            yield name[-_LONGEST_FILE_NAME:], file.read()


def _form(town: City, form_id: str) -> XForm:
    form = town.xforms.get(form_id)
    if form is None:
        raise NotThere(f"no such form here; there are: {', '.join(town.xforms)}")
    return form


def _base(town: City, token: str) -> str:
    """Return this address as the phone reaches it; PUBLIC_URL adds the scheme where a proxy took it away."""
    public_url = services().settings.public_url
    here = request.host_url.rstrip("/")
    reached = public_url if public_url and urlsplit(public_url).netloc == request.host else here
    return collect_address(reached, slug=town.slug, token=token)


def _words(outcome: Acknowledgement) -> str:
    if outcome.quarantine is None:
        return f"Received, thank you. Receipt code: {outcome.receipt}"
    return f"Received, and kept apart: {_REASONS[outcome.quarantine]}. Nothing more to do."
