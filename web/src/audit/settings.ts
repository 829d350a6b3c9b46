/** What she may set, take along and take back. */

import { button, element, link, paragraph } from '../dom';
import { type Language, isReviewed } from '../languages';
import { chooseTheme, chosenTheme, type Theme, THEMES } from '../theme';
import type { Person, Profile } from './model';
import { section, select, sureButton, toggle } from './parts';
import type { Device, Move } from './server';
import { languageChoice, profileFields, profileIn } from './welcome';
import type { Words } from './words';

export interface SettingsEvents {
  onLanguage: (language: Language) => void;
  onKeep: (on: boolean) => void;
  onPhotosOnWifi: (on: boolean) => void;
  onProfile: (profile: Profile) => Promise<void>;
  onNextPerson: () => void;
  /** raises what the server raises */
  onMove: () => Promise<Move | null>;
  onErase: () => Promise<void>;
  onInstall: (() => void) | null;
}

export interface Chosen {
  keep: boolean;
  photosOnWifi: boolean;
  /** whether the browser promised to keep what waits */
  persisted: boolean;
}

export function settingsView(
  { words, person, device, photos, chosen, events }: {
    words: Words;
    person: Person;
    /** as the server knows it; null where it cannot be asked now */
    device: Device | null;
    photos: boolean;
    chosen: Chosen;
    events: SettingsEvents;
  },
): HTMLElement {
  return element('div', { properties: { className: 'settings' } },
    section(words.say('language'), languageChoice(words, events.onLanguage),
      isReviewed(words.language) ? null : paragraph(words.say('unreviewed'), 'quiet')),
    element('section', { properties: { className: 'section' } }, themeChoice(words)),
    keeping(words, chosen, photos, events),
    device ? aboutYou(words, device, events) : null,
    person.walk === null ? null : walkSection(words, device, events),
    device ? moveSection(words, events) : null,
    device ? eraseSection(words, events) : null);
}

function themeChoice(words: Words): HTMLElement {
  return select({
    name: 'theme', label: words.say('theme'), chosen: chosenTheme(), onChoose: (theme) => chooseTheme(theme as Theme),
    options: THEMES.map((value) => ({ value, label: words.say(`theme_${value}`) })),
  });
}

function keeping(words: Words, chosen: Chosen, photos: boolean, events: SettingsEvents): HTMLElement {
  return element('section', { properties: { className: 'section' } },
    toggle({ name: 'keep', label: words.say('keep'), hint: words.say('keep_hint'), on: chosen.keep, onChange: events.onKeep }),
    photos ? toggle({
      name: 'photos_wifi', label: words.say('photos_wifi'), on: chosen.photosOnWifi, onChange: events.onPhotosOnWifi,
    }) : null,
    paragraph(words.say(chosen.persisted ? 'kept_safe' : 'kept_unsafe'), 'quiet'),
    events.onInstall ? button(words.say('install'), events.onInstall) : null,
    paragraph(words.say('hide_hint'), 'quiet'));
}

function aboutYou(words: Words, { profile }: Device, { onProfile }: SettingsEvents): HTMLElement {
  const made = element('details', { properties: { className: 'about section' } },
    element('summary', {}, words.say('about_you')), paragraph(words.say('about_you_hint'), 'quiet'),
    ...profileFields(words, profile));
  const save = button(words.say('save'), () => {
    // What is taken back is told as null; a field left out would stay.
    const said = { gender: null, age_band: null, disability: null, ...profileIn(made) } as Profile;
    void onProfile(said).then(() => { save.textContent = words.say('saved'); });
  });
  made.append(save);
  return made;
}

function walkSection(words: Words, device: Device | null, { onNextPerson }: SettingsEvents): HTMLElement {
  const walk = device?.campaign;
  return section(words.say('walk'),
    walk ? paragraph(words.say('walk_until', { name: walk.name, time: words.time(walk.to) })) : null,
    paragraph(words.say('next_person_hint'), 'quiet'),
    sureButton({
      ask: words.say('next_person'), sure: words.say('next_person_hint'), yes: words.say('next_person'),
      no: words.say('back'), onSure: onNextPerson,
    }));
}

function moveSection(words: Words, { onMove }: SettingsEvents): HTMLElement {
  const shown = element('div', { properties: { className: 'move' }, attributes: { role: 'status' } });
  const ask = async (): Promise<void> => {
    const move = await onMove();
    if (move === null) return shown.replaceChildren(paragraph(words.say('move_first')));
    shown.replaceChildren(
      paragraph(words.say('move_link', { time: words.time(move.expires_at, { timeStyle: 'short' }) })),
      element('img', { properties: { className: 'qr', src: move.qr, alt: '' } }), link(move.link, move.link));
  };
  return section(words.say('move'), paragraph(words.say('move_hint'), 'quiet'),
    button(words.say('move'), () => void ask()), shown);
}

function eraseSection(words: Words, { onErase }: SettingsEvents): HTMLElement {
  return section(words.say('erase'), paragraph(words.say('erase_hint'), 'quiet'),
    sureButton({
      ask: words.say('erase'), sure: words.say('erase_sure'), yes: words.say('erase_yes'), no: words.say('back'),
      onSure: () => void onErase(),
    }));
}
