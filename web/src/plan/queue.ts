/** The moderator's queue: what waits, what is in it, and what is decided. */

import { askJson, cityAddress, Refused } from '../api';
import { button, element, paragraph } from '../dom';
import { keyed } from '../published';
import { counted, plainText } from '../words';

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
const ACTS: Record<string, readonly string[]> = { waiting: ['accept', 'hide'], accepted: ['hide'], hidden: ['restore'] };
const REASONS: Record<string, string> = {
  coarse: 'The place was measured too roughly',
  leap: 'Its auditor moved faster than a car',
  copied: 'Many audits of one person answer alike',
  burst: 'Unusually many new devices in one place',
  named: 'Hidden by its id',
};
const WHEN = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** The queue of a city, in a part of the page that renews itself after each act. */
export function moderation(slug: string): HTMLElement {
  const list = element('ul', { properties: { className: 'list' } });
  const said = element('p', { attributes: { role: 'status' } });
  const state = element('select', { properties: { onchange: () => void show() } },
    ...['waiting', 'accepted', 'hidden', 'any'].map((one) => element('option', { properties: { value: one } }, plainText(one))));
  const show = async (): Promise<void> => {
    said.textContent = 'Loading…';
    try {
      const { cases } = await askJson(`${cityAddress(slug)}/moderation?state=${state.value}`, keyed(slug)) as { cases: Case[] };
      list.replaceChildren(...cases.map((one) => item(slug, one, () => void show())));
      said.textContent = cases.length === 0 ? 'Nothing is here.' : '';
    } catch (error) {
      said.textContent = error instanceof Refused && error.status === 403
        ? 'This key does not open the queue: it takes a moderator\'s or an admin\'s.' : (error as Error).message;
    }
  };
  void show();
  return element('section', {}, element('h2', {}, 'Moderation'),
    paragraph('What is hardly honest, or hardly right, waits here with no weight. Nothing is deleted, every act needs a reason, '
      + 'and takes effect with the next run.', 'quiet'),
    element('label', {}, 'Show ', state), said, list);
}

function item(slug: string, { case: number, reason, state, opened_at, audits, auditors }: Case, renew: () => void): HTMLElement {
  const inside = element('div', { properties: { className: 'inside' } });
  const why = element('input', { properties: { type: 'text', required: true, maxLength: 500 }, attributes: { 'aria-label': `Why, case ${number}` } });
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
    element('h3', {}, `${number}. ${REASONS[reason] ?? plainText(reason)}`),
    paragraph(`${plainText(state)}; ${counted(audits, 'audit', 'audits')} of ${counted(auditors, 'person', 'people')}; `
      + `since ${WHEN.format(new Date(opened_at))}.`),
    element('div', { properties: { className: 'row' } },
      button('Look into it', () => void look()),
      element('label', {}, 'Why ', why),
      ...(ACTS[state] ?? []).map((action) => button(plainText(action), () => void act(action)))),
    said, inside);
}

function table(audits: readonly CaseAudit[]): HTMLElement {
  const titles = ['Person', 'When', 'Place', 'Hour', 'Answers', 'Comment'];
  return element('div', { properties: { className: 'scroll', tabIndex: 0 }, attributes: { role: 'region', 'aria-label': 'Audits of the case' } },
    element('table', {},
      element('thead', {}, element('tr', {}, ...titles.map((title) => element('th', { properties: { scope: 'col' } }, title)))),
      element('tbody', {}, ...audits.map(({ auditor, received_at, cell, daypart, answers, comment }) => element('tr', {},
        ...[String(auditor), WHEN.format(new Date(received_at)), cell, daypart,
          Object.entries(answers ?? {}).map(([name, value]) => `${name} ${String(value)}`).join(', '), comment ?? '',
        ].map((text) => element('td', {}, text)))))));
}
