/**
 * What `/`, `/plan` and `/programme` say, in the reader's language: texts of `words/*.json`, and figures, days and lists
 * as that language writes them. They speak of places and of what these need, never of bad areas or of people.
 */

import { preferredLanguage, setDocumentIn } from './languages';
import { loadTexts, Texts, type Values } from './texts';
import english from './words/en.json';

export type Word = keyof typeof english;

let texts = new Texts<Word>('en', english, english);

/** Speak the reader's language from now on; before it, and where its texts do not arrive, English. */
export async function speakToReader(): Promise<void> {
  texts = await loadTexts<Word>(preferredLanguage(), english, import.meta.glob(['./words/*.json', '!./words/en.json']));
  setDocumentIn(texts.language);
}

/** The texts of the language in which the page is. */
export const spoken = (): Texts<Word> => texts;

export const say = (word: Word, values: Values = {}): string => texts.say(word, values);

/** What stands before and after a value that is drawn in a way of its own. */
export function around(word: Word, value: string): [before: string, after: string] {
  const [before = '', after = ''] = say(word, { [value]: '\0' }).split('\0');
  return [before, after];
}

/** The text of a name made for machines, such as `need_` and `lighting`; as it is where there is none. */
function named(prefix: string, name: string): string {
  const word = `${prefix}_${name.replaceAll(/[- ]/g, '_')}`;
  return word in english ? say(word as Word) : name.replaceAll('_', ' ');
}

const format = (value: number, style: Intl.NumberFormatOptions): string =>
  new Intl.NumberFormat(texts.language, style).format(value);

export const scoreText = (score: number): string => format(score, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export const countText = (count: number): string => texts.number(count);

export const areaText = (km2: number): string => format(km2, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

export const intervalText = ({ low, high }: { low: number; high: number }): string =>
  say('between', { low: scoreText(low), high: scoreText(high) });

export const needText = (need: string): string => named('need', need);

/** A share of 0..1 in per cent; what is not known has no figure. */
export const shareText = (value: number | null): string =>
  (value === null ? say('not_known') : format(value, { style: 'percent', maximumFractionDigits: 0 }));

/** Any number of a layer, short enough to read. */
export const figureText = (value: number): string =>
  format(value, { maximumFractionDigits: Math.abs(value) >= 10 || Number.isInteger(value) ? 1 : 2 });

export const workStatusText = (name: string): string => named('work', name);

export const whyText = (name: string): string => named('why', name);

export const missingText = (name: string): string => named('missing', name);

export const standingText = (name: string): string => named('class', name);

export const trendText = (name: string): string => named('trend', name);

export const statusText = (name: string): string => named('status', name);

/** "lighting 0.62" as "light (62 %)": what makes a place score low, with its share of the gap. */
export function causeText(cause: string): string {
  const [, name = cause, part] = /^(\S+) ([\d.]+)$/.exec(cause) ?? [];
  const said = name === 'feeling' ? say('cause_feeling') : needText(name);
  return part === undefined ? said : say('cause_share', { cause: said, share: shareText(Number(part)) });
}

/** "2026-03-01" as "Mar 1, 2026"; anything else as it is. */
export const dayText = (text: string): string =>
  (/^\d{4}-\d{2}-\d{2}$/.test(text) ? dated(`${text}T00:00:00Z`, { dateStyle: 'medium' }) : monthText(text));

/** "2026-10" as "October 2026"; anything else as it is. */
export const monthText = (text: string): string =>
  (/^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? dated(`${text}-01T00:00:00Z`, { month: 'long', year: 'numeric' }) : text);

const dated = (moment: string, style: Intl.DateTimeFormatOptions): string => texts.time(moment, { ...style, timeZone: 'UTC' });

/** "0.3 points higher (likely +0.1 to +0.5)", with what an interval across 0 means. */
export function effectText({ effect, low, high }: { effect: number; low: number; high: number }): string {
  const signed = (value: number): string =>
    format(value, { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const size = say(effect < 0 ? 'effect_lower' : 'effect_higher', { points: scoreText(Math.abs(effect)) });
  return say(low <= 0 && high >= 0 ? 'effect_unshown' : 'effect_shown', { size, low: signed(low), high: signed(high) });
}

/** "light, walk path". */
export const listText = (parts: readonly string[]): string =>
  new Intl.ListFormat(texts.language, { type: 'unit', style: 'short' }).format(parts);

/** Facts one after the other: "planned; from Mar 1, 2026". */
export const clauses = (parts: readonly string[]): string => parts.join(say('semicolon'));

/** "needs light, walk path", or the honest opposite of it. */
export const needsText = (needs: readonly string[]): string =>
  (needs.length > 0 ? say('needs_named', { needs: listText(needs.map(needText)) }) : say('needs_none'));

/** "at least 10 people, 50 audits"; both are lower bounds. */
export function voicesText(auditors: number, audits: number | null): string {
  const people = say('people', { n: auditors });
  return audits === null ? say('at_least_people', { people })
    : say('at_least_people_audits', { people, audits: say('audits', { n: audits }) });
}

/** The kind of a hotspot, in one or two plain words. */
export function kindText(kind: string): string {
  const [one = '', other] = kind.split(' and ').map((part) => named('kind', part));
  return other === undefined ? one : say('kind_both', { one, other });
}

/** A kind or any other name made for machines, with a capital and blanks. */
export const plainText = (name: string): string => capital(name.replaceAll('_', ' '));

/** What a hotspot is called: by what is near, else by its number. */
export const hotspotName = ({ id, near }: { id: string; near: string }): string =>
  (near ? say('hotspot_near', { name: near }) : say('hotspot_named', { id }));

/** A statement with a capital and a full stop. */
export const sentence = (text: string): string => say('sentence', { text: capital(text) });

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(texts.language) + text.slice(1);
}
