/** As much plane geometry as finding a place on the map takes; degrees, longitude first. */

import type { Geometry, Position } from 'geojson';

export type LngLat = [lng: number, lat: number];
export type Bounds = [west: number, south: number, east: number, north: number];

/** The smallest box around a polygon or multipolygon. */
export function boundsOf(geometry: Geometry): Bounds {
  const points = ringsOf(geometry).flat();
  const lngs = points.map(([lng]) => lng ?? 0);
  const lats = points.map(([, lat]) => lat ?? 0);
  return [Math.min(...lngs), Math.min(...lats), Math.max(...lngs), Math.max(...lats)];
}

/** The middle of that box: inside, for anything as round as a cell. */
export function centreOf(geometry: Geometry): LngLat {
  const [west, south, east, north] = boundsOf(geometry);
  return [(west + east) / 2, (south + north) / 2];
}

/** Whether a point lies inside (even-odd rule over all rings, so holes count as outside). */
export function contains(geometry: Geometry, [lng, lat]: LngLat): boolean {
  const crossings = ringsOf(geometry).flatMap(edgesOf).filter(([a, b]) => crosses(a, b, lng, lat));
  return crossings.length % 2 === 1;
}

/** Whether two areas share a point: a corner of one inside the other, or its middle. Enough for shapes about as round as cells. */
export function touch(one: Geometry, other: Geometry): boolean {
  return within(one, other) || within(other, one);
}

function within(one: Geometry, other: Geometry): boolean {
  return [centreOf(one), ...ringsOf(one).flat()].some(([lng = 0, lat = 0]) => contains(other, [lng, lat]));
}

function crosses([x1 = 0, y1 = 0]: Position, [x2 = 0, y2 = 0]: Position, lng: number, lat: number): boolean {
  return y1 > lat !== y2 > lat && lng < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1;
}

function edgesOf(ring: Position[]): [Position, Position][] {
  return ring.slice(1).map((point, index) => [ring[index] ?? point, point]);
}

function ringsOf(geometry: Geometry): Position[][] {
  if (geometry.type === 'Polygon') return geometry.coordinates;
  if (geometry.type === 'MultiPolygon') return geometry.coordinates.flat();
  return [];
}
