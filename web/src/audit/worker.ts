/** The service worker of `/audit`: opens the page without a network, sends what waits when there is one again. */

import { setting } from './database';
import { AT_REST, sendWaiting } from './outbox';

declare const self: ServiceWorkerGlobalScope;
/** Made by the build: the files of the page, and a name for just this set of them. */
declare const PRECACHE: { version: string; files: string[] };

const { version, files: FILES } = PRECACHE;
const PREFIX = 'audit-';
const CACHE = PREFIX + version;
const PAGE = '/audit';

interface SyncEvent extends ExtendableEvent {
  tag: string;
}

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) =>
    // `reload`: a file that the browser holds from before may be of another version.
    cache.addAll([PAGE, ...FILES].map((file) => new Request(file, { cache: 'reload' })))));
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const stale = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(stale.map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== self.location.origin) return;
  const wanted = event.request.mode === 'navigate' && pathname === PAGE ? PAGE : pathname;
  if (wanted !== PAGE && !FILES.includes(wanted)) return;
  event.respondWith(caches.match(wanted, { cacheName: CACHE }).then((file) => file ?? fetch(event.request)));
});

/** The page asks for the new version once nothing on it is under way. */
self.addEventListener('message', ({ data }) => {
  if (data === 'take over') void self.skipWaiting();
});

self.addEventListener('sync', (event) => {
  if ((event as SyncEvent).tag === 'send') (event as SyncEvent).waitUntil(sendOrFail());
});

/** A failed event is one that the browser sends again. */
async function sendOrFail(): Promise<void> {
  await sendWaiting();
  if ((await setting('sending', AT_REST)).trouble !== null) throw new Error('something still waits');
}
