/** The page's only door to the server. */

import type { Feature, FeatureCollection, Geometry } from 'geojson';

import { keyOf } from './key';

export interface City {
  slug: string;
  name: string;
  /** west, south, east, north in degrees; east is smaller than west across the antimeridian */
  bbox: [number, number, number, number];
  /** people needed before a place is shown, where the server tells */
  k?: number;
  boundary?: Geometry;
  default_instrument?: string | null;
}

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

export const FORMATS = ['geojson', 'gpkg', 'fgb', 'parquet', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

const PATIENCE_MS = 30_000;

/** No answer: the server is away, the network is, or it took longer than PATIENCE_MS. */
export class Unreachable extends Error {}

/** An answer that says no (RFC 9457): status, and the server's own words where it gave any. */
export class Refused extends Error {
  constructor(readonly status: number, message: string, readonly retryAfterS: number | null = null) {
    super(message);
  }
}

export interface Call {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** bytes go as they are, anything else as JSON */
  body?: unknown;
  /** of a phone, or a key of the staff */
  token?: string | null;
  patienceMs?: number;
}

export function cityAddress(slug: string): string {
  return `/api/v1/cities/${encodeURIComponent(slug)}`;
}

export function layerAddress(slug: string, layer: string, format: Format): string {
  return `${cityAddress(slug)}/layers/${layer}.${format}`;
}

export function collectionAddress(slug: string, layer: string): string {
  return `/ogc/${encodeURIComponent(slug)}/collections/${layer}`;
}

/** Every city of the server, in its order. Raises Unreachable or Refused. */
export async function listCities(): Promise<City[]> {
  const body = await getJson('/api/v1/cities') as { cities?: City[] };
  return body.cities ?? [];
}

/** One city with what the list leaves out. Raises Unreachable or Refused. */
export async function getCity(slug: string): Promise<City> {
  return await getJson(cityAddress(slug)) as City;
}

/** The runs that whoever asks may see, the latest first. Raises Unreachable or Refused. */
export async function listRuns(slug: string): Promise<Run[]> {
  return (await getJson(`${cityAddress(slug)}/runs`, slug) as { runs: Run[] }).runs;
}

/** The fields of every layer of the last run. Raises Unreachable or Refused. */
export async function listFields(slug: string): Promise<Map<string, LayerField[]>> {
  const body = await getJson(`${cityAddress(slug)}/layers`, slug) as { layers: { name: string; fields: LayerField[] }[] };
  return new Map(body.layers.map(({ name, fields }) => [name, fields]));
}

/** The names of the collections that whoever asks may read. Raises Unreachable or Refused. */
export async function listCollections(slug: string): Promise<string[]> {
  const body = await getJson(`/ogc/${encodeURIComponent(slug)}/collections`, slug) as { collections: { id: string }[] };
  return body.collections.map(({ id }) => id);
}

/** What was and is being done, in the order of its beginning. Raises Unreachable or Refused. */
export async function listInterventions(slug: string): Promise<Intervention[]> {
  const body = await getJson(`${cityAddress(slug)}/interventions`, slug) as { interventions: Intervention[] };
  return body.interventions;
}

/** A published layer, or null where no run has published it yet. Raises Unreachable or Refused. */
export function getLayer(slug: string, layer: string): Promise<FeatureCollection | null> {
  return unlessMissing(getJson(layerAddress(slug, layer, 'geojson'), slug) as Promise<FeatureCollection>);
}

/** One feature of a layer, or null where it has none of that id. Raises Unreachable or Refused. */
export function getFeature(slug: string, layer: string, id: string): Promise<Feature | null> {
  const address = `${collectionAddress(slug, layer)}/items/${encodeURIComponent(id)}`;
  return unlessMissing(getJson(address, slug) as Promise<Feature>);
}

/** A file of the server, which a planner's key may open. Raises Unreachable or Refused. */
export async function getFile(slug: string, address: string): Promise<Blob> {
  return await (await ask(address, { token: keyOf(slug) })).blob();
}

/** The answer in JSON, with the key of a city where one is named. Raises Unreachable or Refused. */
export async function getJson(address: string, slug?: string): Promise<unknown> {
  return await askJson(address, slug === undefined ? {} : { token: keyOf(slug) });
}

/** The answer to a call in JSON. Raises Unreachable or Refused. */
export async function askJson(address: string, call: Call): Promise<unknown> {
  const answer = await ask(address, call);
  try {
    return await answer.json();
  } catch {
    throw new Refused(answer.status, `The answer of ${address} was cut off or is not JSON.`);
  }
}

async function unlessMissing<Found>(answer: Promise<Found>): Promise<Found | null> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** The answer to a call, if it says yes. Raises Unreachable or Refused. */
export async function ask(address: string, call: Call = {}): Promise<Response> {
  const { method = 'GET', body, token = null, patienceMs = PATIENCE_MS } = call;
  const answer = await reach(address, {
    method,
    headers: headersFor(body, token),
    ...(body === undefined ? {} : { body: body instanceof ArrayBuffer ? body : JSON.stringify(body) }),
    signal: AbortSignal.timeout(patienceMs),
  });
  if (answer.ok) return answer;
  throw new Refused(answer.status, await wordsOf(answer), secondsIn(answer.headers.get('Retry-After')));
}

function headersFor(body: unknown, token: string | null): Record<string, string> {
  return {
    Accept: 'application/geo+json, application/json, application/problem+json, */*;q=0.1',
    ...(body === undefined || body instanceof ArrayBuffer ? {} : { 'Content-Type': 'application/json' }),
    ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
  };
}

async function reach(address: string, how: RequestInit): Promise<Response> {
  try {
    return await fetch(address, how);
  } catch (error) {
    throw new Unreachable(`No answer from ${address}`, { cause: error });
  }
}

const secondsIn = (header: string | null): number | null => (header && /^\d+$/.test(header) ? Number(header) : null);

interface Problem {
  title?: string;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

async function wordsOf(answer: Response): Promise<string> {
  try {
    const { title, detail, errors = [] } = await answer.json() as Problem;
    const faults = errors.map((fault) => [fault.pointer.replace(/^\//, ''), fault.detail].filter(Boolean).join(' '));
    return [[title, detail].filter(Boolean).join(': ') || answer.statusText, ...faults].join('; ');
  } catch {
    return answer.statusText;
  }
}
