/** How the city is drawn: the map's layers and their colours in light and dark. */

import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl';

import { type Certainty, SCORE_COLOURS } from '../palette';

export const SOURCES = ['boundary', 'cells', 'hotspots', 'chosen'] as const;

/** Below it cells are a few pixels wide: seams would eat the colour, and cost most of the time to draw. */
const EDGE_ZOOM = 11.5;

const NOTHING = { type: 'FeatureCollection' as const, features: [] };

/** The page's own colours, read from its style sheet so that both follow one theme. */
export interface Theme {
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
  };
  probe.remove();
  return theme;
}

export function cityStyle(theme: Theme): StyleSpecification {
  const sources = SOURCES.map((name) => [name, { type: 'geojson', data: NOTHING }] as const);
  return { version: 8, sources: Object.fromEntries(sources), layers: cityLayers(theme) };
}

export function cityLayers(theme: Theme): LayerSpecification[] {
  return [
    { id: 'ground', type: 'background', paint: { 'background-color': theme.ground } },
    { id: 'land', type: 'fill', source: 'boundary', paint: { 'fill-color': theme.land } },
    ...cellLayers(theme),
    { id: 'limit', type: 'line', source: 'boundary', paint: { 'line-color': theme.edge, 'line-width': 1.5 } },
    { id: 'hotspot-area', type: 'fill', source: 'hotspots', paint: { 'fill-opacity': 0 } },
    outline('hotspots', theme.halo, 6),
    outline('hotspots', theme.ink, 2.5),
    outline('chosen', theme.halo, 8),
    outline('chosen', theme.ink, 4),
  ];
}

function cellLayers(theme: Theme): LayerSpecification[] {
  return [
    { id: 'cells', type: 'fill', source: 'cells', paint: { 'fill-color': scoreColour(), 'fill-antialias': false } },
    {
      id: 'cell-hatch', type: 'fill', source: 'cells', filter: ['!=', ['get', 'certainty'], 'close'],
      paint: { 'fill-pattern': ['get', 'certainty'] },
    },
    {
      id: 'cell-edge', type: 'line', source: 'cells', minzoom: EDGE_ZOOM,
      paint: { 'line-color': theme.land, 'line-width': ['interpolate', ['linear'], ['zoom'], EDGE_ZOOM, 0, 13, 1, 16, 2] },
    },
  ];
}

function outline(source: (typeof SOURCES)[number], colour: string, width: number): LayerSpecification {
  return {
    id: `${source}-line-${width}`, type: 'line', source,
    layout: { 'line-join': 'round' }, paint: { 'line-color': colour, 'line-width': width },
  };
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
