/** An audit by its receipt, from any phone: see it, change it, or take it back. */

import { Refused, Unreachable } from '../api';
import { button, element, paragraph } from '../dom';
import { sureButton } from './parts';
import { byReceipt, type Stored, withdrawByReceipt } from './server';
import type { Word, Words } from './words';

/** The form; `onChange` is given what is to be changed, with the code. */
export function receiptForm(words: Words, onChange: (stored: Stored, code: string) => void): HTMLElement {
  const code = element('input', { properties: { name: 'receipt', required: true, dir: 'ltr', autocomplete: 'off' } });
  const shown = element('div', { properties: { className: 'shown' }, attributes: { role: 'status' } });
  const say = (word: Word): void => shown.replaceChildren(paragraph(words.say(word)));
  const tell = (error: unknown): void => {
    if (error instanceof Unreachable) say('on_server_unknown');
    else if (error instanceof Refused) say('receipt_unknown');
    else throw error;
  };
  const show = async (receipt: string): Promise<void> => {
    const stored = await byReceipt(receipt);
    const { status, observed_at, answers } = stored;
    if (status !== 'kept') return say('receipt_unknown');
    const change = button(words.say('change'), () => {
      shown.replaceChildren();
      onChange(stored, receipt);
    });
    const n = Object.keys(answers).length;
    shown.replaceChildren(paragraph(`${words.time(observed_at ?? '')} · ${words.say('answers_given', { n })}`), change, sureButton({
      ask: words.say('withdraw'), sure: words.say('withdraw_sure'), yes: words.say('withdraw_yes'), no: words.say('keep_it'),
      onSure: () => void withdrawByReceipt(receipt).then(() => say('withdrawn'), tell),
    }));
  };
  const form = element('form', { properties: { className: 'by-receipt' } },
    element('label', { properties: { className: 'field' } }, element('span', {}, words.say('by_receipt')), code),
    element('button', { properties: { type: 'submit' } }, words.say('show')));
  form.onsubmit = (event) => {
    event.preventDefault();
    void show(code.value.trim()).catch(tell);
  };
  return element('details', { properties: { className: 'about' } },
    element('summary', {}, words.say('have_receipt')), form, shown);
}
