/** The calls of a phone (docs/client-guide.md). All raise Unreachable or Refused. */

import { ask, type Call, cityAddress } from '../api';
import { hearServer } from './clock';
import type { Content, Delivery, Person, Profile } from './model';

const BATCH_PATIENCE_MS = 60_000;
const PHOTO_PATIENCE_MS = 180_000;

interface Enrolment {
  device: string;
  token: string;
}

export type Result =
  | ({ status: 'created' | 'duplicate' } & Delivery)
  | { status: 'conflict'; id: string }
  | { status: 'invalid'; id: string | null; errors: { pointer: string; detail: string }[] };

/** An own audit as the server has it. */
export interface Stored extends Omit<Content, 'observed_at'> {
  id: string;
  version: number;
  status: 'kept' | 'withdrawn' | 'erased';
  receipt: string;
  received_at: string;
  observed_at: string | null;
  used: boolean;
  flags: string[];
  photos: string[];
}

export interface Device {
  profile: Record<keyof Profile, string | null>;
  campaign: { name: string; from: string; to: string } | null;
}

export interface Move {
  code: string;
  expires_at: string;
  link: string;
  qr: string;
}

export interface Place {
  cell: string;
  heard: boolean;
}

export async function enrol({ city, profile, locale, walk, consent }: Person): Promise<Enrolment> {
  const body = { profile, locale, consent, ...(walk === null ? {} : { campaign: walk }) };
  return json(`${cityAddress(city)}/devices`, { method: 'POST', body });
}

export async function acceptMove(city: string, code: string): Promise<Enrolment> {
  return json(`${cityAddress(city)}/devices/move`, { method: 'POST', body: { code } });
}

export async function offerMove({ city, token }: Person): Promise<Move> {
  return json(`${cityAddress(city)}/devices/me/move`, { method: 'POST', token });
}

export async function device({ city, token }: Person): Promise<Device> {
  return json(`${cityAddress(city)}/devices/me`, { token });
}

export async function tellDevice({ city, token }: Person, body: { profile?: Profile; waiting?: number }): Promise<Device> {
  return json(`${cityAddress(city)}/devices/me`, { method: 'PATCH', body, token });
}

export async function erase({ city, token }: Person): Promise<void> {
  await heard(`${cityAddress(city)}/devices/me`, { method: 'DELETE', token });
}

/** What became of each audit, in their order. */
export async function sendBatch(
  { city, token }: Person, audits: readonly ({ id: string } & Content)[],
): Promise<Result[]> {
  const call: Call = { method: 'POST', body: { audits }, token, patienceMs: BATCH_PATIENCE_MS };
  return (await json<{ results: Result[] }>(`${cityAddress(city)}/audits/batch`, call)).results;
}

export async function correct({ city, token }: Person, id: string, content: Content): Promise<Delivery> {
  return json(`${cityAddress(city)}/audits/${id}`, { method: 'PUT', body: { id, ...content }, token });
}

export async function withdraw({ city, token }: Person, id: string): Promise<void> {
  await heard(`${cityAddress(city)}/audits/${id}`, { method: 'DELETE', token });
}

export async function sendPhoto(
  { city, token }: Person, photo: { audit: string; sha256: string; bytes: ArrayBuffer },
): Promise<void> {
  await heard(`${cityAddress(city)}/audits/${photo.audit}/photos/${photo.sha256}`,
    { method: 'PUT', body: photo.bytes, token, patienceMs: PHOTO_PATIENCE_MS });
}

/** All own audits that still have their content, the newest first. */
export async function ownAudits({ city, token }: Person): Promise<Stored[]> {
  const found: Stored[] = [];
  let next: string | null = `${cityAddress(city)}/devices/me/audits?limit=500`;
  while (next !== null) {
    const page: { audits: Stored[]; next: string | null } = await json(next, { token });
    found.push(...page.audits);
    next = page.next === null ? null : pathOf(page.next);
  }
  return found.filter(({ status }) => status === 'kept').reverse();
}

export async function byReceipt(receipt: string): Promise<Stored> {
  return json('/api/v1/receipts', { method: 'POST', body: { receipt, action: 'show' } });
}

/** Correct an audit of another phone, or of one that is gone. */
export async function correctByReceipt(receipt: string, id: string, content: Content): Promise<Delivery> {
  return json('/api/v1/receipts', { method: 'POST', body: { receipt, action: 'correct', audit: { id, ...content } } });
}

export async function withdrawByReceipt(receipt: string): Promise<void> {
  await heard('/api/v1/receipts', { method: 'POST', body: { receipt, action: 'withdraw' } });
}

export async function ownPlaces({ city, token }: Person): Promise<Place[]> {
  return (await json<{ places: Place[] }>(`${cityAddress(city)}/devices/me/places`, { token })).places;
}

/** A document that anybody may read. */
export async function read(address: string): Promise<unknown> {
  return json(address);
}

async function json<Body>(address: string, call?: Call): Promise<Body> {
  return await (await heard(address, call)).json() as Body;
}

async function heard(address: string, call?: Call): Promise<Response> {
  const answer = await ask(address, call);
  hearServer(answer.headers.get('Date'));
  return answer;
}

/** Behind a proxy the server may name itself otherwise than the page does. */
const pathOf = (url: string): string => new URL(url).pathname + new URL(url).search;
