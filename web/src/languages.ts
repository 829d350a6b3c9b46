/** The languages of the pages: which there are, which one a visitor reads, which way it runs. */

import { recall, remember } from './memory';

/** By tag (BCP 47), each under its own name. */
export const LANGUAGES = {
  en: 'English',
  es: 'Español',
  hi: 'हिन्दी',
  fr: 'Français',
  pt: 'Português',
  sw: 'Kiswahili',
  ar: 'العربية',
} as const;

export type Language = keyof typeof LANGUAGES;

/** No native speaker has checked the others yet: pages say so to those who read them. */
const REVIEWED: readonly Language[] = ['en'];
const REMEMBERED = 'language';

export const isReviewed = (language: Language): boolean => REVIEWED.includes(language);

export const directionOf = (language: string): 'ltr' | 'rtl' => (language.startsWith('ar') ? 'rtl' : 'ltr');

/** The language chosen before, else the browser's first that is here, else English. */
export function preferredLanguage(): Language {
  const wanted = [recall(REMEMBERED) ?? '', ...navigator.languages];
  return wanted.map((tag) => tag.split('-')[0] ?? '').find(isLanguage) ?? 'en';
}

/** Come back to this language next time. */
export function chooseLanguage(language: Language): void {
  remember(REMEMBERED, language);
}

/** Set the document in this language. */
export function setDocumentIn(language: Language): void {
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

function isLanguage(tag: string): tag is Language {
  return tag in LANGUAGES;
}
