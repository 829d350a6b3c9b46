/** What this page says; the questions themselves come from the server. */

import type { Language } from '../languages';
import { loadTexts, type Texts } from '../texts';
import english from './words/en.json';

export type Word = keyof typeof english;
export type Words = Texts<Word>;

export async function loadWords(language: Language): Promise<Words> {
  return loadTexts<Word>(language, english, import.meta.glob(['./words/*.json', '!./words/en.json']));
}
