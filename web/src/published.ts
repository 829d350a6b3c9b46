/** What is published of a city, asked for with the planner's key that this tab may hold. */

import type { Feature, FeatureCollection, Geometry } from 'geojson';

import { ask, askJson, type Call, cityAddress, collectionAddress, layerAddress, Refused } from './api';
import { keyOf } from './key';

/** What one run published, by layer; null features would be a layer nobody counted. */
export interface Run {
  run: number;
  as_of: string;
  public: boolean;
  layers: { name: string; instrument: string; features: number }[];
}

/** A field of a published layer, with its title for people. */
export interface LayerField {
  name: string;
  type: 'text' | 'integer' | 'number' | 'boolean';
  title: string;
}

/** What was done somewhere; `evaluation` and what follows it are told to planners alone. */
export interface Intervention {
  intervention: string;
  name: string;
  kind: string;
  targets: string[];
  from: string;
  to: string | null;
  cost: number | null;
  currency: string | null;
  owner: string | null;
  status: string;
  follow_up_days: number;
  area: Geometry;
  effect: number | null;
  effect_low: number | null;
  effect_high: number | null;
  p: number | null;
  n: number | null;
  request: ServiceRequest | null;
  partners?: string[];
  reason?: string | null;
}

/** How a request to an agency stands. */
export interface ServiceRequest {
  service_request_id: string | null;
  status: string | null;
  updated_at: string;
  state?: string;
  problem?: string | null;
  status_notes?: string | null;
}

/** The runs that whoever asks may see, the latest first. Raises Unreachable or Refused. */
export async function listRuns(slug: string): Promise<Run[]> {
  return (await askJson(`${cityAddress(slug)}/runs`, keyed(slug)) as { runs: Run[] }).runs;
}

/** The fields of every layer of the last run. Raises Unreachable or Refused. */
export async function listFields(slug: string): Promise<Map<string, LayerField[]>> {
  const body = await askJson(`${cityAddress(slug)}/layers`, keyed(slug)) as { layers: { name: string; fields: LayerField[] }[] };
  return new Map(body.layers.map(({ name, fields }) => [name, fields]));
}

/** The names of the collections that whoever asks may read. Raises Unreachable or Refused. */
export async function listCollections(slug: string): Promise<string[]> {
  const body = await askJson(`/ogc/${encodeURIComponent(slug)}/collections`, keyed(slug)) as { collections: { id: string }[] };
  return body.collections.map(({ id }) => id);
}

/** What was and is being done, in the order of its beginning. Raises Unreachable or Refused. */
export async function listInterventions(slug: string): Promise<Intervention[]> {
  const body = await askJson(`${cityAddress(slug)}/interventions`, keyed(slug)) as { interventions: Intervention[] };
  return body.interventions;
}

/** A published layer, or null where no run has published it yet. Raises Unreachable or Refused. */
export function getLayer(slug: string, layer: string): Promise<FeatureCollection | null> {
  return unlessMissing(askJson(layerAddress(slug, layer, 'geojson'), keyed(slug)) as Promise<FeatureCollection>);
}

/** One feature of a layer, or null where it has none of that id. Raises Unreachable or Refused. */
export function getFeature(slug: string, layer: string, id: string): Promise<Feature | null> {
  const address = `${collectionAddress(slug, layer)}/items/${encodeURIComponent(id)}`;
  return unlessMissing(askJson(address, keyed(slug)) as Promise<Feature>);
}

/** A file of the server, which a planner's key may open. Raises Unreachable or Refused. */
export async function getFile(slug: string, address: string): Promise<Blob> {
  return await (await ask(address, keyed(slug))).blob();
}

/** A call that shows the key of a city, if this tab holds one. */
export const keyed = (slug: string): Call => ({ token: keyOf(slug) });

async function unlessMissing<Found>(answer: Promise<Found>): Promise<Found | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}
