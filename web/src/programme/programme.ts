/** Cities side by side: by name, never by rank. */

import { choiceGroup, element, link, paragraph } from '../dom';
import { doors } from '../doors';
import { countText, dayText, plainText } from '../words';
import { card, SUBJECTS } from './card';
import type { Member } from './figures';

const GROUPS: Record<string, string> = {
  '': 'Everybody', 'daypart:day': 'By day', 'daypart:night': 'By night', 'gender:woman': 'Women', 'gender:man': 'Men',
};
const TRENDS = { better: 'Better', same: 'Unchanged', worse: 'Worse', new: 'New', too_short: 'Too early' } as const;

export class Programme {
  readonly root: HTMLElement;
  private readonly cards = element('div', { properties: { className: 'cards' } });

  constructor(private readonly members: readonly Member[]) {
    const published = new Set(members.flatMap(({ indicators }) => indicators.map(({ group }) => group)));
    const groups = Object.keys(GROUPS).filter((group) => published.has(group));
    this.root = element('main', { properties: { className: 'programme' } },
      element('header', {}, element('h1', {}, 'Cities side by side'), doors('/programme')),
      paragraph('What each city publishes of itself, by name. Cities differ in who audits, where and when: '
        + 'what intervals leave in doubt is in no order here.'),
      groups.length > 1 ? choiceGroup({
        name: 'group', label: 'Whose audits, and when', chosen: '', onChoose: (group) => this.show(group),
        choices: groups.map((group) => ({ value: group, label: GROUPS[group] ?? group })),
      }) : null,
      this.cards, changes(members), sources(members));
    this.show('');
  }

  private show(group: string): void {
    const made = SUBJECTS.flatMap((subject) => card(subject, this.members, group) ?? []);
    this.cards.replaceChildren(...made.length > 0 ? made : [paragraph('No city has published figures yet.', 'quiet')]);
  }
}

function changes(members: readonly Member[]): HTMLElement | null {
  const known = members.filter(({ trends }) => trends && Object.keys(trends).length > 0);
  if (known.length === 0) return null;
  const count = ({ trends }: Member, name: string): string => countText(trends?.[name] ?? 0);
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': 'trends' } },
    element('h2', {}, 'What changed'),
    paragraph('How many of the shown places changed within the last months, held against their own city.', 'quiet'),
    table(['City', ...Object.values(TRENDS)],
      known.map((member) => [member.name, ...Object.keys(TRENDS).map((name) => count(member, name))])));
}

function sources(members: readonly Member[]): HTMLElement {
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': 'sources' } },
    element('h2', {}, 'Where the figures come from'),
    element('ul', { properties: { className: 'sources' } }, ...members.map((member) => element('li', {},
      link(member.name, member.address),
      ` ${member.isOurs ? 'on this server' : 'on another server'}, `,
      member.problem ?? `as of ${dayText((member.asOf ?? '').slice(0, 10))}`))));
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  return element('div', { properties: { className: 'scroll', tabIndex: 0 }, attributes: { role: 'region', 'aria-label': plainText(titles[0] ?? '') } },
    element('table', {},
      element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title)))),
      element('tbody', {}, ...rows.map(([name = '', ...figures]) => element('tr', {},
        element('th', { properties: { scope: 'row' } }, name),
        ...figures.map((figure) => element('td', { properties: { className: 'figures' } }, figure)))))));
}
