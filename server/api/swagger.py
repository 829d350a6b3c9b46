"""`python -m server.api.swagger`: write docs/swagger.json, and docs/problems.md beside it.

A test holds the committed files to what is generated, so every change of the API shows in review.
"""

import json
from pathlib import Path

from flask import Flask

from server.api import problem_types, v1

DOCS = Path(__file__).resolve().parents[2] / "docs"


def document() -> str:
    """Return the description of the API as it is committed; needs no store."""
    app = Flask(__name__, static_folder=None)
    api = v1.register(app)
    with app.test_request_context("/"):
        told = v1.specification(api)
    return json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files."""
    (DOCS / "swagger.json").write_text(document(), encoding="utf-8")
    (DOCS / "problems.md").write_text(problem_types.documentation(), encoding="utf-8")


if __name__ == "__main__":
    main()
