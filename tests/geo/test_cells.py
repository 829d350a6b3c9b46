import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geo import areas, cells
from geo.errors import CellError, CoordinateError

points = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
resolutions = st.integers(0, 15)
POLES = [cells.cell_of(90, 0, resolution=9), cells.cell_of(-90, 0, resolution=9)]
DATE_LINE = cells.cell_of(-16.8, 180, resolution=9)


def test_a_published_cell():
    # https://h3geo.org/docs/api/indexing: latLngToCell(37.775938728915946, -122.41795063018799, 9)
    cell = cells.cell_of(37.775938728915946, -122.41795063018799, resolution=9)
    assert cells.to_text(cell) == "8928308280fffff"
    assert cells.from_text("8928308280fffff") == cell


@given(points=st.lists(points, max_size=20), resolution=resolutions)
def test_cells_of_many_equal_cells_of_each(points, resolution):
    lat, lng = np.array(points).reshape(-1, 2).T
    found = cells.cells_of(lat, lng, resolution=resolution)
    assert found.dtype == np.int64
    assert found.tolist() == [cells.cell_of(*point, resolution=resolution) for point in points]
    assert (found > 0).all()
    assert (cells.resolution_of(found) == resolution).all()


@given(point=points, resolution=resolutions)
def test_text_and_back(point, resolution):
    cell = cells.cell_of(*point, resolution=resolution)
    text = cells.to_text(cell)
    assert len(text) == 15
    assert cells.from_text(text) == cell
    assert cells.to_texts(np.array([cell])) == cells.to_texts([cell]) == [text]


@given(point=points, fine=resolutions, data=st.data())
def test_parents_by_bits_equal_h3(point, fine, data):
    coarse = data.draw(st.integers(0, fine))
    cell = cells.cell_of(*point, resolution=fine)
    expected = h3.cell_to_parent(cell, coarse)
    assert cells.parent(cell, resolution=coarse) == expected
    assert cells.parent(np.array([cell]), resolution=coarse).tolist() == [expected]


@pytest.mark.parametrize("pentagon", h3.get_pentagons(5))
def test_parents_of_pentagons(pentagon):
    assert cells.parent(pentagon, resolution=1) == h3.cell_to_parent(pentagon, 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "zz",
        "8928308280ffffff",
        "08928308280ffff",
        "ffffffffffffffff",
        "-928308280fffff",
        "\uff18928308280fffff",
    ],
)
def test_a_text_that_is_no_cell_is_named(text):
    with pytest.raises(CellError, match=f"'{text}' is no H3 cell"):
        cells.from_text(text)


@pytest.mark.parametrize(("lat", "lng"), [(91, 0), (0, 181), (np.nan, 0), (0, np.inf)])
def test_a_point_off_the_earth_is_named_by_row(lat, lng):
    with pytest.raises(CoordinateError, match="row 1: lat"):
        cells.cells_of([0, lat], [0, lng], resolution=9)
    with pytest.raises(CoordinateError, match="not on Earth"):
        cells.cell_of(lat, lng, resolution=9)


def test_points_must_be_pairs():
    with pytest.raises(CoordinateError, match="equal length"):
        cells.cells_of([1, 2], [1], resolution=9)


@pytest.mark.parametrize("resolution", [-1, 16])
def test_resolutions_h3_does_not_have_are_refused(resolution):
    with pytest.raises(CellError, match="0 to 15"):
        cells.cell_of(0, 0, resolution=resolution)
    with pytest.raises(CellError, match="0 to 15"):
        cells.parent(DATE_LINE, resolution=resolution)


def test_a_coarse_cell_has_no_finer_parent():
    with pytest.raises(CellError, match="coarser than resolution 10"):
        cells.parent(np.array([DATE_LINE]), resolution=10)


