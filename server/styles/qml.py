"""A look as a layer style of QGIS (QML), readable from QGIS 3.22 on."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, tostring

from server.styles.look import Look, Pattern, Rule, Test

_BRUSHES: dict[Pattern, str] = {"solid": "solid", "stripes": "f_diagonal", "crossed": "diagonal_x"}
_EDGE = "255,255,255,255"


def qml(look: Look) -> bytes:
    """Return the style as XML: one rule for each colour, and patterns drawn over them."""
    root = Element("qgis", version="3.22", styleCategories="Symbology")
    renderer = SubElement(root, "renderer-v2", type="RuleRenderer", symbollevels="1", forceraster="0")
    rules, symbols = SubElement(renderer, "rules", key="look"), SubElement(renderer, "symbols")
    for place, (rule, over) in enumerate(_ordered(look)):
        told = {"key": f"rule{place}", "symbol": str(place), "label": rule.label}
        if rule.test is not None:
            told["filter"] = _expression(rule.test)
        SubElement(rules, "rule", told)
        _draw(symbols, str(place), rule, over=over)
    written: bytes = tostring(root, encoding="utf-8")
    return b"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n" + written


def _ordered(look: Look) -> Iterator[tuple[Rule, bool]]:
    yield from ((rule, False) for rule in look.colours)
    yield from ((rule, True) for rule in look.patterns)


def _draw(symbols: Element, name: str, rule: Rule, *, over: bool) -> None:
    symbol = SubElement(symbols, "symbol", type="fill", name=name, alpha="1", clip_to_extent="1")
    layer = SubElement(symbol, "layer", {"class": "SimpleFill", "enabled": "1", "pass": str(int(over))})
    options = {
        "color": _rgba(rule.colour),
        "style": _BRUSHES[rule.pattern],
        "outline_style": "no" if over else "solid",
        "outline_color": _EDGE,
        "outline_width": "0.1",
        "outline_width_unit": "MM",
    }
    told = SubElement(layer, "Option", type="Map")
    for key, value in options.items():
        SubElement(told, "Option", name=key, type="QString", value=value)
        SubElement(layer, "prop", k=key, v=value)  # what QGIS 3.22 reads where it misses an Option


def _rgba(colour: str) -> str:
    return ",".join(str(int(colour[place : place + 2], 16)) for place in (1, 3, 5)) + ",255"


def _expression(test: Test) -> str:
    field = f'"{test.field}"'
    if test.missing:
        return f"{field} IS NULL"
    if test.equals is not None:
        return f"{field} = '{test.equals}'"
    value = field if test.minus is None else f'{field} - "{test.minus}"'
    parts = [f"{value} >= {test.low:g}"] if test.low is not None else []
    parts += [f"{value} < {test.high:g}"] if test.high is not None else []
    return " AND ".join(parts)
