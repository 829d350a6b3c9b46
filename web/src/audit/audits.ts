/** What she does with her audits on this phone; sending them is the outbox's. */

import { all, change, get, put, remove } from './database';
import { now } from './clock';
import type { Audit, Content, Person } from './model';
import { tell } from './news';
import type { Stored } from './server';

/** Keep this moment as an audit to be answered. Raises StorageFull. */
export async function mark(person: Person, instrument: string): Promise<Audit> {
  const audit: Audit = {
    id: freshId(), person: person.id, city: person.city, state: 'draft', revision: 0, tried: false,
    content: { location: null, observed_at: now(), instrument, answers: {} },
  };
  await put('audits', audit);
  tell();
  return audit;
}

/** An audit of the server's, on this phone to be corrected or taken back. */
export function fromServer(person: Person, stored: Stored): Audit {
  const { id, location, observed_at, instrument, answers, comment } = stored;
  return {
    id, person: person.id, city: person.city, state: 'sent', revision: 0, tried: true,
    content: { location, observed_at: observed_at ?? '', instrument, answers, ...(comment ? { comment } : {}) },
  };
}

/** An audit of any phone, to be corrected by its receipt. */
export function fromReceipt(person: Person, stored: Stored, code: string): Audit {
  return { ...fromServer(person, stored), code };
}

/** Keep what a draft holds by now. Raises StorageFull. */
export async function saveDraft({ id }: Audit, content: Content): Promise<void> {
  await change('audits', id, (row) => (row.state === 'draft' ? { ...row, content, revision: row.revision + 1 } : row));
}

/** Done: to be sent from now on. On return it is on disk. Raises StorageFull. */
export async function finish(audit: Audit, content: Content): Promise<void> {
  const { faults: _, ...rest } = audit;
  await put('audits', {
    ...rest, content: { ...content, answered_at: now() }, state: 'waiting', revision: audit.revision + 1,
  });
  tell();
}

/** Take it back: at once where it never left the phone, else as soon as the server hears of it. */
export async function takeBack(id: string): Promise<void> {
  await removePhotos(id);
  await change('audits', id, ({ content, revision, ...row }) => {
    if (!row.tried) return null;
    const emptied = { ...content, location: null, answers: {}, comment: '' };
    return { ...row, state: 'withdrawing', content: emptied, revision: revision + 1 };
  });
  tell();
}

/** The same for an audit that is no longer on the phone. */
export async function takeBackStored(person: Person, stored: Stored): Promise<void> {
  if (await get('audits', stored.id) === undefined) await put('audits', fromServer(person, stored));
  await takeBack(stored.id);
}

async function removePhotos(id: string): Promise<void> {
  for (const { audit, sha256 } of await all('photos')) if (audit === id) await remove('photos', [audit, sha256]);
}

/** A random UUID; pages without https have no `randomUUID`. */
export function freshId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] as number) & 0x0f | 0x40;
  bytes[8] = (bytes[8] as number) & 0x3f | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
