/** What readers of other languages are told where a page speaks English alone. */

import { element } from './dom';
import { directionOf, type Language, preferredLanguage } from './languages';

const WORDS: Record<Exclude<Language, 'en'>, string> = {
  es: 'Por ahora, esta página está solo en inglés.',
  hi: 'यह पृष्ठ अभी केवल अंग्रेज़ी में है।',
  fr: 'Pour l\'instant, cette page n\'existe qu\'en anglais.',
  pt: 'Por enquanto, esta página está só em inglês.',
  sw: 'Kwa sasa ukurasa huu upo kwa Kiingereza tu.',
  ar: 'هذه الصفحة متاحة بالإنجليزية فقط حتى الآن.',
};

/** A line in the reader's language; null for those who read English. */
export function fallback(): HTMLElement | null {
  const language = preferredLanguage();
  return language === 'en' ? null : element('p', {
    properties: { className: 'quiet', lang: language, dir: directionOf(language) }, attributes: { 'data-state': 'english-only' },
  }, WORDS[language]);
}
