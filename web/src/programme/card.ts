/** One indicator of all cities: a table with a bar in each row, and what may be concluded. */

import { element, paragraph } from '../dom';
import { clauses, say, scoreText, sentence, shareText, type Word } from '../words';
import { type Member, orderKnown, type Row, rowsOf } from './figures';

/** More pairs than these are counted rather than listed. */
const MOST_PAIRS = 6;

export interface Subject {
  /** of the indicator; its words are called `card_` and this */
  id: string;
  /** the end of its scale; shares end at 1 */
  top: number;
}

export const SUBJECTS: readonly Subject[] = [
  { id: 'common-score', top: 5 },
  ...['audited-share', 'feel-safe-share', 'hotspot-share', 'dark-share', 'below-standard-share'].map((id) => ({ id, top: 1 })),
];

/** A card for one subject and group; null where no city publishes it. */
export function card(subject: Subject, members: readonly Member[], group: string): HTMLElement | null {
  const rows = rowsOf(members, subject.id, group);
  if (rows.length === 0) return null;
  const word = `card_${subject.id.replaceAll('-', '_')}`;
  const title = say(word as Word);
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': subject.id } },
    element('h2', {}, title),
    paragraph(say(`${word}_about` as Word), 'quiet'),
    element('table', {},
      element('caption', { properties: { className: 'unseen' } }, title),
      element('thead', { properties: { className: 'unseen' } }, element('tr', {},
        ...(['city', 'figure', 'bar'] as const).map((name) => element('th', { properties: { scope: 'col' } }, say(name))))),
      element('tbody', {}, ...rows.map((row) => line(row, subject)))),
    paragraph(conclusion(rows), 'conclusion'));
}

function line({ member, value, interval }: Row, { top }: Subject): HTMLElement {
  const text = top === 1 ? shareText : scoreText;
  return element('tr', {},
    element('th', { properties: { scope: 'row' } }, member.name),
    element('td', { properties: { className: 'figures' } }, `${text(value)} `,
      interval ? element('span', { properties: { className: 'quiet' } }, say('range', { low: text(interval[0]), high: text(interval[1]) })) : null),
    element('td', { properties: { className: 'bar' }, attributes: { 'aria-hidden': 'true' } }, bar(value, interval, top)));
}

function bar(value: number, interval: Row['interval'], top: number): HTMLElement {
  const at = (one: number): string => `${(100 * one) / top}%`;
  const dot = element('i', { properties: { className: 'dot' } });
  dot.style.left = at(value);
  const parts = [dot];
  if (interval) {
    const range = element('i', { properties: { className: 'range' } });
    range.style.left = at(interval[0]);
    range.style.width = at(interval[1] - interval[0]);
    parts.unshift(range);
  }
  return element('span', { properties: { className: 'track' } }, ...parts);
}

/** What may be said of the order of cities: only what intervals leave no doubt of. */
function conclusion(rows: readonly Row[]): string {
  const known = rows.filter(({ interval }) => interval !== null);
  if (rows.length < 2) return say('only_one');
  if (known.length < 2) return say('no_interval');
  const pairs = orderKnown(known);
  if (pairs.length === 0) return say('no_order');
  const all = (known.length * (known.length - 1)) / 2;
  if (pairs.length > MOST_PAIRS) return say('pairs_differ', { n: pairs.length, all });
  const said = pairs.map(([high, low]) => say('higher_than', { high: high.member.name, low: low.member.name }));
  return sentence(clauses(pairs.length < all ? [...said, say('others_unknown')] : said));
}
