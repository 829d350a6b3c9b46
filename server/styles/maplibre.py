"""A look as a MapLibre style: https://maplibre.org/maplibre-style-spec/."""

from collections.abc import Sequence
from typing import Any

from server.styles.look import NOT_ENOUGH, Look, Rule, Test
from server.styles.scale import SCALE

Json = Any

_OPACITY = {"solid": 0.9, "stripes": 0.6, "crossed": 0.35}


def maplibre_style(look: Look, *, name: str, layer: str, tilejson: str, boundary: Json) -> Json:
    """Return a style of one vector layer over the city's boundary, where nothing is known until drawn over.

    `tilejson` is an address, `boundary` a GeoJSON geometry.
    """
    land = {"type": "Feature", "properties": {"label": NOT_ENOUGH}, "geometry": boundary}
    fill = {"fill-color": _case(look.colours, [rule.colour for rule in look.colours], SCALE.unknown)}
    if look.patterns:
        faint = [_OPACITY[rule.pattern] for rule in look.patterns]
        fill |= {"fill-opacity": _case(look.patterns, faint, _OPACITY["solid"])}
    return {
        "version": 8,
        "name": name,
        "metadata": {"legend": legend(look)},
        "sources": {
            "boundary": {"type": "geojson", "data": land},
            layer: {"type": "vector", "url": tilejson},
        },
        "layers": [
            {"id": "ground", "type": "background", "paint": {"background-color": "#ffffff"}},
            {
                "id": "not-enough",
                "type": "fill",
                "source": "boundary",
                "paint": {"fill-color": SCALE.unknown},
            },
            {"id": layer, "type": "fill", "source": layer, "source-layer": layer, "paint": fill},
            {
                "id": f"{layer}-edge",
                "type": "line",
                "source": layer,
                "source-layer": layer,
                "minzoom": 11,
                "paint": {"line-color": "#ffffff", "line-width": 0.5},
            },
        ],
    }


def legend(look: Look) -> list[dict[str, str]]:
    """Return what the legend says, in order."""
    rules = [*look.colours, *look.patterns]
    return [{"label": rule.label, "colour": rule.colour, "pattern": rule.pattern} for rule in rules]


def _case(rules: Sequence[Rule], values: Sequence[Json], other: Json) -> Json:
    if all(rule.test is None for rule in rules):
        return values[0] if values else other
    pairs = [
        part for rule, value in zip(rules, values, strict=True) for part in (_expression(rule.test), value)
    ]
    return ["case", *pairs, other]


def _expression(test: Test | None) -> Json:
    if test is None:
        return True
    value: Json = ["get", test.field]
    if test.missing:
        return ["!", ["has", test.field]]  # a tile leaves out what has no value
    if test.equals is not None:
        return ["==", value, test.equals]
    if test.minus is not None:
        value = ["-", value, ["get", test.minus]]
    parts = [[">=", value, test.low]] if test.low is not None else []
    parts += [["<", value, test.high]] if test.high is not None else []
    return ["all", ["has", test.field], *parts]
