/** The form of an intervention: a new one, or what is said of an old one. */

import type { Geometry } from 'geojson';

import { button, element, paragraph } from '../dom';
import type { Intervention } from '../published';
import { needText, workStatusText } from '../words';
import type { Draft } from './drafting';
import { readArea } from './drafting';

export const STATUSES = ['requested', 'planned', 'ongoing', 'done', 'cancelled'] as const;

/** What a new work begins with. */
export interface Beginning {
  name: string;
  targets: readonly string[];
  area: Geometry | null;
}

export interface WorkEvents {
  /** resolves once it is kept; rejects with what the server said */
  onKeep: (values: Record<string, unknown>) => Promise<void>;
  onCancel: () => void;
}

/** A form for a new work at the drafted area. */
export function newWork(beginning: Beginning, ratings: readonly string[], draft: Draft, events: WorkEvents): HTMLElement {
  draft.load(beginning.area);
  const made = fields(ratings, new Set(beginning.targets));
  made.name.value = beginning.name;
  const where = areaPart(draft);
  return form('Keep new work', [where, ...made.parts], events, () => {
    const { area } = draft;
    if (area === null) throw new Error('Say where: the area needs at least three corners.');
    return { ...made.read(), area };
  });
}

/** A form that changes what is said of a work; only what was changed is sent. */
export function changeWork(work: Intervention, ratings: readonly string[], events: WorkEvents): HTMLElement {
  const made = fields(ratings, new Set(work.targets));
  made.fill(work);
  const before = JSON.stringify(made.read());
  return form(`Change: ${work.name}`, made.parts, events, () => {
    const was = JSON.parse(before) as Record<string, unknown>;
    const changed = Object.entries(made.read()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]));
    if (changed.length === 0) throw new Error('Nothing was changed.');
    return Object.fromEntries(changed);
  });
}

function form(title: string, parts: HTMLElement[], { onKeep, onCancel }: WorkEvents, read: () => Record<string, unknown>): HTMLElement {
  const said = element('p', { attributes: { role: 'alert' } });
  const keep = element('button', { properties: { type: 'submit', className: 'main' } }, 'Keep');
  const submit = async (): Promise<void> => {
    keep.disabled = true;
    try {
      await onKeep(read());
    } catch (error) {
      said.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      keep.disabled = false;
    }
  };
  return element('form', {
    properties: { className: 'work', onsubmit: (event) => { event.preventDefault(); void submit(); } },
    attributes: { 'aria-label': title },
  },
  element('h2', { properties: { tabIndex: -1 } }, title), ...parts, said,
  element('div', { properties: { className: 'row' } }, keep, button('Cancel', onCancel)));
}

function areaPart(draft: Draft): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } }, draft.words);
  const file = element('input', { properties: { type: 'file', accept: '.geojson,.json,application/geo+json' } });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) readArea(chosen).then((area) => draft.load(area)).catch((error: unknown) => { said.textContent = String(error); });
  });
  const part = element('fieldset', { properties: { className: 'area' } },
    element('legend', {}, 'Where'), said,
    element('div', { properties: { className: 'row' } },
      button('Take back the last corner', () => draft.undo()), button('Clear', () => draft.clear())),
    element('label', {}, 'GeoJSON file ', file));
  part.addEventListener('draft', () => { said.textContent = draft.words; });
  return part;
}

interface Fields {
  parts: HTMLElement[];
  name: HTMLInputElement;
  read: () => Record<string, unknown>;
  fill: (work: Intervention) => void;
}

function fields(ratings: readonly string[], chosen: ReadonlySet<string>): Fields {
  const text = (required = false, type = 'text'): HTMLInputElement => element('input', { properties: { type, required } });
  const [name, kind, owner, currency] = [text(true), text(true), text(), text()];
  const [begin, end] = [text(true, 'date'), text(false, 'date')];
  const [cost, days] = [text(false, 'number'), text(false, 'number')];
  [cost.min, cost.step, days.min, days.max, days.value] = ['0', 'any', '28', '730', '90'];
  const status = element('select', {}, ...STATUSES.map((one) => element('option', { properties: { value: one } }, workStatusText(one))));
  status.value = 'planned';
  const reason = element('textarea', { properties: { rows: 2, maxLength: 2000 } });
  const targets = ratings.map((rating) =>
    element('input', { properties: { type: 'checkbox', value: rating, checked: chosen.has(rating) } }));
  const labelled = (label: string, control: HTMLElement): HTMLElement => element('label', {}, `${label} `, control);
  return {
    name,
    parts: [
      labelled('Name', name), labelled('What is done', kind), labelled('Status', status),
      element('div', { properties: { className: 'row' } }, labelled('The work begins', begin), labelled('It is complete', end)),
      element('fieldset', {}, element('legend', {}, 'What it is to raise (none: all of it)'),
        ...targets.map((box, index) => element('label', { properties: { className: 'check' } }, box, ` ${needText(ratings[index] ?? '')}`))),
      labelled('Days after which its effect is told', days),
      element('details', {}, element('summary', {}, 'Who, why and what it costs'),
        labelled('Who is in charge', owner),
        element('div', { properties: { className: 'row' } }, labelled('Cost', cost), labelled('Currency, such as INR', currency)),
        labelled('Reason, for planners alone', reason)),
      paragraph('Lay down what it is to raise before the work begins: that is what will be tested. Once the effect is told, '
        + 'place, days and targets stay as they are.', 'quiet'),
    ],
    read: () => ({
      name: name.value.trim(), kind: kind.value.trim(), from: begin.value, to: end.value || null, status: status.value,
      targets: targets.filter(({ checked }) => checked).map(({ value }) => value),
      follow_up_days: Number(days.value), owner: owner.value.trim() || null,
      cost: cost.value === '' ? null : Number(cost.value), currency: currency.value.trim() || null,
      reason: reason.value.trim() || null,
    }),
    fill: (work) => {
      [name.value, kind.value, begin.value, end.value] = [work.name, work.kind, work.from, work.to ?? ''];
      [status.value, days.value, owner.value] = [work.status, String(work.follow_up_days), work.owner ?? ''];
      [cost.value, currency.value, reason.value] = [work.cost === null ? '' : String(work.cost), work.currency ?? '', work.reason ?? ''];
    },
  };
}
