/** The ways between the pages. */

import { element, link } from './dom';
import { fallback } from './fallback';

const DOORS = [['Map', '/'], ['Audit', '/audit'], ['Cities side by side', '/programme'], ['Plan', '/plan']] as const;

/** Links to the other pages, and the language that is missing; with the city that is looked at where they are about one. */
export function doors(here: string, slug?: string): HTMLElement {
  const others = DOORS.filter(([, path]) => path !== here);
  return element('nav', { properties: { className: 'doors' }, attributes: { 'aria-label': 'Other pages' } },
    ...others.map(([name, path]) =>
      link(name, slug === undefined || path === '/programme' ? path : `${path}?city=${encodeURIComponent(slug)}`)),
    fallback());
}
