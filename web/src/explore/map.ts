/** The map of one city: cells, hotspots and what is chosen among them. */

import 'maplibre-gl/dist/maplibre-gl.css';

import type { Feature, Geometry } from 'geojson';
import { GeoJSONSource, Map, NavigationControl, type PointLike, ScaleControl, setWorkerUrl } from 'maplibre-gl';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';

import type { City } from '../api';
import { certaintyOf } from '../palette';
import type { Camera } from './address';
import { cityLayers, cityStyle, hatch, HATCH_RATIO, readTheme, SOURCES } from './drawing';
import type { Place } from './features';
import { type Bounds, boundsOf, centreOf, type LngLat } from './geometry';
import type { Layers } from './layers';

setWorkerUrl(workerUrl);

type PaintName = Parameters<Map['setPaintProperty']>[1];

const MARGIN_PX = 32;
const NEAR_ZOOM = 14;

export interface CityMapEvents {
  /** a place, or nothing, was clicked or entered */
  onChoose: (id: string | null) => void;
  onMove: (camera: Camera) => void;
  /** drawing has come to rest with so many cells in view */
  onRest: (cellsInView: number) => void;
}

export class CityMap {
  private centres: LngLat[] = [];

  private constructor(private readonly map: Map, private readonly city: City) {}

  /** A map ready to draw in `container`, looking at `camera` or at the whole city. */
  static async create(
    { container, city, camera, events }:
    { container: HTMLElement; city: City; camera: Camera | null; events: CityMapEvents },
  ): Promise<CityMap> {
    const map = new Map({
      container,
      style: cityStyle(readTheme()),
      ...(camera ? { zoom: camera.zoom, center: [camera.lng, camera.lat] } : wholeCity(city)),
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      locale: { 'Map.Title': `Map of ${city.name}. Arrow keys move, plus and minus zoom, Enter chooses the middle.` },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    await map.once('load');
    const made = new CityMap(map, city);
    made.listen(events);
    made.draw('boundary', city.boundary ? [feature('boundary', city.boundary, {})] : []);
    made.followTheme();
    return made;
  }

  show({ cells, hotspots }: Layers): void {
    this.centres = cells.map(({ geometry }) => centreOf(geometry));
    this.draw('cells', cells.map((cell) =>
      feature(cell.id, cell.geometry, { score: cell.score, certainty: certaintyOf(cell) })));
    this.draw('hotspots', hotspots.map(({ id, geometry }) => feature(id, geometry, {})));
  }

  /** Outline a place, or none. */
  mark(place: Place | null): void {
    this.draw('chosen', place ? [feature(place.id, place.geometry, {})] : []);
  }

  /** Bring a place into view; nothing moves if it is there and can be made out. */
  reveal(place: Place): void {
    const [west, south, east, north] = boundsOf(place.geometry);
    const view = this.map.getBounds();
    if (view.contains([west, south]) && view.contains([east, north])) return;
    if (place.sort === 'hotspot') this.map.fitBounds([west, south, east, north], { padding: 2 * MARGIN_PX });
    else this.map.easeTo({ center: centreOf(place.geometry), zoom: Math.max(this.map.getZoom(), NEAR_ZOOM) });
  }

  lookFrom({ zoom, lng, lat }: Camera): void {
    this.map.jumpTo({ zoom, center: [lng, lat] });
  }

  showWholeCity(): void {
    const { bounds, fitBoundsOptions } = wholeCity(this.city);
    this.map.fitBounds(bounds, fitBoundsOptions);
  }

  private listen({ onChoose, onMove, onRest }: CityMapEvents): void {
    const { map } = this;
    map.on('click', ({ point }) => onChoose(this.placeAt(point)));
    map.on('mousemove', ({ point }) => {
      map.getCanvas().style.cursor = this.placeAt(point) ? 'pointer' : '';
    });
    map.getCanvas().addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') onChoose(this.placeAt(map.project(map.getCenter())));
    });
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      onMove({ zoom: map.getZoom(), lng, lat });
    });
    map.on('idle', () => onRest(this.cellsInView()));
  }

  /** The cell at a point of the screen, else the hotspot there. */
  private placeAt(point: PointLike): string | null {
    const [found] = [
      ...this.map.queryRenderedFeatures(point, { layers: ['cells'] }),
      ...this.map.queryRenderedFeatures(point, { layers: ['hotspot-area'] }),
    ];
    return (found?.properties.id as string | undefined) ?? null;
  }

  private cellsInView(): number {
    const view = this.map.getBounds();
    return this.centres.filter((centre) => view.contains(centre)).length;
  }

  private draw(source: (typeof SOURCES)[number], features: Feature[]): void {
    this.map.getSource<GeoJSONSource>(source)?.setData({ type: 'FeatureCollection', features });
  }

  /** Keep the map's colours those of the page, now and whenever the system turns light or dark. */
  private followTheme(): void {
    const paint = (): void => {
      const theme = readTheme();
      for (const certainty of ['rough', 'vague'] as const) {
        if (this.map.hasImage(certainty)) this.map.removeImage(certainty);
        this.map.addImage(certainty, hatch(certainty, theme.land), { pixelRatio: HATCH_RATIO });
      }
      for (const { id, paint: colours } of cityLayers(theme)) {
        for (const [name, value] of Object.entries(colours ?? {})) {
          this.map.setPaintProperty(id, name as PaintName, value);
        }
      }
    };
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paint);
    paint();
  }
}

function feature(id: string, geometry: Geometry, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', geometry, properties: { ...properties, id } };
}

function wholeCity({ bbox: [west, south, east, north] }: City): {
  bounds: Bounds;
  fitBoundsOptions: { padding: number };
} {
  return { bounds: [west, south, east < west ? east + 360 : east, north], fitBoundsOptions: { padding: MARGIN_PX } };
}
