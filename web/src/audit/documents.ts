/** What the server asks and says, kept so that it can be asked without a network. */

import type { Geometry } from 'geojson';

import { cityAddress, Refused, Unreachable } from '../api';
import type { Language } from '../languages';
import { get, passOverFull, put } from './database';
import { read } from './server';

export interface City {
  slug: string;
  name: string;
  languages: string[];
  bbox: [number, number, number, number];
  photos: boolean;
  default_instrument: string | null;
  instruments: string[];
  controller?: string | null;
  contact?: string | null;
}

interface Asked {
  name: string;
  label: string;
  hint?: string;
}

export type Question = Asked & (
  | { kind: 'rating'; levels: string[] }
  | { kind: 'choice' | 'choices'; choices: { name: string; label: string }[] }
  | { kind: 'number'; minimum?: number; maximum?: number }
  | { kind: 'text'; max_length?: number }
);

export interface Instrument {
  id: string;
  lang: string;
  direction: 'ltr' | 'rtl';
  reviewed: boolean;
  fallback: string[];
  title: string;
  description?: string;
  questions: Question[];
}

export interface ConsentText {
  version: string;
  lang: string;
  direction: 'ltr' | 'rtl';
  text: string;
}

export async function allCities(): Promise<City[]> {
  return (await kept<{ cities: City[] }>('/api/v1/cities')).cities;
}

/** A city; null where there is none of this name. */
export async function city(slug: string): Promise<City | null> {
  return nullIfAbsent(kept<City>(cityAddress(slug)));
}

export async function instrument(slug: string, id: string, language: Language): Promise<Instrument> {
  return kept(`${cityAddress(slug)}/instruments/${encodeURIComponent(id)}?lang=${language}`);
}

/** What each instrument of a city is called, the first one first; only those that can be read now. */
export async function titlesOf({ slug, default_instrument, instruments }: City, language: Language): Promise<Map<string, string>> {
  const ids = [...new Set([default_instrument, ...instruments])].filter((id) => id !== null);
  const read = await Promise.allSettled(ids.map((id) => instrument(slug, id, language)));
  return new Map(read.flatMap((one) => (one.status === 'fulfilled' ? [[one.value.id, one.value.title] as const] : [])));
}

/** The limits of a city, to be drawn. */
export async function boundaryOf(slug: string): Promise<Geometry[]> {
  const { boundary } = await kept<{ boundary?: Geometry }>(cityAddress(slug));
  return boundary ? [boundary] : [];
}

/** What she is asked to agree to; null where the city has approved no text. */
export async function consentText(slug: string, language: Language): Promise<ConsentText | null> {
  return nullIfAbsent(fresh<ConsentText>(`${cityAddress(slug)}/consent?lang=${language}`));
}

async function nullIfAbsent<Body>(reading: Promise<Body>): Promise<Body | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Refused && error.status === 404) return null;
    throw error;
  }
}

/** A document at once if it was read before, and read anew for the next time. Raises Unreachable or Refused. */
async function kept<Body>(address: string): Promise<Body> {
  const before = await get('documents', address);
  if (before === undefined) return fresh(address);
  void fresh(address).catch(() => undefined);
  return before.body as Body;
}

/** A document as it is now; as it was where the server cannot be had. Raises Unreachable or Refused. */
async function fresh<Body>(address: string): Promise<Body> {
  try {
    const body = await read(address);
    await put('documents', { address, body }).catch(passOverFull); // without room it is asked for again
    return body as Body;
  } catch (error) {
    const before = error instanceof Unreachable ? await get('documents', address) : undefined;
    if (before === undefined) throw error;
    return before.body as Body;
  }
}
