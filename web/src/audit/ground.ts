/**
 * What lies below the pin: the server's basemap, else the streets that the city loaded, and its zones. Tiles are drawn as
 * SVG, so that it takes neither WebGL nor a map engine; without a network there is nothing below, and the pin works.
 */

import { VectorTile, type VectorTileLayer } from '@mapbox/vector-tile';
import { PbfReader } from 'pbf';
import { PMTiles } from 'pmtiles';

import { ask } from '../api';
import { attributionOf, type Basemap, BASEMAP_FILE, findBasemap, type Ground as Colours, hasAreas, hasLines, inOrder } from '../basemap';
import { listRuns } from '../published';
import type { LatLng } from './geodesy';
import { svgElement } from './svg';

/** Tiles in their columns and rows: Web Mercator, as all maps of the web have them. */
export interface TilePlace {
  z: number;
  x: number;
  y: number;
}

/** Where tiles come from: null where there is none at a place. */
interface Source {
  minzoom: number;
  maxzoom: number;
  draw: (place: TilePlace) => Promise<SVGElement[] | null>;
}

export interface Ground {
  attribution: string;
  sources: readonly Source[];
}

/** Below so many pixels for a tile there would be too much in it to draw. */
const SMALLEST_TILE_PX = 300;
const EQUATOR_M = 40_075_016.686;
const ZONE_ZOOMS = { minzoom: 0, maxzoom: 14 };
const [LINE, AREA] = [2, 3];

/** What there is to draw below a pin in a city. */
export async function findGround(city: string): Promise<Ground> {
  const basemap = await findBasemap(city);
  return { attribution: attributionOf(basemap), sources: [...await sourceOf(basemap), ...await zonesOf(city)] };
}

async function zonesOf(city: string): Promise<Source[]> {
  const [latest] = await listRuns(city);
  if (!latest?.layers.some(({ name, features }) => name === 'zones' && features > 0)) return [];
  const tiles = `/tiles/${encodeURIComponent(city)}/zones/{z}/{x}/{y}.mvt`;
  return [{ ...ZONE_ZOOMS, draw: drawnFrom(tiles, () => [['zones', 'zone']]) }];
}

async function sourceOf(basemap: Basemap | null): Promise<Source[]> {
  if (basemap === null || basemap.kind === 'style') return [];
  if (basemap.kind === 'streets') {
    const { minzoom, maxzoom, tiles } = basemap;
    return [{ minzoom, maxzoom, draw: drawnFrom(tiles, inOrder) }];
  }
  const file = new PMTiles(`${location.origin}${BASEMAP_FILE}`);
  const { minZoom: minzoom, maxZoom: maxzoom } = await file.getHeader();
  const bytes = async ({ z, x, y }: TilePlace): Promise<ArrayBuffer | null> => (await file.getZxy(z, x, y))?.data ?? null;
  const draw = async (place: TilePlace): Promise<SVGElement[] | null> => {
    const data = await bytes(place);
    return data && (basemap.kind === 'raster' ? picture(data) : shapes(data, inOrder));
  };
  return [{ minzoom, maxzoom, draw }];
}

type Sort = (layers: readonly string[]) => [layer: string, kind: keyof Colours | 'zone'][];

function drawnFrom(address: string, sort: Sort): Source['draw'] {
  return async ({ z, x, y }) => {
    const answer = await ask(address.replace('{z}', String(z)).replace('{x}', String(x)).replace('{y}', String(y)));
    return shapes(await answer.arrayBuffer(), sort);
  };
}

/** The tiles that cover a view, of the deepest zoom at which they are large enough; none where all would be too small. */
export function tilesAround(
  { minzoom, maxzoom }: Source, middle: LatLng, { widthM, heightM, metresPerPx }: { widthM: number; heightM: number; metresPerPx: number },
): TilePlace[] {
  const roundM = EQUATOR_M * Math.cos((middle.lat * Math.PI) / 180);
  const z = Math.min(maxzoom, Math.floor(Math.log2(roundM / (SMALLEST_TILE_PX * metresPerPx))));
  if (z < minzoom) return [];
  const count = 2 ** z;
  const [column, row] = placeOf(middle, z);
  const [right, down] = [widthM, heightM].map((metres) => (metres / 2 / roundM) * count) as [number, number];
  const whole = (at: number, reach: number): number[] => {
    const first = Math.floor(at - reach);
    return Array.from({ length: Math.floor(at + reach) - first + 1 }, (_, index) => first + index);
  };
  const rows = whole(row, down).filter((y) => y >= 0 && y < count);
  return whole(column, right).flatMap((x) => rows.map((y) => ({ z, x: (x + count) % count, y })));
}

/** Where a place lies among the tiles of a zoom: column and row, with their fractions. */
function placeOf({ lat, lng }: LatLng, z: number): [x: number, y: number] {
  const turn = Math.asinh(Math.tan((lat * Math.PI) / 180));
  return [((lng + 180) / 360) * 2 ** z, ((1 - turn / Math.PI) / 2) * 2 ** z];
}

/** The north-western corner of a tile. */
export function cornerOf({ z, x, y }: TilePlace): LatLng {
  return { lat: (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / 2 ** z))) * 180) / Math.PI, lng: (x / 2 ** z) * 360 - 180 };
}

function picture(data: ArrayBuffer): SVGElement[] {
  const href = URL.createObjectURL(new Blob([data]));
  return [svgElement('image', { href, width: '4096', height: '4096', preserveAspectRatio: 'none', class: 'raster' })];
}

function shapes(data: ArrayBuffer, sort: Sort): SVGElement[] {
  const { layers } = new VectorTile(new PbfReader(data));
  return sort(Object.keys(layers)).flatMap(([name, kind]) => {
    const layer = layers[name];
    if (!layer) return [];
    const isZone = kind === 'zone';
    const [areas, lines] = [AREA, LINE].map((type) => pathOf(layer, type));
    return [
      ...areas && (isZone || hasAreas(kind)) ? [drawn(areas, layer, isZone ? 'zone' : `${kind} area`)] : [],
      ...lines && !isZone && hasLines(kind) ? [drawn(lines, layer, `${kind} line`)] : [],
    ];
  });
}

function pathOf(layer: VectorTileLayer, type: number): string {
  const parts: string[] = [];
  for (let index = 0; index < layer.length; index += 1) {
    const feature = layer.feature(index);
    if (feature.type !== type) continue;
    for (const ring of feature.loadGeometry()) parts.push(`M${ring.map(({ x, y }) => `${x} ${y}`).join('L')}`);
  }
  return parts.join('');
}

/** Every tile is 4096 units wide, as most are by themselves. */
function drawn(d: string, { extent }: VectorTileLayer, name: string): SVGElement {
  return svgElement('path', { d, class: name, transform: `scale(${4096 / extent})` });
}
