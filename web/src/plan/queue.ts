/** The moderator's queue: what waits, what is in it, and what is decided. */

import { askJson, cityAddress, Refused } from '../api';
import { button, element, paragraph } from '../dom';
import { keyed } from '../published';
import { plainText, say, spoken, type Word } from '../words';

interface Case {
  case: number;
  reason: string;
  state: string;
  opened_at: string;
  audits: number;
  auditors: number;
  detail: Record<string, unknown>;
}

interface CaseAudit {
  id: string;
  auditor: number;
  daypart: string;
  cell: string;
  received_at: string;
  answers: Record<string, unknown> | null;
  comment: string | null;
}

/** Which acts a state allows (docs/moderation.md). */
const ACTS: Record<string, readonly ('accept' | 'hide' | 'restore')[]> = { waiting: ['accept', 'hide'], accepted: ['hide'], hidden: ['restore'] };
const STATES = ['waiting', 'accepted', 'hidden', 'any'] as const;
const REASONS = ['coarse', 'leap', 'copied', 'burst', 'named'];

/** The queue of a city, in a part of the page that renews itself after each act. */
export function moderation(slug: string): HTMLElement {
  const list = element('ul', { properties: { className: 'list' } });
  const said = element('p', { attributes: { role: 'status' } });
  const state = element('select', { properties: { onchange: () => void show() } },
    ...STATES.map((one) => element('option', { properties: { value: one } }, say(`queue_${one}`))));
  const show = async (): Promise<void> => {
    said.textContent = say('loading');
    try {
      const { cases } = await askJson(`${cityAddress(slug)}/moderation?state=${state.value}`, keyed(slug)) as { cases: Case[] };
      list.replaceChildren(...cases.map((one) => item(slug, one, () => void show())));
      said.textContent = cases.length === 0 ? say('nothing_here') : '';
    } catch (error) {
      said.textContent = error instanceof Refused && error.status === 403
        ? say('moderation_closed') : (error as Error).message;
    }
  };
  void show();
  return element('section', {}, element('h2', {}, say('part_moderation')), paragraph(say('moderation_about'), 'quiet'),
    element('label', {}, `${say('show')} `, state), said, list);
}

function item(slug: string, { case: number, reason, state, opened_at, audits, auditors }: Case, renew: () => void): HTMLElement {
  const inside = element('div', { properties: { className: 'inside' } });
  const why = element('input', { properties: { type: 'text', required: true, maxLength: 500 }, attributes: { 'aria-label': say('case_why', { n: number }) } });
  const said = element('p', { attributes: { role: 'alert' } });
  const act = async (action: string): Promise<void> => {
    if (!why.reportValidity()) return;
    try {
      const body = { case: number, action, reason: why.value };
      await askJson(`${cityAddress(slug)}/moderation`, { ...keyed(slug), method: 'POST', body });
      renew();
    } catch (error) {
      said.textContent = (error as Error).message;
    }
  };
  const look = async (): Promise<void> => {
    try {
      const { listed } = await askJson(`${cityAddress(slug)}/moderation/${number}`, keyed(slug)) as { listed: CaseAudit[] };
      inside.replaceChildren(table(listed));
    } catch (error) {
      said.textContent = (error as Error).message;
    }
  };
  return element('li', {},
    element('h3', {}, say('ranked', { rank: number, name: REASONS.includes(reason) ? say(`case_${reason}` as Word) : plainText(reason) })),
    paragraph(say('case_about', {
      state: say(`queue_${state}` as Word), audits: say('audits', { n: audits }), people: say('people', { n: auditors }),
      time: spoken().time(opened_at),
    })),
    element('div', { properties: { className: 'row' } },
      button(say('look_into'), () => void look()),
      element('label', {}, `${say('why')} `, why),
      ...(ACTS[state] ?? []).map((action) => button(say(`act_${action}`), () => void act(action)))),
    said, inside);
}

function table(audits: readonly CaseAudit[]): HTMLElement {
  const titles = (['person', 'when', 'place', 'hour', 'answers', 'comment'] as const).map((word) => say(word));
  return element('div', { properties: { className: 'scroll', tabIndex: 0 }, attributes: { role: 'region', 'aria-label': say('case_audits') } },
    element('table', {},
      element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title)))),
      element('tbody', {}, ...audits.map(({ auditor, received_at, cell, daypart, answers, comment }) => element('tr', {},
        ...[String(auditor), spoken().time(received_at), cell, daypart,
          Object.entries(answers ?? {}).map(([name, value]) => `${name} ${String(value)}`).join(', '), comment ?? '',
        ].map((text) => element('td', {}, text)))))));
}
