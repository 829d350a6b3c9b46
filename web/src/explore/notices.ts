/** The states in which there is nothing to draw, each with words and a way on. */

import { type City, Refused, Unreachable } from '../api';
import { button, element, link, paragraph } from '../dom';
import { say } from '../words';
import type { When } from './address';
import { UnreadableLayer } from './features';

export function noCity(): HTMLElement {
  return notice('no-city', say('no_city'),
    paragraph(say('no_city_hint')),
    element('p', {}, element('code', {}, 'safeaudit city create')));
}

export function unknownCity(slug: string, cities: readonly City[]): HTMLElement {
  return notice('unknown-city', say('unknown_city', { slug }),
    paragraph(say('these_cities')),
    element('ul', {}, ...cities.map((city) => element('li', {}, link(city.name, cityPage(city.slug))))));
}

export function noRun({ name }: City): HTMLElement {
  return notice('no-run', say('no_run', { city: name }), paragraph(say('no_run_hint')));
}

export function noCells(when: When): HTMLElement {
  return notice('no-cells', say(`no_cells_${when}`), paragraph(say('no_cells_hint')));
}

export function noMap(showTable: () => void): HTMLElement {
  return notice('no-map', say('no_map'), paragraph(say('no_map_hint')), button(say('show_table'), showTable));
}

export function noMapToPlanOn(): HTMLElement {
  return notice('no-map', say('no_map'), paragraph(say('no_map_plan_hint')));
}

/** What went wrong between page and server, and a button that tries again. */
export function failure(error: unknown, retry: () => void): HTMLElement {
  const [name, title, words] = failureWords(error);
  const made = notice(name, title, paragraph(words), button(say('try_again'), retry));
  made.setAttribute('role', 'alert');
  return made;
}

export function cityPage(slug: string): string {
  return `/?city=${encodeURIComponent(slug)}`;
}

function failureWords(error: unknown): [name: string, title: string, words: string] {
  if (error instanceof Unreachable) {
    return ['unreachable', say('unreachable'), say('unreachable_hint')];
  }
  if (error instanceof Refused) {
    return ['refused', say('refused'), say('refused_hint', { status: String(error.status), words: error.message })];
  }
  if (error instanceof UnreadableLayer) {
    return ['unreadable', say('unreadable'), say('unreadable_hint', { fault: error.message })];
  }
  reportError(error);
  return ['broken', say('broken'), say('broken_hint')];
}

function notice(name: string, title: string, ...content: HTMLElement[]): HTMLElement {
  return element('div', { properties: { className: 'notice' }, attributes: { 'data-state': name } },
    element('h2', {}, title), ...content);
}
