"""The whole API against its own description: requests that fit it, and requests that do not.

`SAFEAUDIT_EXAMPLES` says how many of each operation (`make schemathesis` asks for many more).
"""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from flask import Flask
from hypothesis import HealthCheck, settings
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    negative_data_rejection,
    positive_data_acceptance,
)

from server.actors import Role
from server.api import access
from tests.server.api.people import Person

SPECIFICATION = Path(__file__).parents[3] / "docs" / "swagger.json"
EXAMPLES = int(os.environ.get("SAFEAUDIT_EXAMPLES", "8"))


def without_tokens() -> dict[str, Any]:
    """Return the description without who may do what, which tests/server/api/test_access.py tries whole."""
    document: dict[str, Any] = json.loads(SPECIFICATION.read_text())
    del document["securityDefinitions"]
    for operations in document["paths"].values():
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            del operations[method]["security"]
    return document


def may(operation: APIOperation) -> frozenset[Role]:
    """Return whose token an operation asks for, if it asks for one."""
    route = "/api/v1" + re.sub(r"{(\w+)}", r"<\1>", operation.path)
    return access.RULES[route][operation.method.upper()] or frozenset()


schema = schemathesis.openapi.from_dict(without_tokens())


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_undocumented(
    case: schemathesis.Case, app: Flask, amina: Person, give_key: Callable[..., Person]
) -> None:
    """Hold what a check of the library cannot know against it.

    JSON Schema cannot say an instrument's questions or a city's cells, which may refuse what fits it. Where
    `batch` stands, the id of an audit might, so OPTIONS names what may be done to one. In a batch bad items
    hold back no other. Swagger 2.0 says of an operation, not of a status, which types it answers in.
    """
    # Of no other operation is the city itself what is asked for.
    made = [case.path_parameters["city"]] if case.operation.path == "/cities/{city}" else []
    holder = amina if Role.AUDITOR in may(case.operation) else give_key(Role.ADMIN)
    excluded = [positive_data_acceptance, allow_header_conformance]
    if case.operation.path.endswith("/batch"):
        excluded.append(negative_data_rejection)
    for city in ("testville", *made):
        case.path_parameters["city"] = city
        answer = case.call(app=app, headers={"Authorization": f"Bearer {holder.token}"})
        empty = [content_type_conformance] if answer.status_code == 204 else []
        case.validate_response(answer, excluded_checks=[*excluded, *empty])
