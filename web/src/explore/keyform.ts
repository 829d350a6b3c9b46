/** Where a planner shows a key: it opens the planners' layers for this tab alone. */

import { type City, Refused } from '../api';
import { button, element, paragraph } from '../dom';
import { forgetKey, keepKey, keyOf } from '../key';
import { listCollections } from '../published';

/** A part of the side with which a key is given or forgotten; `onChange` is called once it holds. */
export function keyForm(city: City, onChange: () => void): HTMLDetailsElement {
  const holds = keyOf(city.slug) !== null;
  return element('details', { properties: { className: 'key' } },
    element('summary', {}, element('span', { properties: { className: 'title' } },
      holds ? 'For planners: your key is in use' : 'For planners')),
    holds ? inUse(city, onChange) : form(city, onChange));
}

function inUse({ slug }: City, onChange: () => void): HTMLElement {
  return element('div', {},
    paragraph('This tab shows the planners\' layers. Closing it forgets the key. Reading them is logged.'),
    button('Forget the key', () => { forgetKey(slug); onChange(); }));
}

function form(city: City, onChange: () => void): HTMLElement {
  const key = element('input', { properties: { type: 'password', required: true, autocomplete: 'off', spellcheck: false } });
  const said = element('p', { attributes: { role: 'alert' } });
  return element('form', {
    properties: {
      onsubmit: (event) => {
        event.preventDefault();
        void use(city, key.value.trim()).then((fault) => {
          said.textContent = fault;
          if (!fault) onChange();
        });
      },
    },
  },
  paragraph('A planner\'s key opens what is not yet for everybody. It is kept in this tab alone, until it is closed.'),
  element('label', {}, 'Key ', key),
  element('button', { properties: { type: 'submit' } }, 'Use it in this tab'), said);
}

/** Keep a key if it opens anything; else the reason why not, in words. */
async function use({ slug, name }: City, key: string): Promise<string> {
  keepKey(slug, key);
  try {
    if ((await listCollections(slug)).includes('cells-now')) return '';
    forgetKey(slug);
    return 'This key is good, but it opens no planners\' layers, or there has been no analysis yet.';
  } catch (error) {
    forgetKey(slug);
    if (error instanceof Refused && error.status === 401) return `This is no key of ${name}, or it has been revoked.`;
    return error instanceof Refused ? error.message : 'The server cannot be reached. Try again.';
  }
}
