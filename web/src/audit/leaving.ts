/** Leaving the page at once, when somebody looks. */

import { beSilent } from './speech';

const TWICE_WITHIN_MS = 1_000;

/** Nothing of the page stays in sight, and the way back does not lead here. */
export function leaveNow(): void {
  beSilent();
  document.body.replaceChildren();
  location.replace('about:blank');
}

/** Escape twice leaves too. */
export function listenForEscape(): void {
  let last = -Infinity;
  addEventListener('keydown', ({ key, timeStamp }) => {
    if (key !== 'Escape') return;
    if (timeStamp - last < TWICE_WITHIN_MS) leaveNow();
    last = timeStamp;
  });
}
