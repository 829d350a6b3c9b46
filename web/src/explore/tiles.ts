/** Where the tiles of a layer are, and which of them a map of the whole city takes. */

import type { City } from '../api';

/** The deepest tiles of a layer; beyond, the map draws these larger. */
export const DEEPEST_TILES = 14;
/** What is left free around a city that is shown as a whole. */
export const MARGIN_PX = 32;
const TILE_PX = 512;

/** With {z}, {x} and {y} for a tile's place. */
export function tileAddress({ slug }: City, layer: string): string {
  return `${location.origin}/tiles/${encodeURIComponent(slug)}/${layer}/{z}/{x}/{y}.mvt`;
}

/** Have a city's tiles of a layer come while the engine makes itself ready: it will find them in the browser's cache. */
export function fetchAhead(city: City, layer: string, holder: HTMLElement): void {
  for (const [z, x, y] of tilesOfCity(city, holder.clientWidth, holder.clientHeight)) {
    const address = tileAddress(city, layer).replace('{z}', `${z}`).replace('{x}', `${x}`).replace('{y}', `${y}`);
    void fetch(address).then((answer) => answer.arrayBuffer()).catch(() => undefined);
  }
}

/** The tiles that the box of a city takes, as the map looks at it from the start. */
function tilesOfCity({ bbox: [west, south, east, north] }: City, width: number, height: number): [number, number, number][] {
  const [left, right] = [(west + 180) / 360, ((east < west ? east + 360 : east) + 180) / 360];
  const [top, bottom] = [down(north), down(south)];
  const scale = Math.min((width - 2 * MARGIN_PX) / (right - left), (height - 2 * MARGIN_PX) / (bottom - top));
  const z = Math.min(Math.floor(Math.log2(scale / TILE_PX)), DEEPEST_TILES);
  if (!(z >= 0)) return [];
  return range(left, right, 2 ** z).flatMap((x) =>
    range(top, bottom, 2 ** z).map((y): [number, number, number] => [z, x % 2 ** z, y]));
}

/** How far south of the northern edge of the Mercator map, which is 1 high. */
function down(lat: number): number {
  return 0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
}

function range(from: number, to: number, count: number): number[] {
  const first = Math.floor(from * count);
  return Array.from({ length: Math.floor(to * count) - first + 1 }, (_, step) => first + step);
}
