/** `/audit`: find out who audits where, and begin. */

import { button, element, paragraph } from '../dom';
import { chooseLanguage, type Language, preferredLanguage, setDocumentIn } from '../languages';
import { showChosenTheme } from '../theme';
import { type Asked, takeAddress } from './address';
import { App } from './app';
import { all } from './database';
import { allCities, type City, city, consentText, titlesOf } from './documents';
import { alone } from './frame';
import { Installation } from './installation';
import { listenForEscape } from './leaving';
import type { Person } from './model';
import { notice } from './parts';
import { begin, findPerson, makeCurrent, moveHere } from './people';
import { cityQuestion, failure } from './states';
import { watchFingers } from './touch';
import { welcome } from './welcome';
import { loadWords, type Words } from './words';

const installation = new Installation(() => dispatchEvent(new Event('installation')));

async function start(asked: Asked): Promise<void> {
  const words = await loadWords(preferredLanguage());
  setDocumentIn(words.language);
  show(words, paragraph(words.say('loading'), 'quiet'));
  try {
    await all('people'); // raises where the browser keeps nothing
    const person = await findPerson(asked.city, asked.walk);
    const here = await cityFor(words, asked.city ?? person?.city ?? null);
    if (here === null) return;
    if (asked.move !== null) return offerMove(words, here, asked.move);
    if (person === null) return await greet(words, here, asked.walk);
    await open(words, here, person);
  } catch (error) {
    show(words, failure(words, error, () => void start(asked)));
  }
}

/** The city that is meant; null after asking which. */
async function cityFor(words: Words, slug: string | null): Promise<City | null> {
  if (slug === null) {
    const cities = await allCities();
    const [only] = cities;
    if (cities.length === 1 && only) return only;
    show(words, cityQuestion(words, cities, null));
    return null;
  }
  const known = await city(slug);
  if (known !== null) return known;
  show(words, cityQuestion(words, await allCities(), slug));
  return null;
}

async function greet(words: Words, here: City, walk: string | null): Promise<void> {
  const consent = await consentText(here.slug, words.language);
  show(words, welcome({
    words, city: here, consent, walk: walk !== null,
    onLanguage: (language: Language) => {
      chooseLanguage(language);
      void start({ city: here.slug, walk, move: null });
    },
    onStart: (said) => void begin({ city: here.slug, walk, locale: words.language, ...said })
      .then((person) => open(words, here, person))
      .catch((error: unknown) => show(words, failure(words, error, () => void greet(words, here, walk)))),
  }));
}

async function open(words: Words, here: City, person: Person): Promise<void> {
  await makeCurrent(person);
  const titles = await titlesOf(here, words.language);
  if (titles.size === 0) return show(words, notice('no-questions', words.say('no_questions'), ''));
  await new App({ words, person, city: here, titles, installation, restart: (asked) => void start(asked) }).open();
}

/** Somebody scanned the code of her old phone. */
function offerMove(words: Words, here: City, code: string): void {
  const take = button(words.say('move_yes'), () => {
    void moveHere(here.slug, code).then((person) => open(words, here, person))
      .catch((error: unknown) => show(words, failure(words, error, () => offerMove(words, here, code))));
  }, 'primary');
  show(words, notice('move', words.say('move_take'), words.say('move_take_hint'), take));
}

function show(words: Words, content: HTMLElement): void {
  document.body.replaceChildren(alone(words, words.say('title'), content));
}

showChosenTheme();
listenForEscape();
watchFingers();
document.body.replaceChildren(element('main'));
void start(takeAddress());
void installation.register().catch(reportError);
