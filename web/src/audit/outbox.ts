/**
 * Sending what waits, in tabs and in the service worker alike. Nothing leaves the phone's disk before the server
 * has acknowledged it, and whatever is sent twice is one audit by its id.
 */

import { Refused, Unreachable } from '../api';
import { alone } from './alone';
import { all, change, passOverFull, put, remove, set, setting } from './database';
import type { Audit, Delivery, Person, Photo } from './model';
import { tell } from './news';
import {
  correct, correctByReceipt, enrol, type Result, sendBatch, sendPhoto, tellDevice, withdraw, withdrawByReceipt,
} from './server';

/** How sending stands; `trouble` says why it stopped. */
export interface Sending {
  trouble: 'unreachable' | 'refused' | null;
  words: string;
  failures: number;
  nextTryMs: number;
  reachedMs: number;
}

export const AT_REST: Sending = { trouble: null, words: '', failures: 0, nextTryMs: 0, reachedMs: 0 };

const BATCH = 50;
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 3_600_000;
/** What is wrong with the request itself, which sending again does not mend. */
const FOR_EVER = [400, 404, 409, 413, 415, 422];

/** Send all that waits, of everybody on this phone; on return `sending` in the settings says how it went. */
export async function sendWaiting(): Promise<void> {
  await alone(async () => {
    const before = await setting('sending', AT_REST);
    try {
      let spoken = false;
      for (const person of await all('people')) spoken = await sendFor(person) || spoken;
      await set('sending', { ...AT_REST, reachedMs: spoken ? Date.now() : before.reachedMs } satisfies Sending);
    } catch (error) {
      await set('sending', stopped(before, error));
    }
  });
  tell();
}

/** The state after a failure: wait twice as long each time, or as long as the server asks for. */
function stopped(before: Sending, error: unknown): Sending {
  if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
  const failures = before.failures + 1;
  const asked = error instanceof Refused ? error.retryAfterS : null;
  // A part of chance keeps a walk's phones from coming back all at once.
  const waitMs = asked === null
    ? Math.min(FIRST_WAIT_MS * 2 ** before.failures, LONGEST_WAIT_MS) * (0.5 + Math.random() / 2)
    : asked * 1000;
  const heard = error instanceof Refused;
  return {
    trouble: heard ? 'refused' : 'unreachable', words: heard ? error.message : '', failures,
    nextTryMs: Date.now() + waitMs, reachedMs: heard ? Date.now() : before.reachedMs,
  };
}

/** Send what one person has waiting; true if the server was spoken to. */
async function sendFor(person: Person): Promise<boolean> {
  if (person.ended) return false;
  const waits = (await waiting(person)).length + (await photosOf(person)).length > 0;
  try {
    const known = person.token === null ? await enrolled(person) : person;
    await sendAudits(known);
    await sendWithdrawals(known);
    const sent = await sendPhotos(known);
    const told = await tellWaiting(known);
    if (known.leaving) await forget(known);
    return person.token === null || waits || sent || told;
  } catch (error) {
    if (!(error instanceof Refused && error.status === 401)) throw error;
    await change('people', person.id, (row) => ({ ...row, ended: true, token: null }));
    return true;
  }
}

async function enrolled(person: Person): Promise<Person> {
  const { token } = await enrol(person);
  // What she said and agreed to is the server's now.
  const { id, city, walk, leaving, minor } = person;
  const known = { id, city, walk, leaving, minor, token, ended: false };
  await put('people', known);
  return known;
}

async function waiting({ id }: Person): Promise<Audit[]> {
  return (await all('audits')).filter(({ person, state }) =>
    person === id && (state === 'waiting' || state === 'withdrawing'));
}

async function photosOf({ id }: Person): Promise<Photo[]> {
  return (await all('photos')).filter(({ person, refused }) => person === id && refused === undefined);
}

async function sendAudits(person: Person): Promise<void> {
  const unsent = (await waiting(person)).filter(({ state }) => state === 'waiting');
  for (const audit of unsent) if (audit.code !== undefined) await sendByReceipt(audit, audit.code);
  const ready = unsent.filter(({ code }) => code === undefined);
  for (let start = 0; start < ready.length; start += BATCH) await sendPart(person, ready.slice(start, start + BATCH));
}

/** Send some audits at once; where the server cannot read them together, in halves, so that one holds back no other. */
async function sendPart(person: Person, audits: Audit[]): Promise<void> {
  // A full phone sends too: that is how it gets room again.
  for (const { id } of audits) await change('audits', id, (row) => ({ ...row, tried: true })).catch(passOverFull);
  try {
    const results = await sendBatch(person, audits.map(({ id, content }) => ({ id, ...content })));
    const delivered: Delivery[] = [];
    for (const [index, audit] of audits.entries()) delivered.push(...await settle(person, audit, results[index]));
    await remember(delivered);
    tell(delivered);
  } catch (error) {
    if (!(error instanceof Refused && [400, 413, 422].includes(error.status))) throw error;
    const middle = Math.ceil(audits.length / 2);
    if (audits.length === 1) return refuse(audits[0] as Audit, [error.message]);
    await sendPart(person, audits.slice(0, middle));
    await sendPart(person, audits.slice(middle));
  }
}

