/** The map of one city: places, hotspots, work, and what is chosen among them. */

import 'maplibre-gl/dist/maplibre-gl.css';

import {
  addProtocol, type LngLat, Map, type MapGeoJSONFeature, NavigationControl, type Point, type PointLike, prewarm, ScaleControl,
  setWorkerUrl,
} from 'maplibre-gl';
import { Protocol } from 'pmtiles';
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';

import type { City } from '../api';
import { authorization } from '../key';
import { say } from '../words';
import type { Camera, Chosen } from './address';
import { hatch, HATCH_RATIO, readTheme, type Scene, styleOf } from './drawing';
import type { Place } from './features';
import { type Bounds, boundsOf, centreOf } from './geometry';
import { INTERVENTIONS, type Subject } from './subjects';
import { MARGIN_PX } from './tiles';

setWorkerUrl(workerUrl);
// The worker reads its script while the city is asked for and the first map prepares to draw.
prewarm();
addProtocol('pmtiles', new Protocol().tile);

const NEAR_ZOOM = 14;

export interface CityMapEvents {
  /** a place, or nothing, was clicked or entered */
  onChoose: (place: Chosen | null) => void;
  /** a point was clicked; true where that was meant for something else than choosing */
  onPoint?: (lng: number, lat: number) => boolean;
  onMove: (camera: Camera) => void;
  /** drawing has come to rest, which `aria-busy` of the container tells too, with so many areas in view */
  onRest: (areasInView: number) => void;
  /** a tile did not arrive */
  onFault: () => void;
}

export class CityMap {
  private scene: Scene | null = null;

  private constructor(
    private readonly map: Map,
    private readonly city: City,
    private readonly camera: Camera | null,
    private readonly events: CityMapEvents,
  ) {}

  /** A map in `container` that is ready to show a city, from `camera` or as a whole. */
  static create(
    { container, city, camera, events }:
    { container: HTMLElement; city: City; camera: Camera | null; events: CityMapEvents },
  ): CityMap {
    const map = new Map({
      container,
      attributionControl: false,
      dragRotate: false,
      pitchWithRotate: false,
      maxPitch: 0,
      transformRequest: (url) => ({
        url, headers: url.startsWith(`${location.origin}/`) ? authorization(city.slug) : {},
      }),
      locale: {
        'Map.Title': say('map_title', { city: city.name }),
        'NavigationControl.ZoomIn': say('zoom_in'), 'NavigationControl.ZoomOut': say('zoom_out'),
      },
    });
    map.touchZoomRotate.disableRotation();
    map.keyboard.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), 'top-right');
    map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    return new CityMap(map, city, camera, events);
  }

  show(scene: Scene): void {
    if (this.scene === null) this.begin();
    this.scene = scene;
    this.map.getContainer().ariaBusy = 'true';
    this.map.setStyle(styleOf(scene, readTheme()));
    // Rests again, and says so, also where nothing had to be drawn anew.
    this.map.triggerRepaint();
  }

  /** Bring a place into view; nothing moves if it is there and can be made out. */
  reveal({ subject, geometry }: Place): void {
    const [west, south, east, north] = boundsOf(geometry);
    const view = this.map.getBounds();
    if (view.contains([west, south]) && view.contains([east, north])) return;
    if (subject.id === 'cell') {
      this.map.easeTo({ center: centreOf(geometry), zoom: Math.max(this.map.getZoom(), NEAR_ZOOM) });
    } else this.map.fitBounds([west, south, east, north], { padding: 2 * MARGIN_PX });
  }

  lookFrom({ zoom, lng, lat }: Camera): void {
    this.map.jumpTo({ zoom, center: [lng, lat] });
  }

  showWholeCity(): void {
    this.map.fitBounds(boundsOfCity(this.city), { padding: MARGIN_PX });
  }

  /** Look at the city, in what room is left by what stands beside the map, and listen from then on. */
  private begin(): void {
    this.map.resize();
    if (this.camera) this.lookFrom(this.camera);
    else this.map.jumpTo(this.map.cameraForBounds(boundsOfCity(this.city), { padding: MARGIN_PX }) ?? {});
    this.listen(this.events);
  }

  private listen({ onChoose, onPoint, onMove, onRest, onFault }: CityMapEvents): void {
    const { map } = this;
    const press = ({ point, lngLat: { lng, lat } }: { point: Point; lngLat: LngLat }): void => {
      if (!onPoint?.(lng, lat)) onChoose(this.placeAt(point));
    };
    map.on('click', press);
    map.on('mousemove', ({ point }) => {
      map.getCanvas().style.cursor = this.placeAt(point) ? 'pointer' : '';
    });
    map.getCanvas().addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') press({ point: map.project(map.getCenter()), lngLat: map.getCenter() });
    });
    map.on('movestart', () => { map.getContainer().ariaBusy = 'true'; });
    map.on('moveend', () => {
      const { lng, lat } = map.getCenter();
      onMove({ zoom: map.getZoom(), lng, lat });
    });
    map.on('idle', () => {
      map.getContainer().ariaBusy = 'false';
      onRest(this.areasInView());
    });
    map.on('error', onFault);
    map.on('style.load', () => this.addHatches());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.addHatches();
      if (this.scene) this.show(this.scene);
    });
  }

  /** The patterns in the colours of the page: tiles that are read before these are there go without. */
  private addHatches(): void {
    for (const certainty of ['rough', 'vague'] as const) {
      if (this.map.hasImage(certainty)) this.map.removeImage(certainty);
      this.map.addImage(certainty, hatch(certainty, readTheme().land), { pixelRatio: HATCH_RATIO });
    }
  }

  /** The area at a point of the screen, else the work, else the hotspot there. */
  private placeAt(point: PointLike): Chosen | null {
    if (this.scene === null) return null;
    const { areas, hotspots } = this.scene;
    return this.at(point, 'areas', areas) ?? this.at(point, 'works', INTERVENTIONS)
      ?? this.at(point, 'hotspot-area', hotspots);
  }

  private at(point: PointLike, layer: string, subject: Subject): Chosen | null {
    const [found] = this.drawn(layer, point);
    return found ? { subject: subject.name, id: String(found.properties[subject.id]) } : null;
  }

  private drawn(layer: string, point?: PointLike): MapGeoJSONFeature[] {
    return this.map.getLayer(layer) ? this.map.queryRenderedFeatures(point, { layers: [layer] }) : [];
  }

  private areasInView(): number {
    const id = this.scene?.areas.id ?? '';
    return new Set(this.drawn('areas').map(({ properties }) => properties[id])).size;
  }
}

function boundsOfCity({ bbox: [west, south, east, north] }: City): Bounds {
  return [west, south, east < west ? east + 360 : east, north];
}
