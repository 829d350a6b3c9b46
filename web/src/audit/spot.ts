/** One spot: its place, the questions, and what else she has to say. Every change of a draft is kept at once. */

import { button, element, paragraph } from '../dom';
import { finish, saveDraft, takeBack } from './audits';
import { StorageFull } from './database';
import type { City, Instrument } from './documents';
import type { Audit, Content, Person } from './model';
import { notice, sureButton } from './parts';
import { photoField } from './photo_field';
import { PlaceField } from './place_field';
import { answersIn, questions } from './questions';
import type { Words } from './words';

const LONGEST_COMMENT = 2000;

export interface SpotEvents {
  /** kept as it is, to be answered later */
  onLater: () => void;
  /** to be sent */
  onDone: () => void;
}

export class Spot {
  readonly root: HTMLElement;
  private readonly audit: Audit;
  private readonly instrument: Instrument;
  private readonly form: HTMLFormElement;
  private readonly place: PlaceField;
  private readonly comment: HTMLTextAreaElement;
  private readonly counter = element('span', { properties: { className: 'counter' } });
  private readonly trouble = element('div', { attributes: { role: 'alert' } });

  constructor(
    private readonly words: Words,
    { person, city, instrument, audit }: { person: Person; city: City; instrument: Instrument; audit: Audit },
    private readonly events: SpotEvents,
  ) {
    this.audit = audit;
    this.instrument = instrument;
    this.place = new PlaceField(words, city, audit.content.location, () => this.keep());
    this.comment = element('textarea', {
      properties: { name: 'comment', rows: 3, maxLength: LONGEST_COMMENT, value: audit.content.comment ?? '' },
    });
    this.form = element('form', { properties: { className: 'spot', noValidate: true } },
      paragraph(words.say('spot_at', { time: words.time(audit.content.observed_at) }), 'when'),
      this.place.root,
      instrument.fallback.length > 0 ? notice('questions-fallback', words.say('questions_fallback'), '') : null,
      questions({ words, instrument, answers: audit.content.answers, onAnswer: () => this.keep() }),
      ...person.minor ? [paragraph(words.say('minor_hint'), 'quiet')] : this.furtherFields(city),
      this.isDraft ? this.discard() : null);
    this.form.onsubmit = (event) => {
      event.preventDefault();
      void this.done();
    };
    this.form.append(this.trouble, this.bar());
    this.root = this.form;
    this.count();
  }


  private get isDraft(): boolean {
    return this.audit.state === 'draft';
  }

  private furtherFields(city: City): HTMLElement[] {
    this.comment.onchange = () => this.keep();
    const field = element('label', { properties: { className: 'field' } },
      element('span', {}, this.words.say('comment')), this.comment, element('small', {}, this.words.say('comment_hint')));
    // Pages without https can make no checksum, and the server takes no photo without.
    return city.photos && isSecureContext ? [field, photoField(this.words, this.audit, (error) => this.tell(error))] : [field];
  }

  private discard(): HTMLElement {
    const { words, audit } = this;
    return sureButton({
      ask: words.say('delete'), sure: words.say('withdraw_sure'), yes: words.say('withdraw_yes'), no: words.say('keep_it'),
      onSure: () => void takeBack(audit.id).then(() => this.events.onLater()),
    });
  }

  private bar(): HTMLElement {
    const { words } = this;
    const save = element('button', { properties: { type: 'submit', className: 'primary' } },
      words.say(this.isDraft ? 'save' : 'save_changes'), this.counter);
    return element('div', { properties: { className: 'bar bottom' } },
      button(words.say(this.isDraft ? 'later' : 'back'), () => this.events.onLater()), save);
  }

  private get content(): Content {
    const { observed_at, instrument } = this.audit.content;
    const comment = this.comment.value.trim();
    return {
      location: this.place.location, observed_at, instrument, answers: answersIn(this.form, this.instrument),
      ...(comment ? { comment } : {}),
    };
  }

  private count(): void {
    const n = Object.keys(answersIn(this.form, this.instrument)).length;
    this.counter.textContent = this.words.say('answered', { n, all: this.instrument.questions.length });
  }

  /** Keep a draft as it stands; a correction is kept when she says so. */
  private keep(): void {
    this.count();
    if (this.isDraft) saveDraft(this.audit, this.content).catch((error: unknown) => this.tell(error));
  }

  private async done(): Promise<void> {
    const { content, words } = this;
    if (Object.keys(content.answers).length === 0) return this.show(notice('no-answer', words.say('need_answer'), ''));
    if (content.location === null) {
      this.place.openMap();
      return this.show(notice('no-place', words.say('need_place'), ''));
    }
    try {
      await finish(this.audit, content);
      this.events.onDone();
    } catch (error) {
      this.tell(error);
    }
  }

  private tell(error: unknown): void {
    const { words } = this;
    if (error instanceof StorageFull) this.show(notice('full', words.say('full'), words.say('full_hint')));
    else {
      reportError(error);
      this.show(notice('broken', words.say('broken'), words.say('broken_hint')));
    }
  }

  private show(said: HTMLElement): void {
    this.trouble.replaceChildren(said);
    said.scrollIntoView({ block: 'nearest' });
  }
}
