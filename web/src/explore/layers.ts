/** What the last run published of a city, and how its features arrive. */

import type { FeatureCollection } from 'geojson';

import type { City } from '../api';
import { getFeature, getLayer, type Intervention, type LayerField, listFields, listInterventions, listRuns, type Run } from '../published';
import type { Chosen, When } from './address';
import { type Place, placeOf, placesOf, workPlace } from './features';
import { centreOf } from './geometry';
import { AREAS, hotspotsBeside, INTERVENTIONS, type Subject, subjectNamed } from './subjects';
import type { Listing } from './table';

/** What there is to look at: layers with the number of their features, and the work. */
export interface Published {
  features: ReadonlyMap<string, number>;
  works: readonly Intervention[];
  asOf: string | null;
}

/** The layers of a city; each is asked for once. All raise Unreachable, Refused or UnreadableLayer. */
export class LayerSource {
  private readonly asked = new Map<string, Promise<FeatureCollection | null>>();
  private fields: Promise<Map<string, LayerField[]>> | null = null;

  constructor(private readonly city: City) {}

  async published(): Promise<Published> {
    const [runs, works] = await Promise.all([listRuns(this.city.slug), listInterventions(this.city.slug)]);
    return { features: featuresOf(runs, this.city), works, asOf: runs[0]?.as_of ?? null };
  }

  /** What is chosen, or null where the run does not show it. */
  async place(chosen: Chosen, when: When, works: readonly Intervention[]): Promise<Place | null> {
    const subject = subjectNamed(chosen.subject);
    if (!subject) return null;
    if (subject === INTERVENTIONS) {
      const work = works.find(({ intervention }) => intervention === chosen.id);
      return work ? workPlace(work) : null;
    }
    const feature = await getFeature(this.city.slug, subject.layers[when], chosen.id);
    return feature && placeOf(subject, feature);
  }

  /** The hotspot that a cell is part of, among those that go with its layer. */
  async hotspotAround(cell: Place, when: When, contains: (spot: Place, point: [number, number]) => boolean): Promise<Place | null> {
    const hotspots = await this.listing(hotspotsBeside(cell.subject), when);
    const centre = centreOf(cell.geometry);
    return hotspots.rows.find((spot) => contains(spot, centre)) ?? null;
  }

  /** What is published of a subject, one row each. */
  async listing(subject: Subject, when: When): Promise<Listing> {
    return { subject, rows: placesOf(subject, await this.layer(subject.layers[when])) };
  }

  /** The fields of a subject's layer, for those that show every figure. */
  async fieldsOf(subject: Subject, when: When): Promise<LayerField[]> {
    this.fields ??= listFields(this.city.slug);
    this.fields.catch(() => { this.fields = null; });
    return (await this.fields).get(subject.layers[when]) ?? [];
  }

  private layer(layer: string): Promise<FeatureCollection | null> {
    const answer = this.asked.get(layer) ?? getLayer(this.city.slug, layer);
    this.asked.set(layer, answer);
    // A failure is not an answer: the next look asks again.
    answer.catch(() => this.asked.delete(layer));
    return answer;
  }
}

/** The subjects that can be shown as areas: those of which a run published the layer. */
export function areasAmong({ features }: Published): Subject[] {
  const [first, ...others] = AREAS;
  return [...first ? [first] : [], ...others.filter(({ layers }) => (features.get(layers.all) ?? 0) > 0)];
}

/** Layers with the number of their features, of the city's first instrument that has each, the latest run first. */
function featuresOf(runs: readonly Run[], { default_instrument: first }: City): Map<string, number> {
  const found = new Map<string, number>();
  for (const { layers } of runs) {
    const ours = layers.filter(({ instrument }) => !first || instrument === first);
    for (const { name, features } of ours) if (!found.has(name)) found.set(name, features);
  }
  return found;
}
