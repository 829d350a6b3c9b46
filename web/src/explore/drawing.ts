/** How the city is drawn: a style made of what is looked at, in the colours of the page. */

import type { Geometry } from 'geojson';
import type {
  ExpressionSpecification, LayerSpecification, SourceSpecification, StyleSpecification,
} from 'maplibre-gl';

import type { City } from '../api';
import { type Basemap, basemapLayers, basemapParts, basemapSources, type Ground } from '../basemap';
import { BIN_COLOURS, type Certainty, PLAIN_COLOUR, REASON_COLOURS, scale, SCORE_COLOURS } from '../palette';
import type { Intervention } from '../published';
import type { When } from './address';
import type { Look, Subject } from './subjects';
import { DEEPEST_TILES, tileAddress } from './tiles';

/** Below it cells are a few pixels wide: seams would eat the colour, and cost most of the time to draw. */
const EDGE_ZOOM = 11.5;

/** What the map is to show. */
export interface Scene {
  city: City;
  areas: Subject;
  hotspots: Subject;
  when: When;
  /** layers that the last run published: no other can be asked for */
  published: ReadonlySet<string>;
  works: readonly Intervention[];
  chosen: Geometry | null;
  /** what somebody draws just now */
  draft: Geometry | null;
  basemap: Basemap | null;
}

/** The page's own colours, read from its style sheet so that both follow one theme. */
export interface Theme extends Ground {
  ground: string;
  land: string;
  edge: string;
  ink: string;
  halo: string;
}

export function readTheme(): Theme {
  const probe = document.body.appendChild(document.createElement('i'));
  const colour = (name: string): string => {
    probe.style.color = `var(--map-${name})`;
    return getComputedStyle(probe).color;
  };
  const theme = {
    ground: colour('ground'), land: colour('land'), edge: colour('edge'), ink: colour('ink'), halo: colour('halo'),
    water: colour('water'), green: colour('green'), building: colour('building'), street: colour('street'),
  };
  probe.remove();
  return theme;
}

/** The style of a scene. Layers that take clicks are `areas`, `works` and `hotspot-area`. */
export function styleOf(scene: Scene, theme: Theme): StyleSpecification {
  const areas = scene.areas.layers[scene.when];
  const hotspots = scene.hotspots.layers[scene.when];
  const tiles = (layer: string): Record<string, SourceSpecification> =>
    scene.published.has(layer) ? { [layer]: tilesOf(scene.city, layer) } : {};
  return {
    version: 8,
    ...basemapParts(scene.basemap),
    sources: {
      ...shapes('boundary', scene.city.boundary ? [feature(scene.city.boundary)] : []),
      ...shapes('works', scene.works.map(workFeature)),
      ...shapes('chosen', scene.chosen ? [feature(scene.chosen)] : []),
      ...shapes('draft', scene.draft ? [feature(scene.draft)] : []),
      ...basemapSources(scene.basemap),
      ...tiles('zones'), ...tiles(areas), ...tiles(hotspots),
    },
    layers: [
      { id: 'ground', type: 'background', paint: { 'background-color': theme.ground } },
      ...scene.city.boundary ? [land(theme)] : [],
      ...basemapLayers(scene.basemap, theme),
      ...scene.published.has(areas) ? areaLayers(areas, scene.areas, theme) : [],
      ...scene.published.has('zones') ? [zoneEdges(theme)] : [],
      ...scene.city.boundary ? [limit(theme)] : [],
      ...scene.works.length > 0 ? workLayers(theme) : [],
      ...scene.published.has(hotspots) ? hotspotLayers(hotspots, theme) : [],
      ...scene.chosen ? [outline('chosen', theme.halo, 8), outline('chosen', theme.ink, 4)] : [],
      ...scene.draft ? draftLayers(theme) : [],
    ],
  };
}

function tilesOf(city: City, layer: string): SourceSpecification {
  const [west, , east] = city.bbox;
  return {
    type: 'vector',
    tiles: [tileAddress(city, layer)],
    maxzoom: DEEPEST_TILES,
    // No tile beyond the city is asked for, but where its box crosses the antimeridian.
    ...west <= east ? { bounds: city.bbox } : {},
  };
}

/** A source of what there is to draw; of nothing, none: each costs the worker an answer for every tile in view. */
function shapes(name: string, features: GeoJSON.Feature[]): Record<string, SourceSpecification> {
  return features.length > 0 ? { [name]: { type: 'geojson', data: { type: 'FeatureCollection', features } } } : {};
}

function feature(geometry: Geometry): GeoJSON.Feature {
  return { type: 'Feature', geometry, properties: {} };
}

function land({ land: colour }: Theme): LayerSpecification {
  return { id: 'land', type: 'fill', source: 'boundary', paint: { 'fill-color': colour, 'fill-antialias': false } };
}

function limit({ edge }: Theme): LayerSpecification {
  return { id: 'limit', type: 'line', source: 'boundary', paint: { 'line-color': edge, 'line-width': 1.5 } };
}

function workFeature({ intervention, area }: Intervention): GeoJSON.Feature {
  return { type: 'Feature', geometry: area, properties: { id: intervention } };
}

