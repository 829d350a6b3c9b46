/** The page's only door to the server. */

import type { Geometry } from 'geojson';

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
  const body = await askJson('/api/v1/cities') as { cities?: City[] };
  return body.cities ?? [];
}

/** One city with what the list leaves out. Raises Unreachable or Refused. */
export async function getCity(slug: string): Promise<City> {
  return await askJson(cityAddress(slug)) as City;
}

/** The answer to a call in JSON. Raises Unreachable or Refused. */
export async function askJson(address: string, call: Call = {}): Promise<unknown> {
  const answer = await ask(address, call);
  try {
    return await answer.json();
  } catch {
    throw new Refused(answer.status, `The answer of ${address} was cut off or is not JSON.`);
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
