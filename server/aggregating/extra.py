"""Whether what noise needs is installed: an extra, for it weighs half of all the rest."""

from importlib.util import find_spec
from pathlib import Path

from server.errors import Unavailable

ROOT = Path(__file__).parents[2]


def need_opendp() -> None:
    """Return if noise can be drawn here; Unavailable, with the line to type, where OpenDP is missing."""
    if find_spec("opendp") is None:
        raise Unavailable(
            "aggregates with noise need OpenDP, which is not installed here; nothing was spent: type "
            f"`make dp` in {ROOT}, then start safeaudit again"
        )
