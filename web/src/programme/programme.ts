/** Cities side by side: by name, never by rank. */

import { choiceGroup, element, link, paragraph } from '../dom';
import { doors, languageChoice } from '../doors';
import { countText, dayText, say, type Word } from '../words';
import { card, SUBJECTS } from './card';
import type { Member } from './figures';

const GROUPS: Record<string, Word> = {
  '': 'group_all', 'daypart:day': 'group_day', 'daypart:night': 'group_night', 'gender:woman': 'group_women', 'gender:man': 'group_men',
};
const TRENDS = ['better', 'same', 'worse', 'new', 'too_short'] as const;

export class Programme {
  readonly root: HTMLElement;
  private readonly cards = element('div', { properties: { className: 'cards' } });

  constructor(private readonly members: readonly Member[]) {
    const published = new Set(members.flatMap(({ indicators }) => indicators.map(({ group }) => group)));
    const groups = Object.keys(GROUPS).filter((group) => published.has(group));
    this.root = element('main', { properties: { className: 'programme' } },
      element('header', {}, element('h1', {}, say('page_programme')), doors('/programme')),
      paragraph(say('programme_about')),
      groups.length > 1 ? choiceGroup({
        name: 'group', label: say('whose_audits'), chosen: '', onChoose: (group) => this.show(group),
        choices: groups.map((group) => ({ value: group, label: say(GROUPS[group] ?? 'group_all') })),
      }) : null,
      this.cards, changes(members), sources(members), languageChoice());
    this.show('');
  }

  private show(group: string): void {
    const made = SUBJECTS.flatMap((subject) => card(subject, this.members, group) ?? []);
    this.cards.replaceChildren(...made.length > 0 ? made : [paragraph(say('no_figures'), 'quiet')]);
  }
}

function changes(members: readonly Member[]): HTMLElement | null {
  const known = members.filter(({ trends }) => trends && Object.keys(trends).length > 0);
  if (known.length === 0) return null;
  const count = ({ trends }: Member, name: string): string => countText(trends?.[name] ?? 0);
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': 'trends' } },
    element('h2', {}, say('changed')),
    paragraph(say('changed_about'), 'quiet'),
    table([say('city'), ...TRENDS.map((name) => say(`changed_${name}`))],
      known.map((member) => [member.name, ...TRENDS.map((name) => count(member, name))])));
}

function sources(members: readonly Member[]): HTMLElement {
  return element('section', { properties: { className: 'card' }, attributes: { 'data-indicator': 'sources' } },
    element('h2', {}, say('sources')),
    element('ul', { properties: { className: 'sources' } }, ...members.map((member) => element('li', {},
      link(member.name, member.address),
      ` ${say(member.isOurs ? 'source_ours' : 'source_theirs', {
        rest: member.problem ?? say('as_of', { day: dayText((member.asOf ?? '').slice(0, 10)) }),
      })}`))));
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  return element('div', { properties: { className: 'scroll', tabIndex: 0 }, attributes: { role: 'region', 'aria-label': say('changed') } },
    element('table', {},
      element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title)))),
      element('tbody', {}, ...rows.map(([name = '', ...figures]) => element('tr', {},
        element('th', { properties: { scope: 'row' } }, name),
        ...figures.map((figure) => element('td', { properties: { className: 'figures' } }, figure)))))));
}
