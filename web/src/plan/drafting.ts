/** An area that somebody draws, corner by corner, or loads. */

import type { FeatureCollection, Geometry, Position } from 'geojson';

import { say } from '../words';

/** The largest file that is read: an outline of one place is a thousandth of it. */
const LARGEST_FILE = 2_000_000;

export class Draft {
  private corners: Position[] = [];
  private loaded: Geometry | null = null;

  constructor(private readonly onChange: () => void) {}

  add(lng: number, lat: number): void {
    this.loaded = null;
    this.corners = [...this.corners, [lng, lat]];
    this.onChange();
  }

  undo(): void {
    this.corners = this.corners.slice(0, -1);
    this.onChange();
  }

  clear(): void {
    this.load(null);
  }

  load(geometry: Geometry | null): void {
    this.corners = [];
    this.loaded = geometry;
    this.onChange();
  }

  /** What is drawn so far, for the map: a point, a line, then an area. */
  get shape(): Geometry | null {
    const [first, second] = this.corners;
    if (this.loaded) return this.loaded;
    if (!first) return null;
    if (!second) return { type: 'Point', coordinates: first };
    return this.area ?? { type: 'LineString', coordinates: this.corners };
  }

  /** The area, or null before it has three corners. */
  get area(): Geometry | null {
    const [first] = this.corners;
    if (this.loaded) return this.loaded;
    return first && this.corners.length > 2 ? { type: 'Polygon', coordinates: [[...this.corners, first]] } : null;
  }

  get words(): string {
    if (this.loaded) return say('area_chosen');
    const n = this.corners.length;
    return n === 0 ? say('area_none') : say(n < 3 ? 'area_begun' : 'area_drawn', { n });
  }
}

/** The areas of a GeoJSON file as one geometry. Raises Error in words for people. */
export async function readArea(file: File): Promise<Geometry> {
  if (file.size > LARGEST_FILE) throw new Error(say('area_file_large', { bytes: file.size, most: LARGEST_FILE }));
  const polygons = parse(await file.text()).flatMap((geometry) => {
    if (geometry.type === 'Polygon') return [geometry.coordinates];
    return geometry.type === 'MultiPolygon' ? geometry.coordinates : [];
  });
  if (polygons.length === 0) throw new Error(say('area_file_none'));
  return { type: 'MultiPolygon', coordinates: polygons };
}

function parse(text: string): Geometry[] {
  let given: FeatureCollection | GeoJSON.Feature | Geometry;
  try {
    given = JSON.parse(text) as typeof given;
  } catch {
    throw new Error(say('area_file_no_json'));
  }
  if (given.type === 'FeatureCollection') return given.features.map(({ geometry }) => geometry);
  return [given.type === 'Feature' ? given.geometry : given];
}
