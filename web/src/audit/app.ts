/** The page of one person in one city: keeps its views in step with what is on the phone. */

import { Refused, Unreachable } from '../api';
import { element } from '../dom';
import { fromReceipt, fromServer, mark, takeBack, takeBackStored } from './audits';
import { all, set, setting, StorageFull } from './database';
import { instrument } from './documents';
import { Frame, type Tab } from './frame';
import { home } from './home';
import { arrivals, type Had, type MineEvents, serverSection, waitingSection } from './mine';
import type { Audit, Delivery, Person } from './model';
import { onNews } from './news';
import { arePhotosHeld, AT_REST } from './outbox';
import type { Opened } from './opened';
import { notice } from './parts';
import { rejoin, reload } from './people';
import { receiptForm } from './receipt_form';
import { renew } from './renew';
import { Sender } from './sender';
import { ownAudits, ownPlaces } from './server';
import { SettingsPage } from './settings_page';
import { Spot } from './spot';
import { currentNotices, failure } from './states';
import { fingersUp } from './touch';

export class App {
  private readonly frame: Frame;
  private readonly sender = new Sender(() => void this.refresh());
  private person: Person;
  /** null while a spot is open, which nothing may take away from her */
  private tab: Tab | null = 'home';
  private had: Had | null = null;
  /** counts questions to the server: an answer to an earlier one comes too late */
  private asked = 0;
  /** what arrived during this visit: its receipts are nowhere else on the phone */
  private readonly delivered = new Map<string, Delivery>();

  constructor(private readonly opened: Opened) {
    this.person = opened.person;
    this.frame = new Frame(opened.words, opened.city.name, (tab) => void this.go(tab));
    onNews(({ delivered }) => {
      for (const one of delivered) this.delivered.set(one.id, one);
      void this.refresh();
      if (delivered.length > 0 && this.tab === 'mine') void this.askServer();
    });
  }

  async open(): Promise<void> {
    document.body.replaceChildren(this.frame.root);
    await this.go('home');
    await this.sender.send();
  }

  /** Show what is on the phone now, unless she is in the middle of something. */
  async refresh(): Promise<void> {
    this.person = await reload(this.person) ?? this.person;
    const waiting = await this.waitingAudits();
    await fingersUp();
    this.frame.count(waiting.length > 0 ? this.opened.words.number(waiting.length) : null);
    renew(this.frame.notices, this.tab === null ? [] : await this.notices(waiting.length));
    if (this.tab !== null && this.tab !== 'settings') await this.fill(this.tab);
  }

  private async go(tab: Tab): Promise<void> {
    this.tab = tab;
    await this.fill(tab);
    await this.refresh();
    if (tab === 'mine') await this.askServer();
  }

  private async fill(tab: Tab): Promise<void> {
    const { opened: { words, city, titles }, person } = this;
    if (tab === 'settings') return this.frame.show(await new SettingsPage(this.opened, person, this.sender).view(), tab);
    const audits = (await all('audits')).filter((audit) => audit.person === person.id);
    if (this.tab !== tab) return;
    if (tab === 'mine') return this.frame.show(await this.mine(audits), tab);
    const drafts = audits.filter(({ state }) => state === 'draft');
    this.frame.show(home({
      words, city, titles, drafts,
      events: { onMark: (id) => void this.mark(id), onAnswer: (audit) => void this.openSpot(audit) },
    }), tab);
  }

  private async mine(audits: readonly Audit[]): Promise<HTMLElement> {
    const { words, city } = this.opened;
    const photos = (await all('photos')).filter(({ person, audit }) =>
      person === this.person.id && !audits.some(({ id, state }) => id === audit && state === 'draft'));
    const waiting = { audits, photos, held: await arePhotosHeld(), sending: await setting('sending', AT_REST) };
    const had = this.had?.audits.map(({ id }) => id) ?? [];
    return element('div', { properties: { className: 'mine' } },
      waitingSection(words, waiting, this.mineEvents), arrivals(words, [...this.delivered.values()].filter(({ id }) => !had.includes(id))),
      serverSection(words, this.had, city.slug, this.mineEvents),
      receiptForm(words, (stored, code) => void this.openSpot(fromReceipt(this.person, stored, code))));
  }

  private get mineEvents(): MineEvents {
    return {
      onSend: () => void this.sender.send(),
      onChange: (audit) => void this.openSpot(audit),
      onTakeBack: ({ id }) => void takeBack(id).then(() => this.sender.send()),
      onChangeStored: (stored) => void this.openSpot(fromServer(this.person, stored)),
      onTakeBackStored: (stored) => void takeBackStored(this.person, stored).then(() => this.askServer()).then(() => this.sender.send()),
    };
  }

  /** What the server has, for the list of it; the list says so where it cannot be asked. */
  private async askServer(): Promise<void> {
    if (this.person.token === null) return;
    const asked = ++this.asked;
    try {
      const [audits, places] = await Promise.all([ownAudits(this.person), ownPlaces(this.person)]);
      // What waits here is newer than what the server has of it.
      const changed = (await this.waitingAudits()).map(({ id }) => id);
      if (asked !== this.asked) return;
      this.had = { audits: audits.filter(({ id }) => !changed.includes(id)), places };
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof Refused)) throw error;
      if (asked !== this.asked) return;
      this.had = null;
    }
    await fingersUp();
    if (this.tab === 'mine') await this.fill('mine');
  }

  private async mark(id: string): Promise<void> {
    try {
      await this.openSpot(await mark(this.person, id));
      // Worth asking for once there is something to lose.
      void navigator.storage?.persist?.();
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      const { words } = this.opened;
      renew(this.frame.notices, [notice('full', words.say('full'), words.say('full_hint'))]);
    }
  }

  private async openSpot(audit: Audit): Promise<void> {
    const { words, city } = this.opened;
    this.tab = null;
    try {
      const asked = await instrument(city.slug, audit.content.instrument, words.language);
      const onEnd = (): void => void this.go(audit.state === 'draft' ? 'home' : 'mine');
      const spot = new Spot(words, { person: this.person, city, instrument: asked, audit }, {
        onLater: onEnd,
        onDone: () => {
          onEnd();
          void this.sender.send();
        },
      });
      this.frame.show(spot.root, null);
      scrollTo(0, 0);
      // Before anything is waited for: later it would take the focus from where she has gone meanwhile.
      this.frame.main.focus({ preventScroll: true });
      await this.refresh();
    } catch (error) {
      this.frame.show(failure(words, error, () => void this.openSpot(audit)), 'home');
    }
  }

  private async waitingAudits(): Promise<Audit[]> {
    return (await all('audits')).filter(({ state }) => state === 'waiting' || state === 'withdrawing' || state === 'refused');
  }

  private async notices(waiting: number): Promise<HTMLElement[]> {
    const { opened: { words, installation }, person } = this;
    const { quota = Infinity, usage = 0 } = await navigator.storage?.estimate?.() ?? {};
    return currentNotices(words, {
      person, waiting, sending: await setting('sending', AT_REST), flags: await setting('flags', []),
      freeBytes: quota - usage, isUpdateReady: installation.isUpdateReady,
      events: {
        onRejoin: (walk) => void rejoin(person, { walk }).then(() => this.sender.send()),
        onSeen: () => void set('flags', []).then(() => this.refresh()),
        onUpdate: () => installation.update(),
      },
    });
  }
}
