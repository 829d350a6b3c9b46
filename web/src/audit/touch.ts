/** Whether a finger is down: what moved under it would take her tap. */

/** A tap's click follows the finger's leaving by at most so long. */
const CLICK_MS = 100;

let isDown = false;
let waiting: (() => void)[] = [];

/** Resolves once no finger is down, and what it did has happened; at once where none is. */
export function fingersUp(): Promise<void> {
  return isDown ? new Promise((resolve) => { waiting.push(resolve); }) : Promise.resolve();
}

/** Know of fingers from now on. */
export function watchFingers(): void {
  addEventListener('pointerdown', () => { isDown = true; }, { capture: true });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, lift, { capture: true });
}

function lift(): void {
  isDown = false;
  const resolving = waiting;
  waiting = [];
  setTimeout(() => resolving.forEach((resolve) => resolve()), CLICK_MS);
}
