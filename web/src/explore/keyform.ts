/** Where a planner shows a key: it opens the planners' layers for this tab alone. */

import { type City, Refused } from '../api';
import { button, element, paragraph } from '../dom';
import { forgetKey, keepKey, keyOf } from '../key';
import { listCollections } from '../published';
import { say } from '../words';

/** A part of the side with which a key is given or forgotten; `onChange` is called once it holds. */
export function keyForm(city: City, onChange: () => void): HTMLDetailsElement {
  const holds = keyOf(city.slug) !== null;
  return element('details', { properties: { className: 'key' } },
    element('summary', {}, element('span', { properties: { className: 'title' } },
      say(holds ? 'for_planners_used' : 'for_planners'))),
    holds ? inUse(city, onChange) : form(city, onChange));
}

function inUse({ slug }: City, onChange: () => void): HTMLElement {
  return element('div', {},
    paragraph(say('key_in_use')),
    button(say('key_forget'), () => { forgetKey(slug); onChange(); }));
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
  paragraph(say('key_about')),
  element('label', {}, `${say('key')} `, key),
  element('button', { properties: { type: 'submit' } }, say('key_use')), said);
}

/** Keep a key if it opens anything; else the reason why not, in words. */
async function use({ slug, name }: City, key: string): Promise<string> {
  keepKey(slug, key);
  try {
    if ((await listCollections(slug)).includes('cells-now')) return '';
    forgetKey(slug);
    return say('key_opens_nothing');
  } catch (error) {
    forgetKey(slug);
    if (error instanceof Refused && error.status === 401) return say('key_unknown', { city: name });
    return error instanceof Refused ? error.message : say('key_unreachable');
  }
}
