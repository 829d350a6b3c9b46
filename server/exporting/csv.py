"""CSV (RFC 4180, UTF-8): the geometry as WKT in the last column, text that no spreadsheet computes."""

import csv
import io

import shapely

from analysis.disclosure.layer import Field, Value
from server.layer_table import LayerTable

# A spreadsheet takes text that begins so for a formula (CWE-1236); numbers are not text and stay.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def encode_csv(table: LayerTable) -> bytes:
    """Return a header and one line per feature; nothing stands where there is no value."""
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow([*(field.name for field in table.fields), "geometry"])
    columns = ([_cell(field, value) for value in table.columns[field.name]] for field in table.fields)
    shapes = shapely.to_wkt(table.shapes, rounding_precision=-1)
    writer.writerows(zip(*columns, shapes, strict=True))
    return target.getvalue().encode()


def _cell(field: Field, value: Value) -> str:
    if value is None:
        return ""
    if field.type == "boolean":
        return "true" if value else "false"
    if field.type == "text":
        return safe_text(str(value))
    return repr(value)


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with an apostrophe in front where it would."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
