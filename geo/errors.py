"""The few ways in which a place can be wrong."""


class PlaceError(ValueError):
    """Something said about a place cannot be used; the message names it, the limit and the remedy."""


class CoordinateError(PlaceError):
    """A longitude or latitude is not a number of degrees on Earth."""


class CellError(PlaceError):
    """A text or number is no H3 cell, or a resolution does not fit."""


class GeoJSONError(PlaceError):
    """A document is no GeoJSON geometry, Feature or FeatureCollection."""


class BoundaryError(PlaceError):
    """A shape cannot serve as the boundary of an area."""
