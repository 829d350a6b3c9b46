"""Whether what photos need is installed: an extra, for it weighs a third of all the rest."""

from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]


def missing_extra() -> str:
    """Return in plain words what is missing and the line to type; "" where photos can be taken."""
    lacking = [name for name in ("PIL", "cv2") if find_spec(name) is None]
    if not lacking:
        from server.photos.faces import model_files  # noqa: PLC0415 - needs what was just found

        lacking = [file.name for file in model_files() if not file.is_file()]
    if not lacking:
        return ""
    return (
        f"photos need packages that are not installed ({', '.join(lacking)}): type `make photos` in {ROOT}, "
        "then start safeaudit again"
    )
