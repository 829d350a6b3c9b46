"""What tests of the server share."""

from tests.server.places import places  # noqa: F401 - a fixture
