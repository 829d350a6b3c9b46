/** Parts of which the views are made. */

import { button, element, paragraph } from '../dom';
import { icon } from './pictures';

type Drawn = Parameters<typeof icon>[0];

/** A statement about the state of things, known by name, with what can be done about it. */
export function notice(name: string, title: string, text: string, ...actions: HTMLElement[]): HTMLElement {
  return element('section', { properties: { className: 'notice' }, attributes: { 'data-state': name } },
    element('h2', {}, title), text ? paragraph(text) : null,
    actions.length > 0 ? element('div', { properties: { className: 'actions' } }, ...actions) : null);
}

/** A button with a drawing before its words. */
export function drawnButton(shapes: Drawn, text: string, onPress: () => void, className = ''): HTMLButtonElement {
  const made = button('', onPress, className);
  made.append(icon(shapes), element('span', {}, text));
  return made;
}

/** A button that only shows a drawing; its words are for those who do not see it. */
export function iconButton(shapes: Drawn, text: string, onPress: () => void): HTMLButtonElement {
  const made = button('', onPress, 'icon');
  made.setAttribute('aria-label', text);
  made.append(icon(shapes));
  return made;
}

export interface Option {
  value: string;
  label: string;
}

/** A labelled list to choose one of. */
export function select(
  { name, label, options, chosen, onChoose = () => undefined }:
  { name: string; label: string; options: readonly Option[]; chosen: string; onChoose?: (value: string) => void },
): HTMLLabelElement {
  const list = element('select', { properties: { name } },
    ...options.map(({ value, label: text }) => element('option', { properties: { value } }, text)));
  list.value = chosen;
  list.onchange = () => onChoose(list.value);
  return element('label', { properties: { className: 'field' } }, element('span', {}, label), list);
}

/** A switch with its explanation. */
export function toggle(
  { name, label, hint = '', on, onChange }:
  { name: string; label: string; hint?: string; on: boolean; onChange: (on: boolean) => void },
): HTMLLabelElement {
  const box = element('input', { properties: { type: 'checkbox', name, checked: on, className: 'toggle' } });
  box.onchange = () => onChange(box.checked);
  return element('label', { properties: { className: 'toggled' } },
    box, element('span', {}, label, hint ? element('small', {}, hint) : null));
}

/** A button that asks once more before it does something that cannot be undone. */
export function sureButton(
  { ask, sure, yes, no, onSure }: { ask: string; sure: string; yes: string; no: string; onSure: () => void },
): HTMLElement {
  const holder = element('div', { properties: { className: 'sure' } });
  const first = button(ask, () => {
    const refrain = button(no, () => {
      holder.replaceChildren(first);
      first.focus();
    });
    holder.replaceChildren(element('p', { attributes: { role: 'alert' } }, sure),
      element('div', { properties: { className: 'actions' } }, button(yes, onSure, 'grave'), refrain));
    refrain.focus();
  });
  holder.append(first);
  return holder;
}

/** A section with a heading. */
export function section(title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  return element('section', { properties: { className: 'section' } }, element('h2', {}, title), ...content);
}
