/** One sender at a time, however many tabs are open and the worker besides. */

import { claim, set } from './database';

const NAME = 'sender';
/** A claim outlives a tab that was closed while sending by at most so long. */
const CLAIM_MS = 5 * 60_000;

/** Do the work while nobody else does it; without Web Locks, not at all where somebody does. */
export async function alone(work: () => Promise<void>): Promise<void> {
  // Pages without https have no locks.
  if ('locks' in navigator) return navigator.locks.request(NAME, work);
  if (!await claim(NAME, Date.now() + CLAIM_MS)) return;
  try {
    await work();
  } finally {
    await set(NAME, 0);
  }
}