/** Do what a result asks for, and say what the server has now. */
async function settle(person: Person, audit: Audit, result: Result | undefined): Promise<Delivery[]> {
  if (result === undefined) return [];
  if (result.status === 'invalid') {
    await refuse(audit, result.errors.map(({ pointer, detail }) => `${pointer} ${detail}`));
    return [];
  }
  const delivery = result.status === 'conflict' ? await overwrite(person, audit) : result;
  return delivery === null ? [] : [await settled(audit, delivery)];
}

/** It is on the server: it goes from here, unless she keeps what she sent. */
async function settled(audit: Audit, delivery: Delivery): Promise<Delivery> {
  const keep = await setting('keep', false);
  await change('audits', audit.id, (row) => {
    // She changed it while it was under way: the new content goes with the next sending.
    if (row.revision !== audit.revision) return row;
    return keep ? { ...row, state: 'sent', ...(delivery.receipt === null ? {} : { receipt: delivery.receipt }) } : null;
  });
  const { id, receipt, used, flags } = delivery;
  return { id, receipt, used, flags };
}

/** Correct what another phone sent. */
async function sendByReceipt(audit: Audit, code: string): Promise<void> {
  try {
    const delivery = await settled(audit, await correctByReceipt(code, audit.id, audit.content));
    await remember([delivery]);
    tell([delivery]);
  } catch (error) {
    if (!(error instanceof Refused && FOR_EVER.includes(error.status))) throw error;
    await refuse(audit, [error.message]);
  }
}

/** An earlier sending arrived though its answer did not, and she has changed the audit since. */
async function overwrite(person: Person, { id, content, ...audit }: Audit): Promise<Delivery | null> {
  try {
    return await correct(person, id, content);
  } catch (error) {
    if (!(error instanceof Refused && FOR_EVER.includes(error.status))) throw error;
    // Sent by the token this phone had before: it is kept there.
    if (error.status === 404) return { id, receipt: null, used: true, flags: [] };
    await refuse({ id, content, ...audit }, [error.message]);
    return null;
  }
}

async function refuse(audit: Audit, faults: string[]): Promise<void> {
  await change('audits', audit.id, (row) =>
    (row.revision === audit.revision ? { ...row, state: 'refused', faults } : row));
}

async function sendWithdrawals(person: Person): Promise<void> {
  for (const { id, state, code } of await waiting(person)) {
    if (state !== 'withdrawing') continue;
    try {
      await (code === undefined ? withdraw(person, id) : withdrawByReceipt(code));
    } catch (error) {
      // It never arrived, or is no longer hers: there is nothing to take back.
      if (!(error instanceof Refused && error.status === 404)) throw error;
    }
    await remove('audits', id);
  }
}

/** Photos follow their audits; true if any was sent. */
async function sendPhotos(person: Person): Promise<boolean> {
  if (await arePhotosHeld()) return false;
  const unsent = (await all('audits')).filter(({ state }) => state !== 'sent').map(({ id }) => id);
  const ready = (await photosOf(person)).filter(({ audit }) => !unsent.includes(audit));
  for (const photo of ready) {
    try {
      await sendPhoto(person, photo);
      await remove('photos', [photo.audit, photo.sha256]);
    } catch (error) {
      if (!(error instanceof Refused && FOR_EVER.includes(error.status))) throw error;
      const refused = error.message;
      await change('photos', [photo.audit, photo.sha256], (row) => ({ ...row, refused }));
    }
  }
  return ready.length > 0;
}

/** Whether photos wait for Wi-Fi: by her choice, as far as the browser tells what it is connected by. */
export async function arePhotosHeld(): Promise<boolean> {
  const { connection } = navigator as { connection?: { type?: string; saveData?: boolean } };
  const costs = connection?.type === 'cellular' || connection?.saveData === true;
  return costs && await setting('photosOnWifi', true);
}

/** Let the organiser of a walk see whether all has been sent; true if there was something new to say. */
async function tellWaiting(person: Person): Promise<boolean> {
  const count = (await waiting(person)).length;
  if (person.walk === null || person.told === count) return false;
  await tellDevice(person, { waiting: count });
  await change('people', person.id, (row) => ({ ...row, told: count }));
  return true;
}

async function forget(person: Person): Promise<void> {
  const left = (await all('audits')).filter((audit) => audit.person === person.id);
  if (left.some(({ state }) => state === 'waiting' || state === 'withdrawing')) return;
  if ((await photosOf(person)).length > 0) return;
  for (const { id } of left) await remove('audits', id);
  await remove('people', person.id);
}

/** Keep what the page has to tell her when she looks again. */
async function remember(delivered: Delivery[]): Promise<void> {
  const flags = delivered.flatMap((one) => one.flags);
  if (flags.length === 0) return;
  await set('flags', [...new Set([...await setting<string[]>('flags', []), ...flags])]);
}
