"""Administrative areas of a city, in sets such as wards or informal settlements."""

from geoalchemy2 import Geometry
from sqlalchemy import Column, ForeignKeyConstraint, Table, Text

from server.models.base import city_key, created_at, metadata, tenant_key

zone_set = Table(
    "zone_set",
    metadata,
    city_key(),
    Column("name", Text, primary_key=True),
    Column("licence", Text),
    Column("attribution", Text),
    created_at("loaded_at"),
)

zone = Table(
    "zone",
    metadata,
    tenant_key(),
    Column("set_name", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("area", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    ForeignKeyConstraint(["city_id", "set_name"], ["zone_set.city_id", "zone_set.name"], ondelete="CASCADE"),
)
