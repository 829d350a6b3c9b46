/** One indicator of all cities: a table with a bar in each row, and what may be concluded. */

import { element, paragraph } from '../dom';
import { sentence, shareText, scoreText } from '../words';
import { type Member, orderKnown, type Row, rowsOf } from './figures';

/** More pairs than these are counted rather than listed. */
const MOST_PAIRS = 6;

export interface Subject {
  id: string;
  title: string;
  about: string;
  /** the end of its scale; shares end at 1 */
  top: number;
}

export const SUBJECTS: readonly Subject[] = [
  {
    id: 'common-score', title: 'Score, all ratings alike', top: 5,
    about: 'Mean score of the shown places, from 0 (much is missing) to 5 (little is missing), with the same weight for '
      + 'every rating, so that it means the same in every city.',
  },
  { id: 'audited-share', title: 'Share that is known', top: 1, about: 'Share of the city\'s places that enough people audited to be shown. Read it first: at 5 % the other figures speak of a twentieth of the city.' },
  { id: 'feel-safe-share', title: 'Where people feel safe', top: 1, about: 'Expected share of the shown places where people feel safe. It counts places, not people.' },
  { id: 'hotspot-share', title: 'Places below their own city', top: 1, about: 'Share of the shown places that are clearly below their own city. It tells how uneven a city is, not how safe.' },
  { id: 'dark-share', title: 'Dark places', top: 1, about: 'Expected share of the shown places with light below the middle of the scale.' },
  { id: 'below-standard-share', title: 'Below the city\'s own standard', top: 1, about: 'Expected share of the shown places below the standard that each city set itself.' },
];

/** A card for one subject and group; null where no city publishes it. */
export function card(subject: Subject, members: readonly Member[], group: string): HTMLElement | null {
  const rows = rowsOf(members, subject.id, group);
  if (rows.length === 0) return null;
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': subject.id } },
    element('h2', {}, subject.title),
    paragraph(subject.about, 'quiet'),
    element('table', {},
      element('caption', { properties: { className: 'unseen' } }, subject.title),
      element('thead', { properties: { className: 'unseen' } }, element('tr', {},
        ...['City', 'Figure', 'Bar'].map((name) => element('th', { properties: { scope: 'col' } }, name)))),
      element('tbody', {}, ...rows.map((row) => line(row, subject)))),
    paragraph(conclusion(rows), 'conclusion'));
}

function line({ member, value, interval }: Row, { top }: Subject): HTMLElement {
  const text = top === 1 ? shareText : scoreText;
  return element('tr', {},
    element('th', { properties: { scope: 'row' } }, member.name),
    element('td', { properties: { className: 'figures' } }, `${text(value)} `,
      interval ? element('span', { properties: { className: 'quiet' } }, `${text(interval[0])} to ${text(interval[1])}`) : null),
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
  if (rows.length < 2) return 'Only one city publishes it: there is nothing to compare with.';
  if (known.length < 2) return 'No interval is published: no order of cities follows from these figures.';
  const pairs = orderKnown(known);
  if (pairs.length === 0) return 'The intervals overlap: no order of the cities is known.';
  const all = (known.length * (known.length - 1)) / 2;
  if (pairs.length > MOST_PAIRS) return `${pairs.length} of ${all} pairs of cities differ by more than their intervals.`;
  const said = pairs.map(([high, low]) => `${high.member.name} is higher than ${low.member.name}`);
  return sentence(`${said.join('; ')}${pairs.length < all ? '; of the others no order is known' : ''}`);
}
