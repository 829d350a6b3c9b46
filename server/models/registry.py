"""Imports every table, for Alembic and for tests over the whole schema. Nothing else may import it."""

from server.models import (
    access,
    aggregate,
    audit,
    campaign,
    city,
    consent,
    device,
    instrument,
    intervention,
    layer,
    moderation,
    photo,
    reference,
    release,
    service_request,
    submission,
    zone,
)
from server.models.base import metadata

__all__ = [
    "access",
    "aggregate",
    "audit",
    "campaign",
    "city",
    "consent",
    "device",
    "instrument",
    "intervention",
    "layer",
    "metadata",
    "moderation",
    "photo",
    "reference",
    "release",
    "service_request",
    "submission",
    "zone",
]
