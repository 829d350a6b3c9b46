/** Published features as the page's own values. */

import type { Feature, FeatureCollection, Geometry } from 'geojson';

interface Rated {
  id: string;
  /** 0 (worst) to 5 (best), with its 95 % interval */
  score: number;
  low: number;
  high: number;
  needs: string[];
  trend: string;
  /** lower bounds, never exact */
  auditors: number;
  geometry: Geometry;
}

export interface Cell extends Rated {
  sort: 'cell';
  standing: string;
  audits: number;
  lastAudit: string;
  adjusted: boolean;
}

export interface Hotspot extends Rated {
  sort: 'hotspot';
  kind: string;
  near: string;
  since: string;
  status: string;
  cells: number;
  areaKm2: number;
}

export type Place = Cell | Hotspot;

/** A layer that does not keep to its published fields: a fault of the server, told as such. */
export class UnreadableLayer extends Error {}

/** The cells of a layer; an unpublished layer has none. Raises UnreadableLayer. */
export function readCells(layer: FeatureCollection | null): Cell[] {
  return (layer?.features ?? []).map((feature) => {
    const fields = new Fields(feature);
    return {
      sort: 'cell',
      ...rated(feature, fields, fields.text('cell')),
      standing: fields.text('class'),
      audits: fields.number('audits_min'),
      lastAudit: fields.text('last_audit'),
      adjusted: fields.flag('adjusted'),
    };
  });
}

/** The hotspots of a layer; an unpublished layer has none. Raises UnreadableLayer. */
export function readHotspots(layer: FeatureCollection | null): Hotspot[] {
  return (layer?.features ?? []).map((feature) => {
    const fields = new Fields(feature);
    return {
      sort: 'hotspot',
      ...rated(feature, fields, fields.text('id')),
      kind: fields.text('kind'),
      near: fields.text('near'),
      since: fields.text('since'),
      status: fields.text('status'),
      cells: fields.number('cells'),
      areaKm2: fields.number('area_km2'),
    };
  });
}

function rated(feature: Feature, fields: Fields, id: string): Rated {
  return {
    id,
    score: fields.number('score'),
    low: fields.number('score_low'),
    high: fields.number('score_high'),
    needs: fields.text('needs').split(';').filter(Boolean),
    trend: fields.text('trend'),
    auditors: fields.number('auditors_min'),
    geometry: feature.geometry,
  };
}

class Fields {
  private readonly values: Record<string, unknown>;

  constructor(feature: Feature) {
    this.values = feature.properties ?? {};
  }

  number(name: string): number {
    const value = this.values[name];
    if (typeof value !== 'number') throw new UnreadableLayer(`a feature has no number in "${name}"`);
    return value;
  }

  /** Text; an absent or null one is empty. */
  text(name: string): string {
    const value = this.values[name] ?? '';
    if (typeof value !== 'string') throw new UnreadableLayer(`a feature has no text in "${name}"`);
    return value;
  }

  flag(name: string): boolean {
    return this.values[name] !== false;
  }
}