@settings(deadline=None)
@given(point=points, resolution=st.integers(1, 12))  # finer, H3's own area rounds by 5 % at lng 180
def test_a_cell_holds_its_centre_and_has_its_area(point, resolution):
    cell = np.array([cells.cell_of(*point, resolution=resolution)])
    shape = cells.polygon(cell[0])
    lat, lng = cells.centre(cell)
    assert shape.is_valid
    assert shapely.intersects_xy(shape, lng[0], lat[0])
    if abs(lat[0]) < 80 and resolution > 3:  # nearer the poles an edge straight in lng/lat is no geodesic
        assert areas.area_km2(shape) == pytest.approx(cells.area_km2(cell)[0], rel=2e-3)


def test_polygons_equal_one_by_one():
    some = np.array([*POLES, DATE_LINE, h3.get_pentagons(9)[2], *h3.grid_disk(POLES[0], 3)])
    shapes = cells.polygons(some)
    assert all(shape.equals(cells.polygon(cell)) for shape, cell in zip(shapes, some.tolist(), strict=True))
    assert len(cells.polygons(some[:0])) == 0


def test_a_cell_on_the_antimeridian_is_split_there():
    shape = cells.polygon(DATE_LINE)
    assert shape.geom_type == "MultiPolygon"
    assert shape.bounds[0] == -180
    assert shape.bounds[2] == 180
    assert all(part.bounds[2] - part.bounds[0] < 0.01 for part in shape.geoms)
    assert areas.area_km2(shape) == pytest.approx(cells.area_km2(np.array([DATE_LINE]))[0], rel=1e-3)


@pytest.mark.parametrize(("cell", "pole"), [(POLES[0], 90), (POLES[1], -90)])
def test_a_cell_around_a_pole_reaches_it_on_every_meridian(cell, pole):
    shape = cells.polygon(cell)
    west, south, east, north = shape.bounds
    assert (west, east) == (-180, 180)
    assert pole in (south, north)
    assert shapely.intersects_xy(shape, np.arange(-180, 181, 30), np.full(13, pole * 0.99999999)).all()


PLACES = {
    "Delhi": cells.cell_of(28.6, 77.2, resolution=9),
    "pentagon": h3.get_pentagons(9)[5],
    "north pole": POLES[0],
    "south pole": POLES[1],
    "antimeridian": DATE_LINE,
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("ring", [False, True], ids=["disc", "ring"])
def test_an_outline_is_the_union_of_its_cells(place, ring):
    members = cells.disc(place, k=3)
    if ring:
        members = np.setdiff1d(members, cells.disc(place, k=1))
    outline = cells.outline(members)
    assert outline.is_valid
    assert outline.area == pytest.approx(sum(shape.area for shape in cells.polygons(members)), rel=1e-9)
    if place == PLACES["Delhi"]:
        assert [len(part.interiors) for part in outline.geoms] == [int(ring)]


def test_covering_holds_the_cells_whose_centre_is_inside():
    area = shapely.box(77.1, 28.5, 77.2, 28.6)
    found = cells.covering(area, resolution=8)
    lat, lng = cells.centre(found)
    assert shapely.contains_xy(area, lng, lat).all()
    around = np.unique([member for cell in found.tolist() for member in h3.grid_disk(cell, 1)])
    lat, lng = cells.centre(np.setdiff1d(around, found))
    assert not shapely.contains_xy(area, lng, lat).any()
    assert (np.diff(found) > 0).all()


def test_covering_across_the_antimeridian_and_around_the_world():
    fiji = areas.read_boundary("179.5,-17,-179.5,-16").area
    assert DATE_LINE in cells.covering(fiji, resolution=9)
    assert len(cells.covering(areas.read_boundary("-180,-90,180,90").area, resolution=0)) == 122


def test_covering_refuses_what_would_fill_the_memory():
    with pytest.raises(CellError, match="choose a coarser one"):
        cells.covering(shapely.box(-10, 40, 10, 50), resolution=11)


def test_discs_lie_end_to_end():
    some = np.array([PLACES["Delhi"], PLACES["pentagon"]])
    members, lengths = cells.discs(some, k=2)
    assert lengths.tolist() == [19, 16]
    assert set(members[:19]) == set(cells.disc(some[0], k=2))
