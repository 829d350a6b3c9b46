/** The first visit: language, what one agrees to, and a little about oneself for those who like. */

import { button, element, paragraph } from '../dom';
import { type Language, LANGUAGES } from '../languages';
import type { City, ConsentText } from './documents';
import type { Consent, Profile } from './model';
import { notice, select } from './parts';
import type { Word, Words } from './words';

const PROFILE: Record<keyof Profile, readonly string[]> = {
  gender: ['woman', 'man', 'other'],
  age_band: ['under_18', '18_24', '25_39', '40_59', '60_plus'],
  disability: ['yes', 'no'],
};

export interface Welcomed {
  profile: Profile;
  consent: Consent | null;
}

/** The view; `onStart` is told once, when she goes on. */
export function welcome(
  { words, city, consent, walk, onLanguage, onStart }: {
    words: Words;
    city: City;
    consent: ConsentText | null;
    walk: boolean;
    onLanguage: (language: Language) => void;
    onStart: (said: Welcomed) => void;
  },
): HTMLElement {
  const form = element('form', { properties: { className: 'welcome' } },
    languageChoice(words, onLanguage),
    element('h2', {}, words.say('welcome', { city: city.name })),
    walk ? paragraph(words.say('welcome_walk'), 'walk') : null,
    consent ? agreement(consent) : notice('no-consent', words.say('no_consent'), words.say('no_consent_hint')),
    element('details', { properties: { className: 'about' } },
      element('summary', {}, words.say('about_you')),
      paragraph(words.say('about_you_hint'), 'quiet'), ...profileFields(words, {})),
    element('div', { properties: { className: 'bar bottom' } },
      element('button', { properties: { type: 'submit', className: 'primary' } }, words.say(consent ? 'agree' : 'start'))));
  form.onsubmit = (event) => {
    event.preventDefault();
    const agreed = consent && { version: consent.version, lang: consent.lang };
    onStart({ profile: profileIn(form), consent: agreed });
  };
  return form;
}

/** One list for each thing she may say of herself. */
export function profileFields(words: Words, said: Partial<Record<keyof Profile, string | null>>): HTMLElement[] {
  return (Object.entries(PROFILE) as [keyof Profile, readonly string[]][]).map(([name, values]) => select({
    name, label: words.say(name), chosen: said[name] ?? '',
    options: [{ value: '', label: words.say('not_said') },
      ...values.map((value) => ({ value, label: words.say(wordFor(name, value)) }))],
  }));
}

/** What is chosen in the lists of `profileFields`. */
export function profileIn(holder: HTMLElement): Profile {
  const lists = [...holder.querySelectorAll('select')].filter(({ name }) => name in PROFILE);
  return Object.fromEntries(lists.filter(({ value }) => value).map(({ name, value }) => [name, value]));
}

/** The languages, each under its own name. */
export function languageChoice(words: Words, onLanguage: (language: Language) => void): HTMLElement {
  const buttons = (Object.entries(LANGUAGES) as [Language, string][]).map(([language, name]) => {
    const made = button(name, () => onLanguage(language));
    made.lang = language;
    made.setAttribute('aria-pressed', String(language === words.language));
    return made;
  });
  return element('div', {
    properties: { className: 'languages' }, attributes: { role: 'group', 'aria-label': words.say('language') },
  }, ...buttons);
}

function agreement({ text, lang, direction }: ConsentText): HTMLElement {
  const paragraphs = text.split('\n').filter((line) => line.trim()).map((line) => paragraph(line));
  return element('div', { properties: { className: 'agreement', lang, dir: direction } }, ...paragraphs);
}

function wordFor(name: keyof Profile, value: string): Word {
  if (name === 'disability') return value as Word;
  return `${name === 'age_band' ? 'age' : name}_${value}` as Word;
}
