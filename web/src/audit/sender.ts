/** When to send: as soon as something waits, and again and again until the server has it. */

import { all, setting } from './database';
import { onNews } from './news';
import { AT_REST, arePhotosHeld, type Sending, sendWaiting } from './outbox';

/** A breath between sendings, for what was saved meanwhile. */
const PAUSE_MS = 1_000;

interface Syncing {
  sync?: { register: (tag: string) => Promise<void> };
}

export class Sender {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private going = false;

  constructor(private readonly onPass: () => void) {
    addEventListener('online', () => void this.send());
    document.addEventListener('visibilitychange', () => { if (!document.hidden) void this.schedule(); });
    (navigator as { connection?: EventTarget }).connection?.addEventListener('change', () => void this.schedule());
    onNews(() => void this.schedule());
  }

  /** Try now, whatever was agreed on. */
  async send(): Promise<void> {
    if (this.going) return;
    this.going = true;
    clearTimeout(this.timer);
    try {
      await sendWaiting();
    } finally {
      this.going = false;
    }
    this.onPass();
    await this.schedule();
  }

  /** Have something sent at the next chance: by this tab, or by the worker once it is closed. */
  async schedule(): Promise<void> {
    clearTimeout(this.timer);
    if (this.going || !await isAnythingWaiting()) return;
    const { trouble, nextTryMs }: Sending = await setting('sending', AT_REST);
    this.timer = setTimeout(() => void this.send(), trouble ? Math.max(nextTryMs - Date.now(), 0) : PAUSE_MS);
    await registerSync();
  }
}

async function isAnythingWaiting(): Promise<boolean> {
  const people = (await all('people')).filter(({ ended }) => !ended);
  if (people.some(({ token }) => token === null)) return true;
  const ids = people.map(({ id }) => id);
  const audits = await all('audits');
  if (audits.some(({ state, person }) => ids.includes(person) && (state === 'waiting' || state === 'withdrawing'))) return true;
  if (await arePhotosHeld()) return false;
  const sendable = (await all('photos')).filter(({ refused, person }) => refused === undefined && ids.includes(person));
  return sendable.some(({ audit }) => !audits.some(({ id, state }) => id === audit && state !== 'sent'));
}

/** Background Sync, where the browser has it: it wakes the worker when there is a network again. */
async function registerSync(): Promise<void> {
  if (!navigator.serviceWorker?.controller) return;
  const { sync } = await navigator.serviceWorker.ready as Syncing;
  await sync?.register('send').catch(() => undefined);
}
