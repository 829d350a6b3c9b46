/** Published features as the page's own values. */

import type { Feature, FeatureCollection, Geometry } from 'geojson';

import type { Intervention } from '../published';
import { INTERVENTIONS, type Subject } from './subjects';

/** A feature of a subject: its name there, what is published of it, where it is. */
export interface Place {
  subject: Subject;
  id: string;
  fields: Fields;
  geometry: Geometry;
}

/** A layer that does not keep to its published fields: a fault of the server, told as such. */
export class UnreadableLayer extends Error {}

/** The published values of one feature. */
export class Fields {
  constructor(readonly values: Readonly<Record<string, unknown>>) {}

  /** A number that is always there; UnreadableLayer without it. */
  number(name: string): number {
    const value = this.known(name);
    if (value === null) throw new UnreadableLayer(`a feature has no number in "${name}"`);
    return value;
  }

  /** A number, or null where it is not known. */
  known(name: string): number | null {
    const value = this.values[name] ?? null;
    if (value !== null && typeof value !== 'number') throw new UnreadableLayer(`"${name}" of a feature is no number`);
    return value;
  }

  /** Text; an absent or null one is empty. */
  text(name: string): string {
    const value = this.values[name] ?? '';
    if (typeof value !== 'string') throw new UnreadableLayer(`a feature has no text in "${name}"`);
    return value;
  }

  list(name: string): string[] {
    return this.text(name).split(';').filter(Boolean);
  }

  /** Whether something holds; where nothing is said, it does. */
  flag(name: string): boolean {
    return this.values[name] !== false;
  }
}

/** A score with its 95 % interval. */
export interface Score {
  score: number;
  low: number;
  high: number;
}

/** The score of a place, or null where it has none. Raises UnreadableLayer for one without its interval. */
export function scoreOf({ fields }: Place): Score | null {
  const score = fields.known('score');
  return score === null ? null
    : { score, low: fields.number('score_low'), high: fields.number('score_high') };
}

/** The place that a feature of a layer is. */
export function placeOf(subject: Subject, feature: Feature): Place {
  const fields = new Fields(feature.properties ?? {});
  return { subject, id: fields.text(subject.id) || String(feature.id), fields, geometry: feature.geometry };
}

/**
 * The places of a layer, in its order; an unpublished one has none. Of zones the rows of everybody alone: groups are
 * told with their zone.
 */
export function placesOf(subject: Subject, layer: FeatureCollection | null): Place[] {
  return (layer?.features ?? []).map((feature) => placeOf(subject, feature))
    .filter(({ fields }) => fields.text('group') === '');
}

/** What was done somewhere, as a place. */
export function workPlace(work: Intervention): Place {
  const { area, ...values } = work;
  const targets = work.targets.join(';');
  return { subject: INTERVENTIONS, id: work.intervention, fields: new Fields({ ...values, targets }), geometry: area };
}
