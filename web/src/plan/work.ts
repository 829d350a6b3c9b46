/** The form of an intervention: a new one, or what is said of an old one. */

import type { Geometry } from 'geojson';

import { button, element, paragraph } from '../dom';
import type { Intervention } from '../published';
import { needText, say, type Word, workStatusText } from '../words';
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
  return form(say('new_work'), [where, ...made.parts], events, () => {
    const { area } = draft;
    if (area === null) throw new Error(say('area_missing'));
    return { ...made.read(), area };
  });
}

/** A form that changes what is said of a work; only what was changed is sent. */
export function changeWork(work: Intervention, ratings: readonly string[], events: WorkEvents): HTMLElement {
  const made = fields(ratings, new Set(work.targets));
  made.fill(work);
  const before = JSON.stringify(made.read());
  return form(say('change_work', { name: work.name }), made.parts, events, () => {
    const was = JSON.parse(before) as Record<string, unknown>;
    const changed = Object.entries(made.read()).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(was[name]));
    if (changed.length === 0) throw new Error(say('nothing_changed'));
    return Object.fromEntries(changed);
  });
}

function form(title: string, parts: HTMLElement[], { onKeep, onCancel }: WorkEvents, read: () => Record<string, unknown>): HTMLElement {
  const said = element('p', { attributes: { role: 'alert' } });
  const keep = element('button', { properties: { type: 'submit', className: 'main' } }, say('keep'));
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
  element('div', { properties: { className: 'row' } }, keep, button(say('cancel'), onCancel)));
}

function areaPart(draft: Draft): HTMLElement {
  const said = element('p', { attributes: { role: 'status' } }, draft.words);
  const file = element('input', { properties: { type: 'file', accept: '.geojson,.json,application/geo+json' } });
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    if (chosen) readArea(chosen).then((area) => draft.load(area)).catch((error: unknown) => { said.textContent = (error as Error).message; });
  });
  const part = element('fieldset', { properties: { className: 'area' } },
    element('legend', {}, say('where')), said,
    element('div', { properties: { className: 'row' } },
      button(say('take_back_corner'), () => draft.undo()), button(say('clear'), () => draft.clear())),
    element('label', {}, `${say('geojson_file')} `, file));
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
  const labelled = (label: Word, control: HTMLElement): HTMLElement => element('label', {}, `${say(label)} `, control);
  return {
    name,
    parts: [
      labelled('name', name), labelled('what_is_done', kind), labelled('status', status),
      element('div', { properties: { className: 'row' } }, labelled('work_begins', begin), labelled('work_complete', end)),
      element('fieldset', {}, element('legend', {}, say('to_raise')),
        ...targets.map((box, index) => element('label', { properties: { className: 'check' } }, box, ` ${needText(ratings[index] ?? '')}`))),
      labelled('effect_days', days),
      element('details', {}, element('summary', {}, say('who_why_cost')),
        labelled('who_in_charge', owner),
        element('div', { properties: { className: 'row' } }, labelled('cost', cost), labelled('currency', currency)),
        labelled('reason_planners', reason)),
      paragraph(say('lay_down_first'), 'quiet'),
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
