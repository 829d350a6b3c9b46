/** What a link to `/audit` asks for: a city, a walk, a move from another phone. */

export interface Asked {
  city: string | null;
  /** token of a walk's join link */
  walk: string | null;
  /** code that the old phone showed */
  move: string | null;
}

/** What the address asks for; tokens and codes are taken out of it, so that they are not seen over a shoulder. */
export function takeAddress(): Asked {
  const query = new URLSearchParams(location.search);
  const asked = {
    city: query.get('city'), walk: query.get('c'), move: new URLSearchParams(location.hash.slice(1)).get('move'),
  };
  history.replaceState(null, '', asked.city === null ? '/audit' : `/audit?city=${encodeURIComponent(asked.city)}`);
  return asked;
}
