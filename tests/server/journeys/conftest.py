"""The people of the API's tests, each journey on a store of its own."""

from tests.server.api.conftest import (
    app,
    consent,
    enrol,
    give_key,
    omar,
    photos_on,
    served_store,
    serving,
    settings,
    specification,
    stranger,
    work,
)

__all__ = [
    "app",
    "consent",
    "enrol",
    "give_key",
    "omar",
    "photos_on",
    "served_store",
    "serving",
    "settings",
    "specification",
    "stranger",
    "work",
]
