/** Whether a finger is down: what moved under it would take her tap. */

/** A tap's click follows the finger's leaving, late on a busy phone; after so long none does. */
const CLICK_MS = 500;

let isDown = false;
let isLifted = false;
/** counts touches: what was to end an earlier one ends no later one */
let touch = 0;
let waiting: (() => void)[] = [];

/** Resolves once no finger is down, and what it did has happened; at once where none is. */
export function fingersUp(): Promise<void> {
  return isDown ? new Promise((resolve) => { waiting.push(resolve); }) : Promise.resolve();
}

/** Know of fingers from now on. */
export function watchFingers(): void {
  addEventListener('pointerdown', () => {
    isDown = true;
    isLifted = false;
    touch += 1;
  }, { capture: true });
  for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => lift(CLICK_MS), { capture: true });
  addEventListener('click', () => { if (isLifted) lift(0); }, { capture: true });
}

function lift(afterMs: number): void {
  isLifted = true;
  const ended = touch;
  setTimeout(() => {
    if (ended !== touch) return;
    isDown = false;
    const resolving = waiting;
    waiting = [];
    resolving.forEach((resolve) => resolve());
  }, afterMs);
}
