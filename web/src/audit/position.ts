/** Where the phone is, as well as it can tell within a few steps. */

export type Failure = 'insecure' | 'absent' | 'denied' | 'unknown';

export interface Fix {
  lat: number;
  lng: number;
  accuracy_m: number;
}

/** Longer, and she may have walked on. */
const SEARCH_MS = 12_000;
const SHARP_M = 10;
/** Seven digits are a centimetre: more would only make an audit longer. */
const DIGITS = 7;

/**
 * Tell each better fix until it is sharp or the time is over; where there was none, why. A late first fix is told
 * too, however long the search takes.
 */
export function findPosition({ onFix, onFailure }: { onFix: (fix: Fix) => void; onFailure: (why: Failure) => void }): void {
  if (!isSecureContext) return onFailure('insecure');
  if (!('geolocation' in navigator)) return onFailure('absent');
  let best = Infinity;
  const stop = (): void => navigator.geolocation.clearWatch(watch);
  const watch = navigator.geolocation.watchPosition(({ coords: { latitude, longitude, accuracy } }) => {
    if (accuracy < best) onFix({ lat: rounded(latitude), lng: rounded(longitude), accuracy_m: Math.round(accuracy) });
    best = Math.min(best, accuracy);
    if (best <= SHARP_M || performance.now() > end) stop();
  }, ({ code, PERMISSION_DENIED }) => {
    if (best < Infinity) return;
    stop();
    onFailure(code === PERMISSION_DENIED ? 'denied' : 'unknown');
  }, { enableHighAccuracy: true, maximumAge: 0, timeout: 3 * SEARCH_MS });
  const end = performance.now() + SEARCH_MS;
  setTimeout(() => { if (best < Infinity) stop(); }, SEARCH_MS);
}

const rounded = (degrees: number): number => Number(degrees.toFixed(DIGITS));
