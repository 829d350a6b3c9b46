/** The frame of the page: where she is, where she can go, and the way out. */

import { element } from '../dom';
import { leaveNow } from './leaving';
import { drawnButton } from './parts';
import { GEAR, LEAVE, LIST, PIN } from './pictures';
import { renew } from './renew';
import type { Words } from './words';

export type Tab = 'home' | 'mine' | 'settings';

export class Frame {
  readonly root: HTMLElement;
  readonly notices = element('div', { properties: { className: 'notices' }, attributes: { 'aria-live': 'polite' } });
  readonly main = element('main', { properties: { tabIndex: -1 } });
  private readonly tabs: Record<Tab, HTMLButtonElement>;
  private readonly badge = element('span', { properties: { className: 'badge', hidden: true } });
  private readonly nav: HTMLElement;

  constructor(words: Words, title: string, onTab: (tab: Tab) => void) {
    this.tabs = {
      home: drawnButton(PIN, words.say('tab_mark'), () => onTab('home')),
      mine: drawnButton(LIST, words.say('tab_mine'), () => onTab('mine')),
      settings: drawnButton(GEAR, words.say('tab_settings'), () => onTab('settings')),
    };
    this.tabs.mine.append(this.badge);
    this.nav = element('nav', { properties: { className: 'bar bottom tabs' } }, ...Object.values(this.tabs));
    this.root = element('div', { properties: { className: 'audit' } }, top(words, title), this.notices, this.main, this.nav);
  }

  /** Show a view, of a tab only what is new in it; without a tab it stands by itself, with a bar of its own. */
  show(view: HTMLElement, tab: Tab | null): void {
    if (tab !== null) view.dataset.part = tab;
    renew(this.main, [view]);
    this.nav.hidden = tab === null;
    for (const [name, made] of Object.entries(this.tabs)) {
      if (name === tab) made.setAttribute('aria-current', 'page');
      else made.removeAttribute('aria-current');
    }
  }

  /** How many wait, on the tab where they are listed. */
  count(waiting: string | null): void {
    this.badge.hidden = waiting === null;
    this.badge.textContent = waiting;
  }
}

/** The bar that every state of the page has. */
export function top(words: Words, title: string): HTMLElement {
  return element('header', { properties: { className: 'bar' } }, element('h1', {}, title), leaveButton(words));
}

function leaveButton(words: Words): HTMLButtonElement {
  const made = drawnButton(LEAVE, words.say('hide'), leaveNow, 'leave');
  made.title = words.say('hide_hint');
  return made;
}

/** A view before there is anything to go to. */
export function alone(words: Words, title: string, content: HTMLElement): HTMLElement {
  return element('div', { properties: { className: 'audit' } }, top(words, title), element('main', {}, content));
}

