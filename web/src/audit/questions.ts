/** The questions of an instrument as controls that carry its names: `name="lighting" value="1"`. */

import { button, element, paragraph } from '../dom';
import type { Instrument, Question } from './documents';
import type { Answer, Answers } from './model';
import { iconButton } from './parts';
import { picture, SPEAKER } from './pictures';
import { canSpeak, speak } from './speech';
import { fingersUp } from './touch';
import type { Words } from './words';

const LONGEST_TEXT = 500;

interface Level {
  value: string;
  label: string;
  drawing: SVGSVGElement | null;
}

/** All questions, with what is answered so far; `onAnswer` is told of every change. */
export function questions(
  { words, instrument, answers, onAnswer }:
  { words: Words; instrument: Instrument; answers: Answers; onAnswer: () => void },
): HTMLElement {
  const cards = instrument.questions.map((question) => card(words, instrument, question, answers[question.name], onAnswer));
  return element('div', { properties: { className: 'questions', lang: instrument.lang, dir: instrument.direction } }, ...cards);
}

/** What is answered in the controls; what is not is left out. */
export function answersIn(form: HTMLFormElement, { questions: asked }: Instrument): Answers {
  const data = new FormData(form);
  const found = asked.map((question): [string, Answer | null] => [question.name, answerIn(data, question)]);
  return Object.fromEntries(found.filter((pair): pair is [string, Answer] => pair[1] !== null));
}

function answerIn(data: FormData, { name, kind }: Question): Answer | null {
  const values = data.getAll(name).map(String).filter((value) => value.trim() !== '');
  if (values.length === 0) return null;
  if (kind === 'choices') return values;
  return kind === 'rating' || kind === 'number' ? Number(values[0]) : values[0] ?? null;
}

function card(
  words: Words, instrument: Instrument, question: Question, answer: Answer | undefined, onAnswer: () => void,
): HTMLElement {
  const { name, label, hint } = question;
  const made = element('fieldset', { properties: { className: 'question' }, attributes: { 'data-question': name } },
    element('legend', {}, label),
    hint ? paragraph(hint, 'hint') : null,
    canSpeak ? readAloud(words, instrument, question) : null,
    ...controls(question, answer));
  const clear = button(words.say('clear'), () => {
    for (const input of made.querySelectorAll('input')) input.checked = false;
    onAnswer();
    showClear();
  }, 'link clear');
  const showClear = (): void => { clear.hidden = made.querySelector('input:checked') === null; };
  made.onchange = () => {
    showClear();
    onAnswer();
  };
  made.addEventListener('pointerup', ({ target }) => followPointer(made, target));
  made.append(clear);
  showClear();
  return made;
}

/** A finger that chose is led to the next question; the keyboard stays where it is. */
function followPointer(made: HTMLElement, target: EventTarget | null): void {
  if (!(target instanceof Element) || !target.closest('.level')?.querySelector('input[type=radio]')) return;
  const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
  const follow = (): void => made.nextElementSibling?.scrollIntoView({ behavior, block: 'start' });
  setTimeout(() => void fingersUp().then(follow), 150);
}

function controls(question: Question, answer: Answer | undefined): HTMLElement[] {
  const { name } = question;
  switch (question.kind) {
    case 'rating': {
      const top = question.levels.length - 1;
      const levels = question.levels.map((label, level) =>
        ({ value: String(level), label, drawing: picture(name, level, top) }));
      return options(name, 'radio', levels, answer === undefined ? [] : [String(answer)]);
    }
    case 'choice':
    case 'choices': {
      const type = question.kind === 'choice' ? 'radio' : 'checkbox';
      const levels = question.choices.map((choice) => ({ value: choice.name, label: choice.label, drawing: null }));
      return options(name, type, levels, answer === undefined ? [] : [answer].flat().map(String));
    }
    case 'number':
      return [element('input', {
        properties: { type: 'number', name, step: 'any', inputMode: 'decimal', value: String(answer ?? '') },
        attributes: { 'aria-label': question.label, ...limits(question) },
      })];
    case 'text':
      return [element('textarea', {
        properties: { name, rows: 3, maxLength: question.max_length ?? LONGEST_TEXT, value: String(answer ?? '') },
        attributes: { 'aria-label': question.label },
      })];
  }
}

function options(name: string, type: 'radio' | 'checkbox', levels: readonly Level[], chosen: string[]): HTMLElement[] {
  return levels.map(({ value, label, drawing }) => element('label', { properties: { className: 'level' } },
    element('input', { properties: { type, name, value, checked: chosen.includes(value) } }),
    drawing, element('span', {}, label)));
}

function limits({ minimum, maximum }: { minimum?: number; maximum?: number }): Record<string, string> {
  return {
    ...(minimum === undefined ? {} : { min: String(minimum) }), ...(maximum === undefined ? {} : { max: String(maximum) }),
  };
}

function readAloud(words: Words, { lang }: Instrument, question: Question): HTMLElement {
  const said = question.kind === 'rating' ? question.levels
    : 'choices' in question ? question.choices.map(({ label }) => label) : [];
  return iconButton(SPEAKER, `${words.say('read_aloud')}: ${question.label}`,
    () => speak([question.label, question.hint ?? '', ...said], lang));
}
