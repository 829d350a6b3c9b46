/** The states in which there is nothing to draw, each with words and a way on. */

import { type City, Refused, Unreachable } from '../api';
import { button, element, link, paragraph } from '../dom';
import { HOURS } from '../words';
import type { When } from './address';
import { UnreadableLayer } from './features';

export function noCity(): HTMLElement {
  return notice('no-city', 'No city has been set up here yet',
    paragraph('Whoever runs this server adds one with the command'),
    element('p', {}, element('code', {}, 'safeaudit city create')));
}

export function unknownCity(slug: string, cities: readonly City[]): HTMLElement {
  return notice('unknown-city', `There is no city called “${slug}” here`,
    paragraph('These cities are here:'),
    element('ul', {}, ...cities.map((city) => element('li', {}, link(city.name, cityPage(city.slug))))));
}

export function noRun({ name }: City): HTMLElement {
  return notice('no-run', `Nothing is published for ${name} yet`,
    paragraph('Places appear here once enough people have audited them and the city has been analysed. '
      + 'An empty map does not mean that all is well.'));
}

export function noCells(when: When): HTMLElement {
  return notice('no-cells', `No place has enough audits ${HOURS[when]} yet`,
    paragraph('That says nothing about the places: nothing is shown before enough people have audited them.'));
}

export function noMap(showTable: () => void): HTMLElement {
  return notice('no-map', 'This browser cannot draw the map',
    paragraph('It needs WebGL, which is missing or switched off. The table holds the same facts.'),
    button('Show the table', showTable));
}

/** What went wrong between page and server, and a button that tries again. */
export function failure(error: unknown, retry: () => void): HTMLElement {
  const [name, title, words] = failureWords(error);
  const made = notice(name, title, paragraph(words), button('Try again', retry));
  made.setAttribute('role', 'alert');
  return made;
}

export function cityPage(slug: string): string {
  return `/?city=${encodeURIComponent(slug)}`;
}

function failureWords(error: unknown): [name: string, title: string, words: string] {
  if (error instanceof Unreachable) {
    return ['unreachable', 'The server cannot be reached',
      'The network may be down, or the server may be restarting. Nothing on this page is lost.'];
  }
  if (error instanceof Refused) {
    return ['refused', 'The server could not answer', `It said ${error.status}: ${error.message}`];
  }
  if (error instanceof UnreadableLayer) {
    return ['unreadable', 'The server sent a layer this page cannot read', `In it, ${error.message}.`];
  }
  reportError(error);
  return ['broken', 'This page has a fault', 'Reloading it may help. The downloads and the table do not depend on it.'];
}

function notice(name: string, title: string, ...content: HTMLElement[]): HTMLElement {
  return element('div', { properties: { className: 'notice' }, attributes: { 'data-state': name } },
    element('h2', {}, title), ...content);
}
