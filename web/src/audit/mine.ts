/** What waits on the phone, and what the server has. */

import { button, element, link, paragraph } from '../dom';
import type { Audit, Delivery, Photo } from './model';
import type { Sending } from './outbox';
import { section, sureButton } from './parts';
import type { Place, Stored } from './server';
import type { Word, Words } from './words';

export interface Waiting {
  audits: readonly Audit[];
  photos: readonly Photo[];
  /** photos wait for Wi-Fi */
  held: boolean;
  sending: Sending;
}

/** What the server says of her; null where it cannot be asked now. */
export interface Had {
  audits: readonly Stored[];
  places: readonly Place[];
}

export interface MineEvents {
  onSend: () => void;
  onChange: (audit: Audit) => void;
  onTakeBack: (audit: Audit) => void;
  onChangeStored: (audit: Stored) => void;
  onTakeBackStored: (audit: Stored) => void;
}

/** What waits, why, and since when. */
export function waitingSection(words: Words, { audits, photos, held, sending }: Waiting, events: MineEvents): HTMLElement {
  const open = audits.filter(({ state }) => state === 'waiting' || state === 'withdrawing' || state === 'refused');
  const unsent = open.filter(({ state }) => state !== 'refused').length;
  const coming = photos.filter(({ refused }) => refused === undefined).length;
  const anything = unsent > 0 || coming > 0;
  const photosWait = words.say('photos_waiting', { n: coming });
  const title = unsent > 0 ? words.say('waiting', { n: unsent }) : coming > 0 ? photosWait : words.say('all_sent');
  return part('waiting', title,
    unsent > 0 && coming > 0 ? paragraph(photosWait) : null,
    coming > 0 && held ? paragraph(words.say('photos_held'), 'quiet') : null,
    ...photos.filter(({ refused }) => refused).map(({ refused = '' }) => paragraph(`${words.say('refused')} ${refused}`)),
    anything && !navigator.onLine ? paragraph(words.say('offline')) : null,
    anything && sending.trouble && sending.nextTryMs > Date.now()
      ? paragraph(words.say('next_try', { time: words.time(sending.nextTryMs, { timeStyle: 'medium' }) }), 'quiet') : null,
    anything ? button(words.say('send_now'), events.onSend, 'primary') : null,
    open.length > 0 ? rows(open.map((audit) => waitingRow(words, audit, events))) : null);
}

/** Receipts of what has just arrived; they stand nowhere else on the phone. */
export function arrivals(words: Words, delivered: readonly Delivery[]): HTMLElement | null {
  if (delivered.length === 0) return null;
  return part('arrivals', words.say('sent_now', { n: delivered.length }),
    paragraph(words.say('receipt_hint'), 'quiet'),
    rows(delivered.map(({ receipt, used, flags }) =>
      element('li', {}, receipt ? receiptLine(words, receipt) : null, used ? null : notUsed(words, flags)))));
}

/** What the server has of her. */
export function serverSection(words: Words, had: Had | null, city: string, events: MineEvents): HTMLElement {
  if (had === null) return part('server', words.say('on_server_unknown'));
  const { audits, places } = had;
  const heard = places.filter((place) => place.heard).length;
  return part('server', audits.length > 0 ? words.say('on_server', { n: audits.length }) : words.say('on_server_none'),
    heard > 0 ? paragraph(words.say('places_heard', { n: heard })) : null,
    places.length > heard ? paragraph(words.say('places_unheard', { n: places.length - heard })) : null,
    heard > 0 ? link(words.say('see_map'), `/?city=${encodeURIComponent(city)}`) : null,
    rows(audits.map((audit) => storedRow(words, audit, events))));
}

/** A section, and a list in it, of which only what is new is drawn anew. */
function part(name: string, title: string, ...content: (HTMLElement | null)[]): HTMLElement {
  const made = section(title, ...content);
  made.dataset.part = name;
  return made;
}

function rows(made: readonly HTMLElement[]): HTMLElement {
  return element('ul', { properties: { className: 'rows' }, attributes: { 'data-part': 'rows' } }, ...made);
}

function waitingRow(words: Words, audit: Audit, { onChange, onTakeBack }: MineEvents): HTMLElement {
  const { state, content, revision, faults = [] } = audit;
  return element('li', { attributes: { 'data-audit': audit.id, 'data-state': state, 'data-revision': String(revision) } },
    element('span', {}, words.time(content.observed_at)),
    state === 'withdrawing' ? paragraph(words.say('withdrawing'), 'quiet') : null,
    state === 'refused' ? paragraph(`${words.say('refused')} ${faults.join('; ')}`) : null,
    state === 'withdrawing' ? null : element('div', { properties: { className: 'actions' } },
      button(words.say('change'), () => onChange(audit)), takingBack(words, () => onTakeBack(audit))));
}

function storedRow(words: Words, audit: Stored, { onChangeStored, onTakeBackStored }: MineEvents): HTMLElement {
  const n = Object.keys(audit.answers).length;
  return element('li', { attributes: { 'data-audit': audit.id, 'data-state': 'on-server', 'data-revision': String(audit.version) } },
    element('span', {}, audit.observed_at ? words.time(audit.observed_at) : '', ' · ', words.say('answers_given', { n })),
    audit.used ? null : notUsed(words, audit.flags),
    receiptLine(words, audit.receipt),
    element('div', { properties: { className: 'actions' } },
      button(words.say('change'), () => onChangeStored(audit)), takingBack(words, () => onTakeBackStored(audit))));
}

function takingBack(words: Words, onSure: () => void): HTMLElement {
  return sureButton({
    ask: words.say('withdraw'), sure: words.say('withdraw_sure'), yes: words.say('withdraw_yes'), no: words.say('keep_it'), onSure,
  });
}

/** Why an audit is left out of the maps, in words. */
export function reasonsText(words: Words, flags: readonly string[]): string {
  return flags.map((flag) => words.say(`flag_${flag}` as Word)).join(', ');
}

function notUsed(words: Words, flags: readonly string[]): HTMLElement {
  return paragraph(words.say('not_used', { reasons: reasonsText(words, flags) }));
}

function receiptLine(words: Words, code: string): HTMLElement {
  const copy = button(words.say('copy'), () => {
    void navigator.clipboard.writeText(code).then(() => { copy.textContent = words.say('copied'); });
  });
  // Pages without https have no clipboard: the code can be selected.
  copy.hidden = !('clipboard' in navigator);
  return element('div', { properties: { className: 'receipt' } }, element('code', { properties: { dir: 'ltr' } }, code), copy);
}
