/** What is being looked at, as the part of the address that no server ever sees. */

export const WHENS = ['all', 'day', 'night'] as const;
export const VIEWS = ['map', 'table'] as const;

export type When = (typeof WHENS)[number];
export type View = (typeof VIEWS)[number];

export interface Camera {
  zoom: number;
  lng: number;
  lat: number;
}

/** A feature of a subject. */
export interface Chosen {
  subject: string;
  id: string;
}

export interface Look {
  when: When;
  view: View;
  /** the subject that is drawn as areas */
  show: string;
  place: Chosen | null;
  camera: Camera | null;
}

/** What is looked at where an address says nothing. */
export const DEFAULT_SHOW = 'cells';

/**
 * `#show=zones&when=night&view=table&place=cells/8a…&map=12.50/28.6139/77.2090`; whatever cannot be read is left at its
 * default.
 */
export function readLook(hash: string): Look {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  return {
    when: oneOf(WHENS, given.get('when')),
    view: oneOf(VIEWS, given.get('view')),
    show: given.get('show') || DEFAULT_SHOW,
    place: readChosen(given.get('place')),
    camera: readCamera(given.get('map')),
  };
}

/** The shortest hash that `readLook` reads back as the same look. */
export function writeLook({ when, view, show, place, camera }: Look): string {
  const parts = [
    show === DEFAULT_SHOW ? '' : `show=${show}`,
    when === 'all' ? '' : `when=${when}`,
    view === 'map' ? '' : `view=${view}`,
    place ? `place=${place.subject}/${encodeURIComponent(place.id)}` : '',
    camera ? `map=${camera.zoom.toFixed(2)}/${camera.lat.toFixed(4)}/${camera.lng.toFixed(4)}` : '',
  ].filter(Boolean);
  return parts.length > 0 ? `#${parts.join('&')}` : '';
}

function readChosen(text: string | null): Chosen | null {
  const [, subject, id] = /^([a-z-]+)\/(.+)$/.exec(text ?? '') ?? [];
  return subject && id ? { subject, id } : null;
}

function readCamera(text: string | null): Camera | null {
  const [zoom, lat, lng, ...rest] = (text ?? '').split('/').map((part) => (part ? Number(part) : NaN));
  if (zoom === undefined || lat === undefined || lng === undefined || rest.length > 0) return null;
  const possible = zoom >= 0 && zoom <= 24 && Math.abs(lat) <= 90 && Math.abs(lng) <= 360;
  return possible ? { zoom, lng, lat } : null;
}

function oneOf<Value extends string>(allowed: readonly [Value, ...Value[]], given: string | null): Value {
  return allowed.find((value) => value === given) ?? allowed[0];
}
