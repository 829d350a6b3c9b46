/** The states in which she must know something, each with words and a way on. */

import { Refused, Unreachable } from '../api';
import { button, element, link } from '../dom';
import { isClockWrong } from './clock';
import { NoStorage } from './database';
import type { City } from './documents';
import { reasonsText } from './mine';
import type { Person } from './model';
import type { Sending } from './outbox';
import { notice } from './parts';
import type { Word, Words } from './words';

const DAY_MS = 24 * 3600 * 1000;
/** Room for a hundred audits with photos. */
const LITTLE_ROOM_BYTES = 20_000_000;

export interface Situation {
  person: Person;
  sending: Sending;
  waiting: number;
  /** of audits that were left out of the maps, until she has seen it */
  flags: readonly string[];
  freeBytes: number;
  isUpdateReady: boolean;
  events: { onRejoin: (walk: string | null) => void; onSeen: () => void; onUpdate: () => void };
}

/** What she must know now, the most pressing first. */
export function currentNotices(words: Words, situation: Situation): HTMLElement[] {
  const { person, flags, freeBytes, isUpdateReady, events } = situation;
  return [
    person.ended ? said(words, 'ended', button(words.say('rejoin'), () => events.onRejoin(person.walk))) : null,
    ...sendingNotices(words, situation),
    isSecureContext ? null : said(words, 'insecure'),
    isClockWrong() ? said(words, 'clock') : null,
    freeBytes < LITTLE_ROOM_BYTES ? said(words, 'nearly_full') : null,
    flags.length > 0 ? notice('flags', words.say('flags_seen', { reasons: reasonsText(words, flags) }), '',
      button(words.say('close'), events.onSeen)) : null,
    isUpdateReady ? said(words, 'update', button(words.say('update_yes'), events.onUpdate)) : null,
    words.isComplete ? null : notice('fallback', words.say('fallback'), ''),
  ].filter((one) => one !== null);
}

function sendingNotices(words: Words, { person, sending, waiting, events }: Situation): HTMLElement[] {
  const { trouble, words: reason, reachedMs } = sending;
  if (trouble === 'refused' && person.token === null && !person.ended) {
    const without = button(words.say('no_walk'), () => events.onRejoin(null));
    return [notice('enrolment-refused', words.say('enrolment_refused'), reason, ...person.walk === null ? [] : [without])];
  }
  if (trouble === 'refused') return [notice('refused', words.say('refused_sending', { words: reason }), '')];
  if (trouble === 'unreachable' && waiting > 0 && reachedMs > 0 && Date.now() - reachedMs > DAY_MS) {
    return [notice('away', words.say('away', { time: words.time(reachedMs) }), '')];
  }
  return [];
}

/** Why the page cannot begin, and how to try again. */
export function failure(words: Words, error: unknown, retry: () => void): HTMLElement {
  const again = button(words.say('retry'), retry, 'primary');
  if (error instanceof NoStorage) return said(words, 'no_storage');
  if (error instanceof Unreachable) return said(words, 'unreachable', again);
  if (error instanceof Refused) return notice('refused', words.say('refused_sending', { words: error.message }), '', again);
  reportError(error);
  return said(words, 'broken', again);
}

/** Which city is meant, where the address names none or an unknown one. */
export function cityQuestion(words: Words, cities: readonly City[], asked: string | null): HTMLElement {
  if (cities.length === 0) return notice('no-city', words.say('no_city'), '');
  const links = cities.map(({ slug, name }) => element('li', {}, link(name, `/audit?city=${encodeURIComponent(slug)}`)));
  const made = notice(asked === null ? 'which-city' : 'unknown-city', words.say(asked === null ? 'which_city' : 'unknown_city'), '');
  made.append(element('ul', { properties: { className: 'rows' } }, ...links));
  return made;
}

type Told = 'ended' | 'insecure' | 'clock' | 'nearly_full' | 'update' | 'no_storage' | 'unreachable' | 'broken';

function said(words: Words, name: Told, ...actions: HTMLElement[]): HTMLElement {
  return notice(name.replace('_', '-'), words.say(name), words.say(`${name}_hint` as Word), ...actions);
}
