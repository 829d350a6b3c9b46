/** IndexedDB with promises: everything the phone keeps, in one database. */

import type { Audit, Person, Photo } from './model';

export interface KeptDocument {
  address: string;
  body: unknown;
}

interface Tables {
  people: Person;
  audits: Audit;
  photos: Photo;
  documents: KeptDocument;
  settings: { name: string; value: unknown };
}

export type Table = keyof Tables;

const NAME = 'notes';
const VERSION = 1;
const KEYS: Record<Table, string | string[]> = {
  people: 'id', audits: 'id', photos: ['audit', 'sha256'], documents: 'address', settings: 'name',
};

/** The phone has no room left: nothing was written. */
export class StorageFull extends Error {}

/** This browser keeps nothing, by its settings or in a private window. */
export class NoStorage extends Error {}

let opened: Promise<IDBDatabase> | null = null;

/** One row, or undefined. */
export async function get<T extends Table>(table: T, key: IDBValidKey): Promise<Tables[T] | undefined> {
  return act(table, 'readonly', (rows) => rows.get(key));
}

export async function all<T extends Table>(table: T): Promise<Tables[T][]> {
  return act(table, 'readonly', (rows) => rows.getAll());
}

/** Write a row; on return it is on disk. Raises StorageFull. */
export async function put<T extends Table>(table: T, row: Tables[T]): Promise<void> {
  await act(table, 'readwrite', (rows) => rows.put(row));
}

export async function remove(table: Table, key: IDBValidKey): Promise<void> {
  await act(table, 'readwrite', (rows) => rows.delete(key));
}

/**
 * Change a row in one transaction, so that tabs never overwrite each other: `change` gets the row as it is and
 * gives it as it shall be, null to delete it. Nothing happens where there is none. Raises StorageFull.
 */
export async function change<T extends Table>(
  table: T, key: IDBValidKey, to: (row: Tables[T]) => Tables[T] | null,
): Promise<void> {
  await act(table, 'readwrite', (rows) => {
    const reading: IDBRequest<Tables[T] | undefined> = rows.get(key);
    reading.onsuccess = () => {
      if (reading.result === undefined) return;
      const row = to(reading.result);
      if (row === null) rows.delete(key);
      else rows.put(row);
    };
    return reading;
  });
}

export async function setting<Value>(name: string, fallback: Value): Promise<Value> {
  return ((await get('settings', name))?.value as Value | undefined) ?? fallback;
}

/** Keep a setting, where there is room for it: it is never worth stopping what is more. */
export async function set(name: string, value: unknown): Promise<void> {
  await put('settings', { name, value }).catch(passOverFull);
}

/** Go on though the phone is full; anything else is raised. */
export function passOverFull(error: unknown): void {
  if (!(error instanceof StorageFull)) throw error;
}

/**
 * Take a claim that no other tab holds, for at most so long; false where another holds it.
 * It stands in where the browser has no Web Locks, as on pages without https.
 */
export async function claim(name: string, untilMs: number): Promise<boolean> {
  let taken = false;
  await act('settings', 'readwrite', (rows) => {
    const reading = rows.get(name);
    reading.onsuccess = () => {
      taken = Number((reading.result as { value?: number } | undefined)?.value ?? 0) < Date.now();
      if (taken) rows.put({ name, value: untilMs });
    };
    return reading;
  });
  return taken;
}

async function act<Result>(
  table: Table, mode: IDBTransactionMode, work: (rows: IDBObjectStore) => IDBRequest<Result>,
): Promise<Result> {
  const database = await (opened ??= open());
  return new Promise((resolve, reject) => {
    // `strict`: on return the row is on disk, not only on its way there.
    const transaction = database.transaction(table, mode, { durability: 'strict' });
    const request = work(transaction.objectStore(table));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(told(transaction.error ?? request.error));
  });
}

async function open(): Promise<IDBDatabase> {
  try {
    return await openAtVersion();
  } catch (error) {
    opened = null;
    throw new NoStorage('the browser keeps nothing', { cause: error });
  }
}

function openAtVersion(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      for (const [table, keyPath] of Object.entries(KEYS)) request.result.createObjectStore(table, { keyPath });
    };
    request.onsuccess = () => {
      // A newer version of the page in another tab may not wait for this one.
      request.result.onversionchange = () => {
        request.result.close();
        opened = null;
      };
      resolve(request.result);
    };
    request.onerror = () => reject(request.error);
  });
}

function told(error: DOMException | null): Error {
  if (error?.name === 'QuotaExceededError') return new StorageFull(error.message);
  return error ?? new Error('the phone could not write');
}
