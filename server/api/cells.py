"""The published score of one cell."""

from flask import Response
from flask_restx import Namespace, Resource

from geo.cells import from_text, resolution_of
from geo.errors import CellError
from server.api.context import city_named, services
from server.api.reading import one_of, parameter
from server.api.shapes.audit import SCORE
from server.api.writing import json_response
from server.cities import City
from server.errors import Fault, Invalid
from server.queries.scores import find_score

namespace = Namespace("cells", path="/cities/<city>/cells", description="Scores of cells")

LAYERS = {"all": "cells", "day": "cells-day", "night": "cells-night"}


@namespace.route("/<cell>/score")
class Score(Resource):
    """What the latest run published for one cell."""

    @namespace.doc(
        params={
            "daypart": {"enum": list(LAYERS), "description": "else all"},
            "instrument": "else the city's first",
        }
    )
    @namespace.response(200, "The published row, or insufficient", namespace.schema_model("Score", SCORE))
    def get(self, city: str, cell: str) -> Response:
        """Show the score of a cell; everything that is not shown is alike `insufficient`."""
        town = city_named(city)
        name = _cell(cell, town)
        daypart = parameter("daypart", one_of(*LAYERS), default="all")
        instrument = parameter("instrument", one_of(*town.documents), default=next(iter(town.documents), ""))
        with services().database.layer_reading() as connection:
            found = find_score(
                connection,
                city_id=town.city_id,
                instrument_id=instrument,
                layer=LAYERS[daypart],
                cell=name,
            )
        told = {"cell": name, "daypart": daypart, "instrument": instrument}
        told |= {"status": "insufficient"} if found is None else {"status": "published", **found}
        return json_response(told, headers={"Cache-Control": "public, max-age=60"})


def _cell(text: str, town: City) -> str:
    try:
        level = resolution_of(from_text(text))
    except CellError as error:
        raise Invalid("this is no cell", faults=[Fault("/cell", str(error))]) from None
    if level != town.resolution:
        other = Fault("/cell", f"has resolution {level}; cells of this city have {town.resolution}")
        raise Invalid("this is no cell of the city's resolution", faults=[other])
    return text.lower()
