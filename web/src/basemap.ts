/** What lies below the city: streets and water of the server's own basemap, where it has one. */

import type { LayerSpecification, SourceSpecification, StyleSpecification } from 'maplibre-gl';

import { askJson } from './api';

interface Tiles {
  kind: 'vector' | 'raster';
  /** whom to name, as the file says it: text, or markup of which the text is shown */
  attribution: string;
  layers: string[];
}

/** The streets that the city itself loaded, where the server has no basemap. */
interface Streets {
  kind: 'streets';
  /** address of its vector tiles, on our origin */
  tiles: string;
  minzoom: number;
  maxzoom: number;
  attribution: string;
}

/** A whole style, from the address in the settings. */
interface Styled {
  kind: 'style';
  style: StyleSpecification;
}

export type Basemap = Tiles | Streets | Styled;

/** The colours in which it stays in the background. */
export interface Ground {
  water: string;
  green: string;
  building: string;
  street: string;
}

/** The server's own basemap, of which parts are asked for. */
export const BASEMAP_FILE = '/basemap/tiles.pmtiles';
const SOURCE = 'basemap';

/** Known names of layers (Protomaps, OpenMapTiles, Shortbread), what is drawn first coming first. */
const KINDS: readonly [keyof Ground, RegExp][] = [
  ['green', /^(landuse|landcover|land|natural|park|sites)$/],
  ['water', /^(water|ocean|water_polygons|physical_line|waterway|water_lines)$/],
  ['building', /^buildings?$/],
  ['street', /^(roads|transit|transportation|streets|street_polygons|bridges)$/],
];

/** What lies below a city; null without anything, or where it cannot be had: the city is drawn all the same. */
export async function findBasemap(city: string): Promise<Basemap | null> {
  try {
    const told = await askJson(`/basemap?city=${encodeURIComponent(city)}`) as Tiles | Streets | { kind: 'style'; address: string } | null;
    if (told?.kind !== 'style') return told;
    return { kind: 'style', style: await askJson(told.address) as StyleSpecification };
  } catch {
    return null;
  }
}

export function basemapSources(basemap: Basemap | null): Record<string, SourceSpecification> {
  if (!basemap) return {};
  if (basemap.kind === 'style') return basemap.style.sources;
  if (basemap.kind === 'streets') {
    const { tiles, minzoom, maxzoom } = basemap;
    return { [SOURCE]: { type: 'vector', tiles: [`${location.origin}${tiles}`], minzoom, maxzoom } };
  }
  const url = `pmtiles://${location.origin}${BASEMAP_FILE}`;
  return { [SOURCE]: basemap.kind === 'raster' ? { type: 'raster', url, tileSize: 256 } : { type: 'vector', url } };
}

export function basemapLayers(basemap: Basemap | null, ground: Ground): LayerSpecification[] {
  if (!basemap) return [];
  if (basemap.kind === 'style') return basemap.style.layers;
  if (basemap.kind === 'raster') return [{ id: SOURCE, type: 'raster', source: SOURCE, paint: { 'raster-saturation': -0.8 } }];
  return inOrder(basemap.kind === 'streets' ? ['streets'] : basemap.layers).flatMap(([layer, kind]) =>
    [...hasAreas(kind) ? [areas(layer, ground[kind])] : [], ...hasLines(kind) ? [lines(layer, kind, ground[kind])] : []]);
}

/** The layers of which it is known what they show, what is drawn first coming first. */
export function inOrder(layers: readonly string[]): [layer: string, kind: keyof Ground][] {
  return KINDS.flatMap(([kind, name]) =>
    layers.filter((layer) => name.test(layer)).map((layer): [string, keyof Ground] => [layer, kind]));
}

export const hasAreas = (kind: keyof Ground): boolean => kind !== 'street';
export const hasLines = (kind: keyof Ground): boolean => kind !== 'building';

/** Whom to name, without markup. */
export function attributionOf(basemap: Basemap | null): string {
  if (!basemap) return '';
  const said = basemap.kind === 'style'
    ? Object.values(basemap.style.sources).map((source) => ('attribution' in source ? source.attribution ?? '' : ''))
    : [basemap.attribution];
  return new DOMParser().parseFromString(said.filter(Boolean).join(', '), 'text/html').body.textContent ?? '';
}

/** The fonts and pictures that a style brings. */
export function basemapParts(basemap: Basemap | null): Pick<StyleSpecification, 'glyphs' | 'sprite'> {
  if (basemap?.kind !== 'style') return {};
  const { glyphs, sprite } = basemap.style;
  return { ...glyphs ? { glyphs } : {}, ...sprite ? { sprite } : {} };
}

function areas(layer: string, colour: string): LayerSpecification {
  return {
    id: `${SOURCE}-${layer}`, type: 'fill', source: SOURCE, 'source-layer': layer,
    filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour },
  };
}

function lines(layer: string, kind: keyof Ground, colour: string): LayerSpecification {
  return {
    id: `${SOURCE}-${layer}-line`, type: 'line', source: SOURCE, 'source-layer': layer,
    filter: ['==', ['geometry-type'], 'LineString'],
    paint: {
      'line-color': colour,
      'line-width': kind === 'street' ? ['interpolate', ['exponential', 1.6], ['zoom'], 9, 0.4, 14, 2, 18, 14] : 1,
    },
  };
}
