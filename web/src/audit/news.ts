/** Between tabs and the service worker: something changed on the phone, or the server has something. */

import type { Delivery } from './model';

export interface News {
  delivered: Delivery[];
}

const CHANNEL = 'notes';

/** Let every open tab know, this one included. */
export function tell(delivered: Delivery[] = []): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage({ delivered } satisfies News);
  channel.close();
}

export function onNews(listener: (news: News) => void): void {
  new BroadcastChannel(CHANNEL).onmessage = ({ data }) => listener(data as News);
}
