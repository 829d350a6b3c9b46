"""Handing what a place lacks to the agency that can mend it: Open311 GeoReport v2."""
