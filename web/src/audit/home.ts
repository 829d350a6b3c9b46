/** The first view: one large button, and what waits for answers. */

import { button, element, paragraph } from '../dom';
import type { City } from './documents';
import type { Audit } from './model';
import { drawnButton, select } from './parts';
import { PIN } from './pictures';
import type { Words } from './words';

export interface HomeEvents {
  onMark: (instrument: string) => void;
  onAnswer: (audit: Audit) => void;
}

/** The view; `titles` are the instruments of the city by their id. */
export function home(
  { words, city, drafts, titles, events }:
  { words: Words; city: City; drafts: readonly Audit[]; titles: ReadonlyMap<string, string>; events: HomeEvents },
): HTMLElement {
  let instrument = city.default_instrument ?? '';
  const choice = titles.size > 1 ? select({
    name: 'instrument', label: words.say('another_form'), chosen: instrument,
    options: [...titles].map(([value, label]) => ({ value, label })),
    onChoose: (value) => { instrument = value; },
  }) : null;
  return element('div', { properties: { className: 'home' } },
    drafts.length > 0 ? unanswered(words, drafts, events) : null,
    element('div', { properties: { className: 'marking' } },
      drawnButton(PIN, words.say('mark'), () => events.onMark(instrument), 'mark'),
      paragraph(words.say('mark_hint'), 'quiet'), choice));
}

function unanswered(words: Words, drafts: readonly Audit[], { onAnswer }: HomeEvents): HTMLElement {
  const rows = drafts.map((audit) => element('li', { attributes: { 'data-audit': audit.id, 'data-revision': String(audit.revision) } },
    element('span', {}, words.time(audit.content.observed_at)),
    button(words.say('answer'), () => onAnswer(audit))));
  return element('section', { properties: { className: 'section' }, attributes: { 'data-state': 'drafts' } },
    element('h2', {}, words.say('drafts', { n: drafts.length })),
    element('ul', { properties: { className: 'rows' } }, ...rows));
}
