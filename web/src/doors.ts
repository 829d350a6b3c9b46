/** The ways between the pages, and the language in which they are. */

import { element, link, paragraph } from './dom';
import { chooseLanguage, isReviewed, type Language, LANGUAGES } from './languages';
import { say, spoken, type Word } from './words';

const DOORS: readonly [Word, string][] = [
  ['page_map', '/'], ['page_audit', '/audit'], ['page_programme', '/programme'], ['page_plan', '/plan'],
];

/** Links to the other pages, with the city that is looked at where they are about one. */
export function doors(here: string, slug?: string): HTMLElement {
  const others = DOORS.filter(([, path]) => path !== here);
  return element('nav', { properties: { className: 'doors' }, attributes: { 'aria-label': say('other_pages') } },
    ...others.map(([name, path]) =>
      link(say(name), slug === undefined || path === '/programme' ? path : `${path}?city=${encodeURIComponent(slug)}`)));
}

/** The choice of a language, and what there is to say about its texts. */
export function languageChoice(): HTMLElement {
  const { language, isComplete } = spoken();
  const list = element('select', { properties: { name: 'language', onchange: () => speak(list.value as Language) } },
    ...Object.entries(LANGUAGES).map(([value, name]) =>
      element('option', { properties: { value, lang: value, selected: value === language } }, name)));
  return element('div', { properties: { className: 'language' } },
    element('label', {}, `${say('language')} `, list),
    isReviewed(language) ? null : remark('unreviewed'),
    isComplete ? null : remark('fallback'),
    language === 'en' ? null : remark('server_english'));
}

function speak(language: Language): void {
  chooseLanguage(language);
  location.reload();
}

function remark(word: 'unreviewed' | 'fallback' | 'server_english'): HTMLElement {
  const made = paragraph(say(word), 'quiet');
  made.dataset.state = word.replace('_', '-');
  return made;
}