function areaLayers(layer: string, { look, id }: Subject, theme: Theme): LayerSpecification[] {
  const of = { source: layer, 'source-layer': layer, filter: EVERYBODY };
  const drawn: LayerSpecification[] = [
    { id: 'areas', type: 'fill', ...of, paint: { 'fill-color': colourOf(look), 'fill-antialias': id === 'id' } },
  ];
  if (look === 'score') {
    const rough = widerThan(scale.closeWidth);
    const vague = widerThan(scale.roughWidth);
    drawn.push(hatched(layer, 'rough', ['all', rough, ['!', vague]]), hatched(layer, 'vague', vague));
  }
  return [...drawn, {
    id: 'area-edge', type: 'line', ...of, ...id === 'cell' ? { minzoom: EDGE_ZOOM } : {},
    paint: { 'line-color': theme.land, 'line-width': ['interpolate', ['linear'], ['zoom'], EDGE_ZOOM, 0.5, 13, 1, 16, 2] },
  }];
}

/** Each hatch a layer of its own: one that chose its pattern by the area would carry that choice at every corner. */
function hatched(layer: string, pattern: Exclude<Certainty, 'close'>, wide: ExpressionSpecification): LayerSpecification {
  return {
    id: `area-${pattern}`, type: 'fill', source: layer, 'source-layer': layer,
    filter: ['all', EVERYBODY, ['has', 'score'], wide],
    paint: { 'fill-pattern': pattern, 'fill-antialias': false },
  };
}

/** Widths are differences of rounded scores: half a step keeps 1.0 on its side. */
function widerThan(width: number): ExpressionSpecification {
  return ['>', ['-', ['get', 'score_high'], ['get', 'score_low']], width + 0.05];
}

/** A zone has a row for each group that may be told apart; the map draws everybody's. */
const EVERYBODY: ExpressionSpecification = ['==', ['coalesce', ['get', 'group'], ''], ''];

function zoneEdges(theme: Theme): LayerSpecification {
  return {
    id: 'zone-edge', type: 'line', source: 'zones', 'source-layer': 'zones', filter: EVERYBODY,
    paint: { 'line-color': theme.edge, 'line-width': 1, 'line-opacity': 0.7 },
  };
}

function workLayers(theme: Theme): LayerSpecification[] {
  return [
    { id: 'works', type: 'fill', source: 'works', paint: { 'fill-opacity': 0 } },
    { ...outline('works', theme.halo, 4.5), id: 'works-halo' },
    {
      id: 'works-line', type: 'line', source: 'works',
      paint: { 'line-color': theme.ink, 'line-width': 2, 'line-dasharray': [2.5, 1.5] },
    },
  ];
}

function draftLayers(theme: Theme): LayerSpecification[] {
  return [
    { id: 'draft-area', type: 'fill', source: 'draft', paint: { 'fill-color': theme.ink, 'fill-opacity': 0.15 } },
    outline('draft', theme.halo, 6),
    outline('draft', theme.ink, 2.5),
    {
      id: 'draft-corners', type: 'circle', source: 'draft',
      paint: { 'circle-radius': 5, 'circle-color': theme.halo, 'circle-stroke-color': theme.ink, 'circle-stroke-width': 2.5 },
    },
  ];
}

function hotspotLayers(layer: string, theme: Theme): LayerSpecification[] {
  const inLayer = { 'source-layer': layer };
  return [
    { id: 'hotspot-area', type: 'fill', source: layer, ...inLayer, paint: { 'fill-opacity': 0 } },
    { ...outline(layer, theme.halo, 6), ...inLayer },
    { ...outline(layer, theme.ink, 2.5), ...inLayer },
  ];
}

function outline(source: string, colour: string, width: number): LayerSpecification & { type: 'line' } {
  return {
    id: `${source}-line-${width}`, type: 'line', source,
    layout: { 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': width },
  };
}

function colourOf(look: Look): ExpressionSpecification | string {
  if (look === 'score') return ['case', ['has', 'score'], scoreColour(), scale.unknown];
  if (look === 'bins') {
    return ['match', ['get', 'gi_bin'], ...BIN_COLOURS.flatMap(({ bin, colour }) => [bin, colour]), scale.unknown] as
      unknown as ExpressionSpecification;
  }
  if (look === 'reasons') {
    const pairs = REASON_COLOURS.flatMap(({ why, colour }) => [['in', why, ['get', 'why']], colour]);
    return ['case', ...pairs, scale.unknown] as unknown as ExpressionSpecification;
  }
  return PLAIN_COLOUR;
}

function scoreColour(): ExpressionSpecification {
  const [first, ...rest] = SCORE_COLOURS.flatMap((colour, score) => [score, colour]);
  return ['interpolate', ['linear'], ['get', 'score'], first ?? 0, ...rest];
}

export const HATCH_RATIO = 2;

/** A seamless square in the colour of the ground: stripes over a rough score, crossed ones over a vague score. */
export function hatch(certainty: Exclude<Certainty, 'close'>, colour: string): ImageData {
  const period = 14;
  const line = 4;
  const crossed = certainty === 'vague';
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = period;
  const context = canvas.getContext('2d');
  if (!context) throw new Error('this browser cannot draw');
  context.fillStyle = colour;
  for (let y = 0; y < period; y += 1) {
    for (let x = 0; x < period; x += 1) {
      if ((x + y) % period < line || (crossed && (x - y + period) % period < line)) context.fillRect(x, y, 1, 1);
    }
  }
  return context.getImageData(0, 0, period, period);
}
